"""`manage.py erase`: erase one person's data; print the log of erasures; erase again after a backup was restored."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from diagnostics.models import Environment, PrivacyJob
from diagnostics.privacy.jobs import count_subject, request_job, run_to_end
from diagnostics.privacy.reapply import Entry, read_log, reapply
from diagnostics.privacy.subject import Subject


def add_person(parser: ArgumentParser, *, required: bool = True) -> None:
    """The flags that say who and where."""
    parser.add_argument("--environment", required=required, metavar="SLUG")
    parser.add_argument("--user", metavar="ID", help="user id or pseudonym; '-' or left out: read from standard input")


def read_person(flags: dict[str, Any]) -> Subject:
    """The person; an id in the command line would stay in the shell's history."""
    environment = Environment.objects.filter(slug=flags["environment"]).first()
    if environment is None:
        known = ", ".join(Environment.objects.values_list("slug", flat=True))
        raise CommandError(f"--environment: there is no '{flags['environment']}'; there are: {known or 'none'}")
    typed = flags["user"]
    if typed in (None, "-"):
        sys.stderr.write("User id: ")
        sys.stderr.flush()
        typed = sys.stdin.readline()
    if not typed.strip():
        raise CommandError("--user: give a user id or a pseudonym")
    try:
        return Subject.from_typed(environment, typed)
    except ValueError as error:
        raise CommandError(f"--{error}") from error


class Command(BaseCommand):
    help = "Erase a person's data, or --reapply earlier erasures to a restored database. --log prints them for safe keeping."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_person(parser, required=False)
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--log", action="store_true", help="print the log of erasures, a JSON object a line")
        parser.add_argument(
            "--reapply",
            nargs="?",
            const="",
            metavar="FILE",
            help="erase again what comes back with a restored backup: by the database's own log, and by a printed one",
        )

    def handle(self, *args: Any, **flags: Any) -> None:
        if flags["log"]:
            for entry in read_log():
                self.stdout.write(json.dumps(entry))
        elif flags["reapply"] is not None:
            self.reapply(flags["reapply"])
        elif flags["environment"]:
            self.erase(read_person(flags), ask=not flags["yes"])
        else:
            raise CommandError("give --environment and --user, or --log, or --reapply")

    def erase(self, subject: Subject, *, ask: bool) -> None:
        """Say what will go, ask, erase, report."""
        expected = count_subject(subject)
        self.stdout.write(f"In {subject.environment.slug}: {self.listed(expected)}.")
        if not any(expected.values()):
            return
        if (
            ask
            and input(f"Type {subject.environment.slug} to erase them for good: ").strip() != subject.environment.slug
        ):
            raise CommandError("nothing was erased")
        self.report(run_to_end(request_job(PrivacyJob.Kind.ERASE, subject, None, expected)))

    def reapply(self, path: str) -> None:
        """The entries of the database, and those of a file."""
        entries: list[Entry] = list(read_log())
        if path:
            try:
                entries += [json.loads(line) for line in Path(path).read_text().splitlines() if line.strip()]
            except (OSError, ValueError) as error:
                raise CommandError(f"--reapply: {path} is no log that --log printed ({error})") from error
        jobs = reapply(entries)
        for job in jobs:
            self.report(job)
        self.stdout.write(f"{len(entries)} erasures in the log, {len(jobs)} had to be done again.")

    def report(self, job: PrivacyJob) -> None:
        """What a job did."""
        if job.state != PrivacyJob.State.DONE:
            raise CommandError(f"the erasure failed ({job.error}); done so far: {self.listed(job.counts)}")
        left = f"; left, because it came in meanwhile: {self.listed(job.left)}" if job.left else ""
        self.stdout.write(f"{job}: erased {self.listed(job.counts)}{left}.")

    def listed(self, counts: dict[str, int]) -> str:
        """In words."""
        return ", ".join(f"{number:,} {name}" for name, number in sorted(counts.items()) if number) or "nothing"
