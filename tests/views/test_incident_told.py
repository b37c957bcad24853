"""Who was told of an incident: a line for each target, and each attempt in the ledger."""

import uuid
from datetime import timedelta

import pytest

from alerts.models import DeliveryAttempt, IncidentEvent, Notification, Silence, Target
from diagnostics.core import clock
from tests.views.incident_read import look, words

pytestmark = pytest.mark.django_db


def attempt(world, row, minutes, **fields):
    values = {"outcome": "retry", "duration_ms": 15, "error": "the host has no public address", **fields}
    return DeliveryAttempt.objects.create(
        notification=row, started_at=clock.now() - timedelta(minutes=minutes), **values
    )


@pytest.mark.parametrize("name", ["incident", "incident-explain", "ledger"])
def test_a_failed_attempt_says_how_long_it_took_and_when_the_next_one_is(world, on_call, name):
    row = Notification.objects.get(incident=world.incident)
    at = clock.now().replace(hour=22, minute=21, second=7)
    Notification.objects.filter(pk=row.pk).update(next_attempt_at=at, attempts=2)
    attempt(world, row, 2, error="the receiver answered 503", status_code=503)
    attempt(world, row, 1)
    text = words(look(world, on_call, name))
    assert "Failed after 15 ms (the host has no public address); next try 22:21:07" in text
    assert "will be tried again" not in text
    if name != "ledger":  # which shows the newest alone
        assert "Failed after 15 ms (the receiver answered 503)" in text
    assert text.count("next try") == 1
    Notification.objects.filter(pk=row.pk).update(state="failed")
    text = words(look(world, on_call, name))
    assert "Failed after 15 ms" in text
    assert "next try" not in text


def test_an_attempt_without_words_has_its_status(world, on_call):
    attempt(
        world, Notification.objects.get(incident=world.incident), 1, outcome="permanent", status_code=418, error="no"
    )
    assert "Refused for good after 15 ms (418: no)" in words(look(world, on_call))


def tell(world, action, minutes, state="sent", kind="", **fields):
    """A row of the ledger, so many minutes after ten o'clock."""
    at = clock.now().replace(hour=10, minute=minutes, second=0, microsecond=0)
    event = IncidentEvent.objects.create(incident=world.incident, at=at, kind=kind) if kind else None
    return Notification.objects.create(
        id=uuid.uuid4(), incident=world.incident, action=action, state=state, event=event, created_at=at, sent_at=at,
        next_attempt_at=at, give_up_at=at, **{"target": world.target, **fields},
    )  # fmt: skip


def told(page):
    (lines,) = page.all("ul", class_="told-lines")
    return " ".join(lines.text.split())


def test_each_target_has_one_line_that_says_what_it_heard(world, on_call):
    world.incident.notifications.all().delete()
    Target.objects.filter(pk=world.target.pk).update(name="Pager")
    quiet = Target.objects.create(environment=world.environment, name="Quiet", kind="inbox")
    tell(world, "trigger", 29)
    tell(world, "update", 30, "suppressed", reason="grouped", detail="It joined incident 9, which had its turn.")
    tell(world, "trigger", 30, "suppressed", reason="below_severity", target=quiet)
    worse = tell(world, "update", 31, kind="worse")
    page = look(world, on_call)
    said = "PagerSenttold 10:29, worse 10:31QuietSuppressednot told: Below the target's minimum severity"
    assert told(page).replace(" Sent", "Sent").replace(" Suppressed", "Suppressed") == said
    (rows,) = page.all("details", id="incident-ledger")
    assert "open" not in rows.attributes
    assert "It joined incident 9" in rows.text
    Notification.objects.filter(pk=worse.pk).update(unanswered_at=clock.now())
    assert "worse 10:31, not answered" in told(look(world, on_call))
    tell(world, "acknowledge", 32)
    tell(world, "resolve", 40, "failed")
    assert "worse 10:31, acknowledgement 10:32, end: failed 10:40" in told(look(world, on_call))
    for minute in range(41, 51):
        tell(world, "update", minute)
    assert "told 10:29, 8 more, told again 10:46" in told(look(world, on_call))


def test_why_a_target_was_not_told_is_what_decided_it_and_not_what_followed(world, on_call):
    world.incident.notifications.all().delete()
    tell(world, "trigger", 29, "suppressed", reason="silenced")
    tell(world, "trigger", 30, "suppressed", reason="grouped")
    tell(world, "resolve", 31, "suppressed", reason="never_triggered")
    assert told(look(world, on_call)).endswith("not told: Silenced")
    tell(world, "update", 32, "suppressed", reason="below_severity")
    assert told(look(world, on_call)).endswith("not told: Below the target's minimum severity")
    world.incident.notifications.exclude(reason="grouped").delete()
    page = look(world, on_call)
    assert told(page).endswith("not told: Joined an open incident")
    assert "that was told" not in page.text


def test_who_would_be_told_next_waits_for_the_end_of_a_silence(world, on_call):
    Target.objects.filter(pk=world.target.pk).update(answer_minutes=10)
    Notification.objects.filter(incident=world.incident).update(state="sent", sent_at=clock.now())
    assert "If nobody acknowledges by" in words(look(world, on_call))
    Silence.objects.create(
        environment=world.environment, service_name="shop", starts_at=clock.now(), reason="known",
        ends_at=clock.now() + timedelta(hours=1),
    )  # fmt: skip
    assert "Once the silence is over: if nobody acknowledges by" in words(look(world, on_call))
