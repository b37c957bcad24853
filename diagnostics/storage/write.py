"""Writing batches: everything that a group of requests brings, in one transaction, by COPY."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson
from psycopg import Connection, Cursor
from psycopg.errors import DataError, IntegrityError
from psycopg.types.json import Jsonb

from diagnostics.core import clock
from diagnostics.core.ids import BLOCK, RowIds
from diagnostics.core.record import Parsed, Rejection
from diagnostics.storage import rows
from diagnostics.storage.batch import PreparedBatch, Receipt, make_lines

Sql = Connection[Any]

INSERT_BATCH: Final = """
INSERT INTO diagnostics_ingest_batch
    (id, environment_id, ingest_key_id, received_at, wire_format, records, spans, rejected, bytes, idempotency_key,
     answer, sums, sessions, journeys, templates, findings)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (environment_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING id
"""
FIND_ANSWER: Final = """
SELECT answer FROM diagnostics_ingest_batch WHERE environment_id = %s AND idempotency_key = %s
"""


def copy_statement(table: str, columns: Iterable[str]) -> str:
    """COPY ... FROM STDIN."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f"COPY {table} ({names}) FROM STDIN"


COPY_LOG: Final = copy_statement("diagnostics_log", rows.LOG_COLUMNS)
COPY_SPAN: Final = copy_statement("diagnostics_span", rows.SPAN_COLUMNS)
COPY_RESTRICTED: Final = copy_statement("diagnostics_restricted", rows.RESTRICTED_COLUMNS)


def write_group(connection: Sql, ids: RowIds, batches: Sequence[PreparedBatch]) -> list[Receipt]:
    """Write all batches in one transaction and return their receipts, after the commit.

    A batch whose idempotency key is known is not written again: its receipt is the stored one.
    """
    with connection.transaction(), connection.cursor() as cursor:
        kept: list[tuple[PreparedBatch, int]] = []
        receipts: list[Receipt] = []
        for batch in batches:
            batch.batch_id = batch_id = ids.take(1)[0]
            if insert_batch(cursor, batch, batch_id):
                kept.append((batch, batch_id))
                receipts.append(Receipt(batch.rows, batch.parsed.rejections))
            else:
                receipts.append(stored_receipt(cursor, batch))
        copy_rows(cursor, ids, kept)
    return receipts


def find_committed(connection: Sql, batches: Sequence[PreparedBatch]) -> bool:
    """Whether an earlier try, whose answer was lost with the connection, did commit: it did so for all or none."""
    tried = [batch.batch_id for batch in batches if batch.batch_id]
    query = "SELECT 1 FROM diagnostics_ingest_batch WHERE id = ANY(%s) LIMIT 1"
    return bool(tried) and connection.execute(query, (tried,)).fetchone() is not None


def insert_batch(cursor: Cursor[Any], batch: PreparedBatch, batch_id: int) -> bool:
    """Write the batch's own row; False when its idempotency key is there already."""
    parsed = batch.parsed
    # All of them: who sends again is answered by count, some even record by record.
    answer = {"accepted": batch.rows, "errors": [[item.index, item.reason] for item in parsed.rejections]}
    cursor.execute(
        INSERT_BATCH,
        (
            batch_id, batch.environment_id, batch.ingest_key_id, clock.from_ns(batch.received_ns), batch.wire_format,
            len(parsed.records), len(parsed.spans), len(parsed.rejections), batch.size, batch.idempotency_key,
            Jsonb(answer), Jsonb(batch.sums, dumps=orjson.dumps), batch.sessions, batch.journeys,
            Jsonb(batch.templates, dumps=orjson.dumps),
            Jsonb(batch.findings, dumps=orjson.dumps),
        ),
        prepare=True,
    )  # fmt: skip
    return cursor.fetchone() is not None


def stored_receipt(cursor: Cursor[Any], batch: PreparedBatch) -> Receipt:
    """What was answered when this request came first."""
    found = cursor.execute(FIND_ANSWER, (batch.environment_id, batch.idempotency_key)).fetchone()
    answer = found[0] if found else {}
    rejections = [Rejection(index, reason) for index, reason in answer.get("errors", [])]
    return Receipt(int(answer.get("accepted", 0)), rejections, duplicate=True)


def copy_rows(cursor: Cursor[Any], ids: RowIds, kept: Sequence[tuple[PreparedBatch, int]]) -> None:
    """COPY records, then restricted fields, then spans."""
    logs: list[str] = []
    spans: list[str] = []
    restricted: list[str] = []
    for batch, batch_id in kept:
        lines = batch.lines or make_lines(batch.parsed, batch.environment_id)
        row_ids = take_ids(ids, len(lines.logs))
        for record, row_id in zip(batch.parsed.records, row_ids, strict=True):
            record.row_id = row_id
        logs.append(rows.numbered(lines.logs, row_ids, batch_id))
        spans.append(rows.numbered(lines.spans, take_ids(ids, len(lines.spans)), batch_id))
        restricted += [f"{row_ids[place]}\t{line}" for place, line in lines.restricted]
    for statement, parts in ((COPY_LOG, logs), (COPY_RESTRICTED, restricted), (COPY_SPAN, spans)):
        if any(parts):
            copy_lines(cursor, statement, parts)


def take_ids(ids: RowIds, count: int) -> Sequence[int]:
    """Ids for any number of rows, block by block."""
    if count <= BLOCK:
        return ids.take(count)
    return [*ids.take(BLOCK), *take_ids(ids, count - BLOCK)]


def copy_lines(cursor: Cursor[Any], statement: str, parts: list[str]) -> None:
    """Feed the lines of each batch to one COPY."""
    with cursor.copy(statement) as copy:
        for part in parts:
            copy.write(part)


def write_apart(connection: Sql, ids: RowIds, batch: PreparedBatch) -> Receipt:
    """Write one batch that the database refused as a whole: without the records that it refuses one by one."""
    bad = find_bad(connection, ids, batch, batch.parsed.records, batch.parsed.spans)
    parsed = batch.parsed
    parsed.records = [record for record in parsed.records if id(record) not in bad]
    parsed.spans = [span for span in parsed.spans if id(span) not in bad]
    batch.lines = None
    return write_group(connection, ids, [batch])[0]


def find_bad(
    connection: Sql, ids: RowIds, batch: PreparedBatch, records: Sequence[Any], spans: Sequence[Any]
) -> set[int]:
    """Objects that cannot be stored, by halving; each is noted as a rejection of the batch."""
    if not records and not spans:
        return set()
    if can_write(connection, ids, batch, records, spans):
        return set()
    if len(records) + len(spans) == 1:
        item = (*records, *spans)[0]
        batch.parsed.rejections.append(Rejection(getattr(item, "sequence", 0), "the database cannot store this record"))
        return {id(item)}
    found: set[int] = set()
    for part in halves(records, spans):
        found |= find_bad(connection, ids, batch, *part)
    return found


def halves(records: Sequence[Any], spans: Sequence[Any]) -> list[tuple[Sequence[Any], Sequence[Any]]]:
    """Two smaller trials."""
    if records and spans:
        return [(records, []), ([], spans)]
    middle_records, middle_spans = len(records) // 2, len(spans) // 2
    return [(records[:middle_records], spans[:middle_spans]), (records[middle_records:], spans[middle_spans:])]


def can_write(connection: Sql, ids: RowIds, batch: PreparedBatch, records: Sequence[Any], spans: Sequence[Any]) -> bool:
    """Whether the database takes these rows; they are rolled back either way."""
    trial = PreparedBatch(
        batch.environment_id, batch.ingest_key_id, batch.wire_format, batch.received_ns, 0,
        Parsed(list(records), list(spans)),
    )  # fmt: skip
    try:
        with connection.transaction(force_rollback=True), connection.cursor() as cursor:
            copy_rows(cursor, ids, [(trial, 0)])
    except (DataError, IntegrityError):
        return False
    return True
