"""The sums of releases, by hour or by step of a chart, and their durations, read from minute rollups.

A release is not heard of before it comes, so that a page of new ones reads what came since, not all of the time shown.
Durations weigh most: they are read from minutes spread over a stretch of time, found by key, so that a week costs what an
hour does.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, gcd
from typing import Any, Final

from diagnostics.core import clock
from diagnostics.models import Environment
from diagnostics.releases.arrivals import Name
from diagnostics.search.golden import NAMES, Sums, floor, join, step_for
from diagnostics.search.patterns import fetch

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
SAMPLED: Final = 240  # minutes at most, of which the durations of a stretch are read
AN_HOUR: Final = 60

SUMS: Final = f"""
SELECT date_bin(%(step)s::interval, minute, %(origin)s), source, service_name, release,
    {", ".join(f"sum({name})" for name in NAMES)}
FROM diagnostics_minute_rollup
WHERE environment_id = %(environment)s AND minute >= %(since)s AND minute < %(until)s AND service_name = ANY(%(services)s)
GROUP BY 1, 2, 3, 4
"""  # noqa: S608  column names of ours
LATENCIES: Final = """
SELECT date_bin(%(step)s::interval, minute, %(origin)s), source, service_name, release, key, sum(value::bigint)
FROM diagnostics_minute_rollup, jsonb_each_text(latency)
WHERE environment_id = %(environment)s AND minute >= %(since)s AND minute < %(until)s AND service_name = ANY(%(services)s)
GROUP BY 1, 2, 3, 4, 5
"""
# Row by row of `wanted`, each minute by the unique key: the table is never gone through.
DURATIONS: Final = """
SELECT place, found.source, found.key, found.counted
FROM unnest(%(services)s::text[], %(releases)s::text[], %(starts)s::timestamptz[], %(ends)s::timestamptz[],
            %(steps)s::interval[]) WITH ORDINALITY AS wanted (service, release, start, stop, step, place)
CROSS JOIN LATERAL (
    SELECT source, key, sum(value::bigint) AS counted
    FROM diagnostics_minute_rollup, jsonb_each_text(latency)
    WHERE environment_id = %(environment)s
        AND minute = ANY(ARRAY(SELECT generate_series(wanted.start, wanted.stop - interval '1 second', wanted.step)))
        AND source = ANY(%(sources)s) AND service_name = wanted.service AND release = wanted.release
    GROUP BY 1, 2
) AS found
"""
SOURCES: Final = ["log", "span"]

ByRelease = dict[Name, list[tuple[datetime, Sums]]]  # in no order


@dataclass(frozen=True, slots=True)
class Stretch:
    """The durations of a release from one moment to another."""

    service: str
    release: str
    since: datetime
    until: datetime

    @property
    def step(self) -> timedelta:
        """Every so many minutes; a number without a common divisor with the hour, so that what runs every five minutes is
        met as often as it is."""
        every = max(ceil((self.until - self.since) / MINUTE / SAMPLED), 1)
        while gcd(every, AN_HOUR) != 1:
            every += 1
        return every * MINUTE


def start_of(since: datetime, until: datetime) -> datetime:
    """From when on a time is counted: from where the overview counts it, so that the two say the same."""
    return floor(since, step_for(until - since))


def hour_of(moment: datetime, start: datetime) -> datetime:
    """The hour that holds a moment, of those that `start` begins one of."""
    return moment - (moment - start) % HOUR


def read_sums(
    environment: Environment,
    since: datetime,
    until: datetime,
    step: timedelta,
    services: Collection[str],
    origin: datetime = clock.EPOCH,
) -> ByRelease:
    """The counts of some services by step and release, without durations. `origin`: where a step begins; it is not after
    `since`."""
    return by_release(join(keyed(SUMS, environment, since, until, step, services, origin), []))


def read_steps(
    environment: Environment, since: datetime, until: datetime, step: timedelta, services: Collection[str]
) -> ByRelease:
    """The same with all durations: for one service and a time of days."""
    asked = (environment, since, until, step, services)
    return by_release(join(keyed(SUMS, *asked), keyed(LATENCIES, *asked)))


def keyed(
    statement: str,
    environment: Environment,
    since: datetime,
    until: datetime,
    step: timedelta,
    services: Collection[str],
    origin: datetime = clock.EPOCH,
) -> list[tuple[Any, ...]]:
    """Rows with service and release as one."""
    parameters = {
        "environment": environment.pk, "since": since, "until": until, "step": step, "services": sorted(services),
        "origin": origin,
    }  # fmt: skip
    rows = fetch(statement, parameters)
    return [(bucket, source, (service, release), *rest) for bucket, source, service, release, *rest in rows]


def read_durations(environment: Environment, wanted: Sequence[Stretch]) -> list[dict[str, int]]:
    """A histogram of each: from spans where there are any, else from records."""
    if not wanted:
        return []
    parameters = {
        "environment": environment.pk,
        "services": [stretch.service for stretch in wanted],
        "releases": [stretch.release for stretch in wanted],
        "starts": [clock.floor_minute(stretch.since) for stretch in wanted],
        "ends": [stretch.until for stretch in wanted],
        "steps": [stretch.step for stretch in wanted],
        "sources": SOURCES,
    }
    found: list[dict[str, dict[str, int]]] = [{"log": {}, "span": {}} for _ in wanted]
    for place, source, bucket, counted in fetch(DURATIONS, parameters):
        found[place - 1][source][bucket] = int(counted)
    return [sources["span"] or sources["log"] for sources in found]


def by_release(steps: Mapping[tuple[datetime, Name], Sums]) -> ByRelease:
    """The steps of each."""
    found: ByRelease = {}
    for (moment, name), sums in steps.items():
        found.setdefault(name, []).append((moment, sums))
    return found


def add_up(found: ByRelease, name: Name, since: datetime, until: datetime) -> Sums:
    """One release in [since, until)."""
    total = Sums()
    for moment, sums in found.get(name, ()):
        if since <= moment < until:
            total.add(sums)
    return total


def when_heard(found: ByRelease, name: Name, since: datetime, until: datetime) -> list[datetime]:
    """The steps in which it was heard of."""
    return sorted(moment for moment, _ in found.get(name, ()) if since <= moment < until)
