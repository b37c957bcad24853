"""Both embedded services, for `up`, tests and benchmarks."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from project.up.errors import ServiceError, StopRequestedError
from project.up.postgres import prepare_postgres
from project.up.service import Service
from project.up.supervisor import Supervisor
from project.up.valkey import prepare_valkey

START_SECONDS = 60
START_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class ServiceUrls:
    """Where the services are."""

    database_url: str
    redis_url: str


@contextmanager
def embedded_services(
    folder: Path, *, durable: bool, database_url: str = "", redis_url: str = ""
) -> Iterator[ServiceUrls]:
    """Run what has no address yet; `durable` off keeps nothing and trades safety for speed (tests)."""
    supervisor = Supervisor(output=None)
    with run_services(supervisor, folder, durable=durable, database_url=database_url, redis_url=redis_url) as urls:
        yield urls


@contextmanager
def run_services(
    supervisor: Supervisor, folder: Path, *, durable: bool, database_url: str = "", redis_url: str = ""
) -> Iterator[ServiceUrls]:
    """The same under a supervisor of the caller's, who may watch them; all its children have stopped afterwards."""
    services: list[Service] = []
    try:
        if not database_url:
            services.append(prepare_postgres(folder / "postgres", durable=durable))
            database_url = services[-1].url
        if not redis_url:
            services.append(prepare_valkey(folder / "valkey"))
            redis_url = services[-1].url
        start_services(supervisor, services)
        yield ServiceUrls(database_url, redis_url)
    finally:
        supervisor.stop_all()
        for service in services:
            if service.rubbish is not None:
                shutil.rmtree(service.rubbish, ignore_errors=True)


def start_services(supervisor: Supervisor, services: list[Service]) -> None:
    """Start them side by side; return when each answers."""
    children = [supervisor.add(service.command) for service in services]
    deadline = time.monotonic() + START_SECONDS
    for service, child in zip(services, children, strict=True):
        while not service.answers():
            if supervisor.stopping.wait(0.03):
                raise StopRequestedError
            supervisor.look_after(child)
            if child.restarts >= START_ATTEMPTS or time.monotonic() > deadline:
                raise ServiceError(f"{service.command.name} did not start:\n{read_tail(service.command.log)}")


def read_tail(log: Path | None) -> str:
    """The last words of a log."""
    return log.read_text(errors="replace")[-2000:] if log and log.exists() else ""
