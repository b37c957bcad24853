"""What the queue runs: the bell after a digest, and the sweep that needs no bell."""

import pytest
from django.db import DatabaseError, transaction
from django_q.models import OrmQ

from alerts import tasks
from alerts.evaluation import bell
from alerts.evaluation.bell import fold_alerts
from alerts.models import Incident, Notification
from diagnostics.core import clock
from diagnostics.core.record import Parsed, Record
from diagnostics.digest.run import digest
from diagnostics.models import Event, IngestBatch, MinuteRollup
from diagnostics.pipeline.summarise import summarise
from diagnostics.storage.batch import PreparedBatch
from diagnostics.storage.writer import WRITER
from tests.factories import make_environment

pytestmark = pytest.mark.django_db


def queued():
    return sorted((task.func(), task.task["args"]) for task in OrmQ.objects.all())


def test_a_digest_wakes_evaluation_once_an_environment_after_its_commit(django_capture_on_commit_callbacks):
    first, second = make_environment(), make_environment()
    batches = [
        IngestBatch(id=number, environment=owner, received_at=clock.now())
        for number, owner in enumerate((first, second, first))
    ]
    with django_capture_on_commit_callbacks(execute=True):
        fold_alerts(batches)
        assert queued() == []
    assert queued() == [("alerts.tasks.evaluate_task", (owner.pk,)) for owner in (first, second)]


def test_a_digest_that_is_rolled_back_wakes_nobody(django_capture_on_commit_callbacks, environment):
    with django_capture_on_commit_callbacks(execute=True) as rung, transaction.atomic():
        fold_alerts([IngestBatch(id=1, environment=environment, received_at=clock.now())])
        transaction.set_rollback(True)
    assert rung == []


@pytest.mark.django_db(transaction=True)
def test_an_evaluation_that_fails_after_the_digest_is_only_noted(environment, monkeypatch, caplog):
    def lose_connection(*args, **options):
        raise DatabaseError("the database is away")

    monkeypatch.setattr(bell, "wake", lose_connection)
    with transaction.atomic():
        fold_alerts([IngestBatch(id=1, environment=environment, received_at=clock.now())])
    assert "wake_evaluation" in caplog.text


def test_without_any_bell_the_sweep_evaluates_all_environments_and_delivers(
    environment, make_rule, make_target, make_rollup, standing
):
    make_rule()
    make_target("inbox")
    make_rollup(errors=12)
    other = make_environment()
    make_rule(environment=other)
    make_target("inbox", environment=other)
    row = make_rollup(service="api", errors=12)
    MinuteRollup.objects.filter(pk=row.pk).update(environment=other)
    tasks.sweep()
    assert set(Incident.objects.values_list("environment", "state")) == {
        (environment.pk, "triggered"),
        (other.pk, "triggered"),
    }
    assert set(Notification.objects.values_list("state", flat=True)) == {"sent"}
    standing.advance(minutes=5)
    tasks.sweep()
    assert set(Incident.objects.values_list("state", flat=True)) == {"resolved"}
    assert Notification.objects.filter(state="sent").count() == 4


def test_an_environment_that_cannot_be_evaluated_keeps_nobody_else_from_being_told(
    environment, make_rule, make_target, make_rollup, standing, monkeypatch, caplog
):
    broken = make_environment()
    make_rule()
    make_target("inbox")
    make_rollup(errors=12)
    real = tasks.evaluate_environment

    def evaluate(environment_id):
        if environment_id == broken.pk:
            raise DatabaseError("gone")
        return real(environment_id)

    monkeypatch.setattr(tasks, "evaluate_environment", evaluate)
    tasks.sweep()
    assert Notification.objects.get().state == "sent"
    assert f"environment {broken.pk} cannot be evaluated" in caplog.text


def test_the_tasks_take_ids_and_may_be_doubled(environment, make_rule, make_target, make_rollup, standing):
    make_rule()
    make_target("inbox")
    make_rollup(errors=12)
    for _ in range(2):
        tasks.evaluate_task(environment.pk)
    for _ in range(2):
        tasks.deliver_task()
    assert [(row.state, row.attempts) for row in Notification.objects.all()] == [("sent", 1)]


@pytest.mark.django_db(transaction=True)
def test_stored_records_become_an_incident_with_samples_messages_and_the_deploy_before_it(
    environment, make_rule, make_target, receiver
):
    """The whole way: written, digested, evaluated, delivered."""
    now = clock.now_ns()
    trace = "ab" * 16
    errors = [
        Record(
            now - (12 - index) * 10**9, now, sequence=index, body=f"cannot reach {'db' if index % 4 else 'cache'}",
            severity_number=17, service_name="checkout", session_id=f"s{index % 3}", trace_id=trace, release="1.2",
            fingerprint="db" if index % 4 else "cache",
        )
        for index in range(12)
    ]  # fmt: skip
    fine = [Record(now, now, sequence=99, body="all is well", service_name="checkout", severity_number=9)]
    parsed = Parsed(errors + fine)
    summary = summarise(parsed)
    batch = PreparedBatch(environment.pk, 1, "json", now, 1, parsed, sums=summary.sums, sessions=summary.sessions)
    Event.objects.create(
        environment=environment, timestamp=clock.now(), kind="deploy", service_name="checkout", release="1.2",
        title="checkout deployed 1.2",
    )  # fmt: skip
    rule = make_rule(window_minutes=3)
    make_target("webhook", receiver.url)
    WRITER.submit(batch).result(20)
    assert digest() == 1
    tasks.evaluate_task(environment.pk)
    incident = Incident.objects.get()
    assert (incident.rule, incident.service_name, incident.trace_id, incident.release) == (
        rule,
        "checkout",
        trace,
        "1.2",
    )
    assert incident.started_at == clock.from_ns(errors[0].timestamp_ns)
    assert [sample["body"] for sample in incident.samples] == [record.body for record in errors[:-6:-1]]
    kinds = [message.pop("kinds") for message in incident.context["messages"]]
    assert [len(names) for names in kinds] == [1, 1]
    assert set(kinds[0] + kinds[1]) == set(incident.context["fingerprints"])
    assert incident.context["messages"] == [
        {"text": "cannot reach db", "count": 9},
        {"text": "cannot reach cache", "count": 3},
    ]
    assert (incident.context["sessions"], incident.context["looked_at"]) == (3, 12)
    assert incident.context["deploy"]["title"] == "checkout deployed 1.2"
    tasks.deliver_task()
    body = receiver.got[0][2]
    assert b"cannot reach db" in body
    assert b"all is well" not in body
