"""Conditions from sums to incidents: too little, silence, changes, matches, and states that are no alarm."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection

from alerts.evaluation.describe import describe_rule
from alerts.evaluation.matches import fold_matches
from alerts.evaluation.run import evaluate_environment
from alerts.models import AlertRule, Incident, MatchCount, Notification, RuleState
from diagnostics.core import clock
from diagnostics.core.histogram import bucket_of
from diagnostics.models import IngestBatch, LogRecord

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
    assert summary() == r"web: 3 records that match payment failed /order \d+/ in 2 min."
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


def test_an_outage_that_silences_a_service_is_no_recovery(make_rule, make_rollup, evaluate, standing):
    make_rule(signal="status_5xx", condition="share", threshold=0.1, keep_firing_seconds=60)
    make_rollup(requests=100, status_5xx=50)
    evaluate()
    evaluate(minutes=5)
    assert Incident.objects.get().state == "triggered"
    evaluate(minutes=12)
    assert Incident.objects.get().state == "resolved"
    assert "Nothing is heard" in Incident.objects.get().events.last().text


@pytest.mark.parametrize(
    ("fields", "bad", "few", "words"),
    [
        (
            {"signal": "status_5xx", "condition": "share", "threshold": 0.05, "minimum_sample": 20, "minimum_count": 8},
            {"requests": 100, "status_5xx": 100},
            {"requests": 5, "status_5xx": 5},
            "Too few requests to tell",
        ),
        (
            {"signal": "latency_p95", "threshold": 1500, "minimum_count": 25},
            {"requests": 100, "latency": {str(bucket_of(5000)): 100}},
            {"requests": 5, "latency": {str(bucket_of(5000)): 5}},
            "Too few requests to tell",
        ),
        (
            {"signal": "latency_p95", "threshold": 1500, "minimum_count": 25},
            {"requests": 100, "latency": {str(bucket_of(5000)): 100}},
            {"records": 5},
            "Nothing is heard",
        ),
    ],
)
def test_too_few_to_tell_is_no_recovery(make_rule, make_rollup, evaluate, fields, bad, few, words):
    make_rule(keep_firing_seconds=60, **fields)
    make_rollup(**bad)
    evaluate()
    for _ in range(11):
        make_rollup(ago=-1, **few)
        evaluate(minutes=1)
    assert Incident.objects.get().state == "triggered"
    for _ in range(2):
        make_rollup(ago=-1, **few)
        evaluate(minutes=1)
    assert Incident.objects.get().state == "resolved"
    assert words in Incident.objects.get().events.last().text


def test_few_that_look_well_are_a_recovery(make_rule, make_rollup, evaluate):
    make_rule(signal="status_5xx", condition="share", threshold=0.05, minimum_sample=20, keep_firing_seconds=60)
    make_rollup(requests=100, status_5xx=100)
    evaluate()
    for _ in range(2):
        make_rollup(ago=-1, requests=5)
        evaluate(minutes=1)
    assert Incident.objects.get().state == "resolved"


def test_a_minimum_duration_holds_what_looks_well_at_once(make_rule, make_rollup, evaluate):
    make_rule(minimum_firing_seconds=600)
    make_rollup(errors=12)
    evaluate()
    evaluate(minutes=5)
    assert Incident.objects.get().state == "triggered"
    evaluate(minutes=5)
    assert Incident.objects.get().state == "resolved"


def test_a_clock_that_jumps_loses_and_doubles_nothing(make_rule, make_rollup, evaluate, standing):
    make_rule(threshold=10, window_minutes=3)
    make_rollup(errors=12)
    for jump in (0, -180, 180, -7200, 7200, 3, -3):
        evaluate(seconds=jump)
    assert Incident.objects.count() == 1
    evaluate(days=30)
    evaluate(minutes=20)  # what comes sooner is the same incident again
    make_rollup(errors=12)
    evaluate()
    assert Incident.objects.count() == 2


def test_a_service_that_appears_and_vanishes_leaves_nothing_open(make_rule, make_rollup, evaluate):
    make_rule(threshold=10)
    make_rule(signal="latency_p95", threshold=1000, window_minutes=2)
    make_rollup(service="job-17", errors=12, requests=30, latency={str(bucket_of(5000)): 30})
    evaluate()
    assert Incident.objects.exclude(state="resolved").count() >= 1
    for _ in range(30):
        evaluate(minutes=1)
    assert not Incident.objects.exclude(state="resolved").exists()


def test_each_release_can_be_a_series(make_rule, make_rollup, evaluate):
    make_rule(group_by="release")
    make_rollup(release="1.0", errors=9)
    make_rollup(release="1.1", errors=12)
    evaluate()
    assert RuleState.objects.get().series == "web 1.1"
    assert Incident.objects.get().title == "Errors: web 1.1"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"signal": "latency_p95", "condition": "share"}, "condition", "choose 'is at least a fixed value'"),
        ({"signal": "requests", "condition": "share"}, "condition", "choose failed requests"),
        ({"signal": "latency_p95", "condition": "absence"}, "condition", "choose 'Requests'"),
        ({"signal": "errors", "condition": "first_seen"}, "condition", "choose one of them"),
        ({"signal": "new_errors", "condition": "threshold"}, "condition", "choose the condition 'is seen'"),
        ({"signal": "status_5xx", "condition": "share", "threshold": 5}, "threshold", "for 5% write 0.05"),
        ({"condition": "share", "threshold": 1.5}, "threshold", "1.5 is 150%: for 1.5% write 0.015"),
        ({"condition": "share", "threshold": 150}, "threshold", "at most 1 (100%): for 5% write 0.05"),
        ({"condition": "share", "threshold": 0}, "threshold", "write 0.01 for 1%"),
        ({"condition": "below", "threshold": 0}, "threshold", "write 1 to hear when nothing comes"),
        ({"signal": "latency_p95", "condition": "below", "threshold": 0}, "threshold", "never fire"),
        ({"threshold": 0, "minimum_count": 0}, "threshold", "write 1 to hear of any"),
        ({"signal": "latency_p95", "threshold": 0}, "threshold", "always fire"),
        ({"condition": "baseline", "threshold": 4}, "threshold", "use 0.5"),
        ({"condition": "change", "threshold": 1}, "threshold", "use 2"),
        ({"threshold": float("nan")}, "threshold", "finite"),
        ({"threshold": 5, "recover_threshold": 9}, "recover_threshold", "use 5 or less"),
        ({"condition": "below", "threshold": 5, "recover_threshold": 3}, "recover_threshold", "use 5 or more"),
        ({"signal": "matches"}, "query", "a query line, a pattern, or both"),
        ({"signal": "matches", "query": 'an "open'}, "query", "quotation mark"),
        ({"signal": "matches", "query": "user:42"}, "query", "search for one person in Logs"),
        ({"signal": "matches", "pattern": "("}, "pattern", "missing )"),
        ({"signal": "errors", "pattern": "x"}, "pattern", "choose that signal"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_the_way_out(environment, fields, field, words):
    given = {"signal": "errors", "condition": "threshold", "threshold": 0.5, **fields}
    rule = AlertRule(environment=environment, slug="r", name="R", **given)
    with pytest.raises(ValidationError) as refused:
        rule.full_clean()
    assert words in " ".join(refused.value.message_dict[field])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"signal": "errors", "threshold": 15, "window_minutes": 3},
            "Fires when a service has at least 15 errors in 3 min.",
        ),
        (
            {"signal": "status_5xx", "condition": "share", "threshold": 0.05, "minimum_count": 8, "minimum_sample": 20},
            "Fires when a service has at least 5% 5xx of requests in 5 min, on at least 8 5xx responses and 20 requests.",
        ),
        (
            {
                "signal": "latency_p95",
                "threshold": 1500,
                "group_by": "route",
                "for_seconds": 120,
                "service_name": "web",
            },
            "Fires when a route of web has a p95 of at least 1.5 s in 5 min, for 2 min.",
        ),
        (
            {"signal": "requests", "condition": "change", "threshold": 0.5, "compare_to": "last_week"},
            "Fires when a service has at most 0.5 times as many requests in 5 min as at the same time a week ago.",
        ),
        (
            {"signal": "latency_p99", "condition": "change", "threshold": 3, "compare_to": "yesterday"},
            "Fires when a service has a p99 in 5 min of at least 3 times that of the same time yesterday.",
        ),
        (
            {"signal": "requests", "condition": "below", "threshold": 5},
            "Fires when a service has fewer than 5 requests in 5 min.",
        ),
        (
            {"signal": "records", "condition": "absence", "window_minutes": 10},
            "Fires when a service has sent no records for 10 min, though it did before.",
        ),
        (
            {"signal": "matches", "query": "boom", "threshold": 1, "group_by": "nothing"},
            "Fires when the environment has any records that match boom in 5 min.",
        ),
        (
            {"signal": "warnings", "condition": "change", "threshold": 3, "minimum_count": 50},
            "Fires when a service has at least 3 times as many records of level warn and worse in 5 min as is usual (the median "
            "of the last two hours), on at least 50 records of level warn and worse.",
        ),
        (
            {
                "signal": "template_records",
                "condition": "baseline",
                "threshold": 0.6,
                "level": "warn",
                "minimum_count": 20,
            },
            "Fires when a message pattern with records of level warn or worse has a number of records unlike what it usually "
            "does at this time (score 0.6 or more), on at least 20 records.",
        ),
        (
            {
                "signal": "template_records",
                "condition": "absence",
                "template": "00ff00ff00ff00ff",
                "window_minutes": 30,
            },
            "Fires when the pattern 00ff00ff00ff00ff has not come for 30 min, though it did before.",
        ),
        (
            {"signal": "new_templates", "condition": "first_seen", "service_name": "web"},
            "Fires when web has a message pattern never seen before, of level warn or worse.",
        ),
    ],
)
def test_a_rule_says_what_it_does_in_a_sentence(fields, sentence):
    assert describe_rule(AlertRule(**fields)) == sentence


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


DOWN = [
    ({"signal": "records", "condition": "absence", "window_minutes": 3}, "web: no records for 3 min"),
    ({"signal": "records", "condition": "below", "threshold": 3, "window_minutes": 3}, "web: 0 records in 3 min"),
    ({"signal": "requests", "condition": "change", "threshold": 0.4, "window_minutes": 3}, "web: 0 requests in 3 min"),
]


@pytest.mark.parametrize(("fields", "words"), DOWN)
def test_what_is_missing_after_the_product_was_down_is_waited_for_one_window_long(
    make_rule, make_rollup, evaluate, standing, environment, fields, words
):
    rule = make_rule(**fields)
    for ago in range(1, 30):
        make_rollup(records=10, requests=10, ago=ago)
    evaluate()
    standing.advance(minutes=10)  # nothing runs: 12:00:30 to 12:10:30
    make_rollup(records=10, requests=10, service="other")
    evaluate_environment(environment.pk)
    rule.refresh_from_db()
    assert rule.health_note == (
        "Held until 12:15 UTC: the product was down, and what is missing may still be on its way."
    )
    for _ in range(3):
        evaluate(minutes=1)
    assert not Incident.objects.exists()
    for _ in range(2):
        evaluate(minutes=1)
    assert Incident.objects.get(service_name="web").summary.startswith(words)
    rule.refresh_from_db()
    assert (rule.health, rule.health_note) == ("ok", "")


@pytest.mark.parametrize(("fields", "words"), DOWN)
def test_what_comes_after_the_product_was_down_is_no_alarm(
    make_rule, make_rollup, evaluate, standing, environment, fields, words
):
    make_rule(**fields)
    for ago in range(1, 30):
        make_rollup(records=10, requests=10, ago=ago)
    evaluate()
    standing.advance(minutes=10)
    evaluate_environment(environment.pk)
    evaluate(minutes=1)
    for ago in range(12):  # what the sender held
        make_rollup(records=10, requests=10, ago=ago)
    for _ in range(6):
        make_rollup(records=10, requests=10, ago=-1)
        evaluate(minutes=1)
    assert not Incident.objects.exists()


def test_what_fires_goes_on_firing_after_the_product_was_down(make_rule, make_rollup, evaluate, standing, environment):
    make_rule(signal="records", condition="absence", window_minutes=3)
    make_rollup(records=10, ago=5)
    evaluate()
    standing.advance(minutes=10)
    evaluate_environment(environment.pk)
    evaluate(minutes=2)
    assert Incident.objects.get().state == "triggered"
