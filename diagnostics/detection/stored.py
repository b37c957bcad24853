"""The stored form of a detector: a version, what it is, and its numbers as 64 bit floats."""

import struct
from typing import Final

from diagnostics.detection.kept import Kept

HEAD: Final = struct.Struct("<BBH")  # version, code of the detector, count of numbers
LARGEST: Final = 8192


class StateError(ValueError):
    """The bytes are not a state of this detector and version; start afresh."""


def pack(version: int, code: int, part: Kept) -> bytes:
    """At most 8 KiB."""
    numbers: list[float] = []
    part.dump(numbers)
    return HEAD.pack(version, code, len(numbers)) + struct.pack(f"<{len(numbers)}d", *numbers)


def unpack(state: bytes, version: int, code: int, part: Kept) -> None:
    """Fill `part`; StateError when the bytes are of another version or kind, or damaged."""
    if len(state) < HEAD.size or len(state) > LARGEST:
        raise StateError(f"a state has {HEAD.size} to {LARGEST} bytes, this one has {len(state)}")
    found_version, found_code, count = HEAD.unpack_from(state)
    if (found_version, found_code) != (version, code):
        raise StateError(f"state of version {found_version}, detector {found_code}; wanted {version}, {code}")
    if len(state) != HEAD.size + 8 * count:
        raise StateError(f"a state of {count} numbers has {HEAD.size + 8 * count} bytes, this one has {len(state)}")
    source = iter(struct.unpack_from(f"<{count}d", state, HEAD.size))
    try:
        part.load(source)
    except (StopIteration, ValueError, OverflowError) as error:
        raise StateError("the state is damaged") from error
    if next(source, None) is not None:
        raise StateError("the state has more numbers than the detector")
