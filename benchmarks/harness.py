"""What the benchmarks share: the whole product in a temporary folder, senders over HTTP, and how figures are shown.

The product runs as `manage.py up` runs it (the same commands and numbers of processes), on durable embedded services: a
commit reaches the disk before it is acknowledged.
"""

import argparse
import http.client
import json
import logging
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import psutil  # type: ignore[import-untyped]
import psycopg

from project.up.errors import ServiceError
from project.up.options import Options, default_processes
from project.up.place import POINTER
from project.up.ports import free_port
from project.up.processes import Command
from project.up.product import make_environment, manage, run_step, serve_web, wait_for_web
from project.up.services import embedded_services, read_tail
from project.up.supervisor import Child, Supervisor

BASE: Final = Path(__file__).resolve().parent.parent
HOST: Final = "127.0.0.1"
REQUEST_SECONDS: Final = 20.0

Figures = dict[str, Any]


class BenchmarkError(Exception):
    """The benchmark cannot be believed: something failed or the sums do not agree."""


@dataclass
class Product:
    """The running product."""

    port: int
    database_url: str
    env: Mapping[str, str]
    options: Options
    supervisor: Supervisor
    children: dict[str, Child] = field(default_factory=dict)

    def check(self) -> None:
        """BenchmarkError with the last lines of a process that has ended."""
        for name, child in self.children.items():
            if child.process is None or child.process.poll() is not None:
                raise BenchmarkError(f"the {name} process has ended:\n{read_tail(child.command.log)}")

    def cpu_seconds(self, name: str) -> float:
        """CPU time that a process and its children have used, in seconds."""
        process = self.children[name].process
        if process is None:
            return 0.0
        root = psutil.Process(process.pid)
        times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
        return float(sum(one.user + one.system for one in times))

    def resident_mb(self, name: str) -> float:
        """Memory of a process and its children, in MB."""
        process = self.children[name].process
        if process is None:
            return 0.0
        root = psutil.Process(process.pid)
        return float(sum(one.memory_info().rss for one in (root, *root.children(recursive=True))) / 1e6)

    def log_tail(self, name: str) -> str:
        """The last words of a process."""
        return read_tail(self.children[name].command.log)


@contextmanager
def running_product(**settings: str) -> Iterator[Product]:
    """Services, database, worker and web in a temporary folder; everything has stopped and is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="diagnostics-bench-"))
    supervisor = Supervisor(output=None)
    try:
        with embedded_services(folder / "services", durable=True) as urls:
            set_environment(folder / "data", urls.database_url, urls.redis_url, settings)
            product = prepare(folder, urls.database_url, supervisor)
            try:
                start(product, folder)
                yield product
                product.check()
            finally:
                supervisor.stop_all()
    finally:
        for pointer in folder.rglob(POINTER):  # run by root, PostgreSQL's data lie elsewhere
            shutil.rmtree(pointer.read_text().strip(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def set_environment(data: Path, database_url: str, redis_url: str, settings: Mapping[str, str]) -> None:
    """Of this process, which its children inherit; Django's own settings read it when they are first used."""
    for name in ("PUBLIC_URL", "ALLOWED_HOSTS", "DEBUG", "SECRET_KEY_FILE", "GEO_DATABASE"):
        os.environ.pop(name, None)
    os.environ |= {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DIAGNOSTICS_DATA": str(data),
        "SECRET_KEY": "only for benchmarks: long enough, and worth nothing to anybody else",
        "DJANGO_SETTINGS_MODULE": "project.settings",
        **settings,
    }


def prepare(folder: Path, database_url: str, supervisor: Supervisor) -> Product:
    """Migrate and set up, as `up` does."""
    port = free_port()
    options = Options(base=BASE, data=folder / "data", demo=False, web_processes=default_processes())
    env = make_environment(options, port)
    os.environ |= {"PORT": str(port), "HTTPS": env["HTTPS"], "DEMO": env["DEMO"]}
    run_step(manage(options, env, "migrate", "--verbosity", "0"), supervisor)
    run_step(manage(options, env, "setup"), supervisor)
    return Product(port, database_url, env, options, supervisor)


def start(product: Product, folder: Path) -> None:
    """The worker and the web server; returns when the web server answers."""
    commands = {
        "worker": manage(product.options, product.env, "qcluster", name="worker"),
        "web": serve_web(product.options, product.port, product.env),
    }
    for name, command in commands.items():
        product.children[name] = product.supervisor.add(replace(command, log=folder / f"{name}.log"))
    wait_for_web(HOST, product.port, product.supervisor)
    product.check()


def provision(product: Product, slug: str) -> str:
    """Make an environment; returns its ingest key."""
    command = manage(product.options, product.env, "provision", slug, "--json")
    return str(json.loads(run_for_output(command))["ingest_key"])


def run_for_output(command: Command) -> str:
    """What a management command prints."""
    done = subprocess.run(
        [str(word) for word in command.words],
        env=None if command.env is None else dict(command.env),
        cwd=command.cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=REQUEST_SECONDS,
    )
    if done.returncode != 0:
        raise BenchmarkError(f"`manage.py {command.name}` failed:\n{done.stderr[-2000:]}")
    return done.stdout


class Sender:
    """One kept HTTP connection to an ingest address. Not for several threads at once."""

    def __init__(self, port: int, path: str, key: str, content_type: str) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=REQUEST_SECONDS)
        self.path = path
        self.headers = {"authorization": f"Bearer {key}", "content-type": content_type}

    def post(self, body: bytes) -> bytes:
        """Send a batch; returns the answer's body, BenchmarkError when it is not 200."""
        self.connection.request("POST", self.path, body, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise BenchmarkError(f"{self.path} answered {answer.status}: {text[:300]!r}")
        return text

    def close(self) -> None:
        """Give the connection up."""
        self.connection.close()


def set_up_django() -> None:
    """Make the ORM usable in this process; the environment must be set."""
    import django

    django.setup()
    logging.disable(logging.INFO)


def wait_for(condition: Callable[[], bool], *, seconds: float, what: str, every: float = 0.05) -> float:
    """Poll until the condition holds; returns the seconds waited, BenchmarkError when it does not come in time."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > seconds:
            raise BenchmarkError(f"{what}: not within {seconds:.0f} s")
        time.sleep(every)
    return time.monotonic() - start


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def postgres_version(database_url: str) -> str:
    """As the server says it."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]) if row else ""


def describe_machine() -> Figures:
    """CPU model, cores, memory in GiB, Python."""
    model = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def parse_arguments(name: str, description: str) -> argparse.Namespace:
    """The flags that every benchmark has."""
    parser = argparse.ArgumentParser(prog=f"benchmarks.{name}", description=description)
    parser.add_argument("--quick", action="store_true", help="less work: ends within 45 seconds on two cores")
    parser.add_argument("--json", action="store_true", help="print one JSON object of figures as the last line")
    return parser.parse_args()


def print_table(title: str, rows: list[tuple[str, str]]) -> None:
    """Names and figures, for people."""
    width = max(len(name) for name, _ in rows)
    print(title)
    for name, text in rows:
        print(f"  {name:<{width}}  {text:>14}")


def run_benchmark(measure: Callable[[bool], Figures], name: str, description: str) -> None:
    """A benchmark's main: measure, print, and end with 1 and the reason when it cannot be believed."""
    options = parse_arguments(name, description)
    try:
        figures = measure(options.quick)
    except (BenchmarkError, ServiceError, OSError, http.client.HTTPException) as error:
        print(f"{name}: {error or type(error).__name__}", file=sys.stderr)
        sys.exit(1)
    if options.json:
        print(json.dumps(figures))
