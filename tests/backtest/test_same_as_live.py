"""On the same minutes a backtest finds what live evaluation found: the same series, from the same minute to the same minute."""

import random
from datetime import timedelta

import pytest

from alerts.backtest.jobs import request_backtest, work_on
from alerts.evaluation.history import KEPT, moment_of, number_of
from alerts.evaluation.run import evaluate_environment
from alerts.models import AlertRule, Backtest, Incident, RuleState
from diagnostics.core import clock
from diagnostics.core.histogram import bucket_of
from diagnostics.detection.templates.ids import write_id
from diagnostics.models import MinuteRollup, Template, TemplateHour
from tests.factories import make_environment, make_user

pytestmark = pytest.mark.django_db
C, S = AlertRule.Condition, AlertRule.Signal
RULES = [
    {"signal": S.ERRORS, "condition": C.THRESHOLD, "threshold": 20, "window_minutes": 3},
    {"signal": S.ERRORS, "condition": C.THRESHOLD, "threshold": 12, "for_seconds": 120, "keep_firing_seconds": 300},
    {"signal": S.STATUS_5XX, "condition": C.SHARE, "threshold": 0.2, "recover_threshold": 0.1, "minimum_sample": 20},
    {"signal": S.ERRORS, "condition": C.CHANGE, "threshold": 3, "minimum_count": 10, "window_minutes": 3},
    {"signal": S.REQUESTS, "condition": C.CHANGE, "threshold": 0.4, "window_minutes": 4, "compare_to": "previous"},
    {"signal": S.REQUESTS, "condition": C.BELOW, "threshold": 30, "window_minutes": 5},
    {"signal": S.REQUESTS, "condition": C.ABSENCE, "window_minutes": 6},
    {"signal": S.LATENCY_P95, "condition": C.THRESHOLD, "threshold": 800, "window_minutes": 4, "minimum_count": 5},
    {"signal": S.ERRORS, "condition": C.BASELINE, "threshold": 0.5, "minimum_count": 5},
    {"signal": S.ERRORS, "condition": C.THRESHOLD, "threshold": 25, "group_by": "nothing", "minimum_firing_seconds": 600},
    {"signal": S.ERRORS, "condition": C.THRESHOLD, "threshold": 9, "group_by": "route", "window_minutes": 2},
    {"signal": S.TEMPLATE_RECORDS, "condition": C.THRESHOLD, "threshold": 14, "window_minutes": 2},
    {"signal": S.TEMPLATE_RECORDS, "condition": C.BASELINE, "threshold": 0.5, "minimum_count": 5, "level": "warn"},
    {"signal": S.TEMPLATE_RECORDS, "condition": C.ABSENCE, "window_minutes": 6, "template": write_id(2)},
    {"signal": S.WARNINGS, "condition": C.THRESHOLD, "threshold": 20, "window_minutes": 3},
]  # fmt: skip
MINUTES = 125


def make_minutes(environment, since, seed):
    """By the minute, three services: one with spikes, one that falls silent, one that comes late."""
    chance = random.Random(seed)
    rows = {since + number: [] for number in range(MINUTES)}
    for number in range(MINUTES):
        for service in ("cart", "pay", "new"):
            if (service == "pay" and 60 <= number < 95) or (service == "new" and number < 70):
                continue
            requests = chance.randrange(8, 16)
            bad = number % 47 in (20, 21, 22, 23) and service == "cart"
            errors = chance.randrange(8, 14) if bad else chance.randrange(0, 3)
            bucket = str(bucket_of(2000.0 if bad else 90.0))
            rows[since + number].append(
                MinuteRollup(
                    environment=environment, minute=moment_of(since + number), source="log", service_name=service,
                    http_route=chance.choice(["/a", "/b"]), records=requests + errors, errors=errors, requests=requests,
                    status_5xx=min(errors, requests) if bad else 0, latency={bucket: requests},
                )
            )  # fmt: skip
    return rows


def make_patterns(environment, since, seed):
    """A warning with spikes, and a heartbeat that falls silent for a while."""
    chance, counts = random.Random(seed), {1: {}, 2: {}}
    for number in range(MINUTES):
        counts[1][since + number] = chance.randrange(6, 12) if number % 47 in (20, 21, 22) else chance.randrange(0, 2)
        counts[2][since + number] = 0 if 60 <= number < 95 else 1
    for template, found in counts.items():
        seen = moment_of(since)
        Template.objects.create(
            environment=environment, template_id=template, service_name="pay", text=f"said {template}", records=1,
            severity_number=13 if template == 1 else 9, first_seen=seen, last_seen=seen, created_at=seen, changed_at=seen,
        )  # fmt: skip
        for hour in range(since // 60, (since + MINUTES) // 60 + 1):
            minutes = [found.get(hour * 60 + place, 0) for place in range(60)]
            TemplateHour.objects.create(
                environment=environment,
                template_id=template,
                hour=moment_of(hour * 60),
                minutes=minutes,
                total=sum(minutes),
            )


@pytest.mark.parametrize("number", range(len(RULES)))
def test_backtest_is_live(number, monkeypatch):
    environment = make_environment()
    until = number_of(clock.now())
    since = until - MINUTES
    minutes = make_minutes(environment, since, number)
    make_patterns(environment, since, number)
    values = {"name": "Tried", "slug": "tried", "environment": environment, **RULES[number]}
    rule = AlertRule.objects.create(**values)
    AlertRule.objects.filter(pk=rule.pk).update(created_at=moment_of(since - 100), updated_at=moment_of(since - 100))
    AlertRule.objects.filter(environment=environment).exclude(pk=rule.pk).update(enabled=False)
    KEPT.clear()
    live, firing = [], {}
    for minute in range(since, until):
        MinuteRollup.objects.bulk_create(minutes[minute])
        evaluate_environment(environment.pk, moment_of(minute) + timedelta(seconds=59))
        now = set(RuleState.objects.filter(rule=rule, state="firing").values_list("series", flat=True))
        live += [(name, firing.pop(name), minute) for name in set(firing) - now]
        firing |= dict.fromkeys(now - set(firing), minute)
    live = sorted([*live, *((name, first, None) for name, first in firing.items())], key=str)
    backtest = request_backtest(rule, 7, make_user())
    Backtest.objects.filter(pk=backtest.pk).update(since=since, reached=since, until=until)
    while not Backtest.objects.get(pk=backtest.pk).is_finished:
        work_on(str(backtest.pk), seconds=0.05)  # many slices: where it stands is saved and taken up
    done = Backtest.objects.get(pk=backtest.pk)
    assert done.state == "done", done.error
    own = next(one for one in done.result["neighbours"] if one["is_own"])
    assert sorted(map(tuple, own["spans"]), key=str) == live
    assert done.result["count"] == Incident.objects.filter(rule=rule).count()
    assert live, "a case in which nothing fires proves little"
