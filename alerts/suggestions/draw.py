"""The week behind a suggestion as a small chart: each hour's highest value, the limit, and when it would have fired."""

from datetime import timedelta
from typing import Any, Final

from alerts.backtest.variants import variant
from alerts.evaluation.history import moment_of
from alerts.models import AlertRule, Suggestion
from alerts.suggestions.draft import rule_from
from alerts.suggestions.tell import Rules, unit_of
from diagnostics.charts import Chart, Line, Marker, draw_bars, draw_lines

Kind = Suggestion.Kind
HOUR: Final = timedelta(hours=1)
FIXED: Final = (AlertRule.Condition.THRESHOLD, AlertRule.Condition.SHARE, AlertRule.Condition.BELOW)


def draw_suggestion(one: Suggestion, rules: Rules) -> Chart | None:
    """None where there is nothing to draw."""
    said = one.evidence
    hours = said.get("hours", [])
    if not any(hours):
        return None
    times = [moment_of(said["since"]) + HOUR * number for number in range(len(hours))]
    if one.kind == Kind.MUTE:
        return draw_bars("incidents in each hour", times, HOUR, [Line("incidents", hours, "tone-bad")])
    if one.kind == Kind.HEARTBEAT:
        return draw_bars("minutes heard of in each hour", times, HOUR, [Line("minutes", hours)])
    rule = after_of(one, rules)
    limit = rule.threshold if rule.condition in FIXED else None
    line = Line("highest of the hour", hours)
    return draw_lines(
        "highest of each hour", times, HOUR, [line], unit=unit_of(rule), markers=markers_of(said), limit=limit
    )


def after_of(one: Suggestion, rules: Rules) -> AlertRule:
    """The rule as it would be."""
    if one.kind == Kind.RETUNE:
        return variant(rules[one.rule_id or 0], one.change["limit"]).rule
    return rule_from(one.change["values"])


def markers_of(said: dict[str, Any]) -> list[Marker]:
    """When the present rule would have fired."""
    return [
        Marker(moment_of(first), "fires now", moment_of(said["until"] if last is None else last))
        for first, last, _ in said.get("spans", [])
    ]
