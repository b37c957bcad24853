"""From minute rollups to incidents: one is opened, stays open, is resolved, and says why in numbers."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.evaluation import run
from alerts.evaluation.builtin import BUILTIN, ensure_builtin_rules
from alerts.evaluation.run import evaluate_environment, retire_rules
from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.models import AlertRule, Evidence, Incident, RuleState
from diagnostics.core.histogram import bucket_of
from diagnostics.models import MinuteRollup
from tests.factories import make_environment, make_user

pytestmark = pytest.mark.django_db


def incident():
    return Incident.objects.get()


def test_errors_over_the_threshold_open_one_incident_that_stays_open_and_is_resolved(
    make_rule, make_target, make_rollup, evaluate, standing, told
):
    rule = make_rule(keep_firing_seconds=120)
    make_target("inbox")
    make_rollup(errors=12, records=40)
    assert evaluate() is True
    opened = incident()
    assert (opened.state, opened.rule, opened.severity, opened.service_name) == ("triggered", rule, "error", "web")
    assert (opened.opened_at, opened.value, opened.peak_value) == (standing.now, 12, 12)
    assert opened.summary == "web: 12 errors in 1 min."
    assert opened.title == "Errors: web"
    assert evaluate(seconds=10) is True
    MinuteRollup.objects.update(errors=30)
    evaluate(seconds=5)
    opened.refresh_from_db()
    assert (incident().pk, opened.value, opened.peak_value) == (opened.pk, 30, 30)
    assert evaluate(minutes=2) is True  # looks well, not for long enough
    opened.refresh_from_db()
    assert (opened.state, opened.value, opened.peak_value) == ("triggered", 0, 30)
    assert evaluate(seconds=119) is True
    assert evaluate(seconds=1) is False
    opened.refresh_from_db()
    assert (opened.state, opened.resolved_at, opened.resolved_by) == ("resolved", standing.now, None)
    assert [event.kind for event in opened.events.all()] == ["triggered", "resolved"]
    assert told() == [("trigger", "pending", ""), ("resolve", "pending", "")]
    assert evaluate(minutes=10) is False
    assert Incident.objects.count() == 1


def test_one_under_the_threshold_opens_nothing_and_leaves_no_row(make_rule, make_rollup, evaluate):
    make_rule()
    make_rollup(errors=9)
    assert evaluate() is False
    assert not Incident.objects.exists()
    assert not RuleState.objects.exists()


def test_a_rule_that_waits_fires_only_when_it_is_bad_all_the_while(make_rule, make_rollup, evaluate):
    make_rule(for_seconds=60, window_minutes=2)
    make_rollup(errors=12)
    assert evaluate() is True
    evaluate(seconds=59)
    assert (RuleState.objects.get().state, Incident.objects.count()) == ("pending", 0)
    evaluate(seconds=1)
    assert (RuleState.objects.get().state, Incident.objects.count()) == ("firing", 1)


def test_a_pending_series_that_falls_silent_is_at_rest_again(make_rule, make_rollup, evaluate):
    make_rule(for_seconds=300)
    make_rollup(errors=12)
    evaluate()
    assert evaluate(minutes=2) is False
    assert (RuleState.objects.get().state, Incident.objects.count()) == ("ok", 0)


def test_flapping_within_the_keep_firing_time_is_one_incident_and_one_message(
    make_rule, make_target, make_rollup, evaluate, told
):
    make_rule(keep_firing_seconds=600)
    make_target("inbox")
    for _ in range(5):
        make_rollup(errors=50)
        evaluate()
        evaluate(minutes=2)  # well
    assert Incident.objects.count() == 1
    assert told() == [("trigger", "pending", "")]


@pytest.mark.parametrize(("minutes", "is_same"), [(2, True), (15, False)])
def test_a_relapse_soon_after_the_end_is_the_same_incident_a_later_one_is_new(
    make_rule, make_rollup, evaluate, minutes, is_same
):
    make_rule()
    make_rollup(errors=12)
    evaluate()
    evaluate(minutes=2)
    evaluate(minutes=minutes)
    make_rollup(errors=12)
    evaluate()
    first, last = Incident.objects.earliest("opened_at"), Incident.objects.latest("opened_at")
    assert (first == last, last.state) == (is_same, "triggered")
    assert first.dedup_key == last.dedup_key
    assert RuleState.objects.get().incident == last


def test_what_a_person_has_resolved_is_not_changed_and_not_opened_again_while_the_episode_lasts(
    make_rule, make_rollup, evaluate
):
    make_rule()
    row = make_rollup(errors=12)
    evaluate()
    resolve_incident(incident(), make_user(), "known")
    MinuteRollup.objects.filter(pk=row.pk).update(errors=99)
    evaluate(seconds=10)
    assert (incident().state, incident().peak_value) == ("resolved", 12)
    evaluate(minutes=2)
    make_rollup(errors=12)
    evaluate()
    assert Incident.objects.filter(state="triggered").count() == 1


def test_a_severity_that_is_raised_while_it_fires_is_told_once(make_rule, make_target, make_rollup, evaluate, told):
    rule = make_rule(severity="warning")
    make_target("inbox")
    make_rollup(errors=12)
    evaluate()
    AlertRule.objects.filter(pk=rule.pk).update(severity="critical")
    for _ in range(3):
        evaluate(seconds=1)
    assert incident().severity == "critical"
    assert Evidence.objects.get().severity == "critical"
    assert [event.kind for event in incident().events.all()] == ["triggered", "worse"]
    assert [action for action, *_ in told()] == ["trigger", "update"]
    AlertRule.objects.filter(pk=rule.pk).update(severity="info")
    evaluate(seconds=1)
    assert incident().severity == "critical"


def test_an_acknowledged_incident_is_resolved_by_itself_too(make_rule, make_rollup, evaluate):
    make_rule()
    make_rollup(errors=12)
    evaluate()
    person = make_user()
    acknowledge_incident(incident(), person)
    acknowledge_incident(incident(), make_user())  # too late: the first one is on it
    assert (incident().state, incident().acknowledged_by) == ("acknowledged", person)
    evaluate(minutes=2)
    assert incident().state == "resolved"
    acknowledge_incident(incident(), person)
    assert incident().state == "resolved"
    assert [event.kind for event in incident().events.all()] == ["triggered", "acknowledged", "resolved"]


@pytest.mark.parametrize(
    ("group_by", "names"),
    [("service", ["web", "worker"]), ("route", ["web /a", "web /b", "worker /a"]), ("nothing", [""])],
)
def test_each_series_is_stepped_by_itself_and_those_of_a_service_show_one_incident(
    make_rule, make_rollup, evaluate, group_by, names
):
    make_rule(group_by=group_by)
    for service, route in (("web", "/a"), ("web", "/b"), ("worker", "/a")):
        make_rollup(service=service, route=route, errors=10)
    evaluate()
    assert sorted(RuleState.objects.values_list("series", flat=True)) == names
    assert Evidence.objects.filter(ended_at=None).count() == len(names)
    assert Incident.objects.count() == len({name.split(" ")[0] for name in names})
    evaluate(minutes=2)
    assert not Incident.objects.exclude(state="resolved").exists()


def test_a_rule_of_one_service_looks_at_no_other(make_rule, make_rollup, evaluate):
    make_rule(service_name="web")
    make_rollup(service="worker", errors=50)
    evaluate()
    assert not Incident.objects.exists()
    make_rollup(service="web", errors=10)
    evaluate()
    assert incident().service_name == "web"


def test_the_window_ends_with_the_running_minute_and_is_as_long_as_the_rule_says(make_rule, make_rollup, evaluate):
    make_rule(window_minutes=3, threshold=6)
    for ago, errors in enumerate((1, 2, 2, 100)):
        make_rollup(ago=ago, errors=errors)
    make_rollup(ago=-1, errors=100)
    evaluate()
    assert not Incident.objects.exists()
    MinuteRollup.objects.filter(errors=1).update(errors=2)
    evaluate()
    assert incident().value == 6


def test_releases_of_a_service_are_added_up(make_rule, make_rollup, evaluate):
    make_rule()
    make_rollup(release="1.0", errors=5)
    make_rollup(release="1.1", errors=5)
    evaluate()
    assert incident().value == 10


@pytest.mark.parametrize(
    ("source_rows", "fires"),
    [
        ([("log", 100, 10)], True),
        ([("span", 100, 10)], True),
        ([("log", 100, 10), ("span", 100, 10)], True),  # 10%, not 20 of 200 or 20 of 100
        ([("log", 100, 10), ("span", 1000, 10)], False),  # spans are the fuller picture: 1%
    ],
)
def test_requests_that_come_as_records_and_as_spans_are_counted_once(
    make_rule, make_rollup, evaluate, source_rows, fires
):
    make_rule(signal="status_5xx", condition="share", threshold=0.1)
    for source, requests, bad in source_rows:
        make_rollup(source=source, requests=requests, status_5xx=bad, errors=1)
    evaluate()
    assert Incident.objects.exists() is fires
    if fires:
        assert incident().value == 0.1


def test_error_spikes_at_low_traffic_do_not_wake_anybody(environment, make_rollup, evaluate):
    ensure_builtin_rules(environment)
    make_rollup(errors=14, requests=19, status_5xx=7, latency={str(bucket_of(9000)): 24})
    make_rollup(errors=1, requests=5, ago=10)
    evaluate()
    assert not Incident.objects.exists()


def test_built_in_rules_find_a_surge(environment, make_rollup, evaluate):
    for ago in range(20):
        make_rollup(errors=2 if ago else 200, requests=100, status_5xx=30 if not ago else 0,
                    latency={str(bucket_of(80 if ago else 4000)): 100}, ago=ago)  # fmt: skip
    evaluate()
    found = incident()  # one cause, several rules
    assert sorted(found.evidence.values_list("rule__slug", flat=True)) == ["5xx-share", "error-spike", "slow-responses"]
    assert (found.severity, found.duplicates) == ("critical", 2)


def test_an_environment_without_rules_gets_the_built_in_ones_and_keeps_what_people_change(environment, evaluate):
    evaluate()
    assert AlertRule.objects.filter(environment=environment, builtin=True).count() == len(BUILTIN)
    AlertRule.objects.filter(slug="error-spike").update(threshold=99, enabled=False)
    AlertRule.objects.filter(slug="5xx-share").delete()
    evaluate()
    ensure_builtin_rules(environment)
    rules = {rule.slug: rule for rule in AlertRule.objects.filter(environment=environment)}
    assert len(rules) == len(BUILTIN)
    assert (rules["error-spike"].threshold, rules["error-spike"].enabled) == (99, False)


def test_disabled_rules_are_not_evaluated(make_rule, make_rollup, evaluate):
    make_rule(enabled=False)
    make_rollup(errors=50)
    evaluate()
    assert not Incident.objects.exists()


def test_a_rule_that_cannot_be_evaluated_does_not_stop_the_others(
    make_rule, make_rollup, evaluate, monkeypatch, caplog
):
    broken, _ = make_rule(name="A broken one"), make_rule(name="B")
    make_rollup(errors=12)
    real = run.apply_outcomes

    def apply_outcomes(rule, *args):
        if rule.pk == broken.pk:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return real(rule, *args)

    monkeypatch.setattr(run, "apply_outcomes", apply_outcomes)
    evaluate()
    assert incident().rule.name == "B"
    assert f"rule {broken.pk} cannot be evaluated" in caplog.text


def test_evaluation_reads_rollups_and_states_and_never_a_record(make_rule, make_rollup, evaluate):
    for number in range(5):
        make_rule(name=str(number), condition="change" if number % 2 else "threshold")
    make_rollup(errors=1)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        evaluate()
    text = "\n".join(query["sql"] for query in queries)
    assert "diagnostics_log" not in text
    assert "diagnostics_span" not in text
    assert text.count('FROM "diagnostics_minute_rollup"') == 1  # however many rules


def test_another_environments_sums_are_nothing_to_a_rule(make_rule, make_rollup, evaluate):
    make_rule()
    row = make_rollup(errors=50)
    MinuteRollup.objects.filter(pk=row.pk).update(environment=make_environment())
    evaluate()
    assert not Incident.objects.exists()


def test_an_environment_that_is_gone_is_no_error(standing):
    assert evaluate_environment(2_000_000_000) is False


def test_a_service_with_a_blank_in_its_name_is_resolved_like_any_other(make_rule, make_rollup, evaluate):
    make_rule()
    make_rollup(service="my shop", errors=12)
    evaluate()
    assert incident().service_name == "my shop"
    evaluate(minutes=2)
    assert incident().state == "resolved"


def test_the_longest_names_fit(make_rule, make_rollup, evaluate):
    make_rule(group_by="route")
    make_rollup(service="s" * 200, route="/" + "r" * 199, errors=12)
    evaluate()
    assert (len(incident().service_name), len(incident().http_route)) == (200, 200)


def test_a_rule_that_is_switched_off_resolves_what_it_opened_and_tells(
    make_rule, make_target, make_rollup, evaluate, told
):
    rule = make_rule()
    make_target("inbox")
    make_rollup(errors=12)
    evaluate()
    AlertRule.objects.update(enabled=False)
    retire_rules([rule])
    assert incident().state == "resolved"
    assert not RuleState.objects.exists()
    assert told()[1] == ("resolve", "pending", "")


def test_an_incident_knows_how_long_it_lasted(make_rule, make_rollup, evaluate):
    make_rule()
    make_rollup(errors=12)
    evaluate()
    evaluate(minutes=2)
    assert incident().lasted == timedelta(minutes=2)
