"""A release against the last one that did well before it: its first day, and the day before it came with that day.

By hours: what is counted is of one release or the other, so that where an hour ends does not matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from diagnostics.core.histogram import quantile
from diagnostics.detection.comparison import NOT_COMPARED, Q, Side, Verdict, judge
from diagnostics.models import Environment
from diagnostics.releases.arrivals import Arrival, Name
from diagnostics.releases.baseline import Baseline, choose
from diagnostics.releases.sums import (
    DAY,
    HOUR,
    ByRelease,
    Stretch,
    add_up,
    hour_of,
    read_durations,
    start_of,
    when_heard,
)
from diagnostics.search.golden import Sums

Span = tuple[datetime, datetime]
NOTHING: Final = Baseline()


@dataclass(slots=True)
class Figures:
    """What is known of one release: its sums since it came, as far as that is in the time shown."""

    arrival: Arrival
    sums: Sums
    p95: float | None = None
    verdict: Verdict = NOT_COMPARED
    against: Baseline = field(default_factory=Baseline)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two releases of a service, and of which time each is counted."""

    old: Name
    new: Name
    old_span: Span
    new_span: Span


def read_figures(
    environment: Environment,
    arrivals: Sequence[Arrival],
    hours: ByRelease,
    since: datetime,
    until: datetime,
    new_fatals: Mapping[Name, int],
) -> list[Figures]:
    """Of each; one statement for all durations. The hours are those that the time shown begins one of."""
    start = start_of(since, until)
    stretches: list[tuple[Stretch | None, Stretch | None, Stretch | None]] = []
    figures, pairs = [], []
    for arrival in arrivals:
        begin = max(hour_of(arrival.came, start), start) if arrival.came else start
        against = baseline_of(arrival, hours, start)
        pair = compared_of(arrival, against, start, until)
        figures.append(Figures(arrival, add_up(hours, arrival.name, begin, until), against=against))
        pairs.append(pair)
        old = heard_in(hours, pair.old, *pair.old_span) if pair else None
        new = heard_in(hours, pair.new, *pair.new_span) if pair else None
        stretches.append((heard_in(hours, arrival.name, begin, until), old, new))
    wanted = list(dict.fromkeys(stretch for row in stretches for stretch in row if stretch))
    found: dict[Stretch | None, dict[str, int]] = dict(zip(wanted, read_durations(environment, wanted), strict=True))
    for figure, pair, (own, old, new) in zip(figures, pairs, stretches, strict=True):
        figure.p95 = quantile(found[own], Q) if own else None
        if pair:
            before = side_of(add_up(hours, pair.old, *pair.old_span), found.get(old))
            after = side_of(add_up(hours, pair.new, *pair.new_span), found.get(new))
            figure.verdict = judge(before, after, new_fatals.get(figure.arrival.name, 0))
    return figures


def baseline_of(arrival: Arrival, hours: ByRelease, start: datetime) -> Baseline:
    """What it is compared with, by the day before it came."""
    if arrival.came is None or not arrival.before:
        return NOTHING
    came = arrival.came
    since = hour_of(came, start) - DAY
    return choose(arrival, lambda release: side_of(add_up(hours, (arrival.service, release), since, came)))


def compared_of(arrival: Arrival, against: Baseline, start: datetime, until: datetime) -> Compared | None:
    """None where there is nothing to compare."""
    if arrival.came is None or not against.release:
        return None
    came = hour_of(arrival.came, start)
    end = min(arrival.came + DAY, until)
    return Compared((arrival.service, against.release), arrival.name, (came - DAY, end), (came, end))


def heard_in(hours: ByRelease, name: Name, since: datetime, until: datetime) -> Stretch | None:
    """From the first hour in which it was heard of to the last."""
    heard = when_heard(hours, name, since, until)
    return Stretch(*name, heard[0], min(heard[-1] + HOUR, until)) if heard else None


def side_of(sums: Sums, timed: dict[str, int] | None = None) -> Side:
    """What is compared of them."""
    counts = sums.counts
    return Side(counts["records"], counts["errors"], counts["requests"], counts["failures"], timed)
