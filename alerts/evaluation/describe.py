"""A rule in one plain sentence, as lists and forms show it. Pure: also for a rule that is not saved yet.

`words` is what the pattern says that the rule names, for those who may read patterns; else its id stands there.
"""

from alerts.evaluation.explain import NOUNS, SHARE_NOUNS, milliseconds, write_count, write_noun
from alerts.evaluation.signals import QUANTILES, base_of
from alerts.models import AlertRule
from alerts.models.rule import split_names
from diagnostics.core.figures import percent

Condition = AlertRule.Condition
Signal = AlertRule.Signal

GROUPS = {
    "service": "a service", "route": "a route of a service", "release": "a release of a service",
    "nothing": "the environment",
}  # fmt: skip

USUAL = "(the median of the last two hours)"
COMPARED_COUNTS = {
    "usual": f"is usual {USUAL}", "previous": "in the window before", "yesterday": "at the same time yesterday",
    "last_week": "at the same time a week ago",
}  # fmt: skip
COMPARED_VALUES = {
    "usual": f"the usual one {USUAL}", "previous": "that of the window before",
    "yesterday": "that of the same time yesterday", "last_week": "that of the same time a week ago",
}  # fmt: skip


def describe_rule(rule: AlertRule, words: str = "") -> str:
    """'Fires when a service has at least 5% 5xx of requests in 3 min, on at least 8 5xx responses and 20 requests.'"""
    if rule.condition == Condition.MISSED:
        return f"Fires when {describe_monitor(rule)} fails, or does not check in on time."
    waits = f", for {span(rule.for_seconds)}" if rule.for_seconds else ""
    whom = describe_template(rule, words) if rule.signal == Signal.TEMPLATE_RECORDS else describe_whom(rule)
    return f"Fires when {whom} {describe_condition(rule)}{waits}."


def describe_monitor(rule: AlertRule) -> str:
    """The job that it names by its monitor's slug, or any but those that it leaves out."""
    if rule.service_name:
        return f"the monitor {rule.service_name}"
    left_out = " and ".join(sorted(split_names(rule.except_services)))
    return f"a monitor{f' (but not {left_out})' if left_out else ''}"


def describe_template(rule: AlertRule, words: str) -> str:
    """The pattern that it names, or any of those that it watches."""
    if rule.template:
        return f"the pattern {f'“{words}”' if words else rule.template}"
    level = f" with records of level {rule.level}{'' if rule.level == 'fatal' else ' or worse'}" if rule.level else ""
    left_out = " and ".join(sorted(split_names(rule.except_services)))
    whose = f" of {rule.service_name}" if rule.service_name else f" (but not of {left_out})" if left_out else ""
    return f"a message pattern{whose}{level}"


def describe_whom(rule: AlertRule) -> str:
    """Whose signal it is."""
    if not rule.service_name:
        left_out = " and ".join(sorted(split_names(rule.except_services)))
        return f"{GROUPS.get(rule.group_by, 'a service')}{f' (but not {left_out})' if left_out else ''}"
    part = {"route": "a route of ", "release": "a release of "}.get(rule.group_by, "")
    return f"{part}{rule.service_name}"


def describe_condition(rule: AlertRule) -> str:
    """What has to be so."""
    length, limit = f"in {rule.window_minutes} min", rule.threshold
    if rule.condition == Condition.FIRST_SEEN:
        return describe_news(rule)
    if rule.condition == Condition.ABSENCE and rule.signal == Signal.TEMPLATE_RECORDS:
        return f"has not come for {rule.window_minutes} min, though it did before"
    if rule.condition == Condition.ABSENCE:
        return f"has sent no {describe_noun(rule)} for {rule.window_minutes} min, though it did before"
    if rule.condition == Condition.BELOW:
        fewer = "less" if rule.signal in QUANTILES else "fewer"
        return f"{describe_value(rule, f'{fewer} than {describe_limit(rule, limit)}')} {length}"
    if rule.condition == Condition.SHARE:
        what = SHARE_NOUNS.get(rule.signal, rule.signal)
        return f"has at least {percent(limit)} {what} of {base_of(rule.signal)} {length}{describe_floor(rule)}"
    if rule.condition == Condition.CHANGE:
        return f"{describe_change(rule, length)}{describe_floor(rule)}"
    if rule.condition == Condition.BASELINE:
        what = "a response time" if rule.signal in QUANTILES else f"a number of {describe_noun(rule)}"
        return f"has {what} unlike what it usually does at this time (score {limit:g} or more){describe_floor(rule)}"
    if limit == 1 and rule.signal not in QUANTILES:
        return f"has any {describe_noun(rule)} {length}{describe_floor(rule)}"
    return f"{describe_value(rule, f'at least {describe_limit(rule, limit)}')} {length}{describe_floor(rule)}"


def describe_news(rule: AlertRule) -> str:
    """What is told once."""
    if rule.signal == Signal.REGRESSIONS:
        return "has an error that came back"
    if rule.signal == Signal.NEW_ERRORS:
        return "has an error never seen before"
    level = rule.level or AlertRule.Level.WARN.value
    return f"has a message pattern never seen before{'' if level == 'trace' else f', of level {level} or worse'}"


def describe_value(rule: AlertRule, limit: str) -> str:
    """'has a p95 of at least 1.5 s', 'has at least 15 errors'."""
    if rule.signal in QUANTILES:
        return f"has a {rule.signal.removeprefix('latency_')} of {limit}"
    return f"has {limit} {describe_noun(rule)}"


def describe_limit(rule: AlertRule, limit: float) -> str:
    """With its unit."""
    return milliseconds(limit) if rule.signal in QUANTILES else write_count(limit)


def describe_noun(rule: AlertRule) -> str:
    """What is counted."""
    return write_noun(rule, 2) if rule.signal == Signal.MATCHES else NOUNS.get(rule.signal, rule.signal)


def describe_change(rule: AlertRule, length: str) -> str:
    """'has at least 3 times as many errors in 5 min as is usual (the median of the last two hours)'."""
    kind = "at most" if rule.threshold < 1 else "at least"
    if rule.signal in QUANTILES:
        then = COMPARED_VALUES[rule.compare_to]
        return f"has a {rule.signal.removeprefix('latency_')} {length} of {kind} {rule.threshold:g} times {then}"
    then = COMPARED_COUNTS[rule.compare_to]
    return f"has {kind} {rule.threshold:g} times as many {describe_noun(rule)} {length} as {then}"


def describe_floor(rule: AlertRule) -> str:
    """What keeps it quiet at low traffic."""
    events = "requests" if rule.signal in QUANTILES else describe_noun(rule)
    parts = [f"{rule.minimum_count:,} {events}"] if rule.minimum_count > 1 else []
    if rule.condition == Condition.SHARE and rule.minimum_sample:
        parts.append(f"{rule.minimum_sample:,} {base_of(rule.signal)}")
    return f", on at least {' and '.join(parts)}" if parts else ""


def span(seconds: int) -> str:
    """'90 s', '5 min'."""
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"
