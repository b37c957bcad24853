"""Before JSON is read: how much it would become in memory, which is many times its size where it is all brackets; and its
lines, one at a time.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from diagnostics.core import limits
from diagnostics.core.errors import TooLarge

LARGE: Final = limits.MIB  # bytes; smaller texts cannot become much
CONTAINERS: Final = 2_000_000  # a hundred for each record that a request may hold
VALUES: Final = 8_000_000
LINE: Final = re.compile(rb"\S[^\n]*")


def load_bounded(data: bytes) -> Any:
    """JSON, strictly. TooLarge, or orjson.JSONDecodeError."""
    if len(data) > LARGE:
        check_bulk(data)
    return orjson.loads(data)


def check_bulk(data: bytes) -> None:
    """TooLarge when the text may hold more than memory should be given for. Texts within it are counted as well: the bounds
    are far above what they bring along."""
    if data.count(b"{") + data.count(b"[") > CONTAINERS or data.count(b",") > VALUES:
        raise TooLarge(f"body: more than {CONTAINERS:,} objects and arrays, or {VALUES:,} values; send smaller batches")


def lines_of(data: bytes) -> Iterator[bytes]:
    """Lines that are not blank, without white space before them."""
    return (match[0] for match in LINE.finditer(data))
