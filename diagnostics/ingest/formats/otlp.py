"""OTLP/HTTP: what logs and traces have in common (the OTLP specification, version 1): answers, attributes, ids."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from diagnostics.core import limits
from diagnostics.core.errors import BadInput
from diagnostics.core.record import Rejection
from diagnostics.ingest.answer import Answer, KeyInHeader
from diagnostics.ingest.formats.json_halves import load_json
from diagnostics.ingest.formats.protobuf_wire import encode_int, encode_message, encode_text

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"
TYPES: Final = frozenset({PROTOBUF, JSON, "application/protobuf"})
# google.rpc.Code of the HTTP statuses that we answer.
RPC_CODES: Final = {400: 3, 401: 16, 403: 7, 404: 5, 413: 8, 415: 3, 429: 8, 503: 14}
LARGE: Final = limits.MIB  # of a protobuf body; smaller ones cannot hold enough to be worth a second look
MOST_ATTRIBUTES: Final = 10_000
MAX_DEPTH: Final = 32  # of an attribute while it is read; normalising cuts deeper still


class OtlpFormat(KeyInHeader):
    """Shared behaviour of the two signals."""

    name = "otlp"
    default_content_type = PROTOBUF
    content_types: frozenset[str] | None = TYPES
    passes_other_methods = False
    rejected_key = "rejectedLogRecords"

    def success(self, accepted: int, rejections: list[Rejection], content_type: str, echo: Any = None) -> Answer:
        """An empty message, or partial success with the count and the first reason."""
        if not rejections:
            return Answer(200, b"{}" if content_type == JSON else b"", answer_type(content_type))
        first = rejections[0]
        message = f"{len(rejections)} rejected; the first, number {first.index}: {first.reason}"
        if content_type == JSON:
            partial = {self.rejected_key: str(len(rejections)), "errorMessage": message}
            return Answer(200, orjson.dumps({"partialSuccess": partial}), JSON)
        inner = encode_int(1, len(rejections)) + encode_text(2, message)
        return Answer(200, encode_message(1, inner), PROTOBUF)

    def failure(self, status: int, message: str, content_type: str) -> Answer:
        """google.rpc.Status in the request's own encoding."""
        code = RPC_CODES.get(status, 13)
        if content_type == JSON:
            return Answer(status, orjson.dumps({"code": code, "message": message}), JSON)
        return Answer(status, encode_int(1, code) + encode_text(2, message), PROTOBUF)

    def idempotency_key(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """Exporters send the very same bytes again when an answer was lost; their hash is the key."""
        return f"otlp:{hashlib.blake2b(body, digest_size=20).hexdigest()}" if body else None


def answer_type(content_type: str) -> str:
    """The answer has the request's type."""
    return JSON if content_type == JSON else PROTOBUF


def read_protobuf(message: Message, body: bytes) -> None:
    """Fill the message, or BadInput."""
    try:
        message.ParseFromString(body)
    except DecodeError:
        raise not_protobuf() from None


def not_protobuf() -> BadInput:
    """What the sender is told."""
    return BadInput("body: not a valid protobuf message of this address; nothing was stored")


def read_json(body: bytes) -> dict[str, Any]:
    """The request as an object, or BadInput."""
    try:
        found = load_json(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"body: not JSON (line {error.lineno} column {error.colno}); nothing was stored") from None
    if not isinstance(found, dict):
        raise BadInput("body: a JSON object is needed; nothing was stored")
    return found


def objects(holder: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of objects under a key; anything else in its place is BadInput that names the key."""
    found = holder.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise BadInput(f"{key}: an array of objects is needed; nothing was stored")
    return found


def section(holder: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under a key, or an empty one."""
    found = holder.get(key)
    return found if isinstance(found, dict) else {}


def attributes_of(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    """A protobuf attribute list as a dictionary."""
    found: dict[str, Any] = {}
    for pair in pairs:
        value = pair.value
        # Most are texts; only for an empty one must be asked what it is.
        found[pair.key] = value.string_value or value_of(value, value.WhichOneof("value"), MAX_DEPTH)
    return found


def value_of(value: AnyValue, kind: str | None, depth: int) -> Any:
    """A protobuf AnyValue as a Python value; bytes become hex."""
    if kind is None or depth == 0:
        return None
    if kind == "array_value":
        return [value_of(item, item.WhichOneof("value"), depth - 1) for item in value.array_value.values]
    if kind == "kvlist_value":
        pairs = value.kvlist_value.values
        return {pair.key: value_of(pair.value, pair.value.WhichOneof("value"), depth - 1) for pair in pairs}
    found = getattr(value, kind)
    return read_bytes(found) if isinstance(found, bytes) else found


def read_bytes(raw: bytes) -> str:
    """Bytes that are text as that, so that what is private in them is seen; others as hex."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return raw.hex()
    return text if any(map(str.isprintable, text)) else raw.hex()


def json_attributes_of(pairs: Any) -> dict[str, Any]:
    """A JSON attribute list as a dictionary; what does not follow the schema is left out."""
    found: dict[str, Any] = {}
    if isinstance(pairs, list):
        for pair in pairs:
            if isinstance(pair, dict) and isinstance(pair.get("key"), str):
                found[pair["key"]] = json_value_of(pair.get("value"), MAX_DEPTH)
    return found


def json_value_of(value: Any, depth: int) -> Any:
    """A JSON AnyValue as a Python value; 64-bit integers may come as text."""
    if not isinstance(value, dict) or depth == 0:
        return None
    for key, read in JSON_KINDS.items():
        if key in value:
            return read(value[key], depth)
    return None


def read_json_array(value: Any, depth: int) -> Any:
    """arrayValue."""
    values = value.get("values") if isinstance(value, dict) else None
    return [json_value_of(item, depth - 1) for item in values] if isinstance(values, list) else []


def read_json_map(value: Any, depth: int) -> Any:
    """kvlistValue."""
    pairs = value.get("values") if isinstance(value, dict) else None
    if not isinstance(pairs, list):
        return {}
    return {
        pair["key"]: json_value_of(pair.get("value"), depth - 1)
        for pair in pairs
        if isinstance(pair, dict) and isinstance(pair.get("key"), str)
    }


def read_json_integer(value: Any, depth: int) -> Any:
    """intValue: a number or its text."""
    return read_integer(value, None)


def read_json_bytes(value: Any, depth: int) -> Any:
    """bytesValue: base64, read as from protobuf; what is none stays as it is."""
    try:
        return read_bytes(base64.b64decode(value, validate=True)) if isinstance(value, str) else None
    except ValueError:
        return value


def as_is(value: Any, depth: int) -> Any:
    """A plain JSON value."""
    return value if isinstance(value, str | bool | int | float) else None


JSON_KINDS: Final[dict[str, Callable[[Any, int], Any]]] = {
    "stringValue": as_is, "intValue": read_json_integer, "boolValue": as_is, "doubleValue": as_is,
    "arrayValue": read_json_array, "kvlistValue": read_json_map, "bytesValue": read_json_bytes,
}  # fmt: skip


def read_integer(value: Any, otherwise: Any) -> Any:
    """A 64-bit integer given as a number or as text; JSON writers take no larger ones."""
    if isinstance(value, str) and len(value) <= 20:
        try:
            value = int(value)
        except ValueError:
            return otherwise
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and -(2**63) <= value < 2**64 else otherwise


def read_id(value: Any, digits: int) -> str:
    """A hex id in small letters; anything else, and the all-zero id, is no id."""
    if not isinstance(value, str) or len(value) != digits:
        return ""
    lowered = value.lower()
    if lowered.strip("0123456789abcdef") or not lowered.strip("0"):
        return ""
    return lowered


def bytes_id(value: bytes, size: int) -> str:
    """A protobuf id as hex; empty when it is not `size` bytes or all zero."""
    return value.hex() if len(value) == size and any(value) else ""


def check_time(nanoseconds: int, field: str) -> str | None:
    """Why a time cannot be kept, or None."""
    if limits.EARLIEST_NS <= nanoseconds <= limits.LATEST_NS:
        return None
    return f"{field}: outside the years 1970 to 2100"


def check_count(count: int, what: str = "records") -> None:
    """BadInput when a request has too many records or spans, or groups of them: two bytes make an empty one."""
    if count > limits.RECORDS:
        raise BadInput(f"{what}: more than {limits.RECORDS} in one request; send smaller batches")


def check_attributes(*counts: int) -> None:
    """BadInput when one list of attributes is far too long to be read for the few of it that are kept."""
    if max(counts) > MOST_ATTRIBUTES:
        raise BadInput(f"attributes: more than {MOST_ATTRIBUTES} in one place; nothing was stored")


def check_shape(groups: Sequence[Any], signal: str, items: str) -> None:
    """BadInput when a large body is made of nothing but groups or attributes. `signal`: logs or spans, as the groups'
    fields have it; `items`: the field of their records."""
    scopes_of = f"scope_{signal}"
    check_count(len(groups), f"resource{signal.title()}")
    check_count(sum(len(getattr(group, scopes_of)) for group in groups), f"scope{signal.title()}")
    for group in groups:
        check_attributes(len(group.resource.attributes))
        for scope in getattr(group, scopes_of):
            records = getattr(scope, items)
            check_count(len(records))
            check_attributes(0, *[len(record.attributes) for record in records])
