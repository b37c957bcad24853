"""`manage.py import_logs FILE...`: bring log files in, through the same cleaning as everything else."""

import sys
import zlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from diagnostics.core import clock
from diagnostics.ingest.files.importing import Report, import_file
from diagnostics.ingest.files.line_formats import LINE_FORMATS
from diagnostics.ingest.files.reading import detect_format
from diagnostics.models import Environment
from diagnostics.storage.writer import WRITER

BAR = 30


class Command(BaseCommand):
    help = "Import log files (plain or gzip). An import that was interrupted goes on where it was: start it once more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--environment", required=True, metavar="SLUG")
        parser.add_argument("--format", choices=["auto", *LINE_FORMATS], default="auto")
        parser.add_argument("--service", default="", help="for records that name none; by default the file's name")

    def handle(self, *args: Any, **flags: Any) -> None:
        environment = Environment.objects.filter(slug=flags["environment"]).first()
        if environment is None:
            known = ", ".join(Environment.objects.values_list("slug", flat=True))
            raise CommandError(f"--environment: there is no '{flags['environment']}'; there are: {known or 'none'}")
        missing = [str(path) for path in flags["files"] if not path.is_file()]
        if missing:
            raise CommandError(f"no such file: {', '.join(missing)}")
        try:
            for path in flags["files"]:
                self.import_readable(path, environment, flags["format"], flags["service"])
        finally:
            WRITER.close()

    def import_readable(self, path: Path, environment: Environment, name: str, service: str) -> None:
        """One file; the next ones do not suffer when it cannot even be opened."""
        try:
            self.import_one(path, environment, name, service)
        except (EOFError, OSError, zlib.error) as error:
            self.stdout.write(f"{path}: cannot be read: {error}")

    def import_one(self, path: Path, environment: Environment, name: str, service: str) -> None:
        """One file, with its bar and its summary."""
        found = detect_format(path, clock.now()) if name == "auto" else name
        if found is None:
            self.stdout.write(f"{path}: no known format; name it with --format ({', '.join(LINE_FORMATS)})")
            return
        size = path.stat().st_size

        def show(position: int, report: Report) -> None:
            if self.stdout.isatty():
                done = min(position / max(size, 1), 1.0)  # of a gzip file, the unpacked bytes: the bar runs ahead
                bar = "█" * int(done * BAR) + "·" * (BAR - int(done * BAR))
                self.stdout.write(f"\r{path.name} {bar} {report.stored + report.known:,} records", ending="")
                sys.stdout.flush()

        report = import_file(path, environment, found, service or path.name.split(".")[0], show)
        if self.stdout.isatty():
            self.stdout.write("")
        again = f", {report.known:,} were there already" if report.known else ""
        self.stdout.write(f"{path}: {found}, {report.stored:,} records stored{again}")
        for reason, count in report.trouble.counts.most_common():
            places = ", ".join(map(str, report.trouble.places[reason]))
            self.stdout.write(f"  {count:,} left out: {reason} (line {places}{' …' if count > 5 else ''})")
