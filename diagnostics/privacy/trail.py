"""Reading the audit trail: filters, pages, and exports that no spreadsheet runs as formulas."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from django.db.models import Q, QuerySet

from diagnostics.core.access import Person, is_almighty, visible
from diagnostics.core.permissions import Perm
from diagnostics.core.spreadsheet import csv_line
from diagnostics.models import AccessEvent
from diagnostics.search.filters import read_moment

MOST_EXPORTED: Final = 50_000
COLUMNS: Final = (
    "sequence",
    "at",
    "actor_name",
    "environment_slug",
    "action",
    "subject",
    "object_ref",
    "detail",
    "digest",
)


@dataclass(frozen=True, slots=True)
class TrailFilters:
    """What to look for: who, what (whole or the part before the dot), words of the subject, when."""

    actor: str = ""
    action: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> "TrailFilters":
        """From an address; ValueError says which moment cannot be read."""
        actor, action, text = (str(params.get(name, "")).strip()[:200] for name in ("actor", "action", "q"))
        return cls(actor, action, text, read_moment(params, "since"), read_moment(params, "until"))

    def apply(self, rows: "QuerySet[AccessEvent]") -> "QuerySet[AccessEvent]":
        """`rows`, cut to it."""
        if self.actor:
            rows = rows.filter(actor_name=self.actor)
        if self.action:
            rows = rows.filter(Q(action=self.action) | Q(action__startswith=f"{self.action}."))
        if self.text:
            person = Q(detail__person=self.text) | Q(detail__people__contains=[self.text])
            rows = rows.filter(Q(subject__icontains=self.text) | Q(object_ref=self.text) | person)
        if self.since:
            rows = rows.filter(at__gte=self.since)
        return rows.filter(at__lt=self.until) if self.until else rows


def visible_events(person: Person) -> "QuerySet[AccessEvent]":
    """Events of the environments whose access the person manages; of no environment, for superusers."""
    rows = AccessEvent.objects.all()
    return rows if is_almighty(person) else visible(rows, person, Perm.MANAGE_ACCESS)


def plain_event(event: AccessEvent) -> dict[str, Any]:
    """All columns, fit for JSON."""
    digest = bytes(event.digest or b"").hex()
    return {**{name: getattr(event, name) for name in COLUMNS}, "at": event.at.isoformat(), "digest": digest}


def write_json(rows: "QuerySet[AccessEvent]") -> Iterator[bytes]:
    """One JSON object a line."""
    for event in rows[:MOST_EXPORTED].iterator(chunk_size=1000):
        yield orjson.dumps(plain_event(event), option=orjson.OPT_APPEND_NEWLINE)


def write_csv(rows: "QuerySet[AccessEvent]") -> Iterator[bytes]:
    """A table with a header."""
    yield csv_line(COLUMNS)
    for event in rows[:MOST_EXPORTED].iterator(chunk_size=1000):
        values = plain_event(event)
        yield csv_line([*map(str, ({**values, "detail": orjson.dumps(values["detail"]).decode()}).values())])
