"""Both embedded services as one context, for `up`, tests and benchmarks."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from project.up.postgres import run_postgres
from project.up.valkey import run_valkey


@dataclass(frozen=True, slots=True)
class ServiceUrls:
    """Where the services are."""

    database_url: str
    redis_url: str


@contextmanager
def embedded_services(
    folder: Path, *, durable: bool, database_url: str = "", redis_url: str = ""
) -> Iterator[ServiceUrls]:
    """Run what has no address yet; `durable` off trades safety at a power cut for speed (tests)."""
    with ExitStack() as stack:
        database = database_url or stack.enter_context(run_postgres(folder / "postgres", durable=durable))
        cache = redis_url or stack.enter_context(run_valkey(folder / "valkey"))
        yield ServiceUrls(database, cache)
