"""Which releases were heard of in some time, when each came to its service, and which one was there before it.

From the deploys, which are seen or told, and from the names that sums are kept by: no sums are read to know the names.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from diagnostics.core import clock
from diagnostics.models import Environment, Event, SeriesName
from diagnostics.models.event import FIRST_SEEN

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
MOST: Final = 2_000  # deploys in the time shown: as many as there are releases with sums of their own
MOST_BEFORE: Final = 5_000  # deploys among which the one before each is looked for, and when others came

Name = tuple[str, str]  # service, release


@dataclass(frozen=True, slots=True)
class Stay:
    """Of a release, from when it came to its service until the next one did."""

    release: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """A release of a service. `came` is None where no deploy of it is known any more; the last one counts, so that a
    release that people went back to has come again. `before`: the one that had come before it, if any; `stays`: of others, in the
    day before it, the oldest first."""

    service: str
    release: str
    came: datetime | None = None
    is_first: bool = False  # of all that the service was ever seen with
    before: str = ""
    stays: tuple[Stay, ...] = ()

    @property
    def name(self) -> Name:
        """What tells it apart."""
        return self.service, self.release

    @property
    def place(self) -> tuple[datetime, str, str]:
        """In a list, the newest last."""
        return self.came or clock.EPOCH, self.service, self.release


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is cut to; empty: not cut."""

    service: str = ""
    release: str = ""

    def narrow(self, rows: "QuerySet[Any]", release: str = "release") -> "QuerySet[Any]":
        """`release`: the column that holds it."""
        rows = rows.filter(service_name=self.service) if self.service else rows
        return rows.filter(**{release: self.release}) if self.release else rows


def find_arrivals(environment: Environment, since: datetime, until: datetime, asked: Asked) -> list[Arrival]:
    """All that came in [since, until) or were heard from in it, the newest first."""
    deploys = asked.narrow(deploys_of(environment, until))
    found = newest_of(deploys.filter(timestamp__gte=since).order_by("-timestamp", "-pk")[:MOST])
    heard = [name for name in names_heard(environment, since, asked) if name not in found]
    earlier = deploys.filter(release__in={release for _, release in heard}, timestamp__lt=since)
    came_earlier = newest_of(earlier.order_by("-timestamp", "-pk")[:MOST_BEFORE])
    came_later = set(deploys_after(environment, until, heard))
    for name in heard:
        if name in came_earlier or name not in came_later:
            found[name] = came_earlier.get(name) or Arrival(*name)
    return sorted(found.values(), key=lambda arrival: arrival.place, reverse=True)


def find_arrival(environment: Environment, service: str, release: str) -> Arrival | None:
    """One of them, with the one before it; None where nothing is known of it."""
    deploys = deploys_of(environment).filter(service_name=service, release=release)
    arrival = newest_of(deploys.order_by("-timestamp", "-pk")[:1]).get((service, release))
    if arrival is None:
        names = SeriesName.objects.filter(environment=environment, kind=SeriesName.Kind.RELEASE)
        if not names.filter(service_name=service, name=release).exists():
            return None
        arrival = Arrival(service, release)
    return next(iter(with_before(environment, [arrival])))


def deploys_of(environment: Environment, until: datetime | None = None) -> "QuerySet[Event]":
    """Deploys that name a release, before a moment."""
    rows = Event.objects.filter(environment=environment, kind=Event.Kind.DEPLOY).exclude(release="")
    return rows.filter(timestamp__lt=until) if until else rows


def newest_of(rows: "QuerySet[Event]") -> dict[Name, Arrival]:
    """Each release once, by its last deploy; the rows come newest first."""
    found: dict[Name, Arrival] = {}
    for service, release, timestamp, title in rows.values_list("service_name", "release", "timestamp", "title"):
        found.setdefault((service, release), Arrival(service, release, timestamp, FIRST_SEEN in title))
    return found


def names_heard(environment: Environment, since: datetime, asked: Asked) -> list[Name]:
    """Releases whose records came since then; noted to the hour, and for a week."""
    rows = SeriesName.objects.filter(environment=environment, kind=SeriesName.Kind.RELEASE, seen_at__gte=since - HOUR)
    return list(asked.narrow(rows, "name").exclude(name="").values_list("service_name", "name"))


def deploys_after(environment: Environment, until: datetime, names: Iterable[Name]) -> "QuerySet[Any, Any]":
    """Of these releases, those that came only after the time shown."""
    rows = Event.objects.filter(environment=environment, kind=Event.Kind.DEPLOY, timestamp__gte=until)
    return rows.filter(release__in={release for _, release in names}).values_list("service_name", "release")


def with_before(environment: Environment, arrivals: list[Arrival]) -> list[Arrival]:
    """The same, each with the release that had come to its service before it, and the stays of others in the day before."""
    came = [arrival.came for arrival in arrivals if arrival.came]
    if not came:
        return arrivals
    services = {arrival.service for arrival in arrivals if arrival.came and not arrival.is_first}
    rows = deploys_of(environment, max(came)).filter(service_name__in=services).order_by("-timestamp", "-pk")
    history: dict[str, list[tuple[datetime, str]]] = {}
    for service, release, timestamp in rows.values_list("service_name", "release", "timestamp")[:MOST_BEFORE]:
        history.setdefault(service, []).append((timestamp, release))
    return [with_history(arrival, history.get(arrival.service, [])) for arrival in arrivals]


def with_history(arrival: Arrival, history: list[tuple[datetime, str]]) -> Arrival:
    """By the deploys of its service, the newest first."""
    if arrival.came is None:
        return arrival
    came = arrival.came
    earlier = [(at, release) for at, release in history if at < came]
    before = next((release for _, release in earlier if release != arrival.release), "")
    return replace(arrival, before=before, stays=tuple(stays_of(arrival.release, came, earlier)))


def stays_of(own: str, came: datetime, earlier: list[tuple[datetime, str]]) -> list[Stay]:
    """What is told of twice has stayed once."""
    stays: list[Stay] = []
    until = came
    for at, release in earlier:
        if until <= came - DAY:
            break
        if stays and stays[-1].release == release and stays[-1].since == until:
            stays[-1] = replace(stays[-1], since=at)
        elif release != own:
            stays.append(Stay(release, at, until))
        until = at
    return stays[::-1]
