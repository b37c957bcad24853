"""`manage.py pseudonyms`: rotate an environment's key of pseudonyms, or destroy all its keys for good."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from diagnostics.models import Environment
from diagnostics.privacy.link import measure_link
from diagnostics.privacy.pseudonyms import destroy_keys, rotate_key


class Command(BaseCommand):
    help = "Rotate the key that user ids are hashed with (old records stay findable until they expire), or destroy all keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--environment", required=True, metavar="SLUG")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument("--rotate", action="store_true", help="a new key; the old one still finds old records")
        act.add_argument("--destroy", action="store_true", help="a new key, and no trace of the old ones: for good")

    def handle(self, *args: Any, **flags: Any) -> None:
        environment = Environment.objects.filter(slug=flags["environment"]).first()
        if environment is None:
            known = ", ".join(Environment.objects.values_list("slug", flat=True))
            raise CommandError(f"--environment: there is no '{flags['environment']}'; there are: {known or 'none'}")
        if flags["rotate"]:
            until = rotate_key(environment, None)
            self.stdout.write(f"Rotated. Records of the old key are found by user id until {until:%Y-%m-%d %H:%M} UTC.")
            return
        link = measure_link(environment)
        self.stdout.write(
            f"{link} in {environment.slug} will not be found by user id any more: not to search, export or erase."
        )
        if (
            not flags["yes"]
            and input(f"Type {environment.slug} to destroy the keys for good: ").strip() != environment.slug
        ):
            raise CommandError("nothing was destroyed")
        destroy_keys(environment, None)
        self.stdout.write("Destroyed. New records get new pseudonyms. Backups keep the old keys until they expire.")
