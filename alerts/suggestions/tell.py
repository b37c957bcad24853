"""A suggestion in words: what is proposed, why, and the rules before and after. Pure over the row and its rules."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from alerts.backtest.variants import variant, write_limit
from alerts.evaluation.describe import describe_rule
from alerts.evaluation.explain import write_value
from alerts.evaluation.signals import QUANTILES
from alerts.models import AlertRule, Suggestion
from alerts.models.rule import split_names
from alerts.suggestions.draft import name_of, rule_from
from alerts.suggestions.found import WEEK

Kind = Suggestion.Kind
Rules = dict[int, AlertRule]

ACTS: Final[dict[str, str]] = {
    Kind.THRESHOLD: "Make this rule", Kind.HEARTBEAT: "Make this rule", Kind.RETUNE: "Change the limit",
    Kind.MUTE: "Mute for a week",
}  # fmt: skip
NO_RULE: Final = "No rule looks at this."


@dataclass(slots=True)
class Told:
    """What a page, or an API's answer, says."""

    title: str
    why: list[str]
    before: list[str]
    after: list[str]
    act: str
    neighbours: list[list[Any]] = field(default_factory=list)


def rules_of(suggestions: list[Suggestion]) -> Rules:
    """Every rule that these are about, in one statement."""
    wanted = {pk for one in suggestions for pk in (one.rule_id, *one.change.get("leaves", [])) if pk}
    return AlertRule.objects.select_related("environment").in_bulk(wanted)


def tell(suggestion: Suggestion, rules: Rules) -> Told:
    """One of them."""
    told = TELLERS[suggestion.kind](suggestion, rules)
    told.neighbours = suggestion.evidence.get("neighbours", [])
    return told


def tell_threshold(one: Suggestion, rules: Rules) -> Told:
    """A rule of its own."""
    rule, said = rule_from(one.change["values"]), one.evidence
    left = [rules[pk] for pk in one.change["leaves"] if pk in rules]
    why = [f"{write_reason(one, rule)} {write_promise(said['count'], said['days'])}", write_usual(rule, said)]
    if said["acknowledged"]:
        why.append(f"It still tells of {number_of(said['acknowledged'], 'incident')} that somebody took on.")
    title = f"{name_of(rule)}: a limit of its own, {write_limit(rule, rule.threshold)}"
    before = [f"{each['name']}: {each['sentence']}" for each in said["present"]] or [NO_RULE]
    after = [describe_rule(rule), *(f"{each.name}: {describe_without(each, one.service_name)}" for each in left)]
    return Told(title, why, before, after, ACTS[one.kind])


def describe_without(rule: AlertRule, service_name: str) -> str:
    """The rule of all services once it leaves this one out."""
    other = copy(rule)
    other.except_services = ", ".join(sorted({*split_names(rule.except_services), service_name}))
    return describe_rule(other)


def write_reason(one: Suggestion, rule: AlertRule) -> str:
    """Why anything should be changed."""
    said, service = one.evidence, one.service_name
    if said["reason"] == "quieter":
        noisy = max((each for each in said["present"] if each["replaced"]), key=lambda each: each["count"])
        times = number_of(noisy["count"], "incident")
        return f"Your present rule {noisy['name']} would have opened {times} about {service} in {said['days']} days."
    if said["reason"] == "closer":
        there = said["present"][0]
        return f"{there['name']} fires from {there['limit']} on: {service} could be far beyond its own usual unnoticed."
    return f"No rule looks at {name_of(rule).removesuffix(f' of {service}').lower()} of {service}."


def write_promise(count: int, days: int) -> str:
    """What the trial found."""
    return f"This limit would have opened {number_of(count, 'incident')} in the last {days} days."


def write_usual(rule: AlertRule, said: dict[str, Any]) -> str:
    """'Usual is 80 ms; 99 of 100 windows of 5 min stay below 120 ms; the highest was 30 s.'"""
    median, high, peak = (write_value(rule, said[name]) for name in ("median", "high", "peak"))
    return f"Usual is {median}; 99 of 100 windows of {rule.window_minutes} min reach {high} at most; the highest was {peak}."


def tell_retune(one: Suggestion, rules: Rules) -> Told:
    """Another limit."""
    rule, said = rules[one.rule_id or 0], one.evidence
    kept = f"All {number_of(said['acknowledged'], 'incident')} that somebody took on are among them."
    why = [
        f"At {said['own_label']} it would have opened {number_of(said['before'], 'incident')} in {said['days']} days, "
        f"at {said['label']} {said['count']}.",
        kept if said["acknowledged"] else "Nobody took on any of them.",
    ]
    title = f"{rule.name}: {said['label']} instead of {said['own_label']}"
    after = describe_rule(variant(rule, one.change["limit"]).rule)
    return Told(title, why, [describe_rule(rule)], [after], ACTS[one.kind])


def tell_mute(one: Suggestion, rules: Rules) -> Told:
    """Quiet for a week."""
    rule, said = rules[one.rule_id or 0], one.evidence
    length = timedelta(seconds=said["median_seconds"])
    ignored = "any" if said["unacknowledged"] == said["incidents"] else said["unacknowledged"]
    flaps = f"; {said['flapping']} came and went" if said["flapping"] else ""
    why = [
        f"It opened {number_of(said['incidents'], 'incident')} in {said['days']} days: nobody acknowledged "
        f"{ignored} of them, {said['over_soon']} were over by themselves within {said['soon']} min.",
        f"{number_of(said['sent'], 'message')} went out. Half of them lasted {write_length(length)} at most{flaps}.",
    ]
    after = (
        "The same, and incidents still open and are shown; nobody is told for a week. Then it tells again by itself."
    )
    return Told(f"{rule.name}: mute it for a week", why, [describe_rule(rule)], [after], ACTS[one.kind])


def write_length(length: timedelta) -> str:
    """'4 min'."""
    minutes = length / timedelta(minutes=1)
    return f"{minutes:,.0f} min" if minutes >= 1 else f"{length.seconds} s"


def tell_heartbeat(one: Suggestion, rules: Rules) -> Told:
    """Silence."""
    rule, said = rule_from(one.change["values"]), one.evidence
    silence = f"lasted {number_of(said['longest'], 'minute')}" if said["longest"] else "was shorter than a minute"
    why = [
        f"{one.service_name} was heard of in {said['minutes']:,} of the last {WEEK:,} minutes; its longest silence "
        f"{silence}. No rule would tell if it stopped.",
        f"With {said['window']} min it would not have fired once.",
    ]
    title = f"{one.service_name}: tell when it falls silent"
    return Told(title, why, [NO_RULE], [describe_rule(rule)], ACTS[one.kind])


def number_of(count: int, noun: str) -> str:
    """'1 incident', '14 incidents'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def unit_of(rule: AlertRule) -> str:
    """What a chart's values are in."""
    if rule.signal in QUANTILES:
        return "ms"
    return "%" if rule.condition == AlertRule.Condition.SHARE else ""


TELLERS: Final[dict[str, Callable[[Suggestion, Rules], Told]]] = {
    Kind.THRESHOLD: tell_threshold, Kind.RETUNE: tell_retune, Kind.MUTE: tell_mute, Kind.HEARTBEAT: tell_heartbeat,
}  # fmt: skip
