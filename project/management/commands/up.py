"""`manage.py up`: run the whole product on this machine."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from project.settings.embedded import BASE_DIR, DATA_DIR
from project.settings.env import read_bool, read_int, read_list, read_text
from project.up.errors import ServiceError
from project.up.lock import AlreadyRunningError, read_note
from project.up.options import Options, default_processes
from project.up.ports import PortBusyError
from project.up.run import run_up
from project.up.supervisor import Supervisor


class Command(BaseCommand):
    help = "Run the whole product: embedded services where none are given, web, worker and demo. Ctrl-C stops it."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--services-only", action="store_true", help="only PostgreSQL and Valkey, for developers")

    def handle(self, *args: Any, **flags: Any) -> None:
        options = Options(
            base=BASE_DIR,
            data=DATA_DIR.resolve(),
            host=read_text("HOST", "127.0.0.1"),
            port=read_int("PORT", 0, low=0, high=65535) or None,
            demo=read_bool("DEMO", default=True) and welcomes_demo(DATA_DIR),
            services_only=flags["services_only"],
            database_url=read_text("DATABASE_URL"),
            redis_url=read_text("REDIS_URL"),
            public_url=read_text("PUBLIC_URL"),
            trusted_proxies=tuple(read_list("TRUSTED_PROXIES")),
            web_processes=read_int("WEB_CONCURRENCY", default_processes(), low=1, high=64),
        )
        try:
            run_up(options, Supervisor())
        except AlreadyRunningError as error:
            self.stdout.write(describe_running(error.note))
        except (PortBusyError, ServiceError) as error:
            raise CommandError(str(error)) from error
        except PermissionError as error:
            raise CommandError(f"{error.filename}: {error.strerror}. Was `up` run as another user before?") from error


def welcomes_demo(data: Path) -> bool:
    """Made-up traffic goes only where it was from the first run on: never among real data."""
    note = read_note(data / "credentials.json")
    return bool(note.get("demo", not note))


def describe_running(note: dict[str, Any]) -> str:
    """What a second `up` says."""
    if not note:
        return "Diagnostics is starting in this folder already."
    where = (
        f"Diagnostics runs already at {note['web_url']}" if "web_url" in note else "PostgreSQL and Valkey run already"
    )
    return f"{where} (process {note.get('pid')}). Ctrl-C there stops it."
