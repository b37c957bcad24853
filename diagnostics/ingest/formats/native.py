"""Plain JSON at /api/v1/logs: one object, an array, or one object a line (NDJSON).

Field names are OpenTelemetry's; the usual aliases of other loggers are understood. What is not a known field becomes
an attribute. Each record stands for itself: a bad one is rejected by its index, the others are kept.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import orjson

from diagnostics.core import limits
from diagnostics.core.errors import BadInput
from diagnostics.core.record import Parsed, Record, Rejection
from diagnostics.core.severity import DEFAULT, parse_severity
from diagnostics.ingest.answer import Answer, KeyInHeader
from diagnostics.ingest.formats.json_apart import POISONED, read_apart
from diagnostics.ingest.formats.json_bounds import lines_of, load_bounded
from diagnostics.ingest.formats.json_halves import mend_halves
from diagnostics.ingest.formats.json_kinds import kind_of
from diagnostics.ingest.formats.times import read_time
from diagnostics.pipeline.redact.keys import CONTACTS

TIME_KEYS: Final = ("timestamp", "@timestamp", "time", "ts", "datetime", "date", "@t", "asctime")
SEVERITY_KEYS: Final = (
    "severity_number",
    "severity",
    "severity_text",
    "level",
    "log.level",
    "loglevel",
    "lvl",
    "levelno",
    "levelname",
    "@l",
)
# What numbers mean depends on who writes them: `level` is pino's and bunyan's, `levelno` Python's.
PINO: Final = {10: 1, 20: 5, 30: 9, 40: 13, 50: 17, 60: 21}
PYTHON: Final = {10: 5, 20: 9, 25: 10, 30: 13, 40: 17, 50: 21}
NUMBERED: Final = {"level": PINO, "lvl": PINO, "loglevel": PINO, "log.level": PINO, "levelno": PYTHON}
BODY_KEYS: Final = ("body", "message", "msg", "log", "event", "@m", "@mt")
TEXT_FIELDS: Final = {
    "service": "service_name", "service.name": "service_name", "service_name": "service_name", "app": "service_name",
    "logger": "logger", "logger_name": "logger", "log.logger": "logger",
    "release": "release", "service.version": "release", "version": "release",
    "event_name": "event_name", "event.name": "event_name",
    "trace_id": "trace_id", "traceId": "trace_id", "trace.id": "trace_id", "traceid": "trace_id",
    "span_id": "span_id", "spanId": "span_id", "span.id": "span_id",
    "session_id": "session_id", "sessionId": "session_id",
    "user_id": "user_id", "userId": "user_id",
    "request_id": "request_id", "requestId": "request_id",
    "journey_id": "journey_id", "journeyId": "journey_id",
    "error_type": "error_type",
}  # fmt: skip
# Groups that are read as dotted names, and how deep.
GROUPS: Final = {
    "http": 3,  # the content of a body is told by its name from its size
    **dict.fromkeys(("url", "client", "user_agent", "event", "error", "log", "service", "host"), 2),
    **dict.fromkeys(("trace", "span", "session", "user"), 1),
}
THINGS: Final = GROUPS.keys() - {"url", "client", "user_agent", "event", "host"}  # at the top, whatever stands in them


class NativeFormat(KeyInHeader):
    """The registry's entry."""

    name = "json"
    default_content_type = "application/json"
    passes_other_methods = True  # GET /api/v1/logs is the search
    content_types: frozenset[str] | None = frozenset(
        {"application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "text/plain", ""}
    )

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """Records of the body, in its order."""
        parsed = Parsed()
        for index, item in enumerate(read_items(body)):
            if index >= limits.RECORDS:
                raise BadInput(f"records: more than {limits.RECORDS} in one request; send smaller batches")
            record = item if isinstance(item, Rejection) else read_record(item, index, now_ns)
            if isinstance(record, Rejection):
                parsed.rejections.append(record)
            else:
                parsed.records.append(record)
        return parsed

    def success(self, accepted: int, rejections: list[Rejection], content_type: str, echo: Any = None) -> Answer:
        """Counts, and the first rejections with their reasons."""
        errors = [{"index": item.index, "reason": item.reason} for item in rejections[: limits.REPORTED_ERRORS]]
        body = {"accepted": accepted, "rejected": len(rejections), "errors": errors}
        return Answer(200, orjson.dumps(body), "application/json")

    def failure(self, status: int, message: str, content_type: str) -> Answer:
        """An error object as the rest of the API gives it."""
        return Answer(status, orjson.dumps({"error": {"code": status, "message": message}}), "application/json")

    def idempotency_key(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """The Idempotency-Key header; its length is bounded."""
        key = headers.get("idempotency-key", "").strip()
        if len(key) > 100:
            raise BadInput("Idempotency-Key: longer than 100 characters")
        return f"json:{key}" if key else None


def read_items(body: bytes) -> Iterator[Any]:
    """The objects of the body. What is not JSON becomes a Rejection where something beside it is."""
    if body.startswith(b"\xef\xbb\xbf"):
        body = body[3:]
    text = body.strip()
    if not text:
        raise BadInput("body: empty; send one JSON object, an array of objects, or one object a line")
    try:
        whole = load(text)
    except orjson.JSONDecodeError as error:
        yield from read_spoilt(mend_halves(text), error)
        return
    if not isinstance(whole, list | dict):
        raise BadInput(f"body: {kind_of(whole)}; send one JSON object, an array of objects, or one object a line")
    yield from whole if isinstance(whole, list) else [whole]


def read_spoilt(text: bytes, error: orjson.JSONDecodeError) -> Iterator[Any]:
    """One object a line, or values of which some are poisoned; BadInput when nothing of it can be read."""
    values = read_apart(text)
    found = read_lines(text) if values is None else (rejected(index, value) for index, value in enumerate(values))
    items = list(islice(found, limits.RECORDS + 1))  # one more than is taken: the caller refuses it
    if not any(isinstance(item, dict) for item in items):
        raise BadInput(f"body: not JSON ({describe(error)}); nothing was stored")
    yield from items


def rejected(index: int, value: Any) -> Any:
    """The value, or why it is none."""
    if value is POISONED:
        return Rejection(index, "record: holds NaN, Infinity or a number beyond 1.8e308; send null instead")
    return value


def load(text: bytes) -> Any:
    """JSON, strictly (no NaN, no duplicates of the whole); nesting beyond orjson's own bound is an error as well."""
    return load_bounded(text)


def describe(error: orjson.JSONDecodeError) -> str:
    """Where and what, without quoting the text."""
    return f"{error.msg.split(':')[0]}, line {error.lineno} column {error.colno}"


def read_lines(text: bytes) -> Iterator[Any]:
    """One object a line; blank lines do not count."""
    for index, line in enumerate(lines_of(text)):
        try:
            yield load(line)
        except orjson.JSONDecodeError as error:
            values = None if line.startswith(b"[") else read_apart(line)
            yield rejected(index, values[0]) if values else Rejection(index, f"line is not JSON ({describe(error)})")


def read_record(item: Any, index: int, now_ns: int) -> Record | Rejection:
    """One record from one object, or why not."""
    if not isinstance(item, dict):
        return Rejection(index, f"record: a JSON object is needed, not {kind_of(item)}")
    item = flatten_known(item)
    record = Record(timestamp_ns=now_ns, observed_ns=now_ns, sequence=index)
    try:
        take_time(item, record)
    except ValueError as error:
        return Rejection(index, str(error))
    take_severity(item, record)
    take_body(item, record)
    for key, name in TEXT_FIELDS.items():
        if key in item and isinstance(item[key], str | int | float) and not isinstance(item[key], bool):
            setattr(record, name, str(item.pop(key)))
    nested = item.pop("attributes", None)
    if isinstance(nested, dict):
        item.update(nested)
    elif nested is not None:
        item["attributes"] = nested
    record.attributes = item
    return record


def flatten_known(item: dict[str, Any]) -> dict[str, Any]:
    """ECS and others nest: {"service": {"name": …}} is read as {"service.name": …}, for known groups."""
    flat: dict[str, Any] = {}
    for key, value in item.items():
        if isinstance(value, dict) and key in GROUPS and (key in THINGS or CONTACTS.isdisjoint(value)):
            flatten(value, key, GROUPS[key], flat)
        else:
            flat[key] = value
    return flat


def flatten(group: dict[str, Any], path: str, depth: int, flat: dict[str, Any]) -> None:
    """The fields of a group, so many levels deep. What holds somebody's contact data stays together: a name in it is known as a
    person's by what stands beside it."""
    for inner, value in group.items():
        if depth > 1 and isinstance(value, dict) and value and CONTACTS.isdisjoint(value):
            flatten(value, f"{path}.{inner}", depth - 1, flat)
        else:
            flat[f"{path}.{inner}"] = value


def take_time(item: dict[str, Any], record: Record) -> None:
    """The record's own time when it has one; ValueError names the field when it cannot be read."""
    for key in TIME_KEYS:
        if key not in item or item[key] is None or item[key] == "":
            continue
        value = item[key]
        if key in ("ts", "date", "time", "datetime") and not isinstance(value, str | int | float):
            continue
        record.timestamp_ns = read_time(key, value)
        del item[key]
        return


def take_severity(item: dict[str, Any], record: Record) -> None:
    """The first field that names a level that is understood; a level that is not stays as an attribute."""
    found = find_severity(item)
    if found is None:
        record.severity_number = DEFAULT
        return
    key, record.severity_number = found
    del item[key]


def find_severity(item: dict[str, Any]) -> tuple[str, int] | None:
    """(the field, its number)."""
    for key in SEVERITY_KEYS:
        value = item.get(key)
        if value is None:
            continue
        known = NUMBERED.get(key, {}).get(value) if type(value) is int else None
        number = known or parse_severity(value)
        if number is not None:
            return key, number
    return None


def take_body(item: dict[str, Any], record: Record) -> None:
    """The first field that is a text; an object is kept as JSON."""
    for key in BODY_KEYS:
        value = item.get(key)
        if value is None:
            continue
        if isinstance(value, str):
            record.body = value
        elif key in ("body", "message"):
            record.body = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
        else:
            continue
        del item[key]
        return
