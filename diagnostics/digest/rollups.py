"""Adds the partial sums of batches to the minute rollups, and notices new releases."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Final

import orjson
from django.db import connection

from diagnostics.core import clock
from diagnostics.models import Environment, Event, IngestBatch, MinuteRollup
from diagnostics.models.event import FIRST_SEEN
from diagnostics.storage.expiring import delete_some

Key = tuple[int, int, str, str, str, str]  # environment, minute, source, service, route, release

COUNTS: Final = MinuteRollup.COUNTS
COLUMNS: Final = {
    "environment_id": "int", "minute": "timestamptz", "source": "text", "service_name": "text", "http_route": "text",
    "release": "text", **dict.fromkeys(COUNTS, "int"), "latency": "jsonb", "updated_at": "timestamptz",
}  # fmt: skip
# The rows come as one JSON text: one statement however many there are, and the driver, which builds arrays value by
# value in Python, has nothing to do. In key order, so that two digests that touch the same rows wait for each other
# instead of dead-locking.
UPSERT: Final = f"""
INSERT INTO diagnostics_minute_rollup AS stored
    ({", ".join(COLUMNS)})
SELECT {", ".join(COLUMNS)}
FROM json_to_recordset(%s::json) AS rows ({", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())})
ON CONFLICT (environment_id, minute, source, service_name, http_route, release) DO UPDATE SET
    {", ".join(f"{name} = stored.{name} + excluded.{name}" for name in COUNTS)},
    latency = CASE WHEN excluded.latency = '{{}}' THEN stored.latency
                   ELSE diagnostics_merge_counts(stored.latency, excluded.latency) END,
    updated_at = excluded.updated_at
"""  # noqa: S608  column names of this module


def fold_rollups(batches: Sequence[IngestBatch]) -> None:
    """The first fold of a digest."""
    sums = add_up(batches)
    if sums:
        upsert(sums)
        note_releases(sums)


def add_up(batches: Sequence[IngestBatch]) -> dict[Key, tuple[list[int], dict[str, int]]]:
    """The sums of all batches by key."""
    total: dict[Key, tuple[list[int], dict[str, int]]] = {}
    for batch in batches:
        for minute, source, service, route, release, counts, latency in batch.sums:
            key = (batch.environment_id, minute, source, service, route, release)
            found = total.get(key)
            if found is None:
                total[key] = (list(counts), dict(latency))
                continue
            for place, count in enumerate(counts):
                found[0][place] += count
            for bucket, count in latency.items():
                found[1][bucket] = found[1].get(bucket, 0) + count
    return total


def upsert(sums: dict[Key, tuple[list[int], dict[str, int]]]) -> None:
    """Add the sums to the stored rows."""
    now = clock.now()
    rows = [
        dict(zip(COLUMNS, (key[0], moment_of(key[1]), *key[2:], *counts, latency, now), strict=True))
        for key, (counts, latency) in sorted(sums.items(), key=itemgetter(0))
    ]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [orjson.dumps(rows).decode()])


def moment_of(minute: int) -> datetime:
    """A minute's number as a time."""
    return clock.from_ns(minute * 60_000_000_000)


def note_releases(sums: dict[Key, tuple[list[int], dict[str, int]]]) -> None:
    """A release that a service was not seen with before is a deploy; the first that it is ever seen with is not."""
    seen: dict[tuple[int, str, str], int] = {}
    for environment_id, minute, _, service, _, release in sums:
        if release:
            key = (environment_id, service, release)
            seen[key] = min(seen.get(key, minute), minute)
    if not seen:
        return
    environments, names, releases = (set(column) for column in zip(*seen, strict=True))
    deploys = Event.objects.filter(
        kind=Event.Kind.DEPLOY, environment_id__in=environments, service_name__in=names
    ).order_by()
    known: set[tuple[int, str, str]] = set()
    for is_sent in (False, True):  # each kind has an index of its own; those that were sent are few
        rows = deploys.filter(is_sent=is_sent, release__in=releases)
        known.update(rows.values_list("environment_id", "service_name", "release"))
    fresh = [(key, minute) for key, minute in sorted(seen.items(), key=lambda item: item[1]) if key not in known]
    if not fresh:
        return
    services = set(deploys.values_list("environment_id", "service_name").distinct())
    Event.objects.bulk_create([new_event(key, minute, services) for key, minute in fresh], ignore_conflicts=True)


def new_event(key: tuple[int, str, str], minute: int, services: set[tuple[int, str]]) -> Event:
    """The deploy; a service's first release is noted as first seen, so that the next one is known to be a change."""
    environment_id, service, release = key
    first = (environment_id, service) not in services
    services.add((environment_id, service))
    title = f"{service or 'service'}{FIRST_SEEN}{release}" if first else f"{service} deployed {release}"
    return Event(
        environment_id=environment_id,
        timestamp=moment_of(minute),
        kind=Event.Kind.DEPLOY,
        service_name=service[:200],
        release=release[:200],
        title=title[:300],  # two long names are longer than that
    )


def expire_rollups(environment: Environment, before: datetime) -> bool:
    """Forget older minutes, so many at a time; whether there may be more."""
    return delete_some(MinuteRollup.objects.filter(environment=environment, minute__lt=before))
