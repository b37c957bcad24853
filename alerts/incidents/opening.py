"""What an incident is opened with, and what is built of it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from alerts.incidents.context import gather_context
from alerts.incidents.scope import Scope
from alerts.models import AlertRule, Evidence, Incident
from diagnostics.detection.templates.ids import write_id

NAMED: Final = 20  # patterns that an incident leads to
BEGINS_WITHIN: Final = timedelta(hours=1)  # records of something new are looked for so far back


@dataclass(frozen=True, slots=True)
class Opening:
    """A series of a rule has begun to fire. `severity` and `grouping_key` are the rule's and the service's when empty."""

    rule: AlertRule
    series: str
    service_name: str
    http_route: str
    title: str
    summary: str
    value: float
    now: datetime
    usual: float | None = None
    severity: str = ""
    grouping_key: str = ""
    window_end: datetime | None = None  # the end of the window that fired, where its records came late
    templates: tuple[int, ...] = ()  # the message patterns that it is about
    fingerprints: tuple[str, ...] = ()  # the errors that it is about
    begins: datetime | None = None  # the first of its records, where that is known; else the rule's window before `now`
    joins: Incident | None = None  # the incident that it belongs to while that is open, however old
    started_at: datetime | None = None  # when it went wrong, where no record tells

    @property
    def level(self) -> str:
        """How bad it is."""
        return self.severity or self.rule.severity

    @property
    def group(self) -> str:
        """Incidents of one cause share it: by default all of a service; an environment's own join nothing."""
        if self.grouping_key or not self.service_name:
            return self.grouping_key[:64]
        return hash_of("service", self.rule.environment_id, self.service_name)


def hash_of(*parts: object) -> str:
    """A key that holds no text of a record."""
    return hashlib.sha256("\0".join(str(part) for part in parts).encode()).hexdigest()[:48]


def dedup_key_of(rule: AlertRule, series: str) -> str:
    """Stable for a rule and a series."""
    return hash_of(rule.pk, series)


def build_incident(opening: Opening, key: str) -> Incident:
    """A new incident with its context, not yet saved."""
    rule = opening.rule
    context = gather_context(scope_of(opening))
    return Incident(
        environment_id=rule.environment_id,
        rule=rule,
        rule_name=rule.name,
        dedup_key=key,
        grouping_key=opening.group,
        severity=opening.level,
        title=opening.title,
        summary=opening.summary,
        service_name=opening.service_name[:200],
        http_route=opening.http_route[:200],
        release=context.release[:200],
        started_at=opening.started_at or context.first_bad_at or opening.window_end or opening.now,
        opened_at=opening.now,
        seen_at=context.seen_at,
        value=opening.value,
        peak_value=opening.value,
        trace_id=context.trace_id,
        samples=context.samples,
        context={**context.facts, **facts_of_opening(opening)},
    )


def facts_of_opening(opening: Opening) -> dict[str, Any]:
    """What the series knows of itself, and when its sentence was so; the patterns as addresses have them, where it is about
    any."""
    said_at = opening.window_end or opening.now
    facts: dict[str, Any] = {
        "usual": opening.usual, "is_late": opening.window_end is not None, "said_at": said_at.isoformat()
    }  # fmt: skip
    if opening.templates:
        facts["templates"] = [write_id(number) for number in opening.templates[:NAMED]]
    return facts


def scope_of(opening: Opening) -> Scope:
    """Where its records are."""
    until = opening.window_end or opening.now
    since = until - timedelta(minutes=opening.rule.window_minutes)
    if opening.begins is not None:
        since = max(opening.begins, until - BEGINS_WITHIN)
    return Scope(
        opening.rule, opening.service_name, opening.http_route, since, until, opening.fingerprints, opening.templates,
        opening.started_at,
    )  # fmt: skip


def build_evidence(incident: Incident, opening: Opening, key: str) -> Evidence:
    """What shows it, not yet saved."""
    return Evidence(
        incident=incident,
        dedup_key=key,
        rule=opening.rule,
        rule_name=opening.rule.name,
        series=opening.series[:410],
        severity=opening.level,
        summary=opening.summary,
        since=opening.now,
    )
