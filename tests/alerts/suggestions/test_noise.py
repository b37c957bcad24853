"""Muting, other limits and heartbeats: proposed with the numbers, done with one act, and put back."""

from datetime import timedelta

import pytest

from alerts.evaluation.history import moment_of, number_of
from alerts.models import Notification, Suggestion, SuggestionScan
from alerts.muting import is_muted
from alerts.suggestions import keep
from alerts.suggestions.decide import NotPossibleError, accept_suggestion, dismiss_suggestion
from alerts.suggestions.found import WEEK, Found
from alerts.suggestions.scan import ask_look, look, sweep_scans
from alerts.suggestions.undo import undo_suggestion
from diagnostics.core import clock
from diagnostics.environments import ensure_role_groups
from diagnostics.models import AccessEvent
from diagnostics.privacy.revert import revert_change
from tests.alerts.suggestions.test_thresholds import look_through
from tests.alerts.suggestions.weeks import fill_week, resolved
from tests.factories import make_user
from tests.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cry(make_rule, make_incident):
    """A rule with so many incidents in the last days, each over by itself within minutes."""

    def make(count=12, *, rule=None, minutes=4, **fields):
        rule = rule or make_rule(name="Cries wolf")
        found = []
        for number in reversed(range(count)):
            incident = make_incident(
                rule, service=f"web-{number % 2}", now=clock.now() - timedelta(hours=10 * number + 1)
            )
            found.append(resolved(incident, minutes))
            for name, value in fields.items():
                setattr(incident, name, value)
            incident.save()
        return rule, found

    return make


def test_the_noisiest_rule_may_be_muted_for_a_week(environment, standing, cry):
    rule, incidents = cry()
    Notification.objects.filter(incident__in=incidents).update(state="sent")
    sent = Notification.objects.filter(incident__in=incidents).count()
    row = look_through(environment)["mute", "", ""]
    assert row.rule == rule
    told = row.evidence
    assert (told["incidents"], told["unacknowledged"], told["over_soon"], told["sent"]) == (12, 12, 12, sent)
    assert (told["median_seconds"], sum(told["hours"]), told["services"]) == (240, 12, [["web-0", 6], ["web-1", 6]])
    person = make_user()
    assert accept_suggestion(person, row) == rule
    rule.refresh_from_db()
    assert is_muted(rule)
    assert rule.muted_until == clock.now() + timedelta(days=7)
    assert "12 incidents in 7 days" in rule.mute_reason
    standing.advance(days=7, seconds=1)
    assert not is_muted(rule), "nothing stays silent for ever"


@pytest.mark.parametrize("why", ["few", "taken on", "long", "muted", "off"])
def test_what_somebody_needs_is_not_muted(environment, standing, cry, why):
    if why == "few":
        cry(7)
    elif why == "taken on":
        cry(acknowledged_at=clock.now())
    else:
        rule, _ = cry(minutes=40 if why == "long" else 4)
        if why == "muted":
            rule.muted_until = clock.now() + timedelta(hours=1)
        rule.enabled = why != "off"
        rule.save()
    assert ("mute", "", "") not in look_through(environment)


PEAKS = {day * 1440 + hour * 60: 12 for day in range(7) for hour in (3, 9, 15)} | {6 * 1440 + 60: 90}


@pytest.fixture
def tuned(environment, standing, make_rule, make_incident):
    """A rule at 10 errors; 21 peaks of 12, and one of 90 that somebody took on."""
    rule = make_rule(name="Errors", threshold=10, recover_threshold=8)
    minutes = {number: {"records": 100, "errors": PEAKS.get(number, 0)} for number in range(WEEK)}
    fill_week(environment, "web", lambda number: dict(minutes[number]))
    until = number_of(clock.now())
    for number, errors in PEAKS.items():
        start = moment_of(until - WEEK + number)
        incident = resolved(make_incident(rule, service="web", now=start + timedelta(seconds=10)), 1)
        incident.started_at = start
        incident.resolved_at = start + timedelta(minutes=1)
        incident.acknowledged_at = start + timedelta(seconds=40) if errors == 90 else None
        incident.save()
    return rule


def test_a_limit_next_to_it_keeps_what_somebody_took_on(tuned):
    row = look_through(tuned.environment)["retune", "", ""]
    assert (row.evidence["before"], row.evidence["count"], row.evidence["acknowledged"]) == (22, 1, 1)
    assert row.change["limit"] == 15
    ensure_role_groups(tuned.environment)
    person = make_person(tuned.environment, "developer")
    accept_suggestion(person, row, row.revision)
    tuned.refresh_from_db()
    assert (tuned.threshold, tuned.recover_threshold) == (15, 12)
    assert Suggestion.objects.filter(rule=tuned, state="open").count() == 0, "the rest was true of the old limit"
    event = AccessEvent.objects.get(action="rule.change", object_ref=f"alerts.alertrule:{tuned.pk}")
    assert event.detail["before"] == {"threshold": 10.0, "recover_threshold": 8.0}
    assert AccessEvent.objects.get(action="suggestion.accept").actor == person
    revert_change(person, event)
    tuned.refresh_from_db()
    assert (tuned.threshold, tuned.recover_threshold) == (10, 8)


def test_another_limit_is_undone_to_the_figure(tuned):
    row = look_through(tuned.environment)["retune", "", ""]
    person = make_user()
    accept_suggestion(person, row)
    row.refresh_from_db()
    assert undo_suggestion(person, row) == "Errors has its earlier limit again."
    tuned.refresh_from_db()
    assert (tuned.threshold, tuned.recover_threshold) == (10, 8)
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.outcome) == ("undone", person, tuned)
    assert AccessEvent.objects.get(action="suggestion.undo").actor == person
    with pytest.raises(NotPossibleError, match="only once"):
        undo_suggestion(person, row)
    assert ("retune", "", "") not in look_through(tuned.environment), "it was not wanted"


def open_one(environment, rule=None, **fields):
    now = clock.now()
    one = Found("mute", str(rule.pk if rule else 0), {"span": "week"}, {"incidents": 9, "days": 7, "unacknowledged": 9})
    one.rule_id = rule.pk if rule else None
    for name, value in fields.items():
        setattr(one, name, value)
    keep.keep_found(environment, [one], now)
    return one, Suggestion.objects.filter(fingerprint=one.fingerprint, state="open").first()


def open_retune(make_rule):
    """Another limit, as a look proposes it: that is tested above."""
    rule = make_rule(name="Errors", threshold=10, recover_threshold=8)
    change = {"limit": 15.0, "was": 10.0, "label": "15 errors"}
    return rule, open_one(rule.environment, rule, kind="retune", about=str(rule.pk), change=change)[1]


def test_what_was_changed_since_is_not_undone(standing, make_rule):
    rule, row = open_retune(make_rule)
    accept_suggestion(make_user(), row)
    rule.refresh_from_db()
    rule.recover_threshold = 9
    rule.save()
    with pytest.raises(NotPossibleError, match="changed since"):
        undo_suggestion(make_user(), row)


def test_a_mute_is_undone_while_it_holds(environment, standing, cry):
    rule, _ = cry()
    row = look_through(environment)["mute", "", ""]
    accept_suggestion(make_user(), row)
    undo_suggestion(make_user(), row)
    rule.refresh_from_db()
    assert (rule.muted_until, rule.mute_reason) == (None, "")
    Suggestion.objects.filter(pk=row.pk).update(state="accepted")
    with pytest.raises(NotPossibleError, match="not muted any more"):
        undo_suggestion(make_user(), row)


def test_a_rule_that_was_changed_meanwhile_is_left_alone(standing, make_rule):
    rule, row = open_retune(make_rule)
    rule.threshold = 11
    rule.save()
    with pytest.raises(NotPossibleError, match="changed meanwhile"):
        accept_suggestion(make_user(), row)
    rule.refresh_from_db()
    assert rule.threshold == 11
    rule.enabled = False
    rule.save()
    with pytest.raises(NotPossibleError, match="switched off"):
        accept_suggestion(make_user(), row)
    row.refresh_from_db()
    assert row.state == "open"


def test_a_service_that_never_is_silent_gets_a_heartbeat(environment, standing, make_rule):
    make_rule(signal="fatals")
    gap = set(range(3_000, 3_006))
    fill_week(environment, "steady", lambda number: None if number in gap else {"records": 3})
    fill_week(environment, "now and then", lambda number: {"records": 3} if number % 5 == 0 else None)
    found = look_through(environment)
    assert [key for key in found if key[0] == "heartbeat"] == [("heartbeat", "records", "steady")]
    row = found["heartbeat", "records", "steady"]
    assert (row.evidence["longest"], row.evidence["window"], row.evidence["count"]) == (6, 18, 0)
    rule = accept_suggestion(make_user(), row)
    assert (rule.condition, rule.window_minutes, rule.service_name) == ("absence", 18, "steady")
    standing.advance(minutes=11)
    assert look_through(environment).keys().isdisjoint({("heartbeat", "records", "steady")})


def test_what_was_dismissed_does_not_come_back_for_six_weeks(environment, standing, make_rule):
    rule = make_rule()
    _, row = open_one(environment, rule)
    dismiss_suggestion(make_user(), row)
    assert open_one(environment, rule)[1] is None
    with pytest.raises(NotPossibleError, match="dismissed by"):
        accept_suggestion(make_user(), row)
    standing.advance(weeks=6, seconds=1)
    assert open_one(environment, rule)[1] is not None


def test_a_later_look_brings_it_up_to_date_and_says_so(environment, standing, make_rule):
    rule = make_rule()
    _, row = open_one(environment, rule)
    open_one(environment, rule, evidence={"incidents": 20})
    row.refresh_from_db()
    assert (row.revision, row.evidence) == (1, {"incidents": 20})
    open_one(environment, rule, change={"span": "8h"})
    with pytest.raises(NotPossibleError, match="look at it again"):
        accept_suggestion(make_user(), row, 1)
    assert Suggestion.objects.count() == 1


def test_stale_ones_expire_and_there_is_an_end_to_how_many(environment, standing, make_rule, monkeypatch):
    monkeypatch.setattr(keep, "MOST_OPEN", 3)
    for number in range(5):
        open_one(environment, weight=number, about=str(number))
    _, stale = open_one(environment, weight=99, about="stale")
    Suggestion.objects.filter(pk=stale.pk).update(seen_at=clock.now() - timedelta(days=2))
    keep.end_look(environment, clock.now(), clock.now())
    stale.refresh_from_db()
    assert stale.state == "expired"
    assert sorted(Suggestion.objects.filter(state="open").values_list("weight", flat=True)) == [2, 3, 4]
    standing.advance(days=91)
    keep.end_look(environment, clock.now(), clock.now())
    assert not Suggestion.objects.exclude(state="expired").exists()


def test_evidence_is_bounded(environment, standing):
    assert open_one(environment, evidence={"text": "x" * keep.MOST_BYTES})[1] is None


def test_a_lost_or_doubled_bell_changes_nothing(environment, standing, monkeypatch):
    rung = []
    monkeypatch.setattr("alerts.suggestions.scan.async_task", lambda *task: rung.append(task))
    assert ask_look(environment.pk)
    assert ask_look(environment.pk), "it is under way"
    assert rung == [("alerts.tasks.suggest_task", environment.pk)]
    sweep_scans()
    assert len(rung) == 1
    standing.advance(minutes=2)
    sweep_scans()
    assert len(rung) == 2
    look(environment.pk)
    look(environment.pk)
    scan = SuggestionScan.objects.get(environment=environment)
    assert scan.finished_at == clock.now()
    assert not ask_look(environment.pk), "just done"
    standing.advance(minutes=11)
    assert ask_look(environment.pk)


def test_one_service_that_cannot_be_looked_at_does_not_stop_the_others(environment, standing, make_rule, monkeypatch):
    make_rule(signal="fatals")
    for name in ("a", "b"):
        fill_week(environment, name, lambda number: {"records": 3})
    from alerts.suggestions import scan

    read = scan.read_week
    monkeypatch.setattr(scan, "read_week", lambda pk, name, now: read(pk, name, now) if name == "b" else 1 / 0)
    assert {service for _, _, service in look_through(environment)} == {"b"}


def test_no_record_is_read(environment, standing, make_rule):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_rule(signal="fatals")
    fill_week(environment, "web", lambda number: {"records": 3})
    with CaptureQueriesContext(connection) as context:
        look_through(environment)
    assert not [
        one["sql"] for one in context if "diagnostics_logrecord" in one["sql"] or "diagnostics_span" in one["sql"]
    ]
    assert any("diagnostics_minute_rollup" in one["sql"] for one in context)


def test_the_daily_schedule_is_there(db):
    from django_q.models import Schedule

    from project.schedules import ensure_schedules

    ensure_schedules()
    assert Schedule.objects.get(func="alerts.tasks.suggest").schedule_type == Schedule.DAILY
