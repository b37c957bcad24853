"""`manage.py audit verify`: whether the audit trail is whole."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from diagnostics.privacy.chain import Verdict, verify_chain


class Command(BaseCommand):
    help = (
        "Verify the chain of access events: what was removed or changed is named. Exit status 1 when it is not whole."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["verify"], help="verify: walk the whole chain")
        parser.add_argument(
            "--expect",
            metavar="NUMBER:DIGEST",
            default="",
            help="an end of the chain that you noted down before: it must still be part of the chain",
        )

    def handle(self, *args: Any, **flags: Any) -> None:
        verdict = verify_chain(expect=flags["expect"])
        if not verdict.is_whole:
            raise CommandError(describe_faults(verdict))
        self.stdout.write(f"The audit trail is whole: {verdict.events} events.")
        self.stdout.write(f"It ends with {verdict.head_sequence}:{verdict.head_digest}")
        self.stdout.write("Note this down somewhere else: --expect proves later that nothing before it was exchanged.")


def describe_faults(verdict: Verdict) -> str:
    """The faults by their words, and how many more there are."""
    more = verdict.fault_count - len(verdict.faults)
    lines = ["The audit trail is not whole:", *verdict.faults, *([f"and {more} more"] if more else [])]
    return "\n  ".join(lines)
