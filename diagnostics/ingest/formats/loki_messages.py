"""Loki's protobuf messages, described in code: logproto.PushRequest with the fields that we read."""

from typing import Any, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

TYPES: Final = {
    "string": FieldDescriptorProto.TYPE_STRING,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "int32": FieldDescriptorProto.TYPE_INT32,
}
# message: (name, number, type, repeated). Types that are not plain are messages of this file.
MESSAGES: Final = {
    "Timestamp": (("seconds", 1, "int64", False), ("nanos", 2, "int32", False)),
    "LabelPair": (("name", 1, "string", False), ("value", 2, "string", False)),
    "Entry": (
        ("timestamp", 1, "Timestamp", False), ("line", 2, "string", False), ("metadata", 3, "LabelPair", True),
    ),
    "Stream": (("labels", 1, "string", False), ("entries", 2, "Entry", True)),
    "PushRequest": (("streams", 1, "Stream", True),),
}  # fmt: skip


def describe_file() -> FileDescriptorProto:
    """The file that would be written by hand as a .proto."""
    file = FileDescriptorProto(name="diagnostics_loki.proto", package="diagnostics.loki", syntax="proto3")
    for message, fields in MESSAGES.items():
        described = file.message_type.add(name=message)
        for name, number, kind, repeated in fields:
            field = described.field.add(name=name, number=number)
            field.label = FieldDescriptorProto.LABEL_REPEATED if repeated else FieldDescriptorProto.LABEL_OPTIONAL
            if kind in TYPES:
                field.type = TYPES[kind]
            else:
                field.type, field.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".diagnostics.loki.{kind}"
    return file


def make_push_request() -> Any:
    """The message class."""
    pool = DescriptorPool()
    pool.Add(describe_file())
    return GetMessageClass(pool.FindMessageTypeByName("diagnostics.loki.PushRequest"))


PushRequest: Final = make_push_request()
