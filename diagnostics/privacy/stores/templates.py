"""Texts of message templates that come from one person's records alone: they may be the person's own words.

A template that others' records share says what the program says, and stays. No example is kept with a template: pages
show a record, which erasure deletes.
"""

from collections.abc import Iterable
from typing import Any, Final

from diagnostics.core import clock
from diagnostics.models import Template
from diagnostics.privacy.stores.alone import carried_alone
from diagnostics.privacy.stores.registry import Counts, Store
from diagnostics.privacy.subject import Subject

TEXTS: Final = "pattern texts"
GIVEN: Final = "template_id IS NOT NULL"


def find(subject: Subject) -> list[int]:
    """Ids of the templates to blank."""
    rows = Template.objects.filter(environment=subject.environment)

    def totals(found: Iterable[Any]) -> dict[Any, int]:
        roots = dict(rows.filter(template_id__in=found).values_list("template_id", "merged_into"))
        names = {number: root or number for number, root in roots.items()}  # counts moved to what it was joined to
        records = dict(rows.filter(template_id__in=names.values()).values_list("template_id", "records"))
        return {number: records.get(root, 0) for number, root in names.items()}

    found = rows.filter(template_id__in=carried_alone(subject, "template_id", GIVEN, totals))
    return list(found.exclude(text__in=("", Template.ERASED)).values_list("pk", flat=True))


def count(subject: Subject) -> Counts:
    """How many there are."""
    found = find(subject)
    return {TEXTS: len(found)} if found else {}


def erase(subject: Subject, limit: int) -> Counts:
    """The rows stay, for their counts; miners that run forget the texts within seconds."""
    found = find(subject)[:limit]
    if not found:
        return {}
    Template.objects.filter(pk__in=found).update(text=Template.ERASED, changed_at=clock.now())
    return {TEXTS: len(found)}


STORE: Final = Store("templates", count, erase)
