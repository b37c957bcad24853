"""Rules that are proposed, unsaved; and what accepting needs to make them."""

from typing import Any, Final

from django.utils.text import slugify

from alerts.admin.rule_defaults import beginning_of
from alerts.as_code.export import RULE_FIELDS
from alerts.as_code.fields import all_values_of
from alerts.evaluation.explain import SHARE_NOUNS
from alerts.evaluation.signals import QUANTILES
from alerts.models import AlertRule

Condition = AlertRule.Condition

WINDOW: Final = 5  # minutes, where no rule says otherwise
EASED: Final = 0.7  # of the limit: where it recovers, so that it does not flap
KEPT: Final = ("window_minutes", "for_seconds", "keep_firing_seconds", "minimum_firing_seconds", "cooldown_seconds",
               "severity", "runbook_url")  # fmt: skip


def draft_rule(signal: str, condition: str, service_name: str, like: AlertRule | None) -> AlertRule:
    """A rule of one service, with the timing of the one whose place it takes."""
    begun = {**beginning_of(signal), "condition": condition, "window_minutes": WINDOW, "recover_threshold": None}
    rule = AlertRule(**begun, service_name=service_name, group_by=AlertRule.GroupBy.SERVICE)
    for name in KEPT if like is not None else ():
        setattr(rule, name, getattr(like, name))
    rule.minimum_count, rule.minimum_sample = 1, 0
    rule.name = name_of(rule)
    rule.slug = slugify(rule.name)[:60].strip("-") or "suggested"
    return rule


def name_of(rule: AlertRule) -> str:
    """'5xx share of checkout', 'p95 of checkout', 'Errors of checkout', 'Error share of checkout', 'Silence of checkout'."""
    if rule.condition == Condition.ABSENCE:
        what = "Silence"
    elif rule.signal in QUANTILES:
        what = rule.signal.removeprefix("latency_")
    else:
        noun = SHARE_NOUNS.get(rule.signal, rule.signal)
        what = f"{noun.removesuffix('s')} share" if rule.condition == Condition.SHARE else noun
    return f"{what[:1].upper() if rule.signal not in QUANTILES else what[:1]}{what[1:]} of {rule.service_name}"[:120]


def set_limit(rule: AlertRule, limit: float) -> None:
    """The limit, and where it recovers."""
    rule.threshold = limit
    rule.recover_threshold = float(f"{limit * EASED:.2g}")


def values_of_draft(rule: AlertRule) -> dict[str, Any]:
    """Its fields as JSON."""
    return {"slug": rule.slug, **all_values_of(rule, RULE_FIELDS)}


def rule_from(values: dict[str, Any], rule: AlertRule | None = None) -> AlertRule:
    """The other way: a new rule, or this one with the values set."""
    rule = rule or AlertRule(slug=values.get("slug", ""))
    for name, field in RULE_FIELDS.items():
        if name in values:
            setattr(rule, name, field.to_python(values[name]))
    return rule
