"""Words of errors that one person's records alone have had: they may be the person's own, as with templates.

The error stays, by its fingerprint and with its counts; the words come back with the next record of somebody else.
"""

from collections.abc import Iterable
from typing import Any, Final

from diagnostics.core import severity
from diagnostics.digest.errors import unsay
from diagnostics.models import ErrorGroup
from diagnostics.privacy.stores.alone import carried_alone
from diagnostics.privacy.stores.registry import Counts, Store
from diagnostics.privacy.subject import Subject

TEXTS: Final = "error texts"
GIVEN: Final = f"severity_number >= {severity.ERROR} AND fingerprint <> ''"  # errors have an index of their own


def find(subject: Subject) -> list[ErrorGroup]:
    """The errors whose words are to go."""
    rows = ErrorGroup.objects.filter(environment=subject.environment)

    def totals(found: Iterable[Any]) -> dict[Any, int]:
        return dict(rows.filter(fingerprint__in=found).values_list("fingerprint", "records"))

    return list(rows.filter(fingerprint__in=carried_alone(subject, "fingerprint", GIVEN, totals)).exclude(title=""))


def count(subject: Subject) -> Counts:
    """How many there are."""
    found = find(subject)
    return {TEXTS: len(found)} if found else {}


def erase(subject: Subject, limit: int) -> Counts:
    """The words alone."""
    found = [group.pk for group in find(subject)[:limit]]
    return {TEXTS: unsay(found)} if found else {}


STORE: Final = Store("errors", count, erase)
