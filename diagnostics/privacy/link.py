"""How much hangs on the keys of pseudonyms: what a person must read before they are destroyed."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from diagnostics.models import Environment, LogRecord, Span
from diagnostics.privacy.stores import load_stores

COUNTED: Final = 100_000


@dataclass(frozen=True, slots=True)
class Link:
    """Counts, at most COUNTED each."""

    records: int
    spans: int
    people: int

    def __str__(self) -> str:
        """In words."""
        return f"{said(self.records)} records and {said(self.spans)} spans of {said(self.people)} people"


def said(number: int) -> str:
    """A bounded count."""
    return f"more than {COUNTED:,}" if number >= COUNTED else f"{number:,}"


def measure_link(environment: Environment) -> Link:
    """What can be found by user id today, and could not be any more."""
    records = LogRecord.objects.filter(environment_id=environment.pk).exclude(user_key="")
    spans = Span.objects.filter(environment_id=environment.pk).exclude(user_key="")
    known = [sum(1 for _ in islice(store.people(environment), COUNTED)) for store in load_stores().values()]
    return Link(len(records.values("pk")[:COUNTED]), len(spans.values("pk")[:COUNTED]), max(known, default=0))
