"""Golden signals of an environment over time and by service, read from minute rollups."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from django.db import connection

from diagnostics.core.histogram import merge, quantile
from diagnostics.models import Environment

STEPS: Final = (60, 120, 300, 600, 1800, 3600, 10_800, 21_600, 86_400)  # seconds
POINTS: Final = 90  # at most, in a chart

SUMS: Final = """
SELECT date_bin(%s::interval, minute, 'epoch') AS bucket, source, service_name,
       sum(records), sum(warnings), sum(errors), sum(requests), sum(failures), sum(timeouts), sum(status_5xx),
       sum(fatals), sum(status_4xx)
FROM diagnostics_minute_rollup
WHERE environment_id = %s AND minute >= %s AND minute < %s AND (%s = '' OR service_name = %s)
    AND (%s = '' OR http_route = %s)
GROUP BY 1, 2, 3
"""
LATENCIES: Final = """
SELECT date_bin(%s::interval, minute, 'epoch') AS bucket, source, service_name, key, sum(value::bigint)
FROM diagnostics_minute_rollup, jsonb_each_text(latency)
WHERE environment_id = %s AND minute >= %s AND minute < %s AND (%s = '' OR service_name = %s)
    AND (%s = '' OR http_route = %s)
GROUP BY 1, 2, 3, 4
"""
NAMES: Final = (
    "records",
    "warnings",
    "errors",
    "requests",
    "failures",
    "timeouts",
    "status_5xx",
    "fatals",
    "status_4xx",
)
OF_REQUESTS: Final = ("requests", "failures", "timeouts", "status_5xx", "status_4xx")


@dataclass(slots=True)
class Sums:
    """What was counted in some time, for one service or all."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))
    latency: dict[str, int] = field(default_factory=dict)

    @property
    def p95(self) -> float | None:
        """Milliseconds."""
        return self.latency_at(0.95)

    def latency_at(self, share: float) -> float | None:
        """The response time that `share` of the requests stay below, in milliseconds."""
        return quantile(self.latency, share)

    @property
    def failure_share(self) -> float | None:
        """Failed requests of all, as a fraction; None without requests."""
        return self.counts["failures"] / self.counts["requests"] if self.counts["requests"] else None

    @property
    def is_heard(self) -> bool:
        """Whether anything came."""
        return bool(self.counts["records"] or self.counts["requests"])

    def add(self, other: "Sums") -> None:
        """Add another's sums."""
        for name in NAMES:
            self.counts[name] += other.counts[name]
        self.latency = merge(self.latency, other.latency)


@dataclass(slots=True)
class Golden:
    """The signals in [since, until): one Sums a step, one a service, and the whole."""

    since: datetime
    until: datetime
    step: timedelta
    times: list[datetime]
    steps: list[Sums]
    services: dict[str, Sums]
    series: dict[str, list[Sums]]
    total: Sums

    @property
    def rates(self) -> list[float | None]:
        """Requests a minute in each step; of the last, in what it has run."""
        lengths = (min(self.step, self.until - moment) / timedelta(minutes=1) for moment in self.times)
        return [sums.counts["requests"] / max(length, 1) for sums, length in zip(self.steps, lengths, strict=True)]

    @property
    def rate(self) -> float:
        """Requests a minute, from the first step in which anything came: before it, nothing was measured."""
        heard = (moment for moment, sums in zip(self.times, self.steps, strict=True) if sums.is_heard)
        return self.total.counts["requests"] / max((self.until - next(heard, self.since)) / timedelta(minutes=1), 1)


def step_for(length: timedelta) -> timedelta:
    """The smallest step that leaves at most POINTS; beyond the usual ones, so many days."""
    for seconds in STEPS:
        if length / timedelta(seconds=seconds) <= POINTS:
            return timedelta(seconds=seconds)
    return timedelta(days=ceil(length / POINTS / timedelta(days=1)))


def read_golden(
    environment: Environment,
    since: datetime,
    until: datetime,
    service: str = "",
    route: str = "",
    *,
    latency: bool = True,
) -> Golden:
    """Read the signals; two statements whatever the number of records. Response times are the dearer one: where nobody
    looks at them (`latency`), they are left out."""
    step = step_for(until - since)
    start = floor(since, step)
    times = [start + step * number for number in range(max(1, -(-(until - start) // step)))]
    parameters: list[Any] = [step, environment.pk, start, until, service, service, route, route]
    with connection.cursor() as cursor:
        cursor.execute(SUMS, parameters)
        sums = cursor.fetchall()
        latencies = []
        if latency:
            cursor.execute(LATENCIES, parameters)
            latencies = cursor.fetchall()
    return arrange(start, until, step, times, join(sums, latencies))


def floor(moment: datetime, step: timedelta) -> datetime:
    """The start of the moment's step, counted from 1970 as PostgreSQL's date_bin does here."""
    seconds = int(moment.timestamp()) // int(step.total_seconds()) * int(step.total_seconds())
    return datetime.fromtimestamp(seconds, moment.tzinfo)


def join(sums: Iterable[Any], latencies: Iterable[Any]) -> dict[tuple[Any, Any], Sums]:
    """Sums by step and service (or whatever stands in its place); requests from spans where it sent any, else from
    records."""
    raw: dict[tuple[Any, Any], dict[str, Sums]] = defaultdict(lambda: {"log": Sums(), "span": Sums()})
    for bucket, source, service, *counts in sums:
        for name, count in zip(NAMES, counts, strict=True):
            raw[bucket, service][source].counts[name] += int(count)
    for bucket, source, service, key, count in latencies:
        raw[bucket, service][source].latency[key] = int(count)
    traced = {service for (_, service), sources in raw.items() if sources["span"].counts["requests"]}
    found: dict[tuple[Any, Any], Sums] = {}
    for (bucket, service), sources in raw.items():
        chosen = sources["span" if service in traced else "log"]
        whole = Sums(latency=chosen.latency)
        for name in NAMES:
            whole.counts[name] = chosen.counts[name] if name in OF_REQUESTS else sources["log"].counts[name]
        found[bucket, service] = whole
    return found


def arrange(
    start: datetime, until: datetime, step: timedelta, times: list[datetime], sums: dict[tuple[datetime, str], Sums]
) -> Golden:
    """The same sums by step, by service, and both."""
    place = {moment: number for number, moment in enumerate(times)}
    golden = Golden(start, until, step, times, [Sums() for _ in times], {}, {}, Sums())
    for (bucket, service), found in sorted(sums.items()):
        number = place.get(bucket)
        if number is None:
            continue
        golden.steps[number].add(found)
        if service not in golden.services:
            golden.services[service], golden.series[service] = Sums(), [Sums() for _ in times]
        golden.services[service].add(found)
        golden.series[service][number].add(found)
        golden.total.add(found)
    return golden
