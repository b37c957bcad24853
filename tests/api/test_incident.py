"""One incident over the API: cut to what the token may see, bounded, and asked for in few statements."""

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alerts.incidents.history import add_event
from alerts.models import Incident, IncidentEvent
from diagnostics.core import clock
from diagnostics.tokens import issue_token
from tests.api.calling import Caller
from tests.people import make_person

CONTEXT = {"session_ids": ["s-1"], "templates": ["t-1"], "messages": [{"text": "words", "count": 1}], "users": 2}


def cut_to(environment, *perms):
    caller = Caller(make_person(environment, "environment-admin"))
    _, text = issue_token(caller.person, "cut", permissions=perms)
    caller.client = Client(headers={"Authorization": f"Bearer {text}"})
    return caller


def test_what_is_known_of_sessions_and_records_needs_their_permissions(world):
    Incident.objects.filter(pk=world.incident.pk).update(context=CONTEXT)
    address = f"/api/v1/incidents/{world.incident.pk}"
    shown = {
        perms: cut_to(world.environment, *perms).get(address).json()["context"]
        for perms in (
            ("view_incidents",), ("view_incidents", "view_logs"), ("view_incidents", "view_logs", "view_sessions"),
        )
    }  # fmt: skip
    assert [sorted(context) for context in shown.values()] == [
        ["users"], ["messages", "templates", "users"], ["messages", "session_ids", "templates", "users"],
    ]  # fmt: skip


def test_history_is_bounded_and_costs_no_statement_a_line(world, on_call):
    address = f"/api/v1/incidents/{world.incident.pk}"
    with CaptureQueriesContext(
        connection,
    ) as few:
        on_call.get(address)
    now = clock.now()
    for number in range(210):
        add_event(
            world.incident, IncidentEvent.Kind.NOTE, on_call.person, f"note {number}", now + timedelta(seconds=number)
        )
    with CaptureQueriesContext(connection) as many:
        history = on_call.get(address).json()["history"]
    assert [line["text"] for line in history] == [f"note {number}" for number in range(10, 210)]
    assert len(many) <= len(few)  # the first request also notes that the token was used
