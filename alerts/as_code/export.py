"""An environment's targets, rules, monitors and policy as a document."""

from collections.abc import Collection
from typing import Any

from alerts.as_code.document import SECTIONS, VERSION, write_document
from alerts.as_code.fields import plain_fields, values_of
from alerts.as_code.secrets import KEEP
from alerts.models import AlertRule, Monitor, Target
from alerts.targets import read_secrets
from diagnostics.models import Environment, PrivacyPolicy

RULE_FIELDS = plain_fields(AlertRule, beside=frozenset({"slug", "builtin"}))
MONITOR_FIELDS = plain_fields(Monitor, beside=frozenset({"slug", "paused"}))
TARGET_FIELDS = plain_fields(Target, beside=frozenset({"name"}))
TARGET_LINKS = ("fallback", "escalation")  # other targets, by name
POLICY_FIELDS = plain_fields(PrivacyPolicy)


def export_text(environment: Environment, sections: Collection[str] = SECTIONS) -> str:
    """The document as YAML."""
    return write_document(export(environment, sections))


def export(environment: Environment, sections: Collection[str]) -> dict[str, Any]:
    """The document; values that a new row would have anyway are left out."""
    content: dict[str, Any] = {"version": VERSION, "environment": environment.slug}
    if "targets" in sections:
        rows = Target.objects.filter(environment=environment).select_related(*TARGET_LINKS).order_by("name")
        content["targets"] = [target_of(row) for row in rows]
    if "rules" in sections:
        rules = AlertRule.objects.filter(environment=environment).prefetch_related("targets").order_by("slug")
        content["rules"] = [rule_of(rule) for rule in rules]
    if "monitors" in sections:
        monitors = Monitor.objects.filter(environment=environment).order_by("slug")
        content["monitors"] = [{"slug": row.slug, **values_of(row, MONITOR_FIELDS)} for row in monitors]
    if "policy" in sections:
        policy = PrivacyPolicy.objects.filter(environment=environment).first()
        content["policy"] = values_of(policy, POLICY_FIELDS) if policy else {}
    return content


def target_of(target: Target) -> dict[str, Any]:
    """One target; of its secrets the names."""
    found = {"name": target.name, **values_of(target, TARGET_FIELDS)}
    found |= {link: row.name for link in TARGET_LINKS if (row := getattr(target, link)) is not None}
    if names := sorted(read_secrets(target)):
        found["secrets"] = dict.fromkeys(names, KEEP)
    return found


def rule_of(rule: AlertRule) -> dict[str, Any]:
    """One rule, its targets by name."""
    found = {"slug": rule.slug, **values_of(rule, RULE_FIELDS)}
    if names := sorted(target.name for target in rule.targets.all()):
        found["targets"] = names
    return found
