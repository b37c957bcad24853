"""What a series usually shows at this time of the week, for the sentence that explains an alarm.

Looked up once, when something fires: a week ago at this hour, else yesterday at this hour, else the last two hours, as far
as the series was there for half an hour of them and nothing was wrong with it. An incident is not what is usual.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from alerts.evaluation.history import moment_of, read_rows
from alerts.evaluation.samples import DAY, USUAL_MINUTES, Instant, measure
from alerts.evaluation.series import Series, grouping_of
from alerts.evaluation.signals import QUANTILES, column_of
from alerts.evaluation.stretch import Lane, Row, Stretch
from alerts.evaluation.template_rows import read_template_rows
from alerts.models import AlertRule
from diagnostics.core.histogram import merge, quantile

AROUND: Final = 30  # minutes before and after
LEAST_HISTORY: Final = 30  # minutes of the last two hours: from fewer nothing is said
Spans = Sequence[Sequence[int]]  # [since, until) each, in order of time
Condition = AlertRule.Condition


@dataclass(frozen=True, slots=True)
class Usual:
    """A value in the rule's own unit, and when it was seen ('Monday 14:00 UTC'; empty: lately)."""

    value: float | None = None
    label: str = ""


UNKNOWN: Final = Usual()


def find_usual(rule: AlertRule, instant: Instant, series: Series, bad: Spans = ()) -> Usual:
    """The best that is known. `bad`: minutes in which something was wrong with the series already."""
    start, end = instant.window(rule)
    for back in (7 * DAY, DAY) if rule.signal != AlertRule.Signal.MATCHES else ():
        middle = end - back
        rows = read_past(rule, instant, series, middle - AROUND, middle + AROUND)
        value = usual_among(rows, rule, series, middle - AROUND, middle + AROUND)
        if value is not None:
            moment = moment_of(middle - middle % 60)
            return Usual(value, f"{moment:%A} {moment:%H:%M} UTC" if back > DAY else f"{moment:%H:%M} UTC yesterday")
    lane = instant.stretch.lanes[grouping_of(rule)].get(series)
    if lane is None:
        return UNKNOWN
    since = max(
        start - max(USUAL_MINUTES, rule.window_minutes), instant.stretch.oldest or start, lane.first_seen(start)
    )
    good = spans_without(bad, since, start)
    return (
        Usual(usual_in(lane, rule, good)) if sum(until - since for since, until in good) >= LEAST_HISTORY else UNKNOWN
    )


def spans_without(bad: Spans, since: int, until: int) -> list[tuple[int, int]]:
    """What is left of [since, until) without these."""
    found = []
    for first, last in sorted(bad, key=lambda span: span[0]):
        if since < min(first, until):
            found.append((since, min(first, until)))
        since = max(since, last)
    return [*found, (since, until)] if since < until else found


def read_past(rule: AlertRule, instant: Instant, series: Series, since: int, until: int) -> Iterable[Row]:
    """Rows that the series' own values are among."""
    if not series.template:
        return read_rows(rule.environment_id, since, until, series.service_name)
    return read_template_rows(rule.environment_id, instant.templates.only(series), since, until)


def usual_among(rows: Iterable[Row], rule: AlertRule, series: Series, since: int, until: int) -> float | None:
    """The usual value in rows of another time; None where there are none."""
    stretch = Stretch([grouping_of(rule)])
    stretch.put(rows)
    lane = stretch.lanes[grouping_of(rule)].get(series)
    return usual_in(lane, rule, [(since, until)]) if lane else None


def usual_in(lane: Lane, rule: AlertRule, spans: Spans) -> float | None:
    """A share as a share, a response time as one, a count as it would be in the rule's window."""
    if rule.signal in QUANTILES:
        histogram = merge(*(lane.histogram(since, until) for since, until in spans))
        return quantile(histogram, QUANTILES[rule.signal]) if histogram else None
    samples = [measure(lane, column_of(rule), since, until) for since, until in spans]
    count = sum(sample.count for sample in samples)
    if rule.condition == Condition.SHARE:
        base = sum(sample.base for sample in samples)
        return count / base if base else None
    return count * rule.window_minutes / sum(until - since for since, until in spans)
