"""The way of a parsed request through the pipeline: normalise, enrich, redact, fingerprint, record by record."""

import logging
from typing import Final

from diagnostics.core.record import Parsed, Record, SpanRecord
from diagnostics.pipeline.context import ClientContext, EnvironmentContext
from diagnostics.pipeline.enrich import enrich_log, enrich_span
from diagnostics.pipeline.express import Express
from diagnostics.pipeline.fingerprint import set_fingerprint
from diagnostics.pipeline.normalise import clean_id, normalise_log, normalise_span
from diagnostics.pipeline.policy.way import PolicyWay, take_journey
from diagnostics.pipeline.redact import redact_log, redact_span, redact_text

MARK_FAILED: Final = "diagnostics.unscanned"
WITHHELD: Final = "[unscanned]"

logger = logging.getLogger(__name__)


def process(parsed: Parsed, environment: EnvironmentContext, client: ClientContext) -> Parsed:
    """Refines the freshly parsed records in place. A record that fails is kept as a skeleton, never as it came."""
    policy = environment.policy
    if policy is not None:
        if policy.changes_redaction:
            return process_by_policy(parsed, environment, client)
        if policy.journey:
            return process_with_journeys(parsed, environment, client, policy.journey)
    return process_plainly(parsed, environment, client)


def process_plainly(parsed: Parsed, environment: EnvironmentContext, client: ClientContext) -> Parsed:
    """As in every environment."""
    express = Express(environment, client)
    records = [process_log(record, express) for record in parsed.records]
    express.clean_bodies()
    parsed.records = [name_error(record) for record in records]
    parsed.spans = [process_span(span, environment) for span in parsed.spans]
    return parsed


def process_by_policy(parsed: Parsed, environment: EnvironmentContext, client: ClientContext) -> Parsed:
    """The same under a policy of the environment's own, which takes no shortcuts."""
    way = PolicyWay(environment, client)
    parsed.records = [guard_log(way, record) for record in parsed.records]
    parsed.spans = [guard_span(way, span) for span in parsed.spans]
    return parsed


def guard_log(way: PolicyWay, record: Record) -> Record:
    """Fails closed."""
    try:
        way.clean_log(record)
        set_fingerprint(record)
    except Exception as error:  # as below
        logger.error("A record was withheld: the policy failed with %s.", type(error).__name__)
        return log_skeleton(record)
    return record


def guard_span(way: PolicyWay, span: SpanRecord) -> SpanRecord:
    """Fails closed."""
    try:
        way.clean_span(span)
    except Exception as error:  # as below
        logger.error("A span was withheld: the policy failed with %s.", type(error).__name__)
        return span_skeleton(span)
    return span


def process_with_journeys(parsed: Parsed, environment: EnvironmentContext, client: ClientContext, name: str) -> Parsed:
    """A policy that only names the attribute of journeys takes the ordinary way; the journey is filled in behind it, so
    that records which differ in nothing else still share their work."""
    logs = [take_journey(record, name) for record in parsed.records]
    spans = [take_journey(span, name) for span in parsed.spans]
    parsed = process_plainly(parsed, environment, client)
    for record, journey in zip(parsed.records, logs, strict=True):
        give_journey(record, journey)
    for span, journey in zip(parsed.spans, spans, strict=True):
        give_journey(span, journey)
    return parsed


def give_journey(item: Record | SpanRecord, journey: str) -> None:
    """What could not be cleaned gets nothing."""
    if journey and MARK_FAILED not in item.attributes:
        item.journey_id = redact_text(journey, numbers=False)


def process_log(record: Record, express: Express) -> Record:
    """One record, all steps; fails closed."""
    try:
        if not express.take(record):
            go_the_long_way(record, express.environment, express.client)
    except Exception as error:  # whatever a hostile record breaks, it must not leak or fail its batch
        return withhold(record, error)
    return record


def name_error(record: Record) -> Record:
    """The fingerprint of a clean record; fails closed."""
    try:
        set_fingerprint(record)
    except Exception as error:  # as above
        return withhold(record, error)
    return record


def withhold(record: Record, error: Exception) -> Record:
    """What is kept of a record that the pipeline cannot work on."""
    logger.error("A record was withheld: the pipeline failed with %s.", type(error).__name__)
    return log_skeleton(record)


def go_the_long_way(record: Record, environment: EnvironmentContext, client: ClientContext) -> None:
    """Step by step, for records that are out of the ordinary."""
    normalise_log(record)
    enrich_log(record, environment, client)
    redact_log(record)


def process_span(span: SpanRecord, environment: EnvironmentContext) -> SpanRecord:
    """One span, all steps; fails closed."""
    try:
        normalise_span(span)
        enrich_span(span, environment)
        redact_span(span)
    except Exception as error:  # as above
        logger.error("A span was withheld: the pipeline failed with %s.", type(error).__name__)
        return span_skeleton(span)
    return span


def log_skeleton(record: Record) -> Record:
    """Time, severity and trace of a record that could not be cleaned: enough to see that it was there."""
    skeleton = Record(timestamp_ns=0, observed_ns=0, body=WITHHELD, attributes={MARK_FAILED: True})
    for name in ("timestamp_ns", "observed_ns", "sequence", "severity_number"):
        value = getattr(record, name)
        if type(value) is int:
            setattr(skeleton, name, value)
    skeleton.trace_id, skeleton.span_id = safe_id(record.trace_id, 32), safe_id(record.span_id, 16)
    normalise_log(skeleton)
    return skeleton


def span_skeleton(span: SpanRecord) -> SpanRecord:
    """The shape of a span that could not be cleaned."""
    start = span.start_ns if type(span.start_ns) is int else 0
    end = span.end_ns if type(span.end_ns) is int else 0
    skeleton = SpanRecord(
        safe_id(span.trace_id, 32), safe_id(span.span_id, 16), start, end, safe_id(span.parent_span_id, 16), WITHHELD
    )
    normalise_span(skeleton)
    return skeleton


def safe_id(value: object, size: int) -> str:
    """An id, if it is one."""
    return clean_id(value, size) if isinstance(value, str) else ""
