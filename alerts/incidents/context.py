"""What an incident shows of the moment it was opened: sample records, top messages, the deploy before it.

Frozen, because records are dropped when their retention ends. Reading records here is bounded and happens once an
incident; deciding that there is one never reads any.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import OperationalError
from django.db.models import QuerySet

from alerts.evaluation.matched import matched_records
from alerts.evaluation.signals import QUANTILES
from alerts.incidents.failing import COUNTED, failing_records, failing_traces, newest_of, origins_of
from alerts.incidents.scope import Scope, within
from alerts.incidents.slowest import slowest_records, slowest_traces
from alerts.models import AlertRule
from diagnostics.core import severity
from diagnostics.models import Event, LogRecord, Template
from diagnostics.storage.timeouts import time_limit, was_stopped

logger = logging.getLogger(__name__)

SAMPLES: Final = 5
LOOKED_AT: Final = 200
ALONE: Final = timedelta(minutes=1)  # what came so long before all others has nothing to do with them
SECONDS: Final = 2.0  # of each statement
LEVELS: Final[dict[str, int]] = {  # of records that a signal counts; of the others the bad ones tell
    AlertRule.Signal.RECORDS: 0, AlertRule.Signal.FATALS: severity.FATAL, AlertRule.Signal.WARNINGS: severity.WARN,
}  # fmt: skip
MESSAGES: Final = 3
NAMED: Final = 10
MESSAGE_CHARS: Final = 200
DEPLOY_BEFORE: Final = timedelta(hours=1)
SEEN_AFTER: Final = timedelta(minutes=1)  # who deploys may say so when the first records of a release are there
DEPLOYS: Final = 500  # of the time before an incident, among which the one that brought it is looked for


@dataclass(slots=True)
class Context:
    """Facts about the window in which the rule fired."""

    samples: list[dict[str, Any]] = field(default_factory=list)
    trace_id: str = ""
    release: str = ""
    first_bad_at: datetime | None = None
    seen_at: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def gather_context(scope: Scope) -> Context:
    """Look at the newest bad records of the window (the slowest, where it is about response times), and at what changed
    before."""
    rule = scope.rule
    traces, records, origins = look_at(scope)
    context = Context(samples=[sample_of(record) for record in records[:SAMPLES]])
    of_records = (record.trace_hex for record in records if record.trace_id)
    context.trace_id = next(of_records, "") if rule.signal in COUNTED else ""
    context.trace_id = context.trace_id or next((trace.hex for trace in traces), "") or next(of_records, "")
    own = [record for record in records if record.service_name == scope.service_name] if scope.service_name else records
    context.release = next((record.release for record in own if record.release), "")
    context.first_bad_at = beginning_of(records) if rule.signal not in QUANTILES else None
    context.seen_at = max((record.observed_timestamp for record in records), default=None)
    context.facts = {
        "origins": origins[:NAMED],
        "services": most_frequent(record.service_name for record in records),
        "routes": most_frequent(record.http_route for record in records),
        "fingerprints": most_frequent(record.fingerprint for record in records),
        "sessions": len({record.session_id for record in records if record.session_id}),
        "users": len({record.user_key for record in records if record.user_key}),
        "session_ids": list(dict.fromkeys(record.session_id for record in records if record.session_id))[:SAMPLES],
        "messages": top_messages(records),
        "looked_at": len(records),
        "deploy": first_bad_deploy(scope, min(scope.began or scope.until, context.first_bad_at or scope.until), own),
    }
    return context


def beginning_of(records: Sequence[LogRecord]) -> datetime | None:
    """When it began: up to one bad record in ten may have come before it by chance, a good while before the others. None
    where more came than were looked at."""
    if not 0 < len(records) < LOOKED_AT:
        return None
    moments = [record.timestamp for record in reversed(records)]
    chance = len(moments) // 10
    return next(
        (moments[place] for place in range(chance, 0, -1) if moments[place] - moments[place - 1] > ALONE), moments[0]
    )


class Behind(NamedTuple):
    """Traces and records of what a rule counts; of failed requests the services in which they failed first."""

    traces: list[UUID]
    records: list[LogRecord]
    origins: list[str]


def look_at(scope: Scope) -> Behind:
    """Nothing where it cannot be found in a short time, for others wait while an incident opens."""
    signal = scope.rule.signal
    try:
        with time_limit(SECONDS):
            if signal in QUANTILES:
                slow = slowest_traces(scope)
                return Behind(slow, slowest_records(scope, slow), [])
            if signal in COUNTED:
                failing = failing_traces(scope)
                origins = origins_of(scope, failing)
                return Behind(failing, failing_records(scope, failing, origins, LOOKED_AT), origins)
            return Behind([], records_behind(scope), [])
    except OperationalError as error:
        if not was_stopped(error):
            raise
        logger.warning("what is behind rule %d could not be found in %g s", scope.rule.pk, SECONDS)
        return Behind([], [], [])


def records_behind(scope: Scope) -> list[LogRecord]:
    """Records of the series that the rule counts, newest first: of its patterns, those that matched, or of its level."""
    rule, rows = scope.rule, within(scope, LogRecord.objects.all())
    if rule.signal == AlertRule.Signal.MATCHES:
        return matched_records(rule, rows, LOOKED_AT)
    if scope.templates:
        return newest_of(of_templates(rule, rows, scope.templates), LOOKED_AT)
    bad = rows.filter(severity_number__gte=LEVELS.get(rule.signal, severity.ERROR))
    if scope.fingerprints:
        bad = bad.filter(fingerprint__in=scope.fingerprints)
    return newest_of(bad, LOOKED_AT)


def of_templates(rule: AlertRule, rows: "QuerySet[LogRecord]", templates: Sequence[int]) -> "QuerySet[LogRecord]":
    """Records of these patterns, under whatever ids they had."""
    joined = Template.objects.filter(environment_id=rule.environment_id, merged_into__in=templates)
    return rows.filter(template_id__in=[*templates, *joined.values_list("template_id", flat=True)])


def sample_of(record: LogRecord) -> dict[str, Any]:
    """A line that stays readable when the record is gone; its body was redacted before it was stored."""
    return {
        "reference": record.reference,
        "timestamp": record.timestamp.isoformat(),
        "severity": record.severity,
        "service_name": record.service_name,
        "body": record.body[:MESSAGE_CHARS],
        "trace_id": record.trace_hex,
        "session_id": record.session_id,
        "user_key": record.user_key,
    }


def most_frequent(values: Iterable[str]) -> list[str]:
    """The values that occur most, without empty ones."""
    return [value for value, _ in Counter(value for value in values if value).most_common(NAMED)]


def top_messages(records: list[LogRecord]) -> list[dict[str, Any]]:
    """The most frequent errors by fingerprint, other records by their pattern, each with a sample text and its count. What
    reads the same is one: what told it apart may have been redacted. `kinds` are the fingerprints and patterns, by which an
    erasure finds whose words the sample is."""
    counted = Counter(kind_of(record) for record in records)
    texts = {kind_of(record): record.body[:MESSAGE_CHARS] for record in records}
    named = {kind_of(record) for record in records if record.fingerprint or record.template_id}
    merged: Counter[str] = Counter()
    kinds: dict[str, list[str]] = {}
    for key, count in counted.items():
        merged[texts[key]] += count
        if key in named:
            kinds.setdefault(texts[key], []).append(key)
    return [
        {"text": text, "count": count, **({"kinds": kinds[text][:NAMED]} if text in kinds else {})}
        for text, count in merged.most_common(MESSAGES)
    ]


def kind_of(record: LogRecord) -> str:
    """What records that say the same have in common."""
    return record.fingerprint or (str(record.template_id) if record.template_id else record.body[:80])


def first_bad_deploy(scope: Scope, began: datetime, records: list[LogRecord]) -> dict[str, str] | None:
    """The deploy that brought the release of the earliest bad records; else the last change shortly before it began: of this
    service, else of any other (what it depends on may have changed)."""
    since = min(scope.since, began) - DEPLOY_BEFORE
    events = Event.objects.filter(environment_id=scope.rule.environment_id).changes().between(since, began + SEEN_AFTER)
    newest = list(events.order_by("-timestamp")[:DEPLOYS])
    releases = {record.release for record in records if record.release}
    services = {record.service_name for record in records}
    brought = [event for event in newest if event.release in releases and event.service_name in services]
    before = [event for event in newest if event.timestamp <= began]
    own = [event for event in before if scope.service_name and event.service_name == scope.service_name]
    found = [*brought[-1:], *own[:1], *before[:1]]
    return describe_deploy(found[0]) if found else None


def describe_deploy(event: Event) -> dict[str, str]:
    """As it is kept."""
    return {
        "title": event.title, "timestamp": event.timestamp.isoformat(), "service": event.service_name,
        "release": event.release,
    }  # fmt: skip
