"""`python -m benchmarks.ingest [--quick] [--json]`: records a second over HTTP, and beside them PostgreSQL's own COPY.

Method. The whole product runs (web, worker, durable PostgreSQL, Valkey); four kept connections send batches of 500
records, made beforehand and not compressed, as fast as they are answered. A rate is records acknowledged (so: redacted,
enriched, committed) divided by the seconds from the first byte to the last answer; a warm-up comes before and does not
count.

`copy_records_per_s` is what the same database does with the same rows and nothing else to do: the stored rows of the
OTLP part are read back as COPY text and written by one connection, in one COPY and one commit, into a table of the same
structure: partitioned by day, with the same columns, primary key and all five indexes. It is the median of three
rounds, each into the emptied table. `share_of_copy_otlp` is the OTLP rate divided by it; the senders share the cores
with the product, COPY has them to itself.

At the end the stored rows must be as many as were acknowledged, and every batch must be digested into sums that agree.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

import orjson
import psycopg
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from benchmarks.harness import (
    BenchmarkError,
    Figures,
    Product,
    Sender,
    percentile,
    postgres_version,
    print_table,
    provision,
    run_benchmark,
    running_product,
    wait_for,
)
from benchmarks.workload import Line, Shop, json_batch, otlp_batch
from diagnostics.storage.rows import LOG_COLUMNS

BATCH: Final = 500  # records
CONNECTIONS: Final = 4
WARM_BATCHES: Final = 12
COPY_ROUNDS: Final = 3
DIGEST_SECONDS: Final = 20.0
SEED: Final = 7
NAMES: Final = ", ".join(f'"{name}"' for name in LOG_COLUMNS)

Build = Callable[[list[Line], int], bytes]
Count = Callable[[bytes], int]


@dataclass(frozen=True)
class Wire:
    """One way in."""

    path: str
    content_type: str
    build: Build
    count: Count  # records that an answer acknowledges


@dataclass
class Sent:
    """What became of the batches of one part."""

    seconds: float
    acknowledged: int
    latencies: list[float] = field(default_factory=list)  # seconds, one a request

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.acknowledged / self.seconds


def count_otlp(answer: bytes) -> int:
    """All, without what the answer says was rejected."""
    response = ExportLogsServiceResponse()
    response.ParseFromString(answer)
    return BATCH - response.partial_success.rejected_log_records


def count_json(answer: bytes) -> int:
    """As the answer says."""
    return int(orjson.loads(answer)["accepted"])


OTLP: Final = Wire("/v1/logs", "application/x-protobuf", otlp_batch, count_otlp)
JSON: Final = Wire("/api/v1/logs", "application/json", json_batch, count_json)


def make_batches(shop: Shop, wire: Wire, count: int) -> list[bytes]:
    """Bodies, ready to be sent."""
    return [wire.build(shop.lines(BATCH), number) for number in range(count)]


def send_all(product: Product, key: str, wire: Wire, bodies: list[bytes]) -> Sent:
    """Over all connections, each sending its next body when the last is answered."""
    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        parts = list(
            pool.map(lambda place: send_some(product, key, wire, bodies[place::CONNECTIONS]), range(CONNECTIONS))
        )
    seconds = time.perf_counter() - start
    return Sent(seconds, sum(done for done, _ in parts), [one for _, latencies in parts for one in latencies])


def send_some(product: Product, key: str, wire: Wire, bodies: list[bytes]) -> tuple[int, list[float]]:
    """Over one connection; returns records acknowledged and each request's seconds."""
    sender = Sender(product.port, wire.path, key, wire.content_type)
    acknowledged, latencies = 0, []
    for body in bodies:
        start = time.perf_counter()
        acknowledged += wire.count(sender.post(body))
        latencies.append(time.perf_counter() - start)
    sender.close()
    return acknowledged, latencies


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


def ask(connection: psycopg.Connection[Any], query: str) -> int:
    """One number."""
    row = connection.execute(query.encode()).fetchone()
    return int(row[0] or 0) if row else 0


def verify(database_url: str, acknowledged: int) -> float:
    """Seconds until all was digested; BenchmarkError when stored, digested and acknowledged differ."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        waiting = "SELECT count(*) FROM diagnostics_ingest_batch WHERE digested_at IS NULL"
        lag = wait_for(lambda: ask(connection, waiting) == 0, seconds=DIGEST_SECONDS, what="all batches digested")
        found = {
            "stored rows": ask(connection, "SELECT count(*) FROM diagnostics_log"),
            "records of batches": ask(connection, "SELECT sum(records) FROM diagnostics_ingest_batch"),
            "records in rollups": ask(connection, "SELECT sum(records) FROM diagnostics_minute_rollup"),
        }
        broken = ask(connection, "SELECT count(*) FROM diagnostics_ingest_batch WHERE answer ? 'digest_error'")
    wrong = {name: number for name, number in found.items() if number != acknowledged}
    if wrong or broken:
        raise BenchmarkError(f"acknowledged {acknowledged}, but {wrong}; batches that failed to digest: {broken}")
    return lag


def measure(quick: bool) -> Figures:
    """The whole run."""
    shop = Shop(SEED)
    batches = 60 if quick else 600
    with running_product() as product:
        key = provision(product, "bench")
        bodies = {
            wire: make_batches(shop, wire, WARM_BATCHES + batches // part) for wire, part in ((OTLP, 1), (JSON, 2))
        }
        sent: dict[Wire, Sent] = {}
        warm = 0
        spent: dict[Wire, float] = {}
        for wire, ready in bodies.items():
            warm += send_all(product, key, wire, ready[:WARM_BATCHES]).acknowledged
            before = product.cpu_seconds("web")
            sent[wire] = send_all(product, key, wire, ready[WARM_BATCHES:])
            spent[wire] = product.cpu_seconds("web") - before
        acknowledged = warm + sum(one.acknowledged for one in sent.values())
        lag = verify(product.database_url, acknowledged)
        copy_rate, copy_rows = measure_copy(product.database_url)
        version = postgres_version(product.database_url)
    figures = {
        "otlp_records_per_s": round(sent[OTLP].rate),
        "json_records_per_s": round(sent[JSON].rate),
        "copy_records_per_s": round(copy_rate),
        "share_of_copy_otlp": round(sent[OTLP].rate / copy_rate, 3),
        "otlp_request_p50_ms": round(percentile(sent[OTLP].latencies, 0.5) * 1000, 1),
        "otlp_request_p99_ms": round(percentile(sent[OTLP].latencies, 0.99) * 1000, 1),
        "json_request_p50_ms": round(percentile(sent[JSON].latencies, 0.5) * 1000, 1),
        "json_request_p99_ms": round(percentile(sent[JSON].latencies, 0.99) * 1000, 1),
        "otlp_web_cpu_us_per_record": round(spent[OTLP] / sent[OTLP].acknowledged * 1e6, 1),
        "json_web_cpu_us_per_record": round(spent[JSON] / sent[JSON].acknowledged * 1e6, 1),
        "digest_lag_s": round(lag, 2),
        "records_acknowledged": acknowledged,
        "records_copied": copy_rows,
        "otlp_bytes_per_record": round(sum(map(len, bodies[OTLP])) / len(bodies[OTLP]) / BATCH),
        "batch_records": BATCH,
        "connections": CONNECTIONS,
        "postgres": version,
    }
    show(figures)
    return figures


def show(figures: Figures) -> None:
    """A table for people."""
    rows = [
        ("OTLP protobuf, records/s", f"{figures['otlp_records_per_s']:,}"),
        ("JSON, records/s", f"{figures['json_records_per_s']:,}"),
        ("plain COPY of the same rows, records/s", f"{figures['copy_records_per_s']:,}"),
        ("OTLP as a share of COPY", f"{figures['share_of_copy_otlp']:.0%}"),
        ("OTLP request of 500, p50 / p99", f"{figures['otlp_request_p50_ms']} / {figures['otlp_request_p99_ms']} ms"),
        ("JSON request of 500, p50 / p99", f"{figures['json_request_p50_ms']} / {figures['json_request_p99_ms']} ms"),
        ("web process, CPU per OTLP record", f"{figures['otlp_web_cpu_us_per_record']} us"),
        ("web process, CPU per JSON record", f"{figures['json_web_cpu_us_per_record']} us"),
        ("digest done after the last answer", f"{figures['digest_lag_s']} s"),
        ("records acknowledged = stored = digested", f"{figures['records_acknowledged']:,}"),
    ]
    print_table("ingest over HTTP", rows)


if __name__ == "__main__":
    run_benchmark(measure, "ingest", "Records a second over HTTP, beside PostgreSQL's own COPY.")
