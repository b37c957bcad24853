"""Bounds the number of series of an environment: names beyond the bound are counted together as `other`.

A service that puts an id into its name, or a route that holds a path, would otherwise grow the sums without end and make
every rule and chart slower. Who comes first has a place; who was not seen for a week gives it up. Nothing is lost but the
name: the sums of the environment stay right.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.db import transaction

from diagnostics.core import clock
from diagnostics.models import Environment, IngestBatch, SeriesName
from diagnostics.storage.expiring import delete_some
from diagnostics.storage.turns import Turn, take_turn

OTHER: Final = "other"
LIMITS: Final = {"service": 1_000, "route": 5_000, "release": 2_000}  # of an environment
KEEPS_PLACE: Final = timedelta(days=7)
BELIEVED_SECONDS: Final = 30.0  # that there is no room: a flood of names must not cost a statement each
HOUR: Final = timedelta(hours=1)

Name = tuple[str, str, str]  # kind, service, name


class Known:
    """What this process knows of an environment's names."""

    def __init__(self) -> None:
        self.names: dict[Name, datetime] = {}  # when each was last noted
        self.asked_at = -BELIEVED_SECONDS


KNOWN: dict[int, Known] = {}


def bound_series(batches: Sequence[IngestBatch]) -> None:
    """Give the rows of these batches, in memory, names that have a place. The first thing that a digest does."""
    for environment_id in sorted({batch.environment_id for batch in batches}):
        group = [batch for batch in batches if batch.environment_id == environment_id]
        rows = [(row, 2) for batch in group for row in batch.sums]
        rows += [(row, 2) for batch in group for row in batch.findings.get("matches", ())]
        admitted = admit(environment_id, {name for row, at in rows for name in names_of(row, at)})
        for row, at in rows:
            rename(row, at, admitted)


def names_of(row: list[Any], at: int) -> Iterable[Name]:
    """The names in a row: service, route and release stand side by side."""
    service, route, release = row[at : at + 3]
    yield "service", "", service
    if route:
        yield "route", service, route
    if release:
        yield "release", service, release


def rename(row: list[Any], at: int, admitted: set[Name]) -> None:
    """What has no place is `other`."""
    service, route, release = row[at : at + 3]
    if ("service", "", service) not in admitted:
        row[at : at + 3] = [OTHER, "", ""]
        return
    if route and ("route", service, route) not in admitted:
        row[at + 1] = OTHER
    if release and ("release", service, release) not in admitted:
        row[at + 2] = OTHER


def admit(environment_id: int, names: set[Name]) -> set[Name]:
    """Those of the names that have a place, or get one."""
    known = KNOWN.setdefault(environment_id, Known())
    now = clock.now()
    fresh = {name for name in names if name not in known.names}
    stale = {name for name in names - fresh if now - known.names[name] >= HOUR}
    if (fresh and time.monotonic() - known.asked_at >= BELIEVED_SECONDS) or stale:
        return names & ask(environment_id, known, fresh | stale, now)
    return names - fresh


def ask(environment_id: int, known: Known, wanted: set[Name], now: datetime) -> set[Name]:
    """Look at the stored names, give places to the wanted ones as far as there is room; all that have a place."""
    take_turn(Turn.SERIES_NAMES, environment_id)
    rows = SeriesName.objects.filter(environment_id=environment_id).exclude(kind=SeriesName.Kind.FULL)
    stored = {row[:3]: row[3] for row in rows.values_list("kind", "service_name", "name", "seen_at")}
    room = {kind: limit - sum(1 for name in stored if name[0] == kind) for kind, limit in LIMITS.items()}
    full: set[Name] = set()
    for name in sorted(wanted, key=lambda name: (name[0] != "service", name)):  # a service before what belongs to it
        kind, service, _ = name
        if name not in stored:
            if kind != "service" and ("service", "", service) not in stored:
                continue
            if room[kind] <= 0:
                full.add((SeriesName.Kind.FULL.value, "", kind))
                continue
            room[kind] -= 1
        stored[name] = now
    note(environment_id, {name for name in wanted if name in stored} | full, now)
    transaction.on_commit(partial(remember, known, stored, is_full=bool(full)))
    return set(stored)


def note(environment_id: int, names: set[Name], now: datetime) -> None:
    """New ones, and that these were seen."""
    SeriesName.objects.bulk_create(
        [
            SeriesName(environment_id=environment_id, kind=kind, service_name=service, name=name, seen_at=now)
            for kind, service, name in sorted(names)
        ],
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["environment", "kind", "service_name", "name"],
        update_fields=["seen_at"],
    )


def remember(known: Known, stored: dict[Name, datetime], *, is_full: bool) -> None:
    """After the commit; without room, nobody is asked for a while."""
    known.names = stored
    if is_full:
        known.asked_at = time.monotonic()


def what_is_full(environment: Environment) -> list[str]:
    """Kinds of names that there was no room for within the last day, in words."""
    rows = SeriesName.objects.filter(
        environment=environment, kind=SeriesName.Kind.FULL, seen_at__gte=clock.now() - timedelta(days=1)
    )
    return [
        f"More than {LIMITS[kind]:,} {SeriesName.Kind(kind).label.lower()} were named; the rest is counted as “{OTHER}”."
        for kind in sorted(rows.values_list("name", flat=True))
        if kind in LIMITS
    ]


def expire_names(environment: Environment, before: datetime) -> bool:
    """Who was not seen for a week gives up its place, whatever the retention; whether there may be more."""
    over = max(before, clock.now() - KEEPS_PLACE)
    KNOWN.pop(environment.pk, None)
    return delete_some(SeriesName.objects.filter(environment=environment, seen_at__lt=over))
