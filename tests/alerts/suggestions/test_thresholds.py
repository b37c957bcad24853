"""Limits of services from their own week: what is promised is what a backtest finds and what happens live."""

from datetime import timedelta

import pytest

from alerts.backtest.jobs import request_backtest, work_on
from alerts.evaluation.builtin import ensure_builtin_rules
from alerts.evaluation.history import KEPT, moment_of, number_of
from alerts.evaluation.run import evaluate_environment
from alerts.models import AlertRule, Backtest, RuleState, Suggestion
from alerts.suggestions.decide import accept_suggestion
from alerts.suggestions.found import WEEK
from alerts.suggestions.scan import ask_look, look
from diagnostics.core import clock
from diagnostics.models import MinuteRollup
from tests.alerts.suggestions.weeks import fill_week, steady, with_peaks
from tests.factories import make_environment, make_user

pytestmark = pytest.mark.django_db
SLOW_HOURS = {day * 1440 + 600 + minute for day in range(7) for minute in range(40)}  # a report each morning
OUTAGE = set(range(WEEK - 200, WEEK - 180))


def look_through(environment):
    """A whole look, however many slices."""
    ask_look(environment.pk)
    for _ in range(20):
        look(environment.pk)
        for trial in Backtest.objects.filter(environment=environment, state__in=("waiting", "running")):
            work_on(str(trial.pk))
    return {(row.kind, row.change.get("values", {}).get("signal", ""), row.service_name): row
            for row in Suggestion.objects.filter(environment=environment, state="open")}  # fmt: skip


def backtest_of(rule):
    backtest = request_backtest(rule, 7, make_user())
    while not Backtest.objects.get(pk=backtest.pk).is_finished:
        work_on(str(backtest.pk))
    done = Backtest.objects.get(pk=backtest.pk)
    assert done.state == "done", done.error
    return done.result


@pytest.fixture
def noisy(environment, standing):
    """The built-in rule cries of the report each morning, and of nothing else; one real outage."""
    ensure_builtin_rules(environment)
    week = with_peaks(steady(), SLOW_HOURS, ms=1_800.0)
    fill_week(environment, "report", with_peaks(week, OUTAGE, ms=30_000.0))
    return environment


def test_a_service_that_a_rule_cries_about_gets_a_limit_of_its_own(noisy):
    row = look_through(noisy)["threshold", "latency_p95", "report"]
    slow = AlertRule.objects.get(environment=noisy, slug="slow-responses")
    assert row.evidence["reason"] == "quieter"
    assert row.evidence["before"] == 8
    assert row.evidence["count"] == 1
    assert [(one["name"], one["count"], one["replaced"]) for one in row.evidence["present"]] == [
        ("Slow responses", 8, True)
    ]
    assert row.change["values"]["threshold"] > 1_800 * 1.4
    assert row.change["values"]["recover_threshold"] < row.change["values"]["threshold"]
    assert row.change["leaves"] == [slow.pk]
    assert backtest_of(slow)["count"] == row.evidence["before"]  # the only service there is


def test_the_evidence_is_what_the_backtest_of_the_accepted_rule_finds(noisy):
    row = look_through(noisy)["threshold", "latency_p95", "report"]
    rule = accept_suggestion(make_user(), row, row.revision)
    result = backtest_of(rule)
    assert result["count"] == row.evidence["count"]
    assert [[one[1], one[2]] for one in result["firings"]] == [one[:2] for one in row.evidence["firings"]]
    tried = row.evidence["neighbours"]
    for limit, _, count, is_taken in (tried[0], tried[-1]):
        other = AlertRule.objects.get(pk=rule.pk)
        other.recover_threshold = rule.recover_threshold * limit / rule.threshold
        other.threshold = limit
        assert backtest_of(other)["count"] == count
        assert is_taken == (limit == rule.threshold)
    slow = AlertRule.objects.get(environment=noisy, slug="slow-responses")
    assert backtest_of(slow)["count"] == 0, "the service was left to the rule of its own"


def test_live_does_as_the_evidence_said(noisy):
    """The last eleven hours again, minute by minute: the morning's report is silent, the outage fires as promised."""
    row = look_through(noisy)["threshold", "latency_p95", "report"]
    rule = accept_suggestion(make_user(), row)
    until = number_of(clock.now())
    since = until - 320
    AlertRule.objects.filter(environment=noisy).update(updated_at=moment_of(since - 10_000))
    AlertRule.objects.filter(environment=noisy).exclude(pk__in=[rule.pk, *row.change["leaves"]]).update(enabled=False)
    hidden = make_environment()
    KEPT.clear()
    rows = MinuteRollup.objects.filter(environment=noisy, minute__gt=moment_of(since))
    later = list(rows.order_by("minute").values_list("pk", flat=True))
    MinuteRollup.objects.filter(pk__in=later).update(environment=hidden)
    seen = []
    for number, pk in enumerate(later):
        MinuteRollup.objects.filter(pk=pk).update(environment=noisy)
        minute = since + 1 + number
        evaluate_environment(noisy.pk, moment_of(minute) + timedelta(seconds=59))
        if RuleState.objects.filter(rule=rule, state="firing").exists():
            seen.append(minute)
        assert not RuleState.objects.filter(rule__in=row.change["leaves"], state="firing").exists()
    promised = [one for one in row.evidence["firings"] if one[0] > since]
    assert [[seen[0], seen[-1] + 1]] == [one[:2] for one in promised]
    assert rule.incidents.count() == 1


def test_a_rule_that_is_blind_for_a_service_gets_one_beside_it(environment, standing):
    ensure_builtin_rules(environment)
    fill_week(environment, "fast", steady())
    row = look_through(environment)["threshold", "latency_p95", "fast"]
    assert row.evidence["reason"] == "closer"
    assert row.evidence["count"] == 0
    assert row.change["leaves"] == []
    assert 100 * 1.4 < row.change["values"]["threshold"] <= 500
    assert row.evidence["median"] < row.evidence["high"] < row.change["values"]["threshold"]


def test_nothing_is_proposed_where_the_rules_do_well(environment, standing):
    """5xx: 5% is near to what would be proposed; errors have a baseline; the response time has a limit close by."""
    ensure_builtin_rules(environment)
    AlertRule.objects.filter(environment=environment, slug="slow-responses").update(
        threshold=300, recover_threshold=200
    )
    AlertRule.objects.create(environment=environment, slug="alive", name="Alive", signal="records", condition="absence")
    fill_week(environment, "fast", steady())
    assert look_through(environment) == {}


def test_a_signal_that_nobody_looks_at_is_watched(environment, standing):
    AlertRule.objects.create(environment=environment, slug="other", name="Other", signal="fatals")
    fill_week(environment, "fast", steady())
    found = look_through(environment)
    row = found["threshold", "status_5xx", "fast"]
    assert row.evidence["reason"] == "nobody"
    assert row.change["values"]["condition"] == "share"
    assert row.change["values"]["minimum_sample"] >= 20
    assert {signal for kind, signal, _ in found if kind == "threshold"} == {"status_5xx", "errors", "latency_p95"}


def test_a_limit_that_would_miss_what_somebody_took_on_is_not_proposed(noisy, make_incident):
    slow = AlertRule.objects.get(environment=noisy, slug="slow-responses")
    until = number_of(clock.now())
    incident = make_incident(slow, service="report")
    incident.started_at = moment_of(until - WEEK + 605)
    incident.resolved_at = incident.started_at + timedelta(minutes=30)
    incident.acknowledged_at = incident.started_at + timedelta(minutes=2)
    incident.state = "resolved"
    incident.save()
    assert ("threshold", "latency_p95", "report") not in look_through(noisy)


@pytest.mark.parametrize("minutes", [WEEK - 3 * 1440, WEEK - 1500])
def test_less_than_a_week_proposes_nothing(environment, standing, minutes):
    fill_week(environment, "fast", steady(), minutes=minutes)
    assert look_through(environment) == {}


def test_a_service_that_came_in_the_middle_of_the_week_waits(environment, standing):
    AlertRule.objects.create(environment=environment, slug="other", name="Other", signal="fatals")
    fill_week(environment, "old", steady())
    fill_week(environment, "new", lambda number: steady()(number) if number > 3 * 1440 else None)
    assert {service for _, _, service in look_through(environment)} == {"old"}
