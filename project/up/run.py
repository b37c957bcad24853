"""The steps of `manage.py up`: services, migrations, set-up, processes, banner, watch."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from project.up import lock, processes
from project.up.banner import write_banner
from project.up.ports import choose_port
from project.up.postgres import ServiceError
from project.up.services import ServiceUrls, embedded_services
from project.up.supervisor import Supervisor

READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for, by environment variables and flags."""

    base: Path  # the clone
    data: Path
    host: str = "127.0.0.1"
    port: int | None = None
    demo: bool = True
    services_only: bool = False
    database_url: str = ""
    redis_url: str = ""


def run_up(options: Options, supervisor: Supervisor) -> None:
    """Start everything, print where it is, and watch until told to stop."""
    with lock.hold_lock(options.data):
        choice = choose_port(options.host, options.port)
        if choice.instead_of is not None:
            supervisor.say("up", f"port {choice.instead_of} is in use; taking {choice.port} (PORT=... chooses another)")
        end_leftovers(options)
        supervisor.catch_signals()
        supervisor.say("up", "starting PostgreSQL and Valkey")
        with embedded_services(
            options.data, durable=True, database_url=options.database_url, redis_url=options.redis_url
        ) as urls:
            note_services(options, urls)
            try:
                if options.services_only:
                    show_services(urls, supervisor)
                    supervisor.watch()
                else:
                    run_product(options, choice.port, supervisor)
            finally:
                for name in ("embedded.json", "runtime.json"):
                    (options.data / name).unlink(missing_ok=True)
    supervisor.say("up", "everything has stopped")


def note_services(options: Options, urls: ServiceUrls) -> None:
    """Leave word where the embedded services are: settings of other processes of this clone read it."""
    note = {} if options.database_url else {"database_url": urls.database_url}
    if not options.redis_url:
        note["redis_url"] = urls.redis_url
    lock.write_note(options.data / "embedded.json", note)


def show_services(urls: ServiceUrls, supervisor: Supervisor) -> None:
    """For developers: addresses to export."""
    supervisor.say("up", f"export DATABASE_URL={urls.database_url}")
    supervisor.say("up", f"export REDIS_URL={urls.redis_url}")


def end_leftovers(options: Options) -> None:
    """End children of a supervisor that was killed, where the kernel did not (macOS)."""
    for group in lock.read_note(options.data / "runtime.json").get("groups", []):
        shown = subprocess.run(["ps", "-o", "command=", "-p", str(group)], capture_output=True, text=True, check=False)  # noqa: S603, S607
        if str(options.base) in shown.stdout:
            processes.kill_group(int(group))


def child_environment(options: Options, port: int) -> dict[str, str]:
    """What the children see: the port that was chosen, and for the demo its own webhook receiver on loopback."""
    env = {**os.environ, "PORT": str(port), "PYTHONUNBUFFERED": "1", "DIAGNOSTICS_DATA": str(options.data)}
    env["DEMO"] = "1" if options.demo else "0"
    if options.demo:
        env.setdefault("DELIVERY_ALLOWED_NETWORKS", "127.0.0.0/8")
        env.setdefault("DELIVERY_ALLOW_HTTP", "1")
    return env


def manage(options: Options, *words: str) -> list[str | Path]:
    """A management command as a process."""
    return [sys.executable, options.base / "manage.py", *words]


def run_step(options: Options, env: Mapping[str, str], *words: str) -> None:
    """Run one management command to its end; ServiceError with its output when it fails."""
    done = subprocess.run(manage(options, *words), env=env, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise ServiceError(f"`manage.py {' '.join(words)}` failed:\n{done.stdout}{done.stderr}")


def run_product(options: Options, port: int, supervisor: Supervisor) -> None:
    """Migrate, set up, start web, worker and demo, and watch them."""
    env = child_environment(options, port)
    supervisor.say("up", "preparing the database")
    run_step(options, env, "migrate", "--verbosity", "0")
    run_step(options, env, "setup")
    url = f"http://{options.host if options.host != '0.0.0.0' else '127.0.0.1'}:{port}"  # noqa: S104
    try:
        web = [sys.executable, "-m", "uvicorn", "project.asgi:application", "--app-dir", options.base, "--host"]
        flags = ["--no-access-log", "--lifespan", "off", "--ws-max-size", "65536", "--timeout-graceful-shutdown", "5"]
        supervisor.add("web", [*web, options.host, "--port", str(port), "--log-level", "warning", *flags], env)
        supervisor.add("worker", manage(options, "qcluster"), env)
        if wait_for(f"{url}/livez", supervisor):
            if options.demo:
                supervisor.add("demo", manage(options, "demo"), env)
            note_running(options, url, supervisor)
            credentials = lock.read_note(options.data / "credentials.json")
            print(write_banner(url, credentials, demo=options.demo), file=supervisor.output, flush=True)
        supervisor.watch()
    finally:
        supervisor.stop_all()


def note_running(options: Options, url: str, supervisor: Supervisor) -> None:
    """Leave word what runs, for a second `up` and for the demo."""
    groups = [child.process.pid for child in supervisor.children if child.process]
    lock.write_note(options.data / "runtime.json", {"web_url": url, "pid": os.getpid(), "groups": groups})


def wait_for(url: str, supervisor: Supervisor) -> bool:
    """Wait until the address answers; False when told to stop first or when it takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not supervisor.stopping.is_set():
        for child in supervisor.children:
            supervisor.look_after(child)
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310  our own loopback address
        except (urllib.error.URLError, OSError):
            supervisor.stopping.wait(0.1)
        else:
            return True
    if not supervisor.stopping.is_set():
        supervisor.say("up", f"{url} does not answer after {READY_SECONDS} s; see the lines above. Still trying.")
    return False
