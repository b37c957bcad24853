"""An environment's own patterns, on what leaves it: records that came before a pattern was made may be quoted still."""

from dataclasses import replace
from typing import Final

from alerts.delivery.alert import Alert
from diagnostics.models import Environment
from diagnostics.privacy.policies import policy_of

TEXTS: Final = ("title", "summary", "rule", "service", "route", "release", "deploy", "news")


def hide_own(alert: Alert, environment: Environment) -> Alert:
    """The alert with the markers of the environment's patterns. Detectors that its policy switches off stay on here."""
    policy = policy_of(environment)
    if policy is None or not policy.replaces:
        return alert

    def hide(text: str) -> str:
        for pattern in policy.replaces:
            text = pattern(text)
        return text

    messages = tuple((hide(text), count) for text, count in alert.messages)
    members = tuple(
        replace(each, title=hide(each.title), summary=hide(each.summary), service=hide(each.service))
        for each in alert.members
    )
    return replace(alert, messages=messages, members=members, **{name: hide(getattr(alert, name)) for name in TEXTS})  # type: ignore[arg-type]
