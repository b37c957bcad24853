"""Importing a log file through the same pipeline as everything else, batch by batch.

Each batch's receipt carries a key made of the file, of all its bytes up to the batch's end, and of that place. An import
that is started once more, because it was interrupted or because the file has grown, goes on behind the last receipt whose
bytes are still those of the file: files that merely begin alike are told apart.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from pathlib import Path
from typing import IO, Final

from django.db.models import Q

from diagnostics.core import clock, limits
from diagnostics.core.record import Parsed, Rejection
from diagnostics.digest.bell import ring
from diagnostics.ingest.files.line_formats import LINE_FORMATS
from diagnostics.ingest.files.reading import Chunk, Place, Trouble, is_packed, open_log, read_chunks
from diagnostics.ingest.formats.native import read_record
from diagnostics.ingest.keys import context_of
from diagnostics.ingest.watching import find_matcher, look_for
from diagnostics.models import Environment, IngestBatch
from diagnostics.pipeline.context import ClientContext
from diagnostics.pipeline.run import process
from diagnostics.pipeline.summarise import summarise
from diagnostics.pipeline.templates import mine_templates
from diagnostics.storage.batch import PreparedBatch
from diagnostics.storage.partitions import TABLES, existing_partitions, make_partition, partition_name
from diagnostics.storage.writer import WRITER

HEADS: Final = (256, 128, 64, 32, 16, 8, 4, 2, 1)  # bytes, unpacked, that a receipt is looked up by
BLOCK: Final = 256 * limits.KIB
GROWING: Final = timedelta(minutes=1)  # a plain file that was changed since is still being written


@dataclass
class Report:
    """What came of a file."""

    stored: int = 0
    known: int = 0  # were there from an earlier import
    trouble: Trouble = field(default_factory=Trouble)


Receipts = dict[
    int, list[tuple[str, int, int]]
]  # (digest, lines, records) of earlier imports by the byte where they end
Progress = Callable[[int, Report], None]  # bytes read so far (unpacked), and the counts


def import_file(path: Path, environment: Environment, line_format: str, service: str, progress: Progress) -> Report:
    """Read, clean, store; `service` names records that name none."""
    report = Report()
    now = clock.now()
    names = names_of(path)
    place, report.known = find_end(path, receipts_of(environment, names))
    with open_log(path) as file:
        skip_to(file, place.position)
        read_line, is_growing = LINE_FORMATS[line_format], is_being_written(path, now)
        for chunk in read_chunks(file, read_line, now, report.trouble, place, is_growing=is_growing):
            key = f"{names[0]}:{chunk.digest}:{chunk.end}:{chunk.last_line}"
            receipt = WRITER.submit(prepare(chunk, environment, service, key, report.trouble)).result()
            report.stored += receipt.accepted
            ring()
            progress(chunk.end, report)
    return report


def skip_to(file: IO[bytes], position: int) -> None:
    """Where an earlier import ended; a gzip file that ends before it has nothing new."""
    with suppress(EOFError, OSError, zlib.error):
        file.seek(position)


def is_being_written(path: Path, now: datetime) -> bool:
    """Whether more may come; a packed file is finished."""
    return not is_packed(path) and now.timestamp() - path.stat().st_mtime < GROWING.total_seconds()


def names_of(path: Path) -> list[str]:
    """By how the file begins, whatever it is called: its receipts stand under the first of the names, or under a later one where
    the file was smaller then. Other files may share them."""
    with open_log(path) as file:
        head = file.read(HEADS[0])
    sizes = [size for size in HEADS if size <= len(head)] or [0]
    return [f"import:{size}-{hashlib.blake2b(head[:size], digest_size=12).hexdigest()}" for size in sizes]


def receipts_of(environment: Environment, names: list[str]) -> Receipts:
    """What earlier imports of files that begin alike have left."""
    is_one = reduce(or_, (Q(idempotency_key__startswith=f"{name}:") for name in names))
    batches = IngestBatch.objects.filter(is_one, environment=environment)
    found: Receipts = {}
    for key, count in batches.values_list("idempotency_key", "records"):
        digest, end, line = str(key).split(":")[2:]
        found.setdefault(int(end), []).append((digest, int(line), count))
    return found


def find_end(path: Path, receipts: Receipts) -> tuple[Place, int]:
    """(behind what of this very file is there already, how many records that are)."""
    place, last, known = Place(), Place(), 0
    with open_log(path) as file, suppress(EOFError, OSError, zlib.error):
        for end in sorted(receipts):
            while place.position < end and (block := file.read(min(BLOCK, end - place.position))):
                place.take(block)
            if place.position < end:
                break
            for digest, line, count in receipts[end]:
                if digest == place.digest.hexdigest():
                    last, known = Place(end, line, place.digest.copy()), known + count
    return last, known


def prepare(chunk: Chunk, environment: Environment, service: str, key: str, trouble: Trouble) -> PreparedBatch:
    """The chunk as one batch, through the whole pipeline."""
    now_ns = clock.now_ns()
    oldest_ns = clock.to_ns(clock.now() - timedelta(days=environment.retention_days))
    parsed = Parsed()
    for number, fields in chunk.records:
        record = read_record(fields, number % 2**31, now_ns)
        if isinstance(record, Rejection):
            trouble.add(record.reason, number)
        elif record.timestamp_ns < oldest_ns:
            trouble.add(f"older than the environment's retention ({environment.retention_days} days)", number)
        else:
            record.service_name = record.service_name or service
            parsed.records.append(record)
    make_days({clock.from_ns(record.timestamp_ns).date() for record in parsed.records})
    context = context_of(environment)
    parsed = process(parsed, context, ClientContext())
    summary = summarise(parsed, context.endings)
    return PreparedBatch(
        environment_id=environment.pk,
        ingest_key_id=0,
        wire_format="import",
        received_ns=now_ns,
        size=chunk.end - chunk.start,
        parsed=parsed,
        sums=summary.sums,
        sessions=summary.sessions,
        journeys=summary.journeys,
        templates=mine_templates(parsed.records, context.templates),
        findings=look_for(parsed.records, find_matcher(environment.pk)),
        idempotency_key=key,
    )


def make_days(days: set[date]) -> None:
    """Partitions for days that are over: files bring what is older than today."""
    existing = existing_partitions() if days else set()
    for table, day in missing(days, existing):
        make_partition(table, day)


def missing(days: set[date], existing: set[str]) -> Iterator[tuple[str, date]]:
    """(table, day) of each partition that is not there."""
    for day in sorted(days):
        for table in TABLES:
            if partition_name(table, day) not in existing:
                yield table, day
