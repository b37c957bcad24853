"""Weeks of minute sums, made so that one knows what happened in them."""

import json
import random
from datetime import timedelta

from django.db import connection

from alerts.evaluation.history import moment_of, number_of
from alerts.models import AlertRule, Incident, SuggestionScan
from alerts.suggestions.found import WEEK
from diagnostics.core import clock
from diagnostics.core.histogram import bucket_of
from diagnostics.models import Environment, MinuteRollup

COLUMNS = (
    "environment_id", "minute", "source", "service_name", "http_route", "release", "latency", "updated_at",
    *MinuteRollup.COUNTS,
)  # fmt: skip


def fill_week(environment, service, minute_of, *, source="log", minutes=WEEK, route=""):
    """`minute_of(number)` gives the sums of each of the last minutes, 0 the oldest; None: nothing was heard."""
    until = number_of(clock.now())
    copy_in = f"COPY diagnostics_minute_rollup ({', '.join(COLUMNS)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.cursor.copy(copy_in) as copy:
        for number in range(minutes):
            found = minute_of(number)
            if found is None:
                continue
            p95 = found.pop("ms", None)
            latency = {} if p95 is None else {str(bucket_of(p95)): found.get("requests", 0)}
            sums = {**dict.fromkeys(MinuteRollup.COUNTS, 0), **found}
            minute = moment_of(until - minutes + number)
            copy.write_row(
                [environment.pk, minute, source, service, route, "", json.dumps(latency), minute, *sums.values()]
            )


def steady(seed=1):
    """Some 20 requests a minute, one 5xx in two hundred, 80 ms."""
    chance = random.Random(seed)

    def minute_of(number):
        requests = chance.randrange(15, 26)
        bad = int(chance.random() < 0.1)
        return {
            "records": requests, "requests": requests, "errors": bad, "status_5xx": bad, "failures": bad,
            "ms": chance.uniform(60, 100),
        }  # fmt: skip

    return minute_of


def with_peaks(minute_of, peaks, **sums):
    """The same, with these sums in the minutes named."""

    def other(number):
        found = minute_of(number)
        return {**found, **sums} if number in peaks else found

    return other


def resolved(incident, minutes, *, by_itself=True):
    """It was over after so long."""
    incident.resolved_at = incident.started_at + timedelta(minutes=minutes)
    incident.state, incident.is_recovered = "resolved", by_itself
    incident.save()
    return incident


def plant_noisy_week(slug):
    """A report that is slow each morning, a fast service, and a rule that nobody listens to; in the running product."""
    environment = Environment.objects.get(slug=slug)
    slow = {day * 1440 + 600 + minute for day in range(7) for minute in range(40)}
    fill_week(environment, "report", with_peaks(steady(), slow, ms=1_800.0))
    fill_week(environment, "checkout", steady(2))
    rule = AlertRule.objects.create(
        environment=environment,
        slug="cries-wolf",
        name="Queue is long",
        signal="errors",
        threshold=3,
        severity="warning",
    )
    now = clock.now()
    for number in range(23):
        opened = now - timedelta(hours=7 * number + 2)
        Incident.objects.create(
            environment=environment, rule=rule, rule_name=rule.name, dedup_key=f"planted-{number}", state="resolved",
            severity="warning", title=f"{rule.name}: mailer", summary="mailer: 4 errors in 5 min.",
            service_name=("mailer", "search")[number % 3 == 0], started_at=opened, opened_at=opened,
            resolved_at=opened + timedelta(minutes=3), is_recovered=True,
        )  # fmt: skip
    # The product looked when it was started, or does so just now: that was another day.
    before = {"started_at": now - timedelta(days=1), "finished_at": now - timedelta(days=1)}
    SuggestionScan.objects.update_or_create(environment=environment, defaults=before)
