"""Records that match a rule: counted as they come, told with the records, lost and doubled by no crash."""

import pytest
from django.db import DatabaseError, connection

from alerts.evaluation.matches import fold_matches
from alerts.models import Incident, MatchCount, Notification, RuleState
from diagnostics.core import clock
from diagnostics.models import IngestBatch, LogRecord

pytestmark = pytest.mark.django_db


def matched(environment, rule, minute, count, service="web"):
    rows = [[rule.pk, clock.minute_of(clock.to_ns(minute)), service, "", "", count]]
    fold_matches([IngestBatch(id=1, environment=environment, findings={"matches": rows})])


def test_matches_are_counted_and_fire(environment, make_rule, make_rollup, evaluate, standing):
    rule = make_rule(signal="matches", query="payment failed", pattern=r"order \d+", threshold=3, window_minutes=2)
    other = make_rule(signal="matches", query="else", threshold=1)
    make_rollup(records=50)
    matched(environment, rule, standing.now, 2)
    evaluate()
    assert not Incident.objects.exists()
    matched(environment, rule, standing.now, 1)
    evaluate()
    assert Incident.objects.get().summary == r"web: 3 records that match payment failed /order \d+/ in 2 min."
    assert MatchCount.objects.get().count == 3
    assert Incident.objects.get().rule == rule
    assert other.pk != rule.pk


def test_an_incident_of_matches_shows_the_records_that_matched(environment, make_rule, make_rollup, evaluate, standing):
    rule = make_rule(signal="matches", query="payment level:info", pattern=r"order \d+", threshold=1)
    for number, body in enumerate(("payment for order 17", "payment for nobody", "order 18 shipped"), 1):
        LogRecord.objects.create(
            id=number, environment_id=environment.pk, timestamp=standing.now, observed_timestamp=standing.now,
            batch_id=1, service_name="web", body=body,
        )  # fmt: skip
    make_rollup(records=3)
    matched(environment, rule, standing.now, 1)
    evaluate()
    assert [sample["body"] for sample in Incident.objects.get().samples] == ["payment for order 17"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_in_the_middle_of_an_evaluation_loses_and_doubles_nothing(
    environment, make_rule, make_rollup, make_target, evaluate, monkeypatch
):
    make_rule()
    make_target("inbox")
    make_rollup(errors=12)

    def kill(*_):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as killed:
        killed.setattr("alerts.evaluation.run.note_evaluated", kill)  # after the incident, before the commit
        with pytest.raises(DatabaseError):
            evaluate()
    connection.close()
    assert not Incident.objects.exists()
    evaluate()
    evaluate()
    assert (Incident.objects.count(), RuleState.objects.count(), Notification.objects.count()) == (1, 1, 1)


def test_matches_of_a_rule_that_is_gone_are_dropped(environment, make_rule, standing):
    rule = make_rule(signal="matches", query="x")
    key = rule.pk
    rule.delete()
    rule.pk = key
    matched(environment, rule, standing.now, 2)
    assert not MatchCount.objects.exists()
