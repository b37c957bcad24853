"""Restricted fields cannot be filtered on, sorted by, counted, exported, streamed, alerted or inferred: nothing but the
reveal reads their table, and a search for what stands in them answers, and costs, as a search for what stands nowhere."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alerts.incidents.transitions import Opening, open_incident
from alerts.models import Incident
from diagnostics.core import clock
from tests.guards.matrix import API, API_LISTS, MODELS, PAGES
from tests.live.test_socket import FRAME
from tests.people import make_person, sign_in
from tests.world import make_world

pytestmark = pytest.mark.django_db
WITHIN, NOWHERE = "secret", "zzzzzz"  # of one length; the first stands in a stack trace, neither in any body
LINES = ["{}", "exception.stacktrace:{}", '"{} frame"', "form.iban:{}", "-{}"]
OTHER_WAYS = {
    "exception.stacktrace",
    "stack_trace",
    "form.iban",
    "order",
    "ordering",
    "o",
    "sort",
    "search",
    "attributes",
}


@pytest.fixture
def world():
    return make_world("shop-one")


def at_home(world, role):
    """A client of the role who was in the environment before: the first visit is kept in the session."""
    client = sign_in(make_person(world.environment, role))
    client.get(reverse("logs", args=[world.slug]))
    return client


@pytest.fixture
def support(world):
    return at_home(world, "support")


def addresses(world):
    """Everything that one can read by GET."""
    for name, (_, method, arguments) in PAGES.items():
        if method == "get" and not name.startswith("privacy"):  # a person's own data, with a permission of its own
            yield reverse(name, kwargs=arguments(world))
    for name, (_, method, arguments) in API.items():
        if method == "get":
            yield reverse(name, kwargs=arguments(world)) + f"?environment={world.slug}"
    yield from (reverse(name) for name in API_LISTS)
    for model in MODELS:
        yield reverse(f"admin:{model}_changelist")


def test_nothing_that_is_read_reads_their_table(world):
    client = sign_in(make_person(is_superuser=True))
    for address in addresses(world):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        assert not [query for query in queries if "diagnostics_restricted" in query["sql"]], address
        if hasattr(response, "content"):
            assert b"secret frame" not in response.content, address
            assert b"restricted value" not in response.content, address


def test_the_reveal_alone_reads_it(world):
    client = sign_in(make_person(world.environment, "on-call"))
    with CaptureQueriesContext(connection) as queries:
        client.post(reverse("log-reveal", args=[world.slug, world.record.reference]))
    statements = [query["sql"] for query in queries]
    read = next(place for place, sql in enumerate(statements) if "diagnostics_restricted" in sql)
    written = next(place for place, sql in enumerate(statements) if 'INSERT INTO "diagnostics_accessevent"' in sql)
    assert written < read


def shape(queries):
    """The statements, without the words and moments that they look for."""
    words = re.compile(rf"{WITHIN}|{NOWHERE}", re.IGNORECASE)
    return [re.sub(r"'[^']*'|\d+", "?", words.sub("?", query["sql"])) for query in queries]


def ask(client, address, params, word, *, posted=False):
    with CaptureQueriesContext(connection) as queries:
        response = (client.post if posted else client.get)(
            address, {name: value.format(word) for name, value in params.items()}
        )
    text = response.content.decode().replace(word, "?")
    text = re.sub(r'csrfmiddlewaretoken" value="[^"]*"', "", text)
    return (
        response.status_code,
        re.sub(r"\d{4}-\d\d-\d\d[T ][\d:.%A+]+|\d\d:\d\d(:[\d.]+)?|\d+ (s|min) ago", "", text),
        shape(queries),
    )


@pytest.mark.parametrize("line", LINES)
def test_a_search_for_what_stands_in_them_is_one_for_what_stands_nowhere(world, support, line, monkeypatch):
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)  # the bars of two answers are those of one minute
    places = {
        "page": reverse("logs", args=[world.slug]),
        "refill": reverse("live-refill", args=[world.slug]),
        "api": f"/api/v1/logs?environment={world.slug}",
    }
    on_call = at_home(world, "on-call")
    for name, address in places.items():
        for client in (support, on_call):
            params = {"q": line, **({"environment": world.slug} if name == "api" else {})}
            within, nowhere = (
                ask(client, address, params, value, posted=name == "refill") for value in (WITHIN, NOWHERE)
            )
            assert within == nowhere, name


def test_no_parameter_sorts_or_narrows_by_them(world, support, monkeypatch):
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)
    for address in (reverse("logs", args=[world.slug]), f"/api/v1/logs?environment={world.slug}"):
        for way in OTHER_WAYS:
            params = {way: "{}", "environment": world.slug}
            assert ask(support, address, params, WITHIN) == ask(support, address, params, NOWHERE), way


def test_no_frame_of_the_stream_has_a_place_for_them():
    assert not {name for name in FRAME if "stack" in name or "restricted" in name or "attributes" in name}


def test_incidents_freeze_nothing_of_them(world):
    with CaptureQueriesContext(connection) as queries:
        incident = open_incident(Opening(world.rule, "x", "shop", "", "Another", "15 errors.", 15, clock.now()))
    assert not [query for query in queries if "diagnostics_restricted" in query["sql"]]
    told = str(Incident.objects.filter(pk=incident.pk).values().get())
    assert "secret frame" not in told
    assert "restricted value" not in told
