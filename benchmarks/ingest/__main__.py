"""`python -m benchmarks.ingest [--quick] [--json]`: records a second over HTTP, and beside them PostgreSQL's own COPY.

Method. The whole product runs (web, worker, durable PostgreSQL, Valkey); sixteen kept connections send batches of 500
records, made beforehand and not compressed, as fast as they are answered. A rate is records acknowledged (so: redacted,
enriched, committed) divided by the seconds from the first byte to the last answer; a warm-up comes before, is digested
and evaluated, and does not count.

`copy_records_per_s` is what the same database does with the same rows and nothing else to do: the stored rows of the
OTLP part are read back as COPY text and written by one connection, in one COPY and one commit, into a table of the same
structure: partitioned by day, with the same columns, primary key and all five indexes. It is the median of three
rounds, each into the emptied table. `share_of_copy_otlp` is the OTLP rate divided by it; the senders share the cores
with the product, COPY has them to itself.

At the end the stored rows must be as many as were acknowledged, and every batch must be digested into sums that agree.

`single_requests_per_s`: 200 clients at once, each sending one record a request (JSON) on a kept connection.
`rss_growth_mb`: of the web process, from the end of the batches to the end of the run; without --quick two million
further records are sent in between. `stages_us`: CPU of each step a record, measured step by step in this process; the
rest of the web process's time is HTTP, hashing, handing over, and feeding COPY.
"""

import time
from typing import Any, Final

import psycopg

from benchmarks.harness import (
    BenchmarkError,
    Figures,
    Product,
    percentile,
    postgres_version,
    print_table,
    provision,
    run_benchmark,
    running_product,
    set_up_django,
    wait_for,
)
from benchmarks.ingest.copying import measure_copy
from benchmarks.ingest.sending import BATCH, CONNECTIONS, JSON, OTLP, Sent, Wire, make_batches, send_all
from benchmarks.ingest.singles import measure_singles
from benchmarks.ingest.stages import measure_stages
from benchmarks.workload import Shop

WARM_BATCHES: Final = 32
SETTLE_SECONDS: Final = 2.5  # after the warm-up: the first errors open their incidents
DIGEST_SECONDS: Final = 60.0
SOAK_RECORDS: Final = 2_000_000
SOAK_BATCHES: Final = 100  # made and sent at a time
SEED: Final = 7


def ask(connection: psycopg.Connection[Any], query: str) -> int:
    """One number."""
    row = connection.execute(query.encode()).fetchone()
    return int(row[0] or 0) if row else 0


def wait_for_digest(database_url: str) -> float:
    """Seconds until nothing waits to be digested."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        waiting = "SELECT count(*) FROM diagnostics_ingest_batch WHERE digested_at IS NULL"
        return wait_for(lambda: ask(connection, waiting) == 0, seconds=DIGEST_SECONDS, what="all batches digested")


def verify(database_url: str, acknowledged: int) -> float:
    """Seconds until all was digested; BenchmarkError when stored, digested and acknowledged differ."""
    lag = wait_for_digest(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
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


def soak(product: Product, key: str, shop: Shop, records: int) -> int:
    """Send so many records, some at a time; returns how many were acknowledged."""
    acknowledged = 0
    for _ in range(records // (SOAK_BATCHES * BATCH)):
        acknowledged += send_all(product, key, OTLP, make_batches(shop, OTLP, SOAK_BATCHES)).acknowledged
    return acknowledged


def measure(quick: bool) -> Figures:
    """The whole run."""
    shop = Shop(SEED)
    batches = 140 if quick else 600
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
            wait_for_digest(product.database_url)
            time.sleep(SETTLE_SECONDS)
            before = product.cpu_seconds("web")
            sent[wire] = send_all(product, key, wire, ready[WARM_BATCHES:])
            spent[wire] = product.cpu_seconds("web") - before
        acknowledged = warm + sum(one.acknowledged for one in sent.values())
        before_soak = product.resident_mb("web")
        singles, single_records = measure_singles(product.port, key, SEED, 3.0 if quick else 15.0)
        wait_for_digest(product.database_url)
        copy_rate, copy_rows = measure_copy(product.database_url)
        soaked = 0 if quick else soak(product, key, shop, SOAK_RECORDS)
        growth = product.resident_mb("web") - before_soak
        acknowledged += single_records + soaked
        lag = verify(product.database_url, acknowledged)
        version = postgres_version(product.database_url)
        set_up_django()
        stages = measure_stages(SEED)
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
        "single_requests_per_s": round(singles),
        "rss_growth_mb": round(growth, 1),
        "rss_growth_records": single_records + soaked,
        "stages_us": stages,
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
        ("requests of one record, 200 clients, a second", f"{figures['single_requests_per_s']:,}"),
        (f"web process, growth over {figures['rss_growth_records']:,} records", f"{figures['rss_growth_mb']} MB"),
        ("digest done after the last answer", f"{figures['digest_lag_s']} s"),
        ("records acknowledged = stored = digested", f"{figures['records_acknowledged']:,}"),
    ]
    print_table("ingest over HTTP", rows)
    show_stages(figures)


def show_stages(figures: Figures) -> None:
    """By protocol: the share of each step in the CPU time that a record takes, the database's COPY included."""
    copy = 1e6 / figures["copy_records_per_s"]
    print("share of a record's CPU time")
    for name, stages in figures["stages_us"].items():
        rest = max(0.0, figures[f"{name}_web_cpu_us_per_record"] - sum(stages.values()))
        spent = {**stages, "COPY": copy, "HTTP and the rest": rest}
        total = sum(spent.values())
        words = ", ".join(f"{step} {one / total:.0%}" for step, one in spent.items())
        print(f"  {name:<5} {words}; {total:.0f} us in all")


if __name__ == "__main__":
    run_benchmark(measure, "ingest", "Records a second over HTTP, beside PostgreSQL's own COPY.")
