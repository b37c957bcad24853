"""`python -m benchmarks.time_to_alert [--quick] [--json]`: seconds from a record to the webhook that tells of it.

Method. The whole product runs (web, worker, durable PostgreSQL, Valkey) with the rules and schedules that every
installation has, while 2,000 records a second come in over OTLP.

Windows: some environments, each with its key and a signed webhook to a receiver on loopback, get steady healthy requests
of several services, ten a second and service, one export each half second. Then one service after the other begins to
fail: nine of ten of its requests end with 5xx and go on doing so. The clock of a service starts when the export with the
eighth failing record is begun (no built-in rule decides on fewer; most want more) and stops when the receiver has read the
first webhook about that service. Rules that tell at the first sight of an error are switched off there: they would answer
for the windows.

Patterns: other environments have one rule with a regular expression. One service after the other sends one record that
matches. The clock starts when that record is accepted (its request is answered) and stops when the webhook is read.

Trouble comes at one pace, four services and two matching records a second, and so does `--quick`, which has fewer samples.
What comes faster is a storm: `benchmarks.storm` shows what becomes of that.

`window_p95_s` and `pattern_p95_s` are 95th percentiles (nearest rank) over all services of the run. A service that is
never reported, or one that is reported before it should, makes the run fail.
"""

import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

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
    set_up_django,
    wait_for,
)
from benchmarks.receiver import Receiver
from benchmarks.workload import Line, Shop, otlp_request

TICK_SECONDS: Final = 0.5  # between two exports of an environment
REQUESTS_A_TICK: Final = 5  # of each service
FAILING: Final = 0.9  # of a failing service's requests
WINDOWS_A_SECOND: Final = 4.4  # services that begin to fail, in all environments; no multiple of the tick or the bell
DECIDING: Final = 8  # failing records: the lowest floor of the built-in rules
GIVE_UP_SECONDS: Final = 30.0
SERVICES: Final = ("checkout", "payment", "search", "accounts", "mailer")
TOTAL_A_SECOND: Final = 2_000  # records of all environments together
LOAD_SECONDS: Final = 0.25  # between two exports of the environment that fills up to that
PATTERN: Final = r"payment [0-9]+ declined by issuer"
PATTERN_SERVICES: Final = 10  # of each environment: fewer than would be a storm
PATTERNS_A_SECOND: Final = 2.4  # matching records of all environments

Series = tuple[str, str]  # environment, service


def first_alerts(receiver: Receiver) -> dict[Series, tuple[float, str]]:
    """(when, rule) of the first trigger of each service; an environment's alerts come under its name."""
    found: dict[Series, tuple[float, str]] = {}
    for moment, environment, event in list(receiver.arrivals):
        data = event["data"]
        if data["action"] == "trigger":
            found.setdefault((environment, data["service"]), (moment, data["rule"]))
    return found


@dataclass
class Traffic:
    """What one environment sends, until it is told to stop."""

    environment: str
    sender: Sender
    shop: Shop
    surge_at: dict[str, float]  # monotonic seconds
    failing: Counter[str] = field(default_factory=Counter)  # records
    decided_at: dict[str, float] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    records: int = 0

    def run(self) -> None:
        """One export each tick."""
        due = time.monotonic()
        while not self.stop.is_set():
            body = otlp_request([(service, self.lines(service, self.surge_at[service] <= due)) for service in SERVICES])
            begun = time.monotonic()
            for service, failing in self.failing.items():
                if failing >= DECIDING:
                    self.decided_at.setdefault(service, begun)
            self.sender.post(body)
            self.records += REQUESTS_A_TICK * len(SERVICES)
            due += TICK_SECONDS
            self.stop.wait(max(0.0, due - time.monotonic()))
        self.sender.close()

    def lines(self, service: str, failing: bool) -> list[Line]:
        """The requests of a service in one tick; counts those that fail."""
        now = time.time_ns()
        statuses = [503 if failing and self.shop.random.random() < FAILING else 200 for _ in range(REQUESTS_A_TICK)]
        self.failing[service] += statuses.count(503)
        return [self.shop.request(now + number, status) for number, status in enumerate(statuses)]


@dataclass
class Load:
    """What fills up to the records a second that the run is about."""

    sender: Sender
    shop: Shop
    records_a_second: int
    stop: threading.Event = field(default_factory=threading.Event)
    records: int = 0

    def run(self) -> None:
        """Healthy requests of one busy service."""
        due = time.monotonic()
        size = int(self.records_a_second * LOAD_SECONDS)
        while not self.stop.is_set():
            now = time.time_ns()
            self.sender.post(otlp_request([("busy", [self.shop.request(now + n, 200) for n in range(size)])]))
            self.records += size
            due = max(due + LOAD_SECONDS, time.monotonic() - 1.0)  # what cannot be kept up with is not made up for
            self.stop.wait(max(0.0, due - time.monotonic()))
        self.sender.close()


@dataclass
class Matching:
    """One environment whose services send a matching record each, one after the other."""

    environment: str
    sender: Sender
    begin: float
    stagger: float  # seconds between its records
    accepted_at: dict[str, float] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    records: int = 0

    def run(self) -> None:
        """One record each, among some that do not match."""
        for number in range(PATTERN_SERVICES):
            if self.stop.wait(max(0.0, self.begin + number * self.stagger - time.monotonic())):
                break
            service = f"pattern-{number}"
            texts = ["order accepted", f"payment {number}00 declined by issuer", "order shipped"]
            self.sender.post(json.dumps([{"service": service, "message": text} for text in texts]).encode())
            self.accepted_at[service] = time.monotonic()
            self.records += len(texts)
        self.sender.close()


def keep_to_windows(environment: str) -> None:
    """Switch off what tells at first sight."""
    from alerts.models import AlertRule

    rules = AlertRule.objects.filter(environment__slug=environment)
    rules.filter(condition=AlertRule.Condition.FIRST_SEEN).update(enabled=False)


def add_pattern_rule(environment: str) -> None:
    """The one rule of a pattern environment."""
    from alerts.models import AlertRule
    from diagnostics.models import Environment

    found = Environment.objects.get(slug=environment)
    AlertRule.objects.filter(environment=found).update(enabled=False)
    rule = AlertRule(
        environment=found, slug="declined", name="Declined", signal="matches", pattern=PATTERN, threshold=1
    )
    rule.full_clean()
    rule.save()


def explain_silence(product: Product, missing: set[Series]) -> str:
    """What the database knows about alerts that did not come."""
    from alerts.models import DeliveryAttempt, Incident, Notification

    states = Counter(Notification.objects.filter(target__kind="webhook").values_list("state", "reason"))
    errors = Counter(DeliveryAttempt.objects.exclude(error="").values_list("error", flat=True))
    return (
        f"no webhook within {GIVE_UP_SECONDS:.0f} s for {len(missing)} services, such as {sorted(missing)[:3]}; "
        f"incidents: {Incident.objects.count()}, notifications: {dict(states)}, errors: {dict(errors)}\n"
        f"the worker's last words:\n{product.log_tail('worker')}"
    )


def start_traffic(product: Product, environments: list[str], receiver: Receiver, baseline: float) -> list[Traffic]:
    """Keys, targets, and when each service is going to fail."""
    keys = provision_all(product, environments)
    for slug in environments:
        receiver.add_target(slug, slug, send_resolved=False)
        keep_to_windows(slug)
    begin, stagger = time.monotonic() + baseline, len(environments) / WINDOWS_A_SECOND
    return [
        Traffic(
            slug,
            Sender(product.port, "/v1/logs", key, "application/x-protobuf"),
            Shop(number),
            {service: begin + stagger * (place + number / len(environments)) for place, service in enumerate(SERVICES)},
        )
        for number, (slug, key) in enumerate(zip(environments, keys, strict=True))
    ]


def provision_all(product: Product, environments: list[str]) -> list[str]:
    """A key for each."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda slug: provision(product, slug), environments))


def start_matching(product: Product, environments: list[str], receiver: Receiver) -> list[Matching]:
    """Keys, targets and rules of the environments whose records match."""
    keys = provision_all(product, environments)
    for slug in environments:
        receiver.add_target(slug, slug, send_resolved=False)
        add_pattern_rule(slug)
    stagger = len(environments) / PATTERNS_A_SECOND
    return [
        Matching(
            slug, Sender(product.port, "/api/v1/logs", key, "application/json"), place / PATTERNS_A_SECOND, stagger
        )
        for place, (slug, key) in enumerate(zip(environments, keys, strict=True))
    ]


def run_until_told(
    product: Product, receiver: Receiver, traffic: list[Traffic], matching: list[Matching], load: Load
) -> None:
    """Send until each service was reported."""
    wanted = {(one.environment, service) for one in traffic for service in SERVICES}
    wanted |= {(one.environment, f"pattern-{number}") for one in matching for number in range(PATTERN_SERVICES)}
    last = max(moment for one in traffic for moment in one.surge_at.values())
    last = max(last, *(one.begin + PATTERN_SERVICES * one.stagger for one in matching))
    senders: list[Traffic | Matching | Load] = [*traffic, *matching, load]
    with ThreadPoolExecutor(len(senders)) as pool:
        running = [pool.submit(one.run) for one in senders]
        try:
            seconds = last - time.monotonic() + GIVE_UP_SECONDS
            wait_for(lambda: wanted <= set(first_alerts(receiver)), seconds=seconds, what="all webhooks")
        except BenchmarkError:
            raise BenchmarkError(explain_silence(product, wanted - set(first_alerts(receiver)))) from None
        finally:
            for one in senders:
                one.stop.set()
        for future in running:
            future.result()


def measure(quick: bool) -> Figures:
    """The whole run."""
    environments = [f"bench-{number}" for number in range(4 if quick else 8)]
    baseline = 6.0 if quick else 60.0
    with (
        Receiver() as receiver,
        running_product(DELIVERY_ALLOWED_NETWORKS="127.0.0.0/8", DELIVERY_ALLOW_HTTP="1") as product,
    ):
        set_up_django()
        slugs = [f"match-{number}" for number in range(2 if quick else 8)]
        matching = start_matching(product, slugs, receiver)
        rest = TOTAL_A_SECOND - len(environments) * len(SERVICES) * round(REQUESTS_A_TICK / TICK_SECONDS)
        key = provision(product, "load")
        load = Load(Sender(product.port, "/v1/logs", key, "application/x-protobuf"), Shop(99), rest)
        traffic = start_traffic(product, environments, receiver, baseline)
        for one in matching:
            one.begin += time.monotonic() + baseline
        begun = time.monotonic()
        run_until_told(product, receiver, traffic, matching, load)
        lasted = time.monotonic() - begun
        version = postgres_version(product.database_url)
    told = first_alerts(receiver)
    waits = {
        (one.environment, service): told[one.environment, service][0] - since
        for one in traffic
        for service, since in one.decided_at.items()
    }
    matched = {
        (one.environment, service): told[one.environment, service][0] - since
        for one in matching
        for service, since in one.accepted_at.items()
    }
    early = [series for series, seconds in waits.items() if seconds < 0]
    if early:
        raise BenchmarkError(f"reported before they failed: {early}")
    seconds, pattern_seconds = list(waits.values()), [max(0.0, found) for found in matched.values()]
    records = sum(one.records for one in traffic) + sum(one.records for one in matching) + load.records
    figures = {
        "pattern_p95_s": round(percentile(pattern_seconds, 0.95), 2),
        "pattern_p50_s": round(percentile(pattern_seconds, 0.5), 2),
        "pattern_max_s": round(max(pattern_seconds), 2),
        "patterns_alerted": len(pattern_seconds),
        "window_p95_s": round(percentile(seconds, 0.95), 2),
        "window_p50_s": round(percentile(seconds, 0.5), 2),
        "window_max_s": round(max(seconds), 2),
        "services_alerted": len(seconds),
        "first_by_rule": dict(Counter(told[series][1] for series in waits)),
        "webhooks": len(receiver.arrivals),
        "records": records,
        "records_per_s": round(records / lasted),
        "baseline_s": baseline,
        "patterns_per_s": PATTERNS_A_SECOND,
        "failing_services_per_s": WINDOWS_A_SECOND,
        "requests_per_s_and_service": REQUESTS_A_TICK / TICK_SECONDS,
        "postgres": version,
    }
    show(figures)
    return figures


def show(figures: Figures) -> None:
    """A table for people."""
    rows = [
        ("records a second meanwhile", f"{figures['records_per_s']:,}"),
        ("a pattern: median", f"{figures['pattern_p50_s']} s"),
        ("a pattern: 95th percentile (goal: below 2 s)", f"{figures['pattern_p95_s']} s"),
        ("a pattern: slowest", f"{figures['pattern_max_s']} s"),
        ("a window: median", f"{figures['window_p50_s']} s"),
        ("a window: 95th percentile (goal: below 5 s)", f"{figures['window_p95_s']} s"),
        ("a window: slowest", f"{figures['window_max_s']} s"),
        ("services that failed and were reported", f"{figures['services_alerted']}"),
        *((f"reported first by {rule}", f"{count}") for rule, count in figures["first_by_rule"].items()),
    ]
    print_table("from a record to the webhook that tells of it", rows)


if __name__ == "__main__":
    run_benchmark(measure, "time_to_alert", "Seconds from a record to the webhook that tells of it.")
