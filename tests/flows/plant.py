"""The product under trouble: who is killed and started again, and what must hold afterwards."""

import base64
import json
import os
import random
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import psycopg

from project.up.product import answers
from project.up.service import Service
from project.up.services import START_SECONDS
from project.up.supervisor import Child, Supervisor
from project.up.valkey import prepare_valkey
from tests.flows.receiver import Receiver
from tests.flows.sender import Sender
from tests.product import Product, running_product
from tests.up.waiting import wait_until

Moment = Callable[[Callable[[], Any]], None]  # runs an action at the right time
MOMENT = 5.0  # seconds for which the right time is waited for
WEB_PROCESSES = 2
SETTLED_WITHIN = 120.0  # seconds: a claim that a killed worker held is free again after 45, a sweep comes each minute

COUNT_TEXTS = """
SELECT text, count(*) FROM (
    SELECT body AS text FROM diagnostics_log WHERE environment_id = %(environment)s
    UNION ALL SELECT name FROM diagnostics_span WHERE environment_id = %(environment)s
) AS stored GROUP BY text
"""
# Sums of the records, side by side with the rollups; a row is a difference.
DIFFERENT_RECORDS = """
WITH stored AS (
    SELECT date_trunc('minute', timestamp) AS minute, service_name, count(*) AS records,
           count(*) FILTER (WHERE severity_number BETWEEN 13 AND 16) AS warnings,
           count(*) FILTER (WHERE severity_number >= 17) AS errors
    FROM diagnostics_log WHERE environment_id = %(environment)s GROUP BY 1, 2
), summed AS (
    SELECT minute, service_name, sum(records) AS records, sum(warnings) AS warnings, sum(errors) AS errors
    FROM diagnostics_minute_rollup WHERE environment_id = %(environment)s AND source = 'log' GROUP BY 1, 2
)
SELECT * FROM stored FULL JOIN summed USING (minute, service_name, records, warnings, errors)
WHERE (stored.records IS NULL) OR (summed.records IS NULL)
"""
DIFFERENT_SPANS = """
WITH stored AS (
    SELECT date_trunc('minute', timestamp) AS minute, service_name, count(*) AS requests
    FROM diagnostics_span WHERE environment_id = %(environment)s GROUP BY 1, 2
), summed AS (
    SELECT minute, service_name, sum(requests) AS requests
    FROM diagnostics_minute_rollup WHERE environment_id = %(environment)s AND source = 'span' GROUP BY 1, 2
)
SELECT * FROM stored FULL JOIN summed USING (minute, service_name, requests)
WHERE (stored.requests IS NULL) OR (summed.requests IS NULL)
"""
WAITING = "SELECT count(*) FROM diagnostics_ingest_batch WHERE digested_at IS NULL AND environment_id = %(environment)s"
FAILED = (
    "SELECT count(*) FROM diagnostics_ingest_batch WHERE answer ? 'digest_error' AND environment_id = %(environment)s"
)
IN_BATCHES = """
SELECT coalesce(sum(records + spans), 0) FROM diagnostics_ingest_batch WHERE environment_id = %(environment)s
"""
IN_SESSIONS = "SELECT coalesce(sum(records), 0) FROM sessions_app_logsession WHERE environment_id = %(environment)s"
WITH_SESSION = "SELECT count(*) FROM diagnostics_log WHERE session_id <> '' AND environment_id = %(environment)s"
DIGESTED = """
SELECT count(*) FROM diagnostics_ingest_batch WHERE digested_at IS NOT NULL AND environment_id = %(environment)s
"""
SUMMED = "SELECT sum(records) FROM diagnostics_minute_rollup WHERE environment_id = %(environment)s"
CUT_CONNECTIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Whichever rule saw the surge first, the others join it.
INCIDENTS = """
SELECT id, rule_name, state, opened_at FROM alerts_incident
WHERE environment_id = %(environment)s AND service_name = 'payments'
"""
PENDING = """
SELECT count(*) FROM alerts_notification AS notification
JOIN alerts_incident AS incident ON incident.id = notification.incident_id
WHERE notification.state = 'pending' AND incident.environment_id = %(environment)s
"""


@dataclass
class Place:
    """An environment with its key and the receiver of its alerts."""

    id: int
    slug: str
    key: str
    receiver: Receiver


@dataclass(frozen=True)
class Part:
    """A process that may be killed, and how to see that its successor is up."""

    child: Child
    supervisor: Supervisor
    is_ready: Callable[[], bool]


@dataclass
class Plant:
    """A running product whose parts may be killed."""

    product: Product
    parts: dict[str, Part]

    def kill(self, name: str, moment: Moment) -> None:
        """kill -9 of all its processes at once, and a new start. "connections" are cut by the database instead; of the
        web server's children one dies, and the others go on."""
        if name == "connections":
            moment(partial(self.ask, CUT_CONNECTIONS))
            return
        if name == "web-child":
            victim = self.web_children()[0]
            moment(victim.kill)
            wait_until(lambda: not is_serving(victim), START_SECONDS)
            wait_until(lambda: len(self.web_children()) == WEB_PROCESSES, START_SECONDS)
            return
        part = self.parts[name]
        self.wait_for(part)
        process = part.child.process
        assert process is not None
        victims = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        moment(lambda: kill_all(victims))
        process.wait()
        assert psutil.wait_procs(victims, START_SECONDS)[1] == []
        part.supervisor.bury(process)
        part.supervisor.launch(part.child)
        self.wait_for(part)

    def web_children(self) -> list[psutil.Process]:
        """Those that serve."""
        process = self.parts["web"].child.process
        assert process is not None
        children = psutil.Process(process.pid).children()
        return [one for one in children if is_serving(one)]

    def look_after(self) -> None:
        """As `up` does: a worker that cannot start without its database ends, and is started again."""
        for part in self.parts.values():
            part.supervisor.look_after(part.child)

    def wait_for(self, part: Part) -> None:
        """Until it works again; one that cannot start at once is started again, as by `up`."""
        deadline = time.monotonic() + START_SECONDS
        while part.child.process is None or not part.is_ready():
            assert time.monotonic() < deadline, f"{part.child.command.name} does not come back"
            part.supervisor.look_after(part.child)
            time.sleep(0.03)

    def make_place(self, slug: str, *, failures: int) -> Place:
        """A fresh environment and a webhook that fails at first."""
        found = self.product.provision(slug)
        signing_key = f"whsec_{base64.b64encode(os.urandom(32)).decode()}"
        receiver = Receiver(signing_key, failures)
        target = {
            "environment": slug, "name": "receiver", "kind": "webhook",
            "secrets": {"url": receiver.url, "signing_key": signing_key},
        }  # fmt: skip
        request = urllib.request.Request(
            f"{self.product.url}/api/v1/targets",
            json.dumps(target).encode(),
            {"Authorization": f"Bearer {found['api_token']}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 201
        number = self.ask("SELECT id FROM diagnostics_environment WHERE slug = %(slug)s", slug=slug)[0][0]
        return Place(number, slug, found["ingest_key"], receiver)

    def ask(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of the product's database."""
        with psycopg.connect(self.product.env["DATABASE_URL"], connect_timeout=5) as connection:
            return connection.execute(query, values).fetchall()


def is_serving(process: psutil.Process) -> bool:
    """A child of the web server that is neither its helper nor gone."""
    with suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(process.cmdline())
    return False


@contextmanager
def running_plant(folder: Path, *, database: str, **more: Part) -> Iterator[Plant]:
    """The product with a Valkey of its own."""
    service = prepare_valkey(folder / "valkey")
    settings = {"REDIS_URL": service.url, "QUEUE_WORKERS": "2"}
    with running_product(folder, database=database, web_processes=WEB_PROCESSES, **settings) as product:
        parts = {
            "worker": Part(product.children["worker"], product.supervisor, lambda: True),
            "web": Part(product.children["web"], product.supervisor, partial(answers, "127.0.0.1", product.port)),
            "valkey": start_service(product.supervisor, service),
        }
        yield Plant(product, {**parts, **more})


def start_service(supervisor: Supervisor, service: Service) -> Part:
    """Returns when it answers."""
    child = supervisor.add(service.command)
    wait_until(service.answers, START_SECONDS)
    return Part(child, supervisor, service.answers)


@contextmanager
def load(plant: Plant, place: Place, seed: int, *, surge: bool) -> Iterator[list[Sender]]:
    """Two senders that try again and one that does not; with `surge` also one whose records are all errors."""
    kinds = [("patient", True, False), ("dogged", True, False), ("careless", False, False)]
    if surge:
        kinds.append(("surge", True, True))
    senders = [
        Sender(plant.product.url, place.key, f"{place.slug} {name}", seed * 10 + number, stubborn=stubborn, surge=one)
        for number, (name, stubborn, one) in enumerate(kinds)
    ]
    for sender in senders:
        sender.thread.start()
    try:
        yield senders
    finally:
        for sender in senders:
            sender.stopping.set()
        for sender in senders:
            sender.thread.join(90)
    assert not any(sender.thread.is_alive() for sender in senders)


def kill_all(victims: list[psutil.Process]) -> None:
    """The first leads the others; PostgreSQL's have groups of their own."""
    os.killpg(victims[0].pid, signal.SIGKILL)
    for victim in victims:
        with suppress(psutil.NoSuchProcess):
            victim.kill()


def trouble(
    plant: Plant, place: Place, senders: list[Sender], names: list[str], rand: random.Random, pause: tuple[float, float]
) -> None:
    """Kill them one after the other, with time in between, each at a moment that hurts."""
    for name in names:
        time.sleep(rand.uniform(*pause))
        patient = [sender for sender in senders if sender.stubborn]
        if name == "delivery":  # the worker, while it tells the receiver
            plant.kill("worker", partial(place.receiver.called.prepare, seconds=MOMENT))
        elif name == "worker":
            plant.kill(name, partial(at_change, plant, place, rand.choice([DIGESTED, SUMMED])))
        else:
            plant.kill(name, partial(rand.choice(patient).answered.prepare, seconds=MOMENT))
    time.sleep(rand.uniform(*pause))


def at_change(plant: Plant, place: Place, query: str, action: Callable[[], Any]) -> None:
    """As soon as the database shows another figure: what belongs to it must be there, too."""
    deadline = time.monotonic() + MOMENT
    with psycopg.connect(plant.product.env["DATABASE_URL"], autocommit=True) as connection:
        before = figure = connection.execute(query, {"environment": place.id}).fetchone()
        while figure == before and time.monotonic() < deadline:
            time.sleep(0.001)
            figure = connection.execute(query, {"environment": place.id}).fetchone()
        action()


def check(plant: Plant, place: Place, senders: list[Sender]) -> None:
    """Every promise about what was acknowledged."""
    environment = {"environment": place.id}

    def number(query: str) -> int:
        return int(plant.ask(query, **environment)[0][0])

    refused = [text for sender in senders for text in sender.ledger.refused]
    assert refused == [], f"refused: {refused[:5]}"
    acknowledged = set().union(*(sender.ledger.acknowledged for sender in senders))
    unanswered = set().union(*(sender.ledger.unanswered for sender in senders))
    stored = dict(plant.ask(COUNT_TEXTS, **environment))
    assert {text: count for text, count in stored.items() if count != 1} == {}, "stored more than once"
    assert acknowledged - set(stored) == set(), "acknowledged and lost"
    assert set(stored) - acknowledged - unanswered == set(), "stored, but never sent"
    patiently(plant, lambda: number(WAITING) == 0, "batches are left that nobody digests")
    assert number(FAILED) == 0, "batches could not be digested"
    assert number(IN_BATCHES) == len(stored), "batches do not tell what is stored"
    assert number(IN_SESSIONS) == number(WITH_SESSION), "sessions do not add up"
    for query in (DIFFERENT_RECORDS, DIFFERENT_SPANS):
        differences = plant.ask(query, **environment)
        assert differences == [], f"rollups do not add up: {differences}"


def check_alert(plant: Plant, place: Place) -> None:
    """The surge is one incident, told under one id however often it was told, and nothing is left to tell."""
    environment = {"environment": place.id}

    def is_told() -> bool:
        return any(status == 204 for _, _, status in place.receiver.triggers())

    patiently(plant, is_told, "nobody was told of the surge")
    patiently(plant, lambda: plant.ask(PENDING, **environment) == [(0,)], "a notification stays pending")
    incidents = plant.ask(INCIDENTS, **environment)
    assert len(incidents) == 1, f"the surge is not one incident: {incidents}"
    calls = place.receiver.triggers()
    assert len({incident for _, incident, _ in calls}) == 1, "told of several incidents"
    assert len({name for name, _, _ in calls}) == 1, "the same message came under several ids"
    assert len(calls) > place.receiver.failures, "a failure was not tried again"
    assert place.receiver.rejected == 0, "a signature was wrong"


def patiently(plant: Plant, condition: Callable[[], bool], complaint: str) -> None:
    """Wait for it; meanwhile the dead are started again."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while not condition():
        assert time.monotonic() < deadline, complaint
        plant.look_after()
        time.sleep(0.1)
