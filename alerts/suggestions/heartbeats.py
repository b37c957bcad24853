"""A rule for the silence of a service that never is silent, where there is none."""

from typing import Final

from django.utils.text import slugify

from alerts.admin.rule_defaults import beginning_of
from alerts.backtest.replay import Tally
from alerts.models import AlertRule, Severity, Suggestion
from alerts.suggestions.draft import name_of, values_of_draft
from alerts.suggestions.found import DAYS, WEEK, Found
from alerts.suggestions.trial import try_rule
from alerts.suggestions.week import LONGEST, Week

Condition = AlertRule.Condition
Signal = AlertRule.Signal

REGULAR: Final = 0.9  # of the minutes in which it was heard of
SHORTEST: Final = 10  # minutes of silence that are worth telling
TIMES: Final = 3  # the longest silence of the week
HOUR: Final = 60
WATCHED: Final = (Signal.RECORDS, Signal.REQUESTS)


def propose_heartbeat(rules: list[AlertRule], week: Week) -> Found | None:
    """Silent for three times as long as ever in the week."""
    heard = minutes_with_records(week)
    if len(heard) < REGULAR * WEEK or is_watched(rules, week.service_name):
        return None
    longest = max(
        after - before - 1 for before, after in zip([week.since - 1, *heard], [*heard, week.until], strict=True)
    )
    window = max(SHORTEST, longest * TIMES)
    if window > LONGEST:
        return None
    rule = draft(week.service_name, window)
    tally = try_rule(rule, week)
    return found_of(rule, week, heard, longest, tally) if tally.count == 0 else None


def minutes_with_records(week: Week) -> list[int]:
    """In order."""
    return [minute for minute in week.heard if any(row.counts.get("records") for row in week.rows[minute])]


def is_watched(rules: list[AlertRule], service_name: str) -> bool:
    """Whether a rule tells of this silence already."""
    return any(
        rule.condition in (Condition.ABSENCE, Condition.BELOW)
        and rule.signal in WATCHED
        and not rule.leaves_out(service_name)
        and rule.group_by != AlertRule.GroupBy.NOTHING
        for rule in rules
    )


def draft(service_name: str, window: int) -> AlertRule:
    """The rule."""
    begun = {**beginning_of(Signal.RECORDS), "condition": Condition.ABSENCE, "threshold": 1.0, "minimum_count": 1}
    rule = AlertRule(**{**begun, "window_minutes": window, "severity": Severity.ERROR}, service_name=service_name)
    rule.name = name_of(rule)
    rule.slug = slugify(rule.name)[:60].strip("-") or "silence"
    return rule


def found_of(rule: AlertRule, week: Week, heard: list[int], longest: int, tally: Tally) -> Found:
    """With the minutes of each hour in which it was heard of."""
    hours = [0] * -(-WEEK // HOUR)
    for minute in heard:
        hours[(minute - week.since) // HOUR] += 1
    evidence = {
        "days": DAYS, "since": week.since, "until": week.until, "minutes": len(heard), "longest": longest,
        "window": rule.window_minutes, "count": tally.count, "hours": hours,
    }  # fmt: skip
    change = {"values": values_of_draft(rule), "targets": [], "leaves": []}
    return Found(Suggestion.Kind.HEARTBEAT, rule.signal, change, evidence, weight=0.25, service_name=week.service_name)
