"""`python -m benchmarks.rules [--quick] [--json]`: what evaluating 1,000 rules of 50 series each costs.

Method. A durable PostgreSQL of its own, one environment with 50 services and three hours of their minutes, and 1,000
rules of all kinds: fixed limits, shares, changes, baselines, too little, silence, matches; windows of 1 to 60 minutes.
Evaluations run in this process, as in a worker. `first_s` is the first one of a worker that has just begun (it reads all
minutes, and begins the baselines); then minute after minute goes by, each with new sums, and `eval_1000x50_s` is the
slowest evaluation of those: reading, judging, writing states, all statements included. It is measured twice, with few
and with many records stored beside; the run fails when a statement names a table of records. What 1,000 rules that look for
words and regular expressions cost a record is measured beside it (`benchmarks/matching.py`).
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks.harness import (
    BenchmarkError,
    Figures,
    percentile,
    postgres_version,
    prepare,
    print_table,
    run_benchmark,
    set_environment,
    set_up_django,
)
from benchmarks.matching import measure_matching
from project.up.place import POINTER
from project.up.services import embedded_services
from project.up.supervisor import Supervisor

RULES: Final = 1_000
SERVICES: Final = 50
HISTORY_MINUTES: Final = 180
RECORDS: Final = (100_000, 10_000_000)
QUICK_RECORDS: Final = (10_000, 100_000)
RECORD_TABLES: Final = ("diagnostics_log", "diagnostics_span", "diagnostics_restricted")
WINDOWS: Final = (1, 3, 5, 10, 15, 30, 60)
COLUMNS: Final = ("records", "errors", "requests", "failures", "timeouts", "status_4xx", "status_5xx")


@contextmanager
def prepared_database() -> Iterator[str]:
    """A migrated database, and Django set up for it; gives its address."""
    folder = Path(tempfile.mkdtemp(prefix="diagnostics-bench-"))
    supervisor = Supervisor(output=None)
    try:
        with embedded_services(folder / "services", durable=True) as urls:
            set_environment(folder / "data", urls.database_url, urls.redis_url, {"DATABASE_POOL_SIZE": "0"})
            prepare(folder, urls.database_url, supervisor)
            set_up_django()
            try:
                yield urls.database_url
            finally:
                close_connections()
                supervisor.stop_all()
    finally:
        for pointer in folder.rglob(POINTER):  # run by root, PostgreSQL's data lie elsewhere
            shutil.rmtree(pointer.read_text().strip(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def close_connections() -> None:
    """Nothing may hold the database when it is stopped."""
    from django.db import connections

    connections.close_all()


def make_rules(environment: Any) -> None:
    """A thousand rules, of all kinds in turn."""
    from alerts.models import AlertRule

    AlertRule.objects.filter(environment=environment).delete()
    kinds: list[dict[str, Any]] = [
        {"signal": "errors", "condition": "threshold", "threshold": 500},
        {"signal": "status_5xx", "condition": "share", "threshold": 0.5, "minimum_count": 8, "minimum_sample": 20},
        {"signal": "errors", "condition": "change", "threshold": 20, "minimum_count": 15},
        {"signal": "errors", "condition": "baseline", "threshold": 0.6},
        {"signal": "requests", "condition": "baseline", "threshold": 0.6, "minimum_count": 0},
        {"signal": "latency_p95", "condition": "threshold", "threshold": 9000, "minimum_count": 25},
        {"signal": "requests", "condition": "below", "threshold": 1},
        {"signal": "records", "condition": "absence"},
        {"signal": "matches", "condition": "threshold", "threshold": 500, "query": "payment failed"},
        {"signal": "failures", "condition": "share", "threshold": 0.9, "group_by": "route"},
    ]
    AlertRule.objects.bulk_create(
        AlertRule(
            environment=environment, slug=f"rule-{number}", name=f"Rule {number}",
            **{"window_minutes": WINDOWS[number // len(kinds) % len(WINDOWS)], **kinds[number % len(kinds)]},
        )
        for number in range(RULES)
    )  # fmt: skip


def add_minute(environment: Any, minute: datetime, random: Random) -> None:
    """One minute's sums of all services."""
    from diagnostics.models import MinuteRollup

    rows = []
    for number in range(SERVICES):
        requests = random.randint(180, 220)
        counts = dict.fromkeys(COLUMNS, 0) | {"records": requests, "requests": requests, "errors": random.randint(0, 4)}
        latency = {str(150 + place): requests // 20 for place in range(20)}
        rows.append(
            MinuteRollup(
                environment=environment, minute=minute, source="log", service_name=f"service-{number}",
                http_route="/pay", release="1.0", latency=latency, **counts,
            )
        )  # fmt: skip
    MinuteRollup.objects.bulk_create(rows)


def store_records(environment: Any, minute: datetime, total: int) -> None:
    """So many records of the environment, whatever they say."""
    from django.db import connection

    from diagnostics.models import LogRecord

    names = [field.column for field in LogRecord._meta.concrete_fields]
    stored = LogRecord.objects.filter(environment_id=environment.pk).count()
    if not stored:
        LogRecord.objects.create(
            id=1, environment_id=environment.pk, timestamp=minute, observed_timestamp=minute, batch_id=1,
            service_name="service-1", body="payment failed for order 4711", http_status=200,
        )  # fmt: skip
        stored = 1
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join("number" if name == "id" else f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO diagnostics_log ({columns}) SELECT {values} FROM diagnostics_log, generate_series(%s, %s) AS number "
            "WHERE id = 1",
            [stored + 1, total],
        )
        cursor.execute("ANALYZE diagnostics_log")


def evaluate(environment: Any, now: datetime) -> tuple[float, list[str]]:
    """Seconds and statements of one evaluation."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from alerts.evaluation.run import evaluate_environment

    with CaptureQueriesContext(connection) as captured:
        start = time.perf_counter()
        evaluate_environment(environment.pk, now)
        seconds = time.perf_counter() - start
    return seconds, [query["sql"] for query in captured]


def check_statements(statements: list[str]) -> None:
    """BenchmarkError when an evaluation has looked at records."""
    for statement in statements:
        for table in RECORD_TABLES:
            if table in statement:
                raise BenchmarkError(f"an evaluation looked at {table}: {statement[:300]}")


def measure(quick: bool) -> Figures:
    """The whole run."""
    with prepared_database() as url:
        from alerts.models import BaselineState, Incident, RuleState
        from diagnostics.core import clock
        from diagnostics.environments import create_environment

        environment, random = create_environment("bench"), Random(4)
        make_rules(environment)
        now = clock.floor_minute(clock.now()) + timedelta(seconds=30)
        for ago in range(HISTORY_MINUTES, -1, -1):
            add_minute(environment, clock.floor_minute(now) - timedelta(minutes=ago), random)
        few, many = QUICK_RECORDS if quick else RECORDS
        store_records(environment, now, few)
        first, statements = evaluate(environment, now)
        rounds: dict[int, list[float]] = {}
        for records in (few, many):
            store_records(environment, now, records)
            rounds[records] = []
            for _ in range(5 if quick else 12):
                now += timedelta(minutes=1)
                add_minute(environment, clock.floor_minute(now), random)
                seconds, more = evaluate(environment, now)
                rounds[records].append(seconds)
                statements += more
        check_statements(statements)
        if RuleState.objects.filter(state="firing").exists() or Incident.objects.exists():
            raise BenchmarkError("a rule has fired on quiet traffic: the run does not measure what it says")
        sizes = [len(bytes(state)) for state in BaselineState.objects.values_list("state", flat=True)]
        version = postgres_version(url)
    slowest = max(max(found) for found in rounds.values())
    figures = {
        "eval_1000x50_s": round(slowest, 3),
        "eval_p50_s": round(percentile(rounds[few] + rounds[many], 0.5), 3),
        "first_s": round(first, 3),
        "us_a_series": round(slowest / (RULES * SERVICES) * 1e6, 1),
        "few_records": few,
        "few_records_p50_s": round(percentile(rounds[few], 0.5), 3),
        "many_records": many,
        "many_records_p50_s": round(percentile(rounds[many], 0.5), 3),
        "statements_an_evaluation": len(more),
        "baseline_states": len(sizes),
        "baseline_state_bytes": max(sizes, default=0),
        **measure_matching(quick),
        "postgres": version,
    }
    show(figures)
    return figures


def show(figures: Figures) -> None:
    """A table for people."""
    rows = [
        ("slowest evaluation (goal: below 5 s)", f"{figures['eval_1000x50_s']} s"),
        ("median", f"{figures['eval_p50_s']} s"),
        ("first evaluation of a worker", f"{figures['first_s']} s"),
        ("for one series of one rule", f"{figures['us_a_series']} us"),
        (f"median beside {figures['few_records']:,} records", f"{figures['few_records_p50_s']} s"),
        (f"median beside {figures['many_records']:,} records", f"{figures['many_records_p50_s']} s"),
        ("statements an evaluation", f"{figures['statements_an_evaluation']}"),
        (f"{figures['patterns']:,} rules with patterns", f"{figures['pattern_1000_us_a_record']} us a record"),
        ("the same where every record matches one", f"{figures['pattern_1000_all_match_us_a_record']} us a record"),
        ("one rule with a pattern", f"{figures['pattern_1_us_a_record']} us a record"),
        ("largest state of a baseline", f"{figures['baseline_state_bytes']:,} bytes"),
    ]
    print_table(f"evaluating {RULES:,} rules of {SERVICES} series", rows)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    run_benchmark(measure, "rules", "What evaluating 1,000 rules of 50 series each costs.")
