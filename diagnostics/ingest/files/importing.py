"""Importing a log file through the same pipeline as everything else, batch by batch.

Each batch's receipt carries a key made of the file and its place in it. An import that is started once more, because it
was interrupted or because the file has grown, goes on behind the last receipt.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Final

from diagnostics.core import clock
from diagnostics.core.record import Parsed, Rejection
from diagnostics.digest.bell import ring
from diagnostics.ingest.files.line_formats import LINE_FORMATS
from diagnostics.ingest.files.reading import Chunk, Trouble, open_log, read_chunks
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

HEAD_BYTES: Final = (
    256  # of the file, unpacked, that tell it from others; few, so that a young file keeps its name as it grows
)


@dataclass
class Report:
    """What came of a file."""

    stored: int = 0
    known: int = 0  # were there from an earlier import
    trouble: Trouble = field(default_factory=Trouble)


Progress = Callable[[int, Report], None]  # bytes read so far (unpacked), and the counts


def import_file(path: Path, environment: Environment, line_format: str, service: str, progress: Progress) -> Report:
    """Read, clean, store; `service` names records that name none."""
    report = Report()
    now = clock.now()
    identity = f"import:{identify(path)}"
    with open_log(path) as file:
        position, line, report.known = find_end(environment, identity)
        skip_to(file, position)
        for chunk in read_chunks(file, LINE_FORMATS[line_format], now, report.trouble, position, line):
            key = f"{identity}:{chunk.end}:{chunk.last_line}"
            receipt = WRITER.submit(prepare(chunk, environment, service, key, report.trouble)).result()
            report.stored += receipt.accepted
            ring()
            progress(chunk.end, report)
    return report


def skip_to(file: IO[bytes], position: int) -> None:
    """Where an earlier import ended; a gzip file that ends before it has nothing new."""
    with suppress(EOFError, OSError, zlib.error):
        file.seek(position)


def find_end(environment: Environment, identity: str) -> tuple[int, int, int]:
    """(bytes, lines, records) of the file that are there already."""
    batches = IngestBatch.objects.filter(environment=environment, idempotency_key__startswith=f"{identity}:")
    found = [
        (*map(int, str(key).split(":")[2:]), count) for key, count in batches.values_list("idempotency_key", "records")
    ]
    if not found:
        return 0, 0, 0
    position, line, _ = max(found)
    return position, line, sum(count for *_, count in found)


def identify(path: Path) -> str:
    """By how the file begins: renaming or rotating it changes nothing."""
    with open_log(path) as file:
        return hashlib.blake2b(file.read(HEAD_BYTES), digest_size=12).hexdigest()


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
    sums, sessions = summarise(parsed)
    return PreparedBatch(
        environment_id=environment.pk,
        ingest_key_id=0,
        wire_format="import",
        received_ns=now_ns,
        size=chunk.end - chunk.start,
        parsed=parsed,
        sums=sums,
        sessions=sessions,
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
