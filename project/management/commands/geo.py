"""`manage.py geo`: install or update the IP-to-region database, and say what there is."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from diagnostics.core.errors import BadInput
from diagnostics.geo import GeoStatus, install, read_status


class Command(BaseCommand):
    help = "The IP-to-region database (MMDB): `install FILE` puts it in place, `status` says what there is and of when."

    def add_arguments(self, parser: ArgumentParser) -> None:
        act = parser.add_subparsers(dest="act", required=True)
        act.add_parser("install", help="check a file and put it in place; also to update").add_argument(
            "file", type=Path
        )
        act.add_parser("status", help="path, type and date of the data")

    def handle(self, *args: Any, **flags: Any) -> None:
        if flags["act"] == "status":
            self.show(read_status())
            return
        try:
            status = install(flags["file"])
        except BadInput as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"cannot be put in place: {error}") from error
        self.show(status)
        self.stdout.write("Web processes take it up within seconds; new records get their region from it.")

    def show(self, status: GeoStatus) -> None:
        """In words."""
        if status.problem:
            self.stdout.write(f"{status.path}: {status.problem}; the region fields stay empty.")
            return
        age = " (old: addresses move, bring a newer one)" if status.is_old else ""
        self.stdout.write(f"{status.path}: {status.kind}, data of {status.built_at:%Y-%m-%d}{age}")
        if status.attribution:
            self.stdout.write(f"Its licence asks for: {status.attribution}")
