"""The steps of `manage.py up`: lock, port, services, product, watch, and everything stopped at the end."""

import os
from dataclasses import asdict
from pathlib import Path

from project.up import processes
from project.up.errors import StopRequestedError
from project.up.lock import hold_lock, read_note, write_note
from project.up.options import Options
from project.up.ports import choose_port
from project.up.product import run_product
from project.up.services import ServiceUrls, run_services
from project.up.supervisor import Supervisor


def run_up(options: Options, supervisor: Supervisor) -> None:
    """Start everything, print where it is, and watch until told to stop."""
    with hold_lock(options.data):
        forget_last_run(options.data, options.base)
        supervisor.catch_signals()
        try:
            run_services_only(options, supervisor) if options.services_only else run_all(options, supervisor)
        except StopRequestedError:
            pass
        finally:
            for name in ("embedded.json", "runtime.json"):
                (options.data / name).unlink(missing_ok=True)
    supervisor.say("up", "everything has stopped")


def run_all(options: Options, supervisor: Supervisor) -> None:
    """The whole product."""
    choice = choose_port(options.host, options.port)
    if choice.instead_of is not None:
        supervisor.say("up", f"port {choice.instead_of} is in use; taking {choice.port} (PORT=... chooses another)")
    names = [name for name, url in (("PostgreSQL", options.database_url), ("Valkey", options.redis_url)) if not url]
    if names:
        supervisor.say("up", f"starting {' and '.join(names)}")
    with run_services(
        supervisor, options.data, durable=True, database_url=options.database_url, redis_url=options.redis_url
    ) as urls:
        note_services(options, urls)
        run_product(options, choice.port, supervisor)


def run_services_only(options: Options, supervisor: Supervisor) -> None:
    """For developers: PostgreSQL and Valkey, and their addresses to export."""
    with run_services(supervisor, options.data, durable=True) as urls:
        write_note(options.data / "embedded.json", asdict(urls))
        write_note(options.data / "runtime.json", {"pid": os.getpid(), "groups": supervisor.groups()})
        supervisor.print(f"export DATABASE_URL={urls.database_url}\nexport REDIS_URL={urls.redis_url}")
        supervisor.say("up", "PostgreSQL and Valkey run; Ctrl-C stops them")
        supervisor.watch()


def note_services(options: Options, urls: ServiceUrls) -> None:
    """Leave word where the embedded services are: settings of other processes of this clone read it."""
    given = {"database_url": options.database_url, "redis_url": options.redis_url}
    note = {name: url for name, url in asdict(urls).items() if not given[name]}
    write_note(options.data / "embedded.json", note)


def forget_last_run(data: Path, base: Path) -> None:
    """Notes of a run that was killed are stale; its children end here where neither kernel nor guard could."""
    for group in read_note(data / "runtime.json").get("groups", []):
        if str(base) in processes.command_line(group) or str(data) in processes.command_line(group):
            processes.kill_group(int(group))
    for name in ("embedded.json", "runtime.json"):
        (data / name).unlink(missing_ok=True)
