"""Retention by a clock of our own: what is over goes, in batches and within a budget; what is not, stays."""

from datetime import timedelta
from functools import partial

import pytest
from django_q.models import Task

from alerts.models import InboxMessage, Incident, MatchCount, Notification
from diagnostics.core import clock
from diagnostics.digest import rollups
from diagnostics.models import (
    ErrorGroup,
    IngestBatch,
    LogRecord,
    MinuteRollup,
    QuotaRefusal,
    RestrictedFields,
    SeriesName,
    Span,
)
from diagnostics.storage import retention
from diagnostics.storage.expiring import delete_some
from diagnostics.tasks import expire_all
from sessions_app import fold
from sessions_app.models import LogSession
from tests.privacy.people import plant_person
from tests.world import make_record, make_session, make_span, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return make_world("kept-one")


@pytest.fixture
def travel(monkeypatch):
    start = clock.now()

    def move(**delta):
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(**delta))

    return move


def set_days(environment, **days):
    for name, number in days.items():
        setattr(environment, name, number)
    environment.save()


def test_restricted_fields_go_before_their_records(world, travel):
    set_days(world.environment, retention_days=10, restricted_retention_days=3)
    travel(days=5)
    assert retention.expire()
    assert not RestrictedFields.objects.filter(environment_id=world.environment.pk).exists()
    assert LogRecord.objects.filter(environment_id=world.environment.pk).count() == 1
    travel(days=12)
    assert retention.expire()
    for model in (LogRecord, Span):
        assert not model.objects.filter(environment_id=world.environment.pk).exists()


def test_each_environment_by_its_own_days(world, travel):
    other = make_world("kept-two")
    set_days(world.environment, retention_days=2)
    set_days(other.environment, retention_days=20)
    travel(days=4)
    retention.expire()
    assert not LogRecord.objects.filter(environment_id=world.environment.pk).exists()
    assert LogRecord.objects.filter(environment_id=other.environment.pk).exists()
    assert RestrictedFields.objects.filter(environment_id=other.environment.pk).exists()


def test_a_run_stops_at_its_budget_and_the_next_goes_on(world, travel, monkeypatch):
    set_days(world.environment, retention_days=2)
    for _ in range(5):
        make_record(world.environment, has_restricted=False)
        make_span(world.environment)
    make_world("kept-two")  # keeps longer: nothing is dropped as a whole
    monkeypatch.setattr(retention, "BATCH", 2)
    travel(days=4)
    assert not retention.expire(seconds=0)
    assert LogRecord.objects.filter(environment_id=world.environment.pk).count() == 6
    assert retention.expire()
    assert not LogRecord.objects.filter(environment_id=world.environment.pk).exists()


def test_receipts_go_with_their_records_but_not_before_they_are_digested(world, travel):
    now = clock.now()
    for pk, digested in ((1, now), (2, None)):
        IngestBatch.objects.create(
            id=pk, environment=world.environment, received_at=now, wire_format="json", digested_at=digested
        )
    travel(days=40)
    retention.expire()
    assert list(IngestBatch.objects.values_list("pk", flat=True)) == [2]


def test_incidents_lose_their_samples_with_the_records_and_go_when_their_own_days_are_over(world, travel):
    set_days(world.environment, retention_days=5, incident_retention_days=50)
    _, incident = plant_person(world, "jane", "JANEMARK")
    _, lasting = plant_person(world, "joe", "JOEMARK")
    Incident.objects.filter(pk=incident.pk).update(state="resolved", resolved_at=clock.now(), resolved_by=None)
    travel(days=3)
    retention.expire()
    incident.refresh_from_db()
    assert incident.samples
    assert incident.context["messages"]
    travel(days=7)
    retention.expire()
    incident.refresh_from_db()
    assert incident.samples == []
    assert incident.context == {"users": 1, "sessions": 1}
    lasting.refresh_from_db()
    assert lasting.is_open
    assert (lasting.samples, lasting.context) == ([], {"users": 1, "sessions": 1})
    travel(days=52)
    retention.expire()
    assert not Incident.objects.filter(pk=incident.pk).exists()
    assert not Notification.objects.filter(incident_id=incident.pk).exists()
    assert Incident.objects.filter(pk=world.incident.pk).exists()  # still open


def test_words_to_one_person_go_when_the_days_of_incidents_are_over(world, travel):
    set_days(world.environment, incident_retention_days=30)
    for title in ("old", "new"):
        InboxMessage.objects.create(environment=world.environment, title=title)
    InboxMessage.objects.filter(title="old").update(created_at=clock.now() - timedelta(days=40))
    retention.expire()
    assert set(InboxMessage.objects.filter(notification=None).values_list("title", flat=True)) == {"new"}


def test_tracebacks_of_failed_tasks_do_not_stay(world, travel):
    now = clock.now()
    Task.objects.create(id="a" * 32, name="x", func="f", started=now, stopped=now, success=False, result="Traceback")
    travel(days=10)
    expire_all()
    assert Task.objects.exists()
    travel(days=15)
    expire_all()
    assert not Task.objects.exists()


def test_sums_and_sessions_go_in_batches_until_all_are_gone(world, travel, monkeypatch):
    set_days(world.environment, retention_days=2)
    for module in (rollups, fold):
        monkeypatch.setattr(module, "delete_some", partial(delete_some, most=2))
    now = clock.now()
    for number in range(5):
        make_session(world.environment, session_id=f"old-{number}")
        MinuteRollup.objects.create(environment=world.environment, minute=now, source="log", service_name=str(number))
    travel(days=4)
    assert not retention.expire(seconds=0)
    assert LogSession.objects.filter(environment=world.environment).count() == 4
    assert retention.expire()
    assert not LogSession.objects.filter(environment=world.environment).exists()
    assert not MinuteRollup.objects.filter(environment=world.environment).exists()


def test_what_fails_for_one_environment_keeps_nothing_else_from_going(world, travel, monkeypatch, caplog):
    other = make_world("kept-two")
    for environment in (world.environment, other.environment):
        set_days(environment, retention_days=2)
    now = clock.now()
    Task.objects.create(id="a" * 32, name="x", func="f", started=now, stopped=now, success=False)

    def fail(rows, **_):
        if "kept-one" in str(rows.values_list("environment__slug", flat=True)[:1]):
            raise RuntimeError("sums of one environment")
        return delete_some(rows)

    monkeypatch.setattr(rollups, "delete_some", fail)
    MinuteRollup.objects.create(environment=world.environment, minute=now, source="log")
    MinuteRollup.objects.create(environment=other.environment, minute=now, source="log")
    monkeypatch.setattr("diagnostics.tasks.cut_audit_trail", lambda: 1 / 0)
    travel(days=20)
    expire_all()
    assert "kept-one: what is over cannot be deleted by expire_rollups" in caplog.text
    assert set(MinuteRollup.objects.values_list("environment__slug", flat=True)) == {"kept-one"}
    assert not LogSession.objects.exists()
    assert not Task.objects.exists()


def test_the_words_of_an_error_go_with_its_records_and_the_error_when_it_would_be_news(world, travel, monkeypatch):
    ErrorGroup.objects.all().delete()
    set_days(world.environment, retention_days=5)
    now = clock.now()
    for number in range(3):
        ErrorGroup.objects.create(
            environment=world.environment, fingerprint=f"{number:016x}", title="words of it", error_type="Failed",
            first_seen=now, last_seen=now,
        )  # fmt: skip
    travel(days=3)
    retention.expire()
    assert ErrorGroup.objects.filter(title="words of it").count() == 3
    monkeypatch.setattr("diagnostics.digest.errors.AT_ONCE", 2)
    travel(days=7)
    retention.expire()
    assert set(ErrorGroup.objects.values_list("title", "error_type")) == {("", "Failed")}
    travel(days=92)
    retention.expire()
    assert not ErrorGroup.objects.exists()


@pytest.mark.parametrize("size", [1, 3])
def test_no_statement_deletes_more_than_a_batch(world, travel, monkeypatch, size):
    monkeypatch.setattr("diagnostics.storage.expiring.delete_some.__defaults__", (size,))
    set_days(world.environment, retention_days=2)
    now = clock.now()
    for number in range(4):
        values = {"environment": world.environment, "service_name": str(number)}
        MatchCount.objects.create(rule=world.rule, minute=now, **values)
        SeriesName.objects.create(kind="service", name=str(number), seen_at=now, **values)
        QuotaRefusal.objects.create(environment=world.environment, hour=now, ingest_key_id=number)
    travel(days=9)
    assert retention.expire()
    for model in (MatchCount, SeriesName, QuotaRefusal):
        assert not model.objects.filter(environment=world.environment).exists(), model
