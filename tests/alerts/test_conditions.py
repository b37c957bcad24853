"""Conditions from sums to incidents: too little, silence, changes, releases, and states that are no alarm."""

from datetime import timedelta

import pytest

from alerts.models import AlertRule, Incident, RuleState

pytestmark = pytest.mark.django_db


def summary():
    return Incident.objects.get().summary


def test_too_little_is_judged_over_whole_minutes_only(make_rule, make_rollup, evaluate, standing):
    make_rule(signal="requests", condition="below", threshold=10, recover_threshold=20, window_minutes=2)
    for ago in range(1, 40):
        make_rollup(requests=30, ago=ago)
    make_rollup(requests=1)  # the running minute has just begun
    evaluate()
    assert not Incident.objects.exists()
    standing.advance(minutes=2)
    make_rollup(requests=3, ago=1)
    evaluate(seconds=-20)  # 12:02:10: the minute before may still be on its way
    assert not Incident.objects.exists()
    evaluate(seconds=10)
    assert summary() == "web: 4 requests in 2 min, fewer than 10; usual is 60."


def test_what_was_never_there_is_not_too_little(make_rule, make_rollup, evaluate):
    make_rule(signal="requests", condition="below", threshold=10, service_name="ghost")
    make_rollup(requests=30, ago=1)
    evaluate()
    assert not RuleState.objects.exists()


@pytest.mark.parametrize("condition", ["below", "absence"])
def test_what_only_writes_records_does_not_lack_requests(make_rule, make_rollup, evaluate, condition):
    make_rule(signal="requests", condition=condition, threshold=10, window_minutes=5)
    for ago in range(1, 40):
        make_rollup(service="mailer", records=5, ago=ago)
        make_rollup(service="api", records=5, requests=30 if ago > 8 else 0, ago=ago)
    evaluate()
    assert [incident.service_name for incident in Incident.objects.all()] == ["api"]


def test_what_was_heard_of_for_the_first_time_seconds_ago_is_not_too_little(make_rule, make_rollup, evaluate):
    make_rule(signal="records", condition="below", threshold=3, window_minutes=2)
    make_rollup(records=2)
    for _ in range(3):
        evaluate(seconds=30)
        assert not Incident.objects.exists()
    for _ in range(2):  # two whole minutes without any
        evaluate(seconds=60)
    assert summary().startswith("web: 0 records in 2 min, fewer than 3")


def test_silence_of_what_used_to_speak_is_told_and_ends_with_the_first_word(make_rule, make_rollup, evaluate, standing):
    make_rule(signal="records", condition="absence", window_minutes=5)
    make_rollup(records=3, ago=3)
    make_rollup(service="api", records=3)
    evaluate()
    assert not Incident.objects.exists()
    standing.advance(minutes=4)
    make_rollup(service="api", records=3)
    evaluate()
    assert Incident.objects.get().summary == "web: no records for 5 min."
    make_rollup(records=1, ago=0)
    evaluate(minutes=1)
    assert Incident.objects.get().state == "resolved"


def test_a_heartbeat_stays_missing_until_it_is_back_though_nobody_remembers_it(
    make_rule, make_rollup, evaluate, standing
):
    make_rule(signal="records", condition="absence", window_minutes=5)
    make_rollup(records=3, ago=10)
    evaluate()
    for _ in range(60):
        evaluate(minutes=10)
    assert Incident.objects.get().state == "triggered"


def test_an_environment_that_is_silent_for_a_month_tells_it_once(make_rule, make_rollup, evaluate, standing):
    make_rule(signal="records", condition="absence", window_minutes=5)
    make_rule(signal="errors", threshold=5)
    for ago in range(5):
        make_rollup(records=3, errors=3 if ago else 9, ago=ago)
    for minutes in (0, 1, 2, 3):
        evaluate(minutes=minutes)
    for _ in range(40):
        evaluate(hours=18)
    assert list(Incident.objects.order_by("pk").values_list("rule__condition", "state")) == [
        ("threshold", "resolved"), ("absence", "triggered"),
    ]  # fmt: skip
    make_rollup(records=3)
    evaluate()
    evaluate(seconds=30)
    assert not Incident.objects.exclude(state="resolved").exists()


@pytest.mark.parametrize(
    ("compare_to", "ago", "words"),
    [
        ("previous", 5, "the window before had 20"),
        ("yesterday", 1440, "the same time yesterday had 20"),
        ("last_week", 7 * 1440, "the same time a week ago had 20"),
    ],
)
def test_a_change_against_an_earlier_time(make_rule, make_rollup, evaluate, compare_to, ago, words):
    make_rule(condition="change", compare_to=compare_to, threshold=3, window_minutes=5)
    make_rollup(errors=20, ago=ago)
    make_rollup(errors=1, ago=ago + 5)
    make_rollup(errors=59)
    evaluate()
    assert not Incident.objects.exists()
    make_rollup(errors=1, release="2")
    evaluate()
    assert summary() == f"web: 60 errors in 5 min; {words}."


def test_a_fall_needs_a_usual_that_can_fall(make_rule, make_rollup, evaluate, standing):
    make_rule(
        signal="requests", condition="change", threshold=0.5, recover_threshold=0.8, minimum_count=50, window_minutes=5
    )
    for ago in range(1, 31):
        make_rollup(requests=20, ago=ago)
        make_rollup(service="quiet", requests=2, ago=ago)
    evaluate(seconds=20)
    assert not Incident.objects.exists()
    standing.advance(minutes=5)
    make_rollup(requests=30, ago=2)
    evaluate()
    assert summary() == "web: 30 requests in 5 min; usual is 100."


@pytest.mark.parametrize("broken", [{"pattern": "(unclosed"}, {"query": "level:nonsense"}])
def test_a_rule_that_cannot_be_read_says_so(make_rule, make_rollup, evaluate, broken):
    rule = make_rule(signal="matches", query="declined")
    make_rollup(records=10)
    evaluate()
    rule.refresh_from_db()
    assert rule.health == "ok"
    AlertRule.objects.filter(pk=rule.pk).update(**broken)  # no form would take it; a restored backup might
    evaluate()
    rule.refresh_from_db()
    assert (rule.health, Incident.objects.count()) == ("error", 0)
    assert "cannot be read" in rule.health_note


def test_without_data_and_broken_are_states_of_their_own_and_no_alarm(
    make_rule, make_rollup, evaluate, monkeypatch, caplog
):
    rule = make_rule(signal="status_5xx", condition="share", threshold=0.1)
    evaluate()
    rule.refresh_from_db()
    assert (rule.health, Incident.objects.count()) == ("no_data", 0)
    make_rollup(requests=100, status_5xx=1)
    evaluate()
    rule.refresh_from_db()
    assert (rule.health, rule.health_note) == ("ok", "")
    monkeypatch.setattr("alerts.evaluation.run.step_rule", lambda *_: 1 / 0)
    evaluate()
    rule.refresh_from_db()
    assert rule.health == "error"
    assert "ZeroDivisionError" in rule.health_note
    assert not Incident.objects.exists()


def test_each_release_can_be_a_series(make_rule, make_rollup, evaluate):
    make_rule(group_by="release")
    make_rollup(release="1.0", errors=9)
    make_rollup(release="1.1", errors=12)
    evaluate()
    assert RuleState.objects.get().series == "web 1.1"
    assert Incident.objects.get().title == "Errors: web 1.1"


def test_states_at_rest_are_forgotten_when_no_late_record_can_reach_them(make_rule, make_rollup, evaluate, standing):
    from alerts.evaluation.apply import forget_states

    make_rule()
    make_rollup(errors=12)
    evaluate()
    evaluate(minutes=5)
    forget_states(standing.now + timedelta(days=1))
    assert RuleState.objects.count() == 1
    forget_states(standing.now + timedelta(days=3))
    assert not RuleState.objects.exists()
