"""What a series usually shows at this time of the week, for the sentence that explains an alarm.

Looked up once, when something fires: a week ago at this hour, else yesterday at this hour, else the last two hours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from alerts.evaluation.history import moment_of, read_rows
from alerts.evaluation.samples import DAY, USUAL_MINUTES, Instant, measure
from alerts.evaluation.series import Series, grouping_of
from alerts.evaluation.signals import QUANTILES, column_of
from alerts.evaluation.stretch import Lane, Row, Stretch
from alerts.evaluation.template_rows import read_template_rows
from alerts.models import AlertRule

AROUND: Final = 30  # minutes before and after
Condition = AlertRule.Condition


@dataclass(frozen=True, slots=True)
class Usual:
    """A value in the rule's own unit, and when it was seen ('Monday 14:00 UTC'; empty: lately)."""

    value: float | None = None
    label: str = ""


UNKNOWN: Final = Usual()


def find_usual(rule: AlertRule, instant: Instant, series: Series) -> Usual:
    """The best that is known."""
    start, end = instant.window(rule)
    for back in (7 * DAY, DAY) if rule.signal != AlertRule.Signal.MATCHES else ():
        middle = end - back
        rows = read_past(rule, instant, series, middle - AROUND, middle + AROUND)
        value = usual_among(rows, rule, series, middle - AROUND, middle + AROUND)
        if value is not None:
            moment = moment_of(middle - middle % 60)
            return Usual(value, f"{moment:%A} {moment:%H:%M} UTC" if back > DAY else f"{moment:%H:%M} UTC yesterday")
    lane = instant.stretch.lanes[grouping_of(rule)].get(series)
    since = max(start - max(USUAL_MINUTES, rule.window_minutes), instant.stretch.oldest or start)
    return Usual(usual_in(lane, rule, since, start)) if lane and since < start else UNKNOWN


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
    return usual_in(lane, rule, since, until) if lane else None


def usual_in(lane: Lane, rule: AlertRule, since: int, until: int) -> float | None:
    """A share as a share, a response time as one, a count as it would be in the rule's window."""
    sample = measure(lane, column_of(rule), since, until)
    if rule.condition == Condition.SHARE:
        return sample.count / sample.base if sample.base else None
    if rule.signal in QUANTILES:
        return sample.value if sample.count else None
    return sample.value * rule.window_minutes / (until - since)
