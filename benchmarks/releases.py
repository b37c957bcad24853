"""`python -m benchmarks.releases [--quick] [--json]`: what the list of releases and the page of one cost to read.

Method. A durable PostgreSQL of its own, one environment of 1,000 services (quick: 100), each with a row of sums a minute for
seven days and a deploy in them, spread evenly: some ten million rows with histograms of ten buckets. Pages are read in
this process as the views read them, each twice; the second time counts. `first_page_s` is what somebody on call sees;
`last_page_s` is of the oldest, for which all seven days are gone through.
"""

import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from benchmarks.harness import BenchmarkError, Figures, postgres_version, print_table, run_benchmark
from benchmarks.rules import prepared_database

SERVICES: Final = 1_000
QUICK_SERVICES: Final = 100
DAYS: Final = 7
MINUTES: Final = DAYS * 1440
ROWS: Final = """
INSERT INTO diagnostics_minute_rollup (environment_id, minute, source, service_name, http_route, release, records, warnings,
    errors, fatals, requests, failures, timeouts, status_4xx, status_5xx, latency, updated_at)
SELECT %(environment)s, minute, 'span', 'service-' || number, '', CASE WHEN
        minute >= %(now)s - number * %(apart)s THEN '2.' ELSE '1.' END || number,
    0, 0, 0, 0, 30, number %% 3, 0, 0, 0,
    jsonb_build_object('100', 3, '104', 5, '107', 4, '111', 2, '115', 6, '120', 4, '126', 3, '133', 1, '140', 1, '150', 1), now()
FROM generate_series(%(since)s, %(now)s, interval '1 minute') AS minute, generate_series(1, %(services)s) AS number
"""


def fill(environment: Any, now: datetime, services: int) -> None:
    """The minutes of all services, their deploys, and their names."""
    from django.db import connection

    from diagnostics.models import Event, SeriesName

    apart = timedelta(minutes=MINUTES) / (services + 1)
    since = now - timedelta(days=DAYS)
    with connection.cursor() as cursor:
        parameters = {
            "environment": environment.pk, "now": now, "since": since, "apart": apart, "services": services,
        }  # fmt: skip
        cursor.execute(ROWS, parameters)
    for number in range(1, services + 1):
        service = f"service-{number}"
        for release, came in ((f"1.{number}", since), (f"2.{number}", now - number * apart)):
            Event.objects.create(
                environment=environment, timestamp=came, kind="deploy", service_name=service, release=release,
                title=f"{service} deployed {release}",
            )  # fmt: skip
            SeriesName.objects.create(
                environment=environment, kind="release", service_name=service, name=release, seen_at=now
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE diagnostics_minute_rollup")


def timed(read: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the second of two readings; BenchmarkError where it was stopped."""
    from diagnostics.search.page import SearchTooSlowError

    try:
        read()
        start = time.perf_counter()
        found = read()
    except SearchTooSlowError as error:
        raise BenchmarkError(f"a page took longer than its limit: {error}") from error
    return time.perf_counter() - start, found


def measure(quick: bool) -> Figures:
    """The pages, one after the other."""
    services = QUICK_SERVICES if quick else SERVICES
    with prepared_database() as url:
        from diagnostics.core import clock
        from diagnostics.core.cursor import write_cursor
        from diagnostics.environments import create_environment
        from diagnostics.models import MinuteRollup
        from diagnostics.releases.arrivals import Asked, find_arrivals
        from diagnostics.releases.listing import SIZE, read_listing
        from diagnostics.releases.sums import read_steps

        environment, now = create_environment("bench-releases"), clock.floor_minute(clock.now())
        fill(environment, now, services)
        since = now - timedelta(days=DAYS)

        def page(cursor: str = "", service: str = "") -> Any:
            return read_listing(environment, (), since, now, Asked(service), cursor)

        first_s, _ = timed(page)
        arrivals = find_arrivals(environment, since, now, Asked())
        cursor = write_cursor(*arrivals[-SIZE - 1].place)
        last_s, _ = timed(lambda: page(cursor))
        one_s, _ = timed(lambda: page(service="service-7"))
        day = timedelta(days=1)
        charts_s, _ = timed(lambda: read_steps(environment, now - 2 * day, now, timedelta(minutes=30), ["service-7"]))
        rows = MinuteRollup.objects.count()
        version = postgres_version(url)
    figures = {
        "rows": rows,
        "services": services,
        "releases": services * 2,
        "page_size": SIZE,
        "first_page_s": round(first_s, 2),
        "last_page_s": round(last_s, 2),
        "one_service_s": round(one_s, 2),
        "charts_of_one_s": round(charts_s, 2),
        "postgres": version,
    }
    show(figures)
    return figures


def show(figures: Figures) -> None:
    """A table for people."""
    rows = [
        (f"the newest {figures['page_size']} releases", f"{figures['first_page_s']} s"),
        (f"the oldest {figures['page_size']}", f"{figures['last_page_s']} s"),
        ("all releases of one service", f"{figures['one_service_s']} s"),
        ("charts of one release, two days", f"{figures['charts_of_one_s']} s"),
    ]
    print_table(f"{figures['services']:,} services, {figures['rows']:,} rows of sums", rows)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    run_benchmark(measure, "releases", "What the list of releases and the page of one cost to read.")
