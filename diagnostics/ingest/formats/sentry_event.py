"""Sentry's events as records: the error with its stack, and its breadcrumbs as what led to it."""

import hashlib
from typing import Any, Final

import orjson

from diagnostics.core import limits, severity
from diagnostics.core.record import Record
from diagnostics.ingest.formats.otlp import read_id
from diagnostics.ingest.formats.sentry_client import headers_of, take_device
from diagnostics.ingest.formats.sentry_scope import Scope
from diagnostics.ingest.formats.sentry_values import objects, section, text
from diagnostics.ingest.formats.times import read_time
from diagnostics.pipeline.aliases import read_status

CRUMBS: Final = 100  # kept of an event: the newest, as the SDKs keep them
FRAMES: Final = 100  # kept of a stack: the innermost
SESSION_ENDS: Final = ("exited", "errored", "crashed", "abnormal", "unhandled")
CRUMB_CEILING: Final = severity.WARN  # what a breadcrumb tells of is counted where it happened


def read_event(event: dict[str, Any], event_id: str, now_ns: int, repeatable: dict[int, bytes]) -> list[Record]:
    """The records of one event: breadcrumbs first, then the event itself. Each breadcrumb's key goes into `repeatable`."""
    scope = Scope.of_event(event, event_id)
    moment = moment_of(event.get("timestamp"), now_ns)
    main = Record(
        timestamp_ns=moment,
        observed_ns=now_ns,
        severity_number=severity.parse_severity(event.get("level")) or severity.ERROR,
    )
    scope.fill(main)
    main.logger = text(event.get("logger"))
    main.attributes["sentry.event_id"] = event_id
    exceptions = exceptions_of(event)
    message = message_of(event)
    if exceptions:
        take_exceptions(main, exceptions)
    main.body = message or main.body or text(event.get("transaction")) or "event"
    take_request(main, event)
    take_device(main, section(event, "contexts"))
    records = read_crumbs(event, scope.around(), moment, now_ns, repeatable)
    main.sequence = len(records)
    return [*records, main]


def moment_of(value: Any, otherwise: int) -> int:
    """Nanoseconds since 1970 from RFC 3339 text or seconds; what is neither becomes `otherwise`."""
    if value is None:
        return otherwise
    try:
        return read_time("timestamp", value)
    except ValueError:
        return otherwise


def message_of(event: dict[str, Any]) -> str:
    """The formatted message, wherever this SDK puts it."""
    entry = event.get("logentry") or event.get("message")
    if isinstance(entry, dict):
        return text(entry.get("formatted")) or text(entry.get("message"))
    return text(entry)


def exceptions_of(event: dict[str, Any]) -> list[dict[str, Any]]:
    """What was raised. Where none of it has a stack, the last has the one that stands elsewhere; a mere message may, too."""
    found = objects(section(event, "exception").get("values") or event.get("exception"))
    stack = {} if any(frames_of(one) for one in found) else stack_elsewhere(event)
    if not stack:
        return found
    last = found[-1] if found else {}
    return [*found[:-1], {**last, "stacktrace": stack}]


def stack_elsewhere(event: dict[str, Any]) -> dict[str, Any]:
    """Of the thread that crashed, else of the one that sent the event, else the event's own."""
    threads = objects(section(event, "threads").get("values") or event.get("threads"))
    holders = [thread for sign in ("crashed", "current") for thread in threads if thread.get(sign) is True]
    return next((section(holder, "stacktrace") for holder in (*holders, event) if frames_of(holder)), {})


def frames_of(holder: dict[str, Any]) -> list[dict[str, Any]]:
    """The frames of an exception, a thread or an event, the innermost last."""
    return objects(section(holder, "stacktrace").get("frames"))


def take_exceptions(record: Record, exceptions: list[dict[str, Any]]) -> None:
    """The last one is what was caught; the others are its causes. Stack and locals are restricted fields."""
    last = exceptions[-1]
    record.error_type = text(last.get("type"))
    value = text(last.get("value"))
    record.body = f"{record.error_type}: {value}".strip(": ")
    if record.body:
        record.attributes["exception.message"] = value
    mechanism = section(last, "mechanism")
    if mechanism.get("handled") is False:
        record.attributes["exception.escaped"] = True
    record.restricted["exception.stacktrace"] = "\n".join(write_stack(one) for one in exceptions)[: limits.BODY_CHARS]
    variables = locals_of(last)
    if variables:
        record.restricted["exception.locals"] = variables


def write_stack(exception: dict[str, Any]) -> str:
    """One exception's stack as Python writes it: the fingerprint reads it, and so do people."""
    lines = ["Traceback (most recent call last):"]
    for frame in frames_of(exception)[-FRAMES:]:
        place = text(frame.get("filename")) or text(frame.get("abs_path")) or text(frame.get("module")) or "?"
        line = frame.get("lineno")
        number = line if isinstance(line, int) else 0
        lines.append(f'  File "{place}", line {number}, in {text(frame.get("function")) or "?"}')
        source = text(frame.get("context_line")).strip()
        if source:
            lines.append(f"    {source}")
    raised = f"{text(exception.get('type'))}: {text(exception.get('value'))}"
    return "\n".join([*lines, raised] if raised != ": " else lines)


def locals_of(exception: dict[str, Any]) -> dict[str, Any]:
    """Local variables of the innermost frames that have any."""
    frames = frames_of(exception)
    found = [frame for frame in frames if isinstance(frame.get("vars"), dict)][-3:]
    return {f"{text(frame.get('function'))}:{frame.get('lineno')}": frame["vars"] for frame in found}


def take_request(record: Record, event: dict[str, Any]) -> None:
    """Method, address, status and user agent. Body and cookies are left out: nobody debugs with a password at hand."""
    request = section(event, "request")
    record.http_method = text(request.get("method"))
    url = text(request.get("url"))
    if url:
        record.attributes["url.full"] = url
        path = "/" + url.split("://", 1)[-1].partition("/")[2]
        record.attributes["url.path"] = path.split("?", 1)[0]
    record.http_status = read_status(section(section(event, "contexts"), "response").get("status_code"))
    record.user_agent = headers_of(event).get("user-agent", "")


def read_crumbs(
    event: dict[str, Any], scope: Scope, moment: int, now_ns: int, repeatable: dict[int, bytes]
) -> list[Record]:
    """Breadcrumbs as records of the event's session."""
    holder = event.get("breadcrumbs")
    values = holder.get("values") if isinstance(holder, dict) else holder
    records: list[Record] = []
    for crumb in objects(values)[-CRUMBS:]:
        level = severity.parse_severity(crumb.get("level")) or severity.DEFAULT
        record = Record(
            timestamp_ns=moment_of(crumb.get("timestamp"), moment),
            observed_ns=now_ns,
            sequence=len(records),
            severity_number=min(level, CRUMB_CEILING),
            event_name="breadcrumb",
            logger=text(crumb.get("category")),
        )
        scope.fill(record)
        data = section(crumb, "data")
        record.body = text(crumb.get("message")) or describe_data(data) or record.logger or "breadcrumb"
        record.attributes |= {f"breadcrumb.{name}": value for name, value in data.items()}
        record.attributes["breadcrumb.type"] = text(crumb.get("type")) or "default"
        repeatable[id(record)] = key_of(scope, crumb)
        records.append(record)
    return records


def key_of(scope: Scope, crumb: dict[str, Any]) -> bytes:
    """The same for a breadcrumb that is sent again."""
    said = orjson.dumps([scope.session_id, crumb], option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.blake2b(said, digest_size=12).digest()


def describe_data(data: dict[str, Any]) -> str:
    """'GET https://… 200' of an HTTP breadcrumb."""
    words = (data.get("method") or data.get("http.method"), data.get("url"), data.get("status_code"))
    return " ".join(str(word) for word in words if word)


def read_session(session: dict[str, Any], now_ns: int) -> Record | None:
    """A release-health session: a line when it begins and when it ends badly; its updates in between say nothing."""
    status = text(session.get("status")) or "ok"
    if not session.get("init") and status in ("ok", "exited"):
        return None
    crashed = status in ("crashed", "abnormal")
    record = Record(
        timestamp_ns=moment_of(session.get("timestamp"), now_ns),
        observed_ns=now_ns,
        severity_number=severity.WARN if crashed else severity.DEFAULT,
        event_name="session",
        body=f"session {status}",
        session_id=text(session.get("sid")),
        user_id=text(session.get("did")),
    )
    describe_session(record, section(session, "attrs"))
    return record


def read_session_counts(bucket: dict[str, Any], attributes: dict[str, Any], now_ns: int) -> Record | None:
    """How many sessions began in a minute and how they ended: servers send sums instead of a session a request.

    None where nothing is counted.
    """
    counts = {name: count for name in SESSION_ENDS if type(count := bucket.get(name)) is int and count > 0}
    if not counts:
        return None
    ended_badly = counts.keys() & {"crashed", "abnormal"}
    record = Record(
        timestamp_ns=moment_of(bucket.get("started"), now_ns),
        observed_ns=now_ns,
        severity_number=severity.WARN if ended_badly else severity.DEFAULT,
        event_name="sessions",
        body=f"sessions: {', '.join(f'{count} {name}' for name, count in counts.items())}",
        user_id=text(bucket.get("did")),
        attributes={f"sessions.{name}": count for name, count in counts.items()},
    )
    describe_session(record, attributes)
    return record


def describe_session(record: Record, attributes: dict[str, Any]) -> None:
    """Release and client."""
    record.release = text(attributes.get("release"))
    record.client_address, record.user_agent = text(attributes.get("ip_address")), text(attributes.get("user_agent"))


def read_log(item: dict[str, Any], now_ns: int) -> Record:
    """One entry of a `log` item: typed attributes, OpenTelemetry's numbers."""
    number = item.get("severity_number")
    level = number if isinstance(number, int) and 1 <= number <= 24 else severity.parse_severity(item.get("level"))
    attributes = {
        name: value.get("value") if isinstance(value, dict) else value
        for name, value in section(item, "attributes").items()
    }
    sequence = attributes.pop("sentry.timestamp.sequence", 0)
    return Record(
        timestamp_ns=moment_of(item.get("timestamp"), now_ns),
        observed_ns=now_ns,
        sequence=sequence if isinstance(sequence, int) else 0,
        severity_number=level or severity.DEFAULT,
        body=text(item.get("body")),
        trace_id=read_id(item.get("trace_id"), 32),
        span_id=read_id(item.get("span_id"), 16),
        logger=str(attributes.get("logger.name") or ""),
        attributes=attributes,
    )
