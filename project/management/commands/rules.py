"""`manage.py rules export|apply`: rules, targets, monitors and policy as code."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alerts.as_code.apply import apply_document
from alerts.as_code.document import DocumentError, read_document
from alerts.as_code.export import export_text
from alerts.as_code.tell import tell_steps
from diagnostics.models import Environment


class Command(BaseCommand):
    help = "Writes an environment's rules, targets, monitors and privacy policy as YAML, or applies such a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        export = acts.add_parser("export", help="write the document")
        export.add_argument("environment")
        export.add_argument("--output", help="a file instead of the terminal")
        apply = acts.add_parser("apply", help="change the environment to what a document says")
        apply.add_argument("environment")
        apply.add_argument("file", help="the document, or - for standard input")
        apply.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        apply.add_argument(
            "--prune", action="store_true", help="delete rules, targets and monitors that the document does not name"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        environment = Environment.objects.filter(slug=options["environment"]).first()
        if environment is None:
            known = ", ".join(Environment.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(f"There is no environment {options['environment']!r}; there are: {known or 'none yet'}.")
        if options["act"] == "export":
            self.export(environment, options["output"])
        else:
            self.apply(environment, options)

    def export(self, environment: Environment, output: str | None) -> None:
        text = export_text(environment)
        if output:
            Path(output).write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")

    def apply(self, environment: Environment, options: dict[str, Any]) -> None:
        dry_run = options["dry_run"]
        try:
            path = options["file"]
            text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
            steps = apply_document(
                None, environment, read_document(text), dry_run=dry_run, prune=options["prune"], trusted=True
            )
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Cannot read {options['file']}: {error}") from None
        except DocumentError as error:
            raise CommandError(f"{str(error).rstrip('.')}. Nothing was changed.") from None
        for line in tell_steps(steps):
            self.stdout.write(line)
        said = "would change" if dry_run else "changed"
        self.stdout.write(f"{len(steps)} {said}." if steps else "Nothing to change.")
