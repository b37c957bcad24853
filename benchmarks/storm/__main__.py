"""`python -m benchmarks.storm [--quick] [--json]`: thousands of new errors at once, and who is told how often.

Method. The whole product runs. Sixteen connections send OTLP batches as fast as they are answered, in parts of some seconds
with fresh batches: some parts before, some while 10,000 errors that nobody has seen before come from 50 services within a
minute, and some afterwards. `ingest_share` is the median rate of the parts in the storm divided by the median of those
around it, so that both have the same machine. Three webhooks with budgets of 3,600, 100 and 12 messages an hour listen.

Afterwards, when nothing is due any more, the run fails unless every error is known, one storm stands for what was above
the cap, each line of the ledger adds up, and no target got more than its budget allows.
`--quick`: 2,000 errors in 12 seconds.
"""

import threading
import time
from collections import Counter
from statistics import median
from typing import Any, Final

from benchmarks.harness import (
    BenchmarkError,
    Figures,
    Product,
    Sender,
    postgres_version,
    print_table,
    provision,
    run_benchmark,
    running_product,
    set_up_django,
    wait_for,
)
from benchmarks.ingest.sending import BATCH, OTLP, make_batches, send_all
from benchmarks.receiver import Receiver
from benchmarks.storm.errors import Errors
from benchmarks.workload import Shop

SLUG: Final = "storm"
BUDGETS: Final = {"wide": 3600, "hundred": 100, "dozen": 12}  # messages an hour, by path of the target
PART_BATCHES: Final = 120  # 40 with --quick
AROUND: Final = 2  # parts before the storm, and as many after it
SETTLED_SECONDS: Final = 240.0
CAP: Final = 20  # incidents told alone before a storm stands for the others: STORM_INCIDENTS


class Ingest:
    """Sends parts and keeps their rates."""

    def __init__(self, product: Product, key: str, batches: int) -> None:
        self.product, self.key, self.batches, self.shop = product, key, batches, Shop(5)

    def part(self) -> float:
        """Records a second."""
        return send_all(self.product, self.key, OTLP, make_batches(self.shop, OTLP, self.batches)).rate


def run_storm(ingest: Ingest, errors: Errors) -> tuple[list[float], list[float]]:
    """(rates around the storm, rates in it)."""
    ingest.part()  # warm
    around = [ingest.part() for _ in range(AROUND)]
    thread = threading.Thread(target=errors.run, daemon=True)
    thread.start()
    inside = []
    while not errors.done.is_set():
        inside.append(ingest.part())
    thread.join()
    if errors.sent != errors.count:
        raise BenchmarkError(f"only {errors.sent:,} of {errors.count:,} errors were accepted")
    wait_for(is_calm, seconds=SETTLED_SECONDS, what="all errors told", every=0.5)
    around += [ingest.part() for _ in range(AROUND)]
    return around, inside


def is_calm() -> bool:
    """Whether nothing is left to digest, to tell or to send but what waits for its budget."""
    from alerts.models import Notification
    from diagnostics.core import clock
    from diagnostics.models import ErrorGroup, IngestBatch

    due = Notification.objects.filter(state="pending", next_attempt_at__lte=clock.now())
    waiting = (IngestBatch.objects.filter(digested_at=None), ErrorGroup.objects.exclude(news=""), due)
    return not any(rows.exists() for rows in waiting)


def judge(errors: Errors, receiver: Receiver, hours: float) -> dict[str, Any]:
    """Figures of what was told; BenchmarkError where a promise is broken."""
    from alerts.delivery.ledger import read_ledger
    from alerts.models import Incident, Notification
    from diagnostics.models import ErrorGroup

    incidents = Incident.objects.filter(environment__slug=SLUG)
    storms = list(incidents.filter(kind=Incident.Kind.STORM))
    ledger = read_ledger(incidents)
    known = ErrorGroup.objects.filter(environment__slug=SLUG, error_type__endswith="Missing").count()
    sent = Counter(path for _, path, _ in receiver.arrivals)
    allowed = {name: budget + budget * hours for name, budget in BUDGETS.items()}  # at once, and by the hour
    doubled = [name for name, count in sent.items() if count > allowed[name]]
    hidden = incidents.filter(storm__in=storms).count()
    problems = {
        "errors known": known == errors.count,
        "one storm": len(storms) == 1,
        "no more alone than the cap": incidents.filter(kind=Incident.Kind.ALERT, storm=None).count() <= CAP,
        "the ledger adds up": all(line.adds_up for line in ledger),
        f"budgets kept, unlike {doubled}": not doubled,
    }
    if not all(problems.values()):
        wrong = [name for name, holds in problems.items() if not holds]
        raise BenchmarkError(f"{wrong}: {known} errors known, {len(storms)} storms, {hidden} hidden, sent {dict(sent)}")
    states = Counter(Notification.objects.filter(incident__in=incidents).values_list("state", flat=True))
    return {
        "errors": errors.count,
        "incidents": incidents.count(),
        "incidents_hidden_by_the_storm": hidden,
        "messages": {name: sent[name] for name in BUDGETS},
        "fired": sum(line.fired for line in ledger),
        "ledger_rows": dict(states),
    }


def measure(quick: bool) -> Figures:
    """The whole run."""
    count, seconds = (2_000, 12.0) if quick else (10_000, 60.0)
    settings = {"DELIVERY_ALLOWED_NETWORKS": "127.0.0.0/8", "DELIVERY_ALLOW_HTTP": "1"}
    with Receiver() as receiver, running_product(**settings) as product:
        set_up_django()
        key = provision(product, SLUG)
        for name, budget in BUDGETS.items():
            receiver.add_target(SLUG, name, hourly_budget=budget)
        begun = time.monotonic()
        errors = Errors(Sender(product.port, "/api/v1/logs", key, "application/json"), count, seconds)
        around, inside = run_storm(Ingest(product, key, 40 if quick else PART_BATCHES), errors)
        told = judge(errors, receiver, (time.monotonic() - begun) / 3600)
        version = postgres_version(product.database_url)
    figures = {
        "ingest_share": round(median(inside) / median(around), 3),
        "records_per_s_around": round(median(around)),
        "records_per_s_inside": round(median(inside)),
        "parts_inside": len(inside),
        "storm_seconds": seconds,
        "batch_records": BATCH,
        **told,
        "postgres": version,
    }
    show(figures)
    return figures


def show(figures: Figures) -> None:
    """A table for people."""
    rows = [
        ("new errors", f"{figures['errors']:,} in {figures['storm_seconds']:.0f} s"),
        ("ingest in the storm, as a share of around it (goal: 90%)", f"{figures['ingest_share']:.0%}"),
        ("incidents, and hidden by the storm", f"{figures['incidents']}, {figures['incidents_hidden_by_the_storm']}"),
        ("alerts fired = accounted for", f"{figures['fired']:,}"),
        *((f"messages to the target of {BUDGETS[name]:,} an hour", f"{n}") for name, n in figures["messages"].items()),
    ]
    print_table("a storm of errors", rows)


if __name__ == "__main__":
    run_benchmark(measure, "storm", "Thousands of new errors at once, and who is told how often.")
