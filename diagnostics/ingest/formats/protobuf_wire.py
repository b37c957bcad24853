"""The few protobuf encodings that answers need: small messages of integers and text."""


def varint(number: int) -> bytes:
    """Base-128, least significant group first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def encode_int(field: int, number: int) -> bytes:
    """A varint field; zero is the default and is left out."""
    return varint(field << 3) + varint(number) if number else b""


def encode_message(field: int, body: bytes) -> bytes:
    """A length-delimited field."""
    return varint(field << 3 | 2) + varint(len(body)) + body


def encode_text(field: int, text: str) -> bytes:
    """A text field."""
    return encode_message(field, text.encode()) if text else b""
