"""What PostgreSQL does by itself: COPY of the same rows into a table of the same structure."""

import time
from statistics import median
from typing import Any, Final

import psycopg

from diagnostics.storage.rows import LOG_COLUMNS

COPY_ROUNDS: Final = 3
NAMES: Final = ", ".join(f'"{name}"' for name in LOG_COLUMNS)


def read_rows(connection: psycopg.Connection[Any]) -> tuple[list[bytes], int]:
    """The stored rows of the OTLP part as COPY text, in blocks, and how many they are."""
    query = (
        f"COPY (SELECT {NAMES} FROM diagnostics_log WHERE batch_id IN"
        " (SELECT id FROM diagnostics_ingest_batch WHERE wire_format = 'otlp-logs')) TO STDOUT"
    )
    with connection.cursor() as cursor, cursor.copy(query.encode()) as copy:
        lines = [bytes(line) for line in copy]
    blocks = [b"".join(lines[start : start + 1000]) for start in range(0, len(lines), 1000)]
    return blocks, len(lines)


def measure_copy(database_url: str) -> tuple[float, int]:
    """(rows a second, rows) of plain COPY into an identical table; the median of the rounds."""
    rates = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        blocks, rows = read_rows(connection)
        connection.execute(
            'CREATE TABLE bench_log (LIKE diagnostics_log INCLUDING ALL) PARTITION BY RANGE ("timestamp")'
        )
        connection.execute("CREATE TABLE bench_log_default PARTITION OF bench_log DEFAULT")
        connection.execute(
            "CREATE TABLE bench_log_today PARTITION OF bench_log FOR VALUES"
            " FROM (date_trunc('day', now())) TO (date_trunc('day', now()) + interval '1 day')"
        )
        for _ in range(COPY_ROUNDS):
            connection.execute("TRUNCATE bench_log")
            start = time.perf_counter()
            with connection.cursor() as cursor, cursor.copy(f"COPY bench_log ({NAMES}) FROM STDIN".encode()) as copy:
                for block in blocks:
                    copy.write(block)
            rates.append(rows / (time.perf_counter() - start))
        connection.execute("DROP TABLE bench_log")
    return median(rates), rows
