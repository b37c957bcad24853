"""Reading a log file in chunks, from its beginning or from where an earlier import ended."""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Final, cast

from diagnostics.core import limits
from diagnostics.ingest.files.line_formats import Fields, ReadLine, detect

BATCH_LINES: Final = 1000
SAMPLE_LINES: Final = 50
CONTINUED: Final = (" ", "\t", "Traceback ", "Caused by: ", "}")
TRACEBACK: Final = "Traceback (most recent call last):"
# What stands at the start of a line in a chain of tracebacks: the exception itself, and what leads over to the next.
RAISED: Final = re.compile(r"[A-Za-z_][\w.]*(?::\s|$)|During handling of the above|The above exception was")
SHOWN: Final = 5  # line numbers told of each kind of trouble


@dataclass
class Trouble:
    """What could not be read, by reason: how often, and where first."""

    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[int]] = field(default_factory=dict)

    def add(self, reason: str, number: int) -> None:
        """One line."""
        self.counts[reason] += 1
        known = self.places.setdefault(reason, [])
        if len(known) < SHOWN:
            known.append(number)


@dataclass
class Chunk:
    """Records of some lines; `start` and `end` are bytes of the (unpacked) file."""

    start: int
    end: int
    last_line: int = 0
    records: list[tuple[int, Fields]] = field(default_factory=list)  # (line number, fields)


def open_log(path: Path) -> IO[bytes]:
    """Plain or gzip, by its first bytes."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if packed else path.open("rb")


def detect_format(path: Path, now: datetime) -> str | None:
    """By the first lines."""
    with open_log(path) as file:
        return detect((line.decode("utf-8", "replace").rstrip("\r\n") for line in islice(file, SAMPLE_LINES)), now)


def read_chunks(
    file: IO[bytes], read_line: ReadLine, now: datetime, trouble: Trouble, position: int = 0, number: int = 0
) -> Iterator[Chunk]:
    """Chunks of about BATCH_LINES lines, from a byte and a line number on. Lines that go on with the record before (stack
    traces) are added to it."""
    chunk = Chunk(position, position)
    while line := read_on(file, trouble, number):
        number += 1
        start, position = position, position + len(line)
        if len(line) == limits.RECORD and not line.endswith(b"\n"):
            position += skip_rest(file)
            trouble.add(f"longer than {limits.RECORD // limits.KIB} KiB: cut", number)
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if number % BATCH_LINES == 0 and not text.startswith(CONTINUED) and chunk.records:
            chunk.end, chunk.last_line = start, number - 1
            yield chunk
            chunk = Chunk(start, start)
        take_line(chunk, text, number, read_line, now, trouble)
    chunk.end, chunk.last_line = position, number
    if chunk.records:
        yield chunk


def read_on(file: IO[bytes], trouble: Trouble, number: int) -> bytes:
    """The next line, cut; empty at the end, which of a spoilt gzip file comes early."""
    try:
        return file.readline(limits.RECORD)
    except (EOFError, OSError, zlib.error):
        trouble.add("the file cannot be unpacked any further", number)
        return b""


def skip_rest(file: IO[bytes]) -> int:
    """Read to the end of a line that is too long; how many bytes that were."""
    size = 0
    while part := file.readline(limits.RECORD):
        size += len(part)
        if part.endswith(b"\n"):
            break
    return size


def continues(text: str, before: str) -> bool:
    """Whether a line belongs to the record before."""
    return text.startswith(CONTINUED) or (TRACEBACK in before and RAISED.match(text) is not None)


def take_line(chunk: Chunk, text: str, number: int, read_line: ReadLine, now: datetime, trouble: Trouble) -> None:
    """A record of its own, more of the one before, or trouble."""
    if not text.strip():
        return
    fields = read_line(text, now)
    if fields is not None:
        chunk.records.append((number, fields))
        return
    if chunk.records and isinstance(before := chunk.records[-1][1].get("message"), str) and continues(text, before):
        if len(before) < limits.BODY_CHARS:
            chunk.records[-1][1]["message"] = f"{before}\n{text}"
        return
    trouble.add("not a line of this format", number)
