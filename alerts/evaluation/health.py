"""Whether a rule can say anything: evaluated, without data, or broken. States of their own, shown, and never an alarm."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple

from alerts.evaluation.history import moment_of
from alerts.evaluation.matching import watch
from alerts.evaluation.samples import Instant
from alerts.evaluation.signals import OF_MATCHES
from alerts.evaluation.templates import WATCHED, watches_all
from alerts.models import AlertRule

logger = logging.getLogger(__name__)

Health = AlertRule.Health


class Finding(NamedTuple):
    """How a rule fared."""

    health: str
    note: str = ""


OK: Final = Finding(Health.OK)
NO_DATA: Final = Finding(Health.NO_DATA, "Nothing came in that this rule looks at.")
UNREADABLE: Final = Finding(
    Health.ERROR, "Its query line or pattern cannot be read, so it counts nothing. Open the rule and save it."
)


def health_of(rule: AlertRule, instant: Instant) -> Finding:
    """Of a rule that was evaluated."""
    if rule.signal == OF_MATCHES and watch(rule.pk, rule.service_name, rule.query, rule.pattern) is None:
        return UNREADABLE
    if instant.holds(rule):
        return held(rule, instant)
    if not instant.has_data(rule):
        return NO_DATA
    folded = instant.templates.folded
    if watches_all(rule) and folded:
        return Finding(
            Health.OK,
            f"{folded:,} patterns beyond the first {WATCHED:,} are counted together, by service and level.",
        )
    return OK


def held(rule: AlertRule, instant: Instant) -> Finding:
    """Of a rule that waits for what senders may still hold."""
    until = moment_of((instant.resumed or 0) + rule.window_minutes + 1)
    return Finding(
        Health.OK,
        f"Held until {until:%H:%M} UTC: the product was down, and what is missing may still be on its way.",
    )


def failed(error: Exception) -> Finding:
    """A rule that could not be evaluated; the kind of the error only, its text may hold anything."""
    return Finding(Health.ERROR, f"Evaluation failed: {type(error).__name__}. The worker's log has the details.")


@contextmanager
def apart(rules: Sequence[AlertRule], health: dict[int, Finding]) -> Iterator[None]:
    """Where these rules fail inside, `health` says so, and the others are evaluated all the same. What is written inside is
    written in a transaction of its own, which is undone."""
    try:
        yield
    except Exception as error:
        logger.exception("%s cannot be evaluated", ", ".join(f"rule {rule.pk}" for rule in rules))
        health |= dict.fromkeys((rule.pk for rule in rules), failed(error))


def note_health(rules: Iterable[AlertRule], found: Mapping[int, Finding], now: datetime) -> None:
    """Write down what has changed, one statement for each kind of change."""
    changed: dict[Finding, list[int]] = defaultdict(list)
    for rule in rules:
        finding = found.get(rule.pk, OK)
        if finding != (rule.health, rule.health_note):
            changed[finding].append(rule.pk)
    for finding, keys in changed.items():
        AlertRule.objects.filter(pk__in=keys).update(health=finding.health, health_note=finding.note, health_since=now)
