"""`manage.py demo`: live traffic of a small shop, with an incident every few minutes. `make up` runs it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from project.demo.run import run_demo
from project.up.lock import read_note


class Command(BaseCommand):
    help = "Send the demo shop's traffic to the web server of this installation, until stopped."

    def handle(self, *args: Any, **flags: Any) -> None:
        credentials = read_note(settings.DATA_DIR / "credentials.json")
        if "keys" not in credentials:
            raise CommandError("The demo needs the keys of the first run (.data/credentials.json): run `make up`.")
        if not credentials.get("demo"):
            raise CommandError(
                "This installation was set up without the demo (DEMO=0): its data are not to be mixed with it."
            )
        run_demo(credentials["keys"], self.stdout.write)
