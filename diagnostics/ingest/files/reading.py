"""Reading a log file in chunks, from its beginning or from where an earlier import ended."""

import gzip
import hashlib
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


def new_digest() -> hashlib.blake2b:
    """Of the bytes of a file so far."""
    return hashlib.blake2b(digest_size=12)


@dataclass
class Place:
    """Where reading stands in the (unpacked) file: bytes and lines behind it, and what those bytes were."""

    position: int = 0
    line: int = 0
    digest: hashlib.blake2b = field(default_factory=new_digest)

    def take(self, data: bytes) -> None:
        """Go on behind these bytes."""
        self.position += len(data)
        self.digest.update(data)


@dataclass
class Chunk:
    """Records of some lines; `start` and `end` are bytes of the (unpacked) file, `digest` is of all up to the end."""

    start: int
    end: int
    last_line: int = 0
    digest: str = ""
    records: list[tuple[int, Fields]] = field(default_factory=list)  # (line number, fields)

    def end_at(self, place: Place) -> "Chunk":
        """The chunk, complete."""
        self.end, self.last_line, self.digest = place.position, place.line, place.digest.hexdigest()
        return self


def is_packed(path: Path) -> bool:
    """Whether it is gzip, by its first bytes."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def open_log(path: Path) -> IO[bytes]:
    """Plain or gzip."""
    return cast(IO[bytes], gzip.open(path, "rb")) if is_packed(path) else path.open("rb")


def detect_format(path: Path, now: datetime) -> str | None:
    """By the first lines."""
    with open_log(path) as file:
        return detect((line.decode("utf-8", "replace").rstrip("\r\n") for line in islice(file, SAMPLE_LINES)), now)


def read_chunks(
    file: IO[bytes], read_line: ReadLine, now: datetime, trouble: Trouble, place: Place, *, is_growing: bool = False
) -> Iterator[Chunk]:
    """Chunks of about BATCH_LINES lines, from a place on. Lines that go on with the record before (stack traces) are added to
    it. Of a file that is still being written, a last line without an end is left for the next time."""
    chunk = Chunk(place.position, place.position)
    while line := read_on(file, trouble, place.line):
        is_cut = not line.endswith(b"\n") and len(line) == limits.RECORD
        if is_growing and not (is_cut or line.endswith(b"\n")):
            trouble.add("not complete yet: it comes with the next import", place.line + 1)
            break
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if (place.line + 1) % BATCH_LINES == 0 and not text.startswith(CONTINUED) and chunk.records:
            yield chunk.end_at(place)
            chunk = Chunk(place.position, place.position)
        place.line += 1
        place.take(line)
        if is_cut:
            skip_rest(file, place)
            trouble.add(f"longer than {limits.RECORD // limits.KIB} KiB: cut", place.line)
        take_line(chunk, text, place.line, read_line, now, trouble)
    if chunk.records:
        yield chunk.end_at(place)


def read_on(file: IO[bytes], trouble: Trouble, number: int) -> bytes:
    """The next line, cut; empty at the end, which of a spoilt gzip file comes early."""
    try:
        return file.readline(limits.RECORD)
    except (EOFError, OSError, zlib.error):
        trouble.add("the file cannot be unpacked any further", number)
        return b""


def skip_rest(file: IO[bytes], place: Place) -> None:
    """Behind a line that is too long."""
    while part := file.readline(limits.RECORD):
        place.take(part)
        if part.endswith(b"\n"):
            break


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
