"""The watcher is watched: dead targets, late evaluation and delivery, broken messages; and it says that it lives."""

from datetime import timedelta

import pytest

from alerts import tasks
from alerts.delivery.run import deliver_due
from alerts.models import Incident, Notification, Target
from alerts.watch.run import OWN, watch
from diagnostics.core.access import visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, IngestBatch
from tests.factories import make_environment, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing")]


def titles(environment=None):
    rows = Incident.objects.filter(kind="watch").exclude(state="resolved")
    return sorted(rows.filter(environment=environment).values_list("title", flat=True))


def own():
    return Environment.objects.get(slug=OWN)


def test_when_all_is_well_nothing_is_made(standing):
    watch(standing.now)
    assert not Incident.objects.exists()
    assert not Environment.objects.filter(slug=OWN).exists()


def test_a_dead_target_is_told_to_the_others_of_its_environment_and_its_recovery_too(
    environment, make_rule, make_target, make_incident, receiver, standing
):
    hook, inbox = make_target("webhook", receiver.url, name="hook"), make_target("inbox", name="inbox")
    receiver.answer(410)
    make_incident()
    deliver_due()
    watch(standing.now)
    watch(standing.now)
    assert titles(environment) == ["Target hook cannot be reached"]
    incident = Incident.objects.get(environment=environment, kind="watch")
    assert [row.target for row in incident.notifications.all()] == [inbox]
    assert "switched off: the receiver says that it is gone" in incident.summary
    assert titles(own()) == ["Targets cannot be reached"]
    Target.objects.filter(pk=hook.pk).update(enabled=True, disabled_reason="", failing_since=None)
    standing.advance(minutes=1)
    watch(standing.now)
    assert titles(environment) == titles(own()) == []
    assert list(incident.notifications.values_list("target", "action").order_by("created_at", "event_id")) == [
        (inbox.pk, "trigger"), (inbox.pk, "resolve"),
    ]  # fmt: skip


def test_one_that_fails_for_a_moment_is_no_trouble(environment, make_target, standing):
    make_target("webhook", failing_since=standing.now - timedelta(minutes=4))
    watch(standing.now)
    assert titles(environment) == []
    standing.advance(minutes=2)
    watch(standing.now)
    assert len(titles(environment)) == 1


def test_one_that_a_person_switched_off_is_none_either(make_target, standing):
    make_target("webhook", enabled=False)
    watch(standing.now)
    assert not Incident.objects.exists()


def test_records_and_alerts_that_wait_and_messages_that_break_are_incidents_for_operators(
    make_target, make_incident, standing
):
    IngestBatch.objects.create(id=1, environment=make_environment(), received_at=standing.now)
    make_target("unheard-of")
    make_incident()
    standing.advance(minutes=3)
    watch(standing.now)
    assert titles(own()) == ["Delivery is late", "Evaluation is late"]
    assert own() in visible_environments(make_user(is_superuser=True), Perm.VIEW_INCIDENTS)
    assert own() not in visible_environments(make_user(), Perm.VIEW_INCIDENTS)
    deliver_due()
    IngestBatch.objects.update(digested_at=standing.now)
    standing.advance(minutes=1)
    watch(standing.now)
    assert "Delivery is late" not in titles(own())
    assert "Evaluation is late" not in titles(own())


def test_a_message_that_breaks_is_found(make_target, make_incident, monkeypatch, standing):
    make_target("inbox")
    make_incident()
    monkeypatch.setattr("alerts.delivery.hand_over.render_alert", lambda notification: 1 / 0)
    deliver_due()
    watch(standing.now)
    assert titles(own()) == ["Messages cannot be made"]


@pytest.mark.usefixtures("environment")
def test_the_dead_mans_ping_comes_with_each_sweep_that_went_well(settings, receiver, monkeypatch):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "DEAD_MAN_URL": receiver.url}
    tasks.sweep()
    assert len(receiver.got) == 1
    monkeypatch.setattr("alerts.tasks.evaluate_environment", lambda pk: 1 / 0)
    tasks.sweep()
    assert len(receiver.got) == 1


@pytest.mark.usefixtures("environment")
def test_a_watcher_outside_that_does_not_answer_stops_nothing(settings, receiver, make_target, make_incident):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "DEAD_MAN_URL": receiver.url}
    receiver.answer(500)
    make_target("inbox")
    make_incident()
    tasks.sweep()
    assert Notification.objects.get().state == "sent"
