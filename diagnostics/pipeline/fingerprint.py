"""Fourth step: a stable name for the same error, from its type and frames or from its text without what varies.

Versioned: a change of the method is a new version, so that old and new never collide by chance.
"""

import hashlib
import re
from functools import lru_cache
from typing import Final

from diagnostics.core import severity
from diagnostics.core.record import Record

VERSION: Final = "v1"
FRAMES: Final = 5  # the innermost; further ones differ by who called
TEXT_CHARS: Final = 1_000
# `File "x.py", line 3, in f` · `at f (x.js:3:5)` · `at com.x.Y.f(Y.java:3)` · `x.go:3 +0x1d`
PYTHON_FRAME: Final = re.compile(r'^\s*File "([^"]{1,300})", line \d+, in (\S{1,200})', re.MULTILINE)
OTHER_FRAME: Final = re.compile(r"^\s*at ([^\n]{1,300})$", re.MULTILINE)
POSITION: Final = re.compile(r":\d+(?::\d+)?|0x[0-9a-fA-F]+|\+0x[0-9a-f]+|\?[^\s)]{0,100}|[.-][0-9a-f]{8,20}(?=\.)")
FOLDERS: Final = re.compile(r"[^\s(]*/")
VARIES: Final = re.compile(
    r"\[[a-z0-9-]+(?::[^\]\s]{1,60})?\]|\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|"
    r"\b[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}\b|\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,64}\b|\d+"
)


def set_fingerprint(record: Record) -> None:
    """Names an error; records below error have no fingerprint. Runs on redacted text."""
    if record.severity_number < severity.ERROR:
        return
    stack = next((value for value in record.restricted.values() if isinstance(value, str) and "\n" in value), "")
    frames = read_frames(stack[:20_000]) if stack else ()
    what = "\n".join(frames) if frames else mask_text(record.body[:TEXT_CHARS])
    record.fingerprint = digest(record.service_name, record.error_type, what)


@lru_cache(maxsize=4_096)
def mask_text(text: str) -> str:
    """The text without numbers, ids and quoted values."""
    return " ".join(VARIES.sub("*", text).split())


@lru_cache(maxsize=1_024)
def read_frames(stack: str) -> tuple[str, ...]:
    """The innermost frames, as file and function without lines, columns and folders."""
    python = PYTHON_FRAME.findall(stack)
    if python:
        return tuple(f"{path.rsplit('/', 1)[-1]} {name}" for path, name in python[-FRAMES:])
    return tuple(FOLDERS.sub("", POSITION.sub("", frame)).strip() for frame in OTHER_FRAME.findall(stack)[:FRAMES])


@lru_cache(maxsize=8_192)
def digest(*parts: str) -> str:
    """Sixteen hexadecimal digits."""
    text = "\x1f".join((VERSION, *parts))
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
