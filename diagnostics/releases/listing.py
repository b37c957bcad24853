"""The list of releases: the newest first, a page at a time, each with its figures and its verdict."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q

from diagnostics.core.cursor import read_cursor, write_cursor
from diagnostics.core.options import plugins
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, ErrorGroup
from diagnostics.releases.arrivals import Arrival, Asked, Name, find_arrivals, with_before
from diagnostics.releases.compared import Figures, read_figures
from diagnostics.releases.presence import Presence, presence_of, read_shares
from diagnostics.releases.sums import DAY, HOUR, hour_of, read_sums, start_of
from diagnostics.search.page import search_limits

SIZE: Final = 25
MOST: Final = 100  # on a page
ANYTHING: Final = Asked()
SERVICES: Final = 200  # to choose from


@dataclass(slots=True)
class Release:
    """A row. `share`: of what its service does now. `more`: what other apps know of it, by name."""

    figures: Figures
    presence: Presence
    share: float = 0.0
    new_errors: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def arrival(self) -> Arrival:
        """When it came, and after which."""
        return self.figures.arrival

    @property
    def counts(self) -> dict[str, int]:
        """Its sums."""
        return self.figures.sums.counts

    @property
    def error_share(self) -> float | None:
        """Records of level error and worse among its records; None without any."""
        return self.counts["errors"] / self.counts["records"] if self.counts["records"] else None

    @property
    def is_heard(self) -> bool:
        """Whether anything came of it in the time shown."""
        return bool(self.counts["records"] or self.counts["requests"])


@dataclass(frozen=True, slots=True)
class Listing:
    """A page, where the next one begins, and the services to choose from."""

    rows: list[Release]
    next_cursor: str = ""
    services: tuple[str, ...] = ()


def read_listing(
    environment: Environment,
    held: Collection[Perm],
    since: datetime,
    until: datetime,
    asked: Asked = ANYTHING,
    cursor: str = "",
    size: int = SIZE,
) -> Listing:
    """A page of what was heard of in [since, until); ValueError for a bad cursor."""
    place = tuple(read_cursor(cursor, datetime, str, str)) if cursor else None
    with search_limits():
        arrivals = find_arrivals(environment, since, until, asked)
    services = tuple(sorted({arrival.service for arrival in arrivals})[:SERVICES])
    left = [arrival for arrival in arrivals if place is None or arrival.place < place]
    page = left[:size]
    rows = read_releases(environment, held, page, since, until)
    shown = [row for row in rows if row.is_heard or (row.arrival.came and row.arrival.came >= since)]
    return Listing(shown, write_cursor(*page[-1].place) if len(left) > size else "", services)


def read_releases(
    environment: Environment, held: Collection[Perm], page: Sequence[Arrival], since: datetime, until: datetime
) -> list[Release]:
    """The rows of some releases."""
    if not page:
        return []
    services = {arrival.service for arrival in page}
    with search_limits():
        arrivals = with_before(environment, list(page))
        begin = read_from(page, start_of(since, until))
        hours = read_sums(environment, begin, until, HOUR, services, begin)
        shares = read_shares(environment, until, services)
        errors = count_new_errors(environment, page)
        fatals = {name: fatal for name, (_, fatal) in errors.items()}
        figures = read_figures(environment, arrivals, hours, since, until, fatals)
    rows = [release_of(figure, shares, errors) for figure in figures]
    names = [arrival.name for arrival in page]
    # (permissions held, environment, since, until, names) -> {what it is called: {name: what is known}}
    for contribute in plugins("RELEASES"):
        for kind, found in contribute(held, environment, since, until, names).items():
            for row in rows:
                row.more[kind] = found.get(row.arrival.name)
    return rows


def read_from(page: Sequence[Arrival], start: datetime) -> datetime:
    """The first hour that says something of them: a day before the first of them came, or before the time shown."""
    begins = [max(arrival.came, start) if arrival.came else start for arrival in page]
    return hour_of(min(begins), start) - DAY


def release_of(figures: Figures, shares: Mapping[Name, float], errors: Mapping[Name, tuple[int, int]]) -> Release:
    """One row."""
    name = figures.arrival.name
    row = Release(figures, Presence.UNHEARD, shares.get(name, 0.0), errors.get(name, (0, 0))[0])
    row.presence = presence_of(name, shares, was_heard=row.is_heard)
    return row


def count_new_errors(environment: Environment, page: Sequence[Arrival]) -> dict[Name, tuple[int, int]]:
    """Errors that were first seen with each, whatever was decided of them; and those of them that are fatal and that nobody
    ignores."""
    rows = ErrorGroup.objects.filter(
        environment=environment,
        service_name__in={arrival.service for arrival in page},
        first_release__in={arrival.release for arrival in page},
    )
    fatal = Count("pk", filter=Q(is_fatal=True, ignored_at=None))
    counted = rows.order_by().values_list("service_name", "first_release").annotate(found=Count("pk"), fatal=fatal)
    return {(service, release): (found, fatal) for service, release, found, fatal in counted}
