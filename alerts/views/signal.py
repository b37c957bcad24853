"""The chart of an incident: its rule's signal, what is usual, the limit, when it fired and what changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from alerts.evaluation.history import SETTLE
from alerts.evaluation.signals import QUANTILES
from alerts.incidents.counted import OF_TEMPLATES, is_counted_apart
from alerts.incidents.shown import read_signal, signal_in
from alerts.models import AlertRule, Incident
from diagnostics.charts import Chart, Line, Marker, draw_lines
from diagnostics.core import clock
from diagnostics.models import Event
from diagnostics.search.golden import Golden, Sums, read_golden
from diagnostics.templatetags.shell import duration

BEFORE: Final = timedelta(minutes=30)  # of the signal's past
AFTER: Final = timedelta(minutes=10)
Condition = AlertRule.Condition


def draw_signal(found: Incident) -> Chart | None:
    """From half an hour before until it was over, or until the last minute that is over."""
    rule = found.rule
    if rule is None or rule.signal == AlertRule.Signal.CHECK_INS:  # which has no sums: its monitor's page shows it
        return None
    since = found.started_at - BEFORE
    until = (found.resolved_at or clock.now()) + AFTER
    golden = read_golden(found.environment, since, min(until, clock.now()), found.service_name, found.http_route)
    values = read_in_windows(found, rule, golden)
    kept = count_drawn(golden.times, golden.step, values, min(until, clock.now() - SETTLE))
    times, values = golden.times[:kept], values[:kept]
    until = times[-1] + golden.step
    markers = [Marker(found.started_at, "incident", found.resolved_at or until), *deploys(found, since, until)]
    shows_limit = rule.condition != Condition.CHANGE and (rule.signal in QUANTILES or rule.condition == Condition.SHARE)
    name = name_of(rule)
    return draw_lines(
        name,
        times,
        golden.step,
        [Line(name.lower(), values, "tone-bad"), *usual_line(found, rule, values, golden.step)],
        unit=unit_of(rule),
        markers=markers,
        limit=rule.threshold if shows_limit else None,
        size="is-tall",
    )


def read_in_windows(found: Incident, rule: AlertRule, golden: Golden) -> list[float | None]:
    """The signal in each step; a share over the rule's window up to each step, as the rule takes it: a minute with three
    requests would else stand above everything that it told."""
    size = timedelta(minutes=rule.window_minutes) // golden.step
    if rule.condition != Condition.SHARE or size < 2 or is_counted_apart(rule):
        return read_signal(found, rule, golden)
    return [signal_in(rule, total(golden.steps[max(at - size, 0) : at])) for at in range(1, len(golden.steps) + 1)]


def total(steps: Sequence[Sums]) -> Sums:
    """All of them together."""
    whole = Sums()
    for sums in steps:
        whole.add(sums)
    return whole


def describe_steps(rule: AlertRule | None, chart: Chart | None) -> str:
    """What each point is of: 'each point: 3 min', 'each point: 1 min'."""
    if rule is None or chart is None or not chart.slots:
        return ""
    step = (chart.end - chart.start) / len(chart.slots)
    window = timedelta(minutes=rule.window_minutes)
    return f"each point: {duration(max(step, window) if rule.condition == Condition.SHARE else step)}"


def count_drawn(times: Sequence[datetime], step: timedelta, values: Sequence[float | None], until: datetime) -> int:
    """How many steps are drawn: one that is not over by then only when it is higher than the one before already. What was
    counted in a part of one looks as if it had become less, and what does not go on as if it were over."""
    kept = len(times)
    while kept > 1 and times[kept - 1] + step > until and (values[kept - 1] or 0) <= (values[kept - 2] or 0):
        kept -= 1
    return kept


def name_of(rule: AlertRule) -> str:
    """What is drawn. An error that is seen for the first time has no sums of its own: it is shown among the errors."""
    if rule.signal in OF_TEMPLATES:
        return str(AlertRule.Signal.TEMPLATE_RECORDS.label)
    is_error = rule.condition == Condition.FIRST_SEEN
    return str(AlertRule.Signal.ERRORS.label if is_error else rule.get_signal_display())


def usual_line(found: Incident, rule: AlertRule, values: Sequence[float | None], step: timedelta) -> list[Line]:
    """What it was opened against, where it can be compared: counts are usual for a window, and drawn for a step."""
    usual = found.context.get("usual")
    if usual is None or rule.condition == Condition.SHARE:
        return []
    if rule.signal not in QUANTILES:
        usual = usual * (step / timedelta(minutes=rule.window_minutes))
    return [Line("usual", [float(usual)] * len(values))]


def unit_of(rule: AlertRule) -> str:
    """What the chart's values are in."""
    if rule.signal in QUANTILES:
        return "ms"
    return "%" if rule.condition == Condition.SHARE else ""


def deploys(found: Incident, since: datetime, until: datetime) -> list[Marker]:
    """Deploys and other changes in the time shown."""
    events = Event.objects.filter(environment=found.environment).changes().between(since, until)
    return [Marker(event.timestamp, event.title) for event in events[:20]]
