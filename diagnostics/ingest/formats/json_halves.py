"""JSON in which a text was cut through a character: JavaScript then writes half of a surrogate pair, which is JSON by its
grammar, but text in no encoding. It becomes U+FFFD, so that one cut emoji does not cost a whole batch.
"""

import re
from typing import Any, Final

import orjson

from diagnostics.core.errors import BadInput
from diagnostics.ingest.formats.json_bounds import load_bounded

HALF: Final = re.compile(rb"\\u[dD][89a-fA-F]")
# A run of backslashes, an escaped half, and the second half that may follow. The look-behind keeps it linear.
ESCAPED: Final = re.compile(rb"(?<!\\)(\\++)(u[dD]([89a-fA-F])[0-9a-fA-F]{2})(\\u[dD][c-fC-F][0-9a-fA-F]{2})?")
MOST: Final = 1_000_000  # each costs a call
REPLACEMENT: Final = b"\\ufffd"
HIGH: Final = b"89abAB"


def load_json(data: bytes) -> Any:
    """Strict, but for halves of characters; orjson.JSONDecodeError."""
    try:
        return load_bounded(data)
    except orjson.JSONDecodeError:
        mended = mend_halves(data)
        if mended is data:
            raise
    return orjson.loads(mended)


def mend_halves(data: bytes) -> bytes:
    """The text with every lone half replaced; the very same object when it has none that is escaped."""
    if HALF.search(data) is None:
        return data
    mended, count = ESCAPED.subn(mend_one, data, count=MOST)
    if count == MOST:
        raise BadInput(f"body: more than {MOST:,} characters escaped by halves; send them as UTF-8")
    return mended


def mend_one(match: re.Match[bytes]) -> bytes:
    """One escape with its neighbour."""
    run, half, digit, second = match.groups()
    if len(run) % 2 == 0:  # an escaped backslash, and then plain letters
        return run + half + (REPLACEMENT if second else b"")
    if digit in HIGH:
        return match[0] if second else run[:-1] + REPLACEMENT
    return run[:-1] + REPLACEMENT + (REPLACEMENT if second else b"")
