"""A record's address: its time and id in one word, so that a look-up goes to one day's partition."""

import re
from datetime import datetime
from typing import NamedTuple

from diagnostics.core import clock

SHAPE = re.compile(r"^([0-9]{1,16})-([0-9]{1,18})$")


class Reference(NamedTuple):
    """Where a row of a partitioned table lies."""

    timestamp: datetime
    id: int


def write_reference(timestamp: datetime, row_id: int) -> str:
    """'microseconds-id', as used in addresses."""
    return f"{clock.to_ns(timestamp) // 1000}-{row_id}"


def read_reference(text: str) -> Reference | None:
    """The reference written in an address, or None when it is not one."""
    match = SHAPE.match(text)
    if match is None:
        return None
    try:
        return Reference(clock.from_ns(int(match[1]) * 1000), int(match[2]))
    except OverflowError:
        return None
