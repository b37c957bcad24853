"""OTLP logs as bytes: the messages are read by protobuf, with a schema of our own in which attributes and bodies stay as
they came. Their bytes are the key under which what they say is remembered, so that what repeats is read once.

Field numbers and types are those of opentelemetry-proto 1.x (logs/v1/logs.proto, common/v1/common.proto).
"""

import struct
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from diagnostics.ingest.formats import otlp

Field = descriptor_pb2.FieldDescriptorProto
Pair = tuple[str, Any]

PACKAGE: Final = "diagnostics.otlp"
MANY: Final = Field.LABEL_REPEATED
ONE: Final = Field.LABEL_OPTIONAL
# message: (field, number, label, type), where a type may be another of these messages
MESSAGES: Final[dict[str, tuple[tuple[str, int, Any, Any], ...]]] = {
    "Request": (("resource_logs", 1, MANY, "ResourceLogs"),),
    "ResourceLogs": (("resource", 1, ONE, "Resource"), ("scope_logs", 2, MANY, "ScopeLogs")),
    "Resource": (("attributes", 1, MANY, Field.TYPE_BYTES),),
    "ScopeLogs": (("scope", 1, ONE, "Scope"), ("log_records", 2, MANY, "LogRecord")),
    "Scope": (("name", 1, ONE, Field.TYPE_STRING),),
    "LogRecord": (
        ("time_unix_nano", 1, ONE, Field.TYPE_FIXED64),
        ("severity_number", 2, ONE, Field.TYPE_INT32),
        ("severity_text", 3, ONE, Field.TYPE_STRING),
        ("body", 5, ONE, Field.TYPE_BYTES),
        ("attributes", 6, MANY, Field.TYPE_BYTES),
        ("trace_id", 9, ONE, Field.TYPE_BYTES),
        ("span_id", 10, ONE, Field.TYPE_BYTES),
        ("observed_time_unix_nano", 11, ONE, Field.TYPE_FIXED64),
        ("event_name", 12, ONE, Field.TYPE_STRING),
    ),
}
REMEMBERED: Final = 16_384  # attributes of one generation
MOST_OF_A_NAME: Final = 2_048  # of them that one name may fill
LONGEST: Final = 256  # bytes of an attribute worth remembering
TEXT_KEY: Final = 0x0A  # field 1, length-delimited: the key of a pair, and the text of a value
PAIR_VALUE: Final = 0x12  # field 2, length-delimited
WHOLE_VALUE: Final = 0x18  # field 3, varint
FRACTION_VALUE: Final = 0x21  # field 4, 64 bits
FRACTION: Final = struct.Struct("<d")
SHORT: Final = 0x80  # lengths below take one byte


def make_request_class() -> type[Any]:
    """The message class of the schema."""
    file = descriptor_pb2.FileDescriptorProto(name="diagnostics/otlp.proto", package=PACKAGE, syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, label, kind in fields:
            if isinstance(kind, str):
                reference = f".{PACKAGE}.{kind}"
                message.field.add(name=field, number=number, label=label, type=Field.TYPE_MESSAGE, type_name=reference)
            else:
                message.field.add(name=field, number=number, label=label, type=kind)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.Request"))


Request: Final = make_request_class()


class Pairs:
    """Attributes by their bytes. Two generations, so that memory stays bounded.

    Names whose texts are always new (ids, paths with ids) take no more than their part of a generation; numbers are
    read as fast as they are remembered.
    """

    def __init__(self) -> None:
        self.young: dict[bytes, Pair] = {}
        self.old: dict[bytes, Pair] = {}
        self.counts: dict[str, int] = {}  # of texts under a name in the young generation
        self.names: dict[bytes, str] = {}  # each name is one object, which makes looking it up cheap

    def read(self, raw: bytes) -> Pair:
        """An attribute that the young generation does not know."""
        pair = self.old.get(raw)
        if pair is None:
            pair = self.decode(raw)
        name, value = pair
        if type(value) is str and len(raw) <= LONGEST:
            count = self.counts.get(name, 0)
            if count < MOST_OF_A_NAME:
                self.counts[name] = count + 1
                self.young[raw] = pair
                if len(self.young) >= REMEMBERED:
                    self.turn()
        return pair

    def turn(self) -> None:
        """The young generation becomes the old one. `young` stays the same object: callers hold on to it."""
        self.old = self.young.copy()
        self.young.clear()
        self.counts.clear()

    def decode(self, raw: bytes) -> Pair:
        """Short texts, numbers below a million and fractions by hand, all else by protobuf. DecodeError when it is none."""
        size = len(raw)
        end = 2 + raw[1] if size > 5 else SHORT
        if (
            end >= SHORT
            or end + 4 > size
            or raw[0] != TEXT_KEY
            or raw[end] != PAIR_VALUE
            or raw[end + 1] != size - end - 2
        ):
            return self.decode_slowly(raw)
        kind = raw[end + 2]
        name = self.names.get(raw[2:end]) or self.name_of(raw[2:end])
        if kind == TEXT_KEY and raw[end + 3] == size - end - 4:
            return name, decode_text(raw[end + 4 :])
        if kind == WHOLE_VALUE and size - end < 7:
            return name, small_number(raw, end + 3)
        if kind == FRACTION_VALUE and size - end == 11:
            return name, FRACTION.unpack_from(raw, end + 3)[0]
        return self.decode_slowly(raw)

    def decode_slowly(self, raw: bytes) -> Pair:
        """By protobuf."""
        pair = KeyValue.FromString(raw)
        value = pair.value
        name = self.name_of(pair.key.encode())
        return name, value.string_value or otlp.value_of(value, value.WhichOneof("value"), otlp.MAX_DEPTH)

    def name_of(self, raw: bytes) -> str:
        """An attribute's name."""
        name = self.names.get(raw)
        if name is None:
            if len(self.names) >= REMEMBERED:
                self.names.clear()
            self.names[raw] = name = decode_text(raw)
        return name


def small_number(raw: bytes, start: int) -> int:
    """A varint to the end of the bytes, of three groups of seven bits at most."""
    number = shift = 0
    for byte in raw[start:]:
        number |= (byte & 0x7F) << shift
        shift += 7
    if raw[-1] >= SHORT:
        raise DecodeError("a number that does not end")
    return number


def decode_text(raw: bytes) -> str:
    """A text; DecodeError when it is none, as protobuf has it."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise DecodeError("not UTF-8") from None


def decode_body(raw: bytes) -> Any:
    """The value of a body."""
    if len(raw) > 2 and raw[0] == TEXT_KEY and raw[1] == len(raw) - 2 < SHORT:
        return decode_text(raw[2:])
    value = AnyValue.FromString(raw)
    return otlp.value_of(value, value.WhichOneof("value"), otlp.MAX_DEPTH)


PAIRS: Final = Pairs()
