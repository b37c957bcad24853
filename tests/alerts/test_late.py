"""Records that come late: their windows are looked at again, once, and never fire twice."""

from datetime import timedelta

import pytest

from alerts.evaluation import late
from alerts.evaluation.bell import fold_alerts
from alerts.evaluation.run import evaluate_environment
from alerts.models import AlertRule, Incident, LateMinute, RuleState
from diagnostics.core import clock
from diagnostics.digest.rollups import fold_rollups
from diagnostics.models import IngestBatch
from tests.factories import make_environment

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(make_rule):
    return make_rule


@pytest.fixture
def make_old_rule(make_rule):
    """A rule that was there all day."""

    def make(**fields):
        rule = make_rule(**fields)
        AlertRule.objects.filter(pk=rule.pk).update(updated_at=clock.now() - timedelta(days=1))
        return rule

    return make


@pytest.fixture
def arrive(environment, standing):
    """Errors of a minute so long ago come in now, and are digested."""

    def send(ago, errors, service="web", fatals=0):
        minute = clock.minute_of(clock.to_ns(standing.now)) - ago
        counts = [errors, 0, errors, fatals, 0, 0, 0, 0, 0]
        sums = [[minute, "log", service, "", "", counts, {}]]
        batch = IngestBatch(id=1, environment=environment, received_at=standing.now, sums=sums)
        fold_rollups([batch])
        fold_alerts([batch])

    return send


def evaluate(environment):
    return evaluate_environment(environment.pk)


def test_late_records_fire_for_their_window_and_say_so(environment, standing, make_old_rule, arrive):
    make_old_rule(threshold=10)
    evaluate(environment)
    standing.advance(minutes=30)
    arrive(ago=20, errors=12)
    evaluate(environment)
    incident = Incident.objects.get()
    assert incident.summary == (
        "web: 12 errors in 1 min. Late: this was 12:10 to 12:11 UTC, its records came in afterwards."
    )
    assert incident.opened_at == standing.now
    assert incident.started_at == clock.floor_minute(standing.now) - timedelta(minutes=19)
    assert RuleState.objects.get().state == "firing"
    standing.advance(seconds=10)
    evaluate(environment)
    assert Incident.objects.get().state == "resolved"  # it looks well by now


def test_a_late_window_fires_once_however_often_more_of_it_comes(environment, standing, make_old_rule, arrive):
    make_old_rule(threshold=10)
    evaluate(environment)
    standing.advance(minutes=30)
    for _ in range(3):
        arrive(ago=20, errors=12)
        for _ in range(2):
            evaluate(environment)
            standing.advance(seconds=1)
    assert Incident.objects.count() == 1
    assert not LateMinute.objects.filter(evaluated_at=None).exists()


def test_a_window_that_has_fired_in_time_does_not_fire_again_when_its_rest_comes(
    environment, standing, make_old_rule, arrive
):
    make_old_rule(threshold=10, window_minutes=3)
    arrive(ago=0, errors=12)
    evaluate(environment)
    standing.advance(minutes=10)
    evaluate(environment)
    assert [found.state for found in Incident.objects.all()] == ["resolved"]
    arrive(ago=10, errors=50)
    evaluate(environment)
    assert Incident.objects.count() == 1
    arrive(ago=30, errors=50)  # another window
    evaluate(environment)
    assert Incident.objects.filter(summary__contains="Late").count() == 1


def test_late_and_timely_records_add_up_in_the_windows_that_hold_both(environment, standing, make_old_rule, arrive):
    make_old_rule(threshold=10, window_minutes=5)
    arrive(ago=0, errors=6)
    evaluate(environment)
    standing.advance(minutes=20)
    evaluate(environment)
    arrive(ago=23, errors=5)
    evaluate(environment)
    assert "11 errors in 5 min" in Incident.objects.get().summary


def test_a_rule_that_waits_does_so_for_late_windows_too(environment, standing, make_old_rule, arrive):
    make_old_rule(threshold=10, for_seconds=120)
    evaluate(environment)
    standing.advance(minutes=30)
    arrive(ago=20, errors=12)
    evaluate(environment)
    assert not Incident.objects.exists()
    for ago in (19, 18):
        arrive(ago=ago, errors=12)
    evaluate(environment)
    assert Incident.objects.count() == 1


def test_only_the_services_whose_records_came_late_are_looked_at_again(
    environment, standing, make_old_rule, arrive, make_rollup
):
    make_old_rule(threshold=10)
    make_rollup(service="other", errors=99, ago=20)  # nobody looked when that was
    arrive(ago=20, errors=1)
    evaluate(environment)
    assert not Incident.objects.exists()


@pytest.mark.parametrize("ago", [6 * 60 + 1, 3 * 24 * 60])
def test_history_that_somebody_imports_is_no_alarm(environment, standing, make_old_rule, arrive, ago):
    make_old_rule(threshold=10)
    arrive(ago=ago, errors=500)
    evaluate(environment)
    assert not Incident.objects.exists()
    assert not LateMinute.objects.exists()


def test_a_rule_does_not_fire_for_what_was_before_it(environment, standing, make_rule, arrive):
    rule = make_rule(threshold=10)
    AlertRule.objects.filter(pk=rule.pk).update(updated_at=standing.now - timedelta(minutes=5))
    arrive(ago=20, errors=12)
    evaluate(environment)
    assert not Incident.objects.exists()
    arrive(ago=4, errors=12)
    evaluate(environment)
    assert Incident.objects.count() == 1


def test_records_of_the_future_wait_for_their_time(environment, standing, make_old_rule, arrive):
    make_old_rule(threshold=10)
    arrive(ago=-60, errors=12)
    evaluate(environment)
    assert not Incident.objects.exists()
    standing.advance(minutes=60)
    evaluate(environment)
    assert Incident.objects.count() == 1


def test_another_environments_notes_are_left_alone(environment, standing, make_old_rule, arrive):
    other = make_environment()
    make_old_rule(threshold=10)
    arrive(ago=20, errors=12)
    evaluate(other)
    assert LateMinute.objects.filter(evaluated_at=None).count() == 1


def test_a_late_record_of_a_series_that_is_new_stops_no_evaluation(
    environment, standing, make_old_rule, arrive, make_rollup, caplog
):
    crash = make_old_rule(name="Crash", signal="fatals", threshold=1, window_minutes=5, severity="critical")
    errors = make_old_rule(threshold=10)
    evaluate(environment)
    standing.advance(minutes=30)
    arrive(ago=3, errors=1, fatals=1)  # in the present window still, and in older ones
    make_rollup(service="mailer", errors=40)
    evaluate(environment)
    assert set(Incident.objects.values_list("rule", "service_name")) == {(crash.pk, "web"), (errors.pk, "mailer")}
    assert not [record for record in caplog.records if record.exc_info]


def test_a_rule_that_cannot_look_at_late_windows_stops_no_other(
    environment, standing, make_old_rule, arrive, monkeypatch, caplog
):
    broken = make_old_rule(threshold=9)
    sound = make_old_rule(threshold=10)
    evaluate(environment)
    find_late = late.find_late

    def find(rule, *others):
        if rule.pk == broken.pk:
            RuleState.objects.create(rule=rule, series="web", since=standing.now, evaluated_at=standing.now)
            RuleState.objects.create(rule=rule, series="web", since=standing.now, evaluated_at=standing.now)
        return find_late(rule, *others)

    monkeypatch.setattr(late, "find_late", find)
    standing.advance(minutes=30)
    arrive(ago=20, errors=12)
    evaluate(environment)
    assert Incident.objects.get().rule == sound
    assert RuleState.objects.get().rule == sound
    assert f"rule {broken.pk} cannot be evaluated for late records" in caplog.text


@pytest.mark.parametrize(("window", "ago"), [(1, 1), (1, 2), (2, 2), (2, 3), (3, 3)])
def test_no_minute_is_too_old_for_the_window_and_too_young_to_be_late(
    environment, standing, make_old_rule, arrive, window, ago
):
    make_old_rule(threshold=10, window_minutes=window)
    evaluate(environment)
    standing.advance(minutes=30)
    arrive(ago=ago, errors=12)
    evaluate(environment)
    assert f"12 errors in {window} min" in Incident.objects.get().summary
    for seconds in (5, 60, 60):
        standing.advance(seconds=seconds)
        evaluate(environment)
    arrive(ago=ago + 2, errors=1)  # the rest of it
    evaluate(environment)
    found = Incident.objects.get()
    assert (found.state, found.reopened) == ("resolved", 0)


@pytest.mark.parametrize("window", [1, 2, 3])
def test_a_burst_in_a_minutes_last_second_is_not_missed_when_the_minute_has_turned(
    environment, standing, make_old_rule, arrive, window
):
    make_old_rule(threshold=10, window_minutes=window)
    evaluate(environment)
    standing.advance(minutes=30, seconds=29)  # 12:30:59
    arrive(ago=window - 1, errors=12)
    standing.advance(seconds=2)
    evaluate(environment)
    assert ("This was " in Incident.objects.get().summary) == (window < 3)  # some seconds are not called late
    standing.advance(seconds=2)
    evaluate(environment)
    found = Incident.objects.get()
    assert found.reopened == 0


def test_what_every_rule_still_looks_at_costs_no_note(environment, standing, make_old_rule, arrive):
    make_old_rule(window_minutes=5)
    arrive(ago=0, errors=1)
    arrive(ago=1, errors=1)
    assert not LateMinute.objects.exists()
