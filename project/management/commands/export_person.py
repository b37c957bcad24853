"""`manage.py export_person`: everything that is held about one person in an environment, as one JSON file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from diagnostics.models import PrivacyJob
from diagnostics.privacy.export_file import read_file
from diagnostics.privacy.jobs import count_subject, note, request_job, run_to_end
from project.management.commands.erase import add_person, read_person


class Command(BaseCommand):
    help = "Export what is held about a person. The file holds personal data: it is yours to protect and to delete."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_person(parser)
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")

    def handle(self, *args: Any, **flags: Any) -> None:
        if flags["output"].exists():
            raise CommandError(f"--output: {flags['output']} is there already; name a new file")
        subject = read_person(flags)
        job = run_to_end(request_job(PrivacyJob.Kind.EXPORT, subject, None, count_subject(subject)))
        if job.state != PrivacyJob.State.DONE:
            raise CommandError(f"the export failed: {job.error}")
        flags["output"].touch(mode=0o600)
        with flags["output"].open("wb") as file:
            file.writelines(read_file(job))
        note(job, None, "download")
        job.parts.all().delete()
        PrivacyJob.objects.filter(pk=job.pk).update(state=PrivacyJob.State.EXPIRED)
        counts = ", ".join(f"{number:,} {name}" for name, number in job.counts.items()) or "nothing was found"
        self.stdout.write(f"{flags['output']}: {counts}")
