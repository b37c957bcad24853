"""A person in ten places, and another beside them, made through the product's own ways."""

from datetime import timedelta

from alerts.incidents.context import sample_of
from alerts.models import InboxMessage, Incident, IncidentEvent
from diagnostics.core import clock
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy.pseudonyms import present_key
from tests.world import make_journey, make_record, make_session, make_span


def plant_person(world, user_id, mark, session_id=""):
    """Records, restricted fields, spans, a session, a journey, an incident's sample, message, history and inbox, all with a mark."""
    environment = world.environment
    key = user_key(present_key(environment), user_id)
    session_id = session_id or f"s-{mark}"
    record = make_record(environment, body=f"payment of {mark} failed", user_key=key, session_id=session_id)
    make_record(
        environment,
        body=f"page of {mark}",
        user_key=key,
        session_id=session_id,
        severity_number=9,
        has_restricted=False,
    )
    make_record(environment, body=f"nameless of {mark}", session_id=session_id, has_restricted=False, severity_number=9)
    make_span(environment, name=f"GET /{mark}", user_key=key, session_id=session_id)
    make_span(environment, name=f"GET /nameless/{mark}", session_id=session_id)
    make_session(environment, session_id=session_id, user_key=key, release=mark)
    make_journey(environment, journey_id=f"order-of-{mark}", session_ids=[session_id], user_keys=[key], release=mark)
    incident = plant_incident(world, record)
    return key, incident


def plant_incident(world, record):
    """As if it had opened on the record."""
    now = clock.now()
    incident = Incident.objects.create(
        environment=world.environment, rule=world.rule, rule_name="own", dedup_key=f"k-{record.pk}", severity="error",
        title=f"Pattern: {record.body}", summary=f"3 errors such as “{record.body}”.", started_at=now,
        opened_at=now + timedelta(seconds=1), samples=[sample_of(record)],
        context={
            "messages": [{"text": record.body[:200], "count": 1}], "session_ids": [record.session_id], "users": 1,
            "sessions": 1,
        },
    )  # fmt: skip
    IncidentEvent.objects.create(incident=incident, at=now, kind="triggered", text=incident.summary)
    notification = world.notification
    notification.pk, notification.incident = f"00000000-0000-4000-8000-{record.pk % 10**12:012d}", incident
    notification.event = None
    notification.save(force_insert=True)
    InboxMessage.write(str(notification.pk), incident.title, incident.summary)
    return incident
