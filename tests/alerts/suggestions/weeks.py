"""Weeks of minute sums, made so that one knows what happened in them."""

import random
from datetime import timedelta

from alerts.evaluation.history import moment_of, number_of
from alerts.suggestions.found import WEEK
from diagnostics.core import clock
from diagnostics.core.histogram import bucket_of
from diagnostics.models import MinuteRollup


def fill_week(environment, service, minute_of, *, source="log", minutes=WEEK, route=""):
    """`minute_of(number)` gives the sums of each of the last minutes, 0 the oldest; None: nothing was heard."""
    until = number_of(clock.now())
    rows = []
    for number in range(minutes):
        found = minute_of(number)
        if found is None:
            continue
        p95 = found.pop("ms", None)
        latency = {} if p95 is None else {str(bucket_of(p95)): found.get("requests", 0)}
        rows.append(
            MinuteRollup(
                environment=environment, minute=moment_of(until - minutes + number), source=source,
                service_name=service, http_route=route, latency=latency, **found,
            )
        )  # fmt: skip
    MinuteRollup.objects.bulk_create(rows, batch_size=2_000)


def steady(seed=1, **peaks):
    """Some 20 requests a minute, one 5xx in two hundred, 80 ms; `peaks`: (first, last) minute -> sums."""
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
