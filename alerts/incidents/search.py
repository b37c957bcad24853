"""The search that shows an incident's records: for its page and for the links in messages."""

from datetime import datetime, timedelta
from typing import Final

from alerts.incidents.resolved_errors import OF_ERRORS
from alerts.models import AlertRule, Incident
from diagnostics.core import severity

Signal = AlertRule.Signal

BEFORE: Final = timedelta(minutes=2)  # what led to the first bad record
AFTER: Final = timedelta(minutes=1)  # of its end
# What narrows the search, by signal. Responses that failed, are slow or missing stand in records of any level.
NARROWED: Final[dict[str, dict[str, str]]] = {
    Signal.WARNINGS: {"level": "warn"}, Signal.FATALS: {"level": "fatal"}, Signal.STATUS_4XX: {"status": "4xx"},
    Signal.STATUS_5XX: {"status": "5xx"}, Signal.FAILURES: {}, Signal.TIMEOUTS: {},
    Signal.RECORDS: {}, Signal.REQUESTS: {}, Signal.LATENCY_P50: {}, Signal.LATENCY_P95: {}, Signal.LATENCY_P99: {},
}  # fmt: skip
BAD: Final = {"level": "error"}
ERRORS: Final = frozenset({severity.band_of(severity.ERROR), severity.band_of(severity.FATAL)})


def search_of(incident: Incident) -> dict[str, str]:
    """Parameters of the log search; without an end while it lasts."""
    since, until = time_of(incident)
    query = {**what_it_counts(incident), "since": since.isoformat()}
    if until is not None:
        query["until"] = until.isoformat()
    if incident.service_name:
        query["service"] = incident.service_name
    if incident.http_route:
        query["route"] = incident.http_route
    return query


def time_of(incident: Incident) -> tuple[datetime, datetime | None]:
    """From when to when its records are; no end while it lasts."""
    return incident.started_at - BEFORE, incident.resolved_at + AFTER if incident.resolved_at else None


def what_it_counts(incident: Incident) -> dict[str, str]:
    """The part that finds what the rule looks at: a pattern, matches, an error, a level; bad records for the others."""
    rule, templates = incident.rule, incident.context.get("templates", ())
    if templates:
        return {"template": templates[0]} if len(templates) == 1 else {}
    if rule is None:
        return BAD
    if rule.signal in OF_ERRORS and len(incident.context.get("fingerprints") or ()) == 1:
        return {"fingerprint": incident.context["fingerprints"][0]}
    if rule.signal == Signal.MATCHES:
        return {"q": rule.query} if rule.query else {}
    if rule.signal == Signal.STATUS_5XX and are_errors(incident):
        return BAD
    return NARROWED.get(rule.signal, BAD)


def are_errors(incident: Incident) -> bool:
    """Whether its records are bad by their level: where spans tell of responses, records carry no status."""
    levels = {sample.get("severity") for sample in incident.samples}
    return bool(levels) and levels <= ERRORS
