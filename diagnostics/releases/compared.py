"""A release against the one before it: its first day, and the day before it came with that day.

By hours: what is counted is of one release or the other, so that where an hour ends does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from diagnostics.core.histogram import quantile
from diagnostics.detection.comparison import NOT_COMPARED, Q, Side, Verdict, judge
from diagnostics.models import Environment
from diagnostics.releases.arrivals import Arrival
from diagnostics.releases.sums import ByRelease, Stretch, add_up, read_durations, when_heard
from diagnostics.search.golden import Sums, floor

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class Figures:
    """What is known of one release: its sums since it came, as far as that is in the time shown."""

    arrival: Arrival
    sums: Sums
    p95: float | None = None
    verdict: Verdict = NOT_COMPARED


def read_figures(
    environment: Environment, arrivals: Sequence[Arrival], hours: ByRelease, since: datetime, until: datetime
) -> list[Figures]:
    """Of each; one statement for all durations."""
    stretches: list[list[Stretch | None]] = []
    figures = []
    for arrival in arrivals:
        begin = begin_of(arrival, since)
        figures.append(Figures(arrival, add_up(hours, arrival.name, begin, until)))
        stretches.append([heard_in(hours, arrival.name, begin, until), *compared_stretches(hours, arrival, until)])
    wanted = list(dict.fromkeys(stretch for row in stretches for stretch in row if stretch))
    found: dict[Stretch | None, dict[str, int]] = dict(zip(wanted, read_durations(environment, wanted), strict=True))
    for figure, (own, old, new) in zip(figures, stretches, strict=True):
        figure.p95 = quantile(found[own], Q) if own else None
        figure.verdict = compare(figure.arrival, hours, until, found.get(old, {}), found.get(new, {}))
    return figures


def begin_of(arrival: Arrival, since: datetime) -> datetime:
    """From when on it is counted: the hour in which it came, or the beginning of the time shown."""
    return max(floor(arrival.came, HOUR), floor(since, HOUR)) if arrival.came else floor(since, HOUR)


def compared_spans(
    arrival: Arrival, until: datetime
) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]] | None:
    """(of the one before, of this one); None where there is nothing to compare."""
    if arrival.came is None or not arrival.before:
        return None
    came = floor(arrival.came, HOUR)
    end = min(arrival.came + DAY, until)
    return (came - DAY, end), (came, end)


def compared_stretches(hours: ByRelease, arrival: Arrival, until: datetime) -> tuple[Stretch | None, Stretch | None]:
    """Whose durations are compared."""
    spans = compared_spans(arrival, until)
    if spans is None:
        return None, None
    old, new = spans
    return heard_in(hours, (arrival.service, arrival.before), *old), heard_in(hours, arrival.name, *new)


def heard_in(hours: ByRelease, name: tuple[str, str], since: datetime, until: datetime) -> Stretch | None:
    """From the first hour in which it was heard of to the last."""
    heard = when_heard(hours, name, since, until)
    return Stretch(*name, heard[0], min(heard[-1] + HOUR, until)) if heard else None


def compare(arrival: Arrival, hours: ByRelease, until: datetime, old: dict[str, int], new: dict[str, int]) -> Verdict:
    """The sums and durations of both, judged."""
    spans = compared_spans(arrival, until)
    if spans is None:
        return NOT_COMPARED
    before = add_up(hours, (arrival.service, arrival.before), *spans[0])
    return judge(side_of(before, old), side_of(add_up(hours, arrival.name, *spans[1]), new))


def side_of(sums: Sums, timed: dict[str, int]) -> Side:
    """What is compared of them."""
    counts = sums.counts
    return Side(counts["records"], counts["errors"], counts["requests"], counts["failures"], timed)
