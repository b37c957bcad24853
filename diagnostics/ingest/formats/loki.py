"""Loki's push at /loki/api/v1/push: JSON, and snappy-compressed protobuf as agents send it. Success is exactly 204.

Labels become attributes; `service_name`, `service`, `app`, `job` name the service, `level` the severity, in this order.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import cramjam
import orjson

from diagnostics.core import limits, severity
from diagnostics.core.errors import BadInput, TooLarge
from diagnostics.core.record import Parsed, Record, Rejection
from diagnostics.ingest.answer import Answer, KeyInHeader
from diagnostics.ingest.formats.json_halves import load_json
from diagnostics.ingest.formats.line_level import level_in
from diagnostics.ingest.formats.loki_messages import PushRequest
from diagnostics.ingest.formats.otlp import (
    JSON,
    PROTOBUF,
    check_attributes,
    check_count,
    check_time,
    read_id,
    read_protobuf,
)
from diagnostics.ingest.formats.sharing import Shares, size_of
from diagnostics.ingest.formats.times import read_time

SERVICE_LABELS: Final = ("service_name", "service", "service.name", "app", "application", "job", "container")
LEVEL_LABELS: Final = ("level", "detected_level", "severity", "lvl")
LABEL: Final = re.compile(r'\s*([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?')
TRACE_NAMES: Final = ("trace_id", "traceID", "traceId")
SPAN_NAMES: Final = ("span_id", "spanID", "spanId")
# As Go quotes a text.
ESCAPE: Final = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
NANOSECONDS: Final = 10**9
NOT_SNAPPY: Final = "body: not valid snappy; nothing was stored"


class LokiFormat(KeyInHeader):
    """The registry's entry."""

    name = "loki"
    default_content_type = JSON
    content_types: frozenset[str] | None = frozenset({JSON, PROTOBUF, "text/json", ""})
    inner_codings = frozenset({"snappy"})  # what agents push is snappy whether they say so or not
    passes_other_methods = False

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """Lines of all streams, in their order."""
        parsed = Parsed()
        streams = read_protobuf_streams(body) if content_type in (PROTOBUF, "") else read_json_streams(body)
        for index, (labels, moment, line, metadata) in enumerate(streams):
            check_count(index + 1)
            reason = check_time(moment, "values: time") if isinstance(moment, int) else str(moment)
            if reason:
                parsed.rejections.append(Rejection(index, reason))
            else:
                parsed.records.append(make_record(labels, moment, line, metadata, index, now_ns))
        return parsed

    def success(self, accepted: int, rejections: list[Rejection], content_type: str, echo: Any = None) -> Answer:
        """204; where nothing could be taken 400 with the first reason, as Loki does."""
        if rejections and not accepted:
            return self.failure(
                400, f"{len(rejections)} rejected; number {rejections[0].index}: {rejections[0].reason}", ""
            )
        return Answer(204, b"", "text/plain")

    def failure(self, status: int, message: str, content_type: str) -> Answer:
        """Plain text."""
        return Answer(status, f"{message}\n".encode(), "text/plain; charset=utf-8")

    def idempotency_key(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """Agents send the very same bytes again when an answer was lost."""
        return f"loki:{hashlib.blake2b(body, digest_size=20).hexdigest()}" if body else None


Entry = tuple[dict[str, str], Any, str, dict[str, Any]]  # labels, time in nanoseconds or what is wrong, line, metadata


def read_json_streams(body: bytes) -> Iterator[Entry]:
    """Both shapes: `stream` and `values`, and the older `labels` and `entries`."""
    try:
        found = load_json(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"body: not JSON (line {error.lineno} column {error.colno}); nothing was stored") from None
    streams = found.get("streams") if isinstance(found, dict) else None
    if not isinstance(streams, list):
        raise BadInput("streams: an array is needed; nothing was stored")
    shares = Shares("labels")
    for stream in streams:
        if not isinstance(stream, dict):
            raise BadInput("streams: an array of objects is needed; nothing was stored")
        if "entries" in stream:
            yield from read_old_stream(stream, shares)
        else:
            yield from read_stream(stream, shares)


def read_stream(stream: dict[str, Any], shares: Shares) -> Iterator[Entry]:
    """`{"stream": {labels}, "values": [[time, line, metadata?]]}`."""
    labels = stream.get("stream")
    values = stream.get("values")
    if not isinstance(labels, dict) or not isinstance(values, list):
        raise BadInput("streams: each needs `stream`, an object of labels, and `values`, an array; nothing was stored")
    named = {str(name): str(value) for name, value in labels.items()}
    shares.count(size_of(named), len(values))
    for value in values:
        if not isinstance(value, list) or len(value) < 2 or not isinstance(value[1], str):
            yield named, "values: [time in nanoseconds as text, line] is needed", "", {}
            continue
        metadata = value[2] if len(value) > 2 and isinstance(value[2], dict) else {}
        yield named, read_nanoseconds(value[0]), value[1], metadata


def read_nanoseconds(value: Any) -> Any:
    """Nanoseconds as text (or number); else what is wrong."""
    if isinstance(value, str) and len(value) <= 20 and value.isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return "values: the time must be nanoseconds since 1970, as text"


def read_old_stream(stream: dict[str, Any], shares: Shares) -> Iterator[Entry]:
    """`{"labels": "{app=\\"x\\"}", "entries": [{"ts": RFC 3339, "line": …}]}`."""
    labels = read_labels(str(stream.get("labels") or ""))
    entries = stream.get("entries")
    shares.count(size_of(labels), len(entries) if isinstance(entries, list) else 0)
    for entry in entries if isinstance(entries, list) else []:
        line = entry.get("line") if isinstance(entry, dict) else None
        if not isinstance(line, str):
            yield labels, "entries: `ts` and `line` are needed", "", {}
            continue
        try:
            yield labels, read_time("ts", entry.get("ts")), line, {}
        except ValueError as error:
            yield labels, str(error), "", {}


def read_labels(text: str) -> dict[str, str]:
    """Prometheus label text: `{app="x", env="y"}`."""
    inner = text.strip()[: limits.VALUE_CHARS].removeprefix("{").removesuffix("}")
    return {name: ESCAPE.sub(unescape, value) for name, value in LABEL.findall(inner)}


def unescape(match: re.Match[str]) -> str:
    """One escape of a quoted text."""
    said = match[1]
    if len(said) == 1:
        return ESCAPED.get(said, said)
    number = int(said[1:], 16)
    return chr(number) if number < 0x110000 else "\ufffd"


def read_protobuf_streams(body: bytes) -> Iterator[Entry]:
    """A snappy-compressed PushRequest."""
    request = PushRequest()
    read_protobuf(request, unsnap(body))
    check_count(len(request.streams), "streams")
    shares = Shares("labels")
    for stream in request.streams:
        labels = read_labels(stream.labels)
        shares.count(len(stream.labels), len(stream.entries))
        for entry in stream.entries:
            check_attributes(len(entry.metadata))
            moment = entry.timestamp.seconds * NANOSECONDS + entry.timestamp.nanos
            yield labels, moment, entry.line, {pair.name: pair.value for pair in entry.metadata}


def unsnap(body: bytes) -> bytes:
    """Raw snappy. It begins with the size of what it holds, which is checked before anything is unpacked."""
    size = 0
    for place, byte in enumerate(body[:5]):
        size |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    else:
        raise BadInput(NOT_SNAPPY)
    if size > limits.DECODED_BODY:
        raise TooLarge(f"body: more than {limits.DECODED_BODY // limits.MIB} MiB after decompression")
    try:
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError:
        raise BadInput(NOT_SNAPPY) from None


def make_record(
    labels: dict[str, str], moment: int, line: str, metadata: dict[str, Any], index: int, now_ns: int
) -> Record:
    """One line as a record."""
    attributes = {**labels, **metadata}
    record = Record(timestamp_ns=moment, observed_ns=now_ns, sequence=index, body=line, attributes=attributes)
    record.service_name = next((str(attributes[name]) for name in SERVICE_LABELS if attributes.get(name)), "")
    record.severity_number = take_level(attributes) or level_in(line) or severity.DEFAULT
    record.trace_id = read_first_id(attributes, TRACE_NAMES, 32)
    record.span_id = read_first_id(attributes, SPAN_NAMES, 16)
    return record


def take_level(attributes: dict[str, Any]) -> int | None:
    """The first label that names a level; one that says `unknown` stays, and the line is asked."""
    for name in LEVEL_LABELS:
        number = severity.parse_severity(attributes.get(name))
        if number is not None:
            del attributes[name]
            return number
    return None


def read_first_id(attributes: dict[str, Any], names: tuple[str, ...], size: int) -> str:
    """The first that is one."""
    return next(filter(None, (read_id(attributes[name], size) for name in names if name in attributes)), "")
