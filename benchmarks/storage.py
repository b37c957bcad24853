"""`python -m benchmarks.storage [--quick] [--json]`: bytes a record takes, and what searches read.

Method. Records of the shop, spread evenly over the last three days, go through the pipeline and the writer's COPY into the
product's own tables on durable PostgreSQL: 300,000, with --quick 45,000. After VACUUM ANALYZE, sizes are those of the files:
heap, TOAST and each index of the partitions, divided by the rows. Then the searches that people do run once to warm up and
once under EXPLAIN ANALYZE: the partitions that were looked into, the indexes used, and the time.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from benchmarks.harness import (
    Figures,
    postgres_version,
    prepare,
    print_table,
    provision,
    run_benchmark,
    set_environment,
    set_up_django,
)
from benchmarks.ingest.sending import OTLP
from benchmarks.workload import SERVICES, Shop, otlp_request
from project.up.place import POINTER
from project.up.services import embedded_services
from project.up.supervisor import Supervisor

DAYS: Final = 3
BATCH: Final = 500
DAY_NS: Final = 86_400 * 1_000_000_000
SEED: Final = 3
# What people ask for; the ids are those of a stored record.
SEARCHES: Final[dict[str, dict[str, str]]] = {
    "the last hour": {"range": "1h"},
    "errors of a day": {"range": "24h", "level": "error"},
    "a service, a day": {"range": "24h", "service": SERVICES[0]},
    "a session, a week": {"range": "7d", "session": "session_id"},
    "a user, a week": {"range": "7d", "user": "user_key"},
    "a request, a week": {"range": "7d", "request": "request_id"},
    "a trace, a week": {"range": "7d", "trace": "trace_id"},
}
SIZES: Final = """
SELECT 'heap', sum(pg_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'diagnostics_log'::regclass
UNION ALL SELECT 'TOAST', sum(pg_total_relation_size(reltoastrelid)) FROM pg_inherits JOIN pg_class ON oid = inhrelid
    WHERE inhparent = 'diagnostics_log'::regclass AND reltoastrelid <> 0
UNION ALL SELECT parent.relname, sum(pg_relation_size(part.inhrelid))
    FROM pg_index JOIN pg_class AS parent ON parent.oid = indexrelid JOIN pg_inherits AS part ON part.inhparent = parent.oid
    WHERE indrelid = 'diagnostics_log'::regclass GROUP BY parent.relname
UNION ALL SELECT 'restricted fields', sum(pg_total_relation_size(inhrelid)) FROM pg_inherits
    WHERE inhparent = 'diagnostics_restricted'::regclass
"""


@contextmanager
def migrated_database() -> Iterator[tuple[str, str]]:
    """(address, ingest key) of the product's database in a temporary folder; no process of the product runs."""
    folder = Path(tempfile.mkdtemp(prefix="diagnostics-bench-"))
    try:
        with embedded_services(folder / "services", durable=True) as urls:
            set_environment(folder / "data", urls.database_url, urls.redis_url, {})
            product = prepare(folder, urls.database_url, Supervisor(output=None))
            yield urls.database_url, provision(product, "bench")
    finally:
        for pointer in folder.rglob(POINTER):  # run by root, PostgreSQL's data lie elsewhere
            shutil.rmtree(pointer.read_text().strip(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def fill(key: str, records: int) -> None:
    """Write so many, in the order of their times."""
    from diagnostics.ingest.app import find_in_database, prepare_batch
    from diagnostics.ingest.files.importing import make_days
    from diagnostics.ingest.routes import find_format
    from diagnostics.pipeline.context import ClientContext
    from diagnostics.storage.write import write_group
    from diagnostics.storage.writer import Session

    holder, wire_format = find_in_database(key), find_format(OTLP.path)
    assert holder is not None
    assert wire_format is not None
    shop, session, client = Shop(SEED), Session(), ClientContext("127.0.0.1", "benchmark")
    begin, step = time.time_ns() - DAYS * DAY_NS, DAYS * DAY_NS // records
    make_days(days_since(begin))
    for number in range(0, records, BATCH):
        lines = [shop.line(begin + step * (number + place)) for place in range(BATCH)]
        body = otlp_request([(SERVICES[number // BATCH % len(SERVICES)], lines)])
        batch = prepare_batch(wire_format, holder, {}, OTLP.content_type, body, client)
        write_group(session.open(), session.ids, [batch])
    session.close()


def days_since(begin_ns: int) -> set[Any]:
    """Their dates."""
    from diagnostics.core import clock

    return {clock.from_ns(begin_ns + day * DAY_NS).date() for day in range(DAYS + 1)}


def measure_sizes(database_url: str) -> tuple[dict[str, float], int]:
    """(bytes a record of each part, records)."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE diagnostics_log")
        row = connection.execute("SELECT count(*) FROM diagnostics_log").fetchone()
        records = int(row[0]) if row else 0
        sizes = {str(name): round(float(size or 0) / records, 1) for name, size in connection.execute(SIZES.encode())}
    return sizes, records


def measure_searches() -> dict[str, dict[str, Any]]:
    """What each search reads."""
    from diagnostics.models import LogRecord

    record = LogRecord.objects.exclude(session_id="").exclude(user_key="").latest("timestamp")
    return {name: explain(asked, record) for name, asked in SEARCHES.items()}


def explain(asked: dict[str, str], record: Any) -> dict[str, Any]:
    """One search's partitions, indexes and milliseconds."""
    import json

    from diagnostics.models import LogRecord
    from diagnostics.search.filters import LogFilters, filter_logs

    params = {
        name: str(getattr(record, value)) if value.endswith(("_id", "_key")) else value for name, value in asked.items()
    }
    rows = filter_logs(LogRecord.objects.filter(environment_id=record.environment_id), LogFilters.from_params(params))
    rows = rows.order_by(*LogRecord.NEWEST_FIRST)[:101]
    list(rows)
    (plan,) = json.loads(rows.explain(analyze=True, format="json"))
    nodes = list(walk(plan["Plan"]))
    read = [node for node in nodes if node.get("Actual Loops") and "Relation Name" in node]
    indexes = {node["Index Name"] for node in nodes if node.get("Actual Loops") and "Index Name" in node}
    return {
        "partitions": len({node["Relation Name"] for node in read}),
        "indexes": sorted({name.partition("_p2")[2][7:] or name for name in indexes}),
        "ms": round(plan["Execution Time"], 2),
        "rows": int(plan["Plan"]["Actual Rows"]),
    }


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's nodes."""
    yield node
    for inner in node.get("Plans", ()):
        yield from walk(inner)


def measure(quick: bool) -> Figures:
    """The whole run."""
    with migrated_database() as (database_url, key):
        set_up_django()
        fill(key, 45_000 if quick else 300_000)
        sizes, records = measure_sizes(database_url)
        searches = measure_searches()
        version = postgres_version(database_url)
    figures = {
        "bytes_per_record": round(sum(sizes.values())),
        "parts": sizes,
        "searches": searches,
        "records": records,
        "partitions": DAYS + 1,
        "postgres": version,
    }
    show(figures)
    return figures


def show(figures: Figures) -> None:
    """Two tables for people."""
    rows = [(name, f"{size:,.1f}") for name, size in figures["parts"].items()]
    print_table(f"bytes a record, of {figures['records']:,}", [*rows, ("all", f"{figures['bytes_per_record']:,}")])
    print("searches: partitions looked into, milliseconds, indexes")
    for name, one in figures["searches"].items():
        print(f"  {name:<20} {one['partitions']:>2}  {one['ms']:>8.2f}  {', '.join(one['indexes'])}")


if __name__ == "__main__":
    run_benchmark(measure, "storage", "Bytes a record takes, and what searches read.")
