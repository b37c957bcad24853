"""Pages of rows by (time, id): the last page costs what the first does."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Model, Q, QuerySet

SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest first, and the cursor of the next (older) ones."""

    rows: list[Any]
    next_cursor: str


def read_pages(rows: "QuerySet[Any]", order: str, cursor: str = "", size: int = SIZE) -> Page:
    """The page after `cursor`, newest first by the time field named in `order` ('-opened_at'); ValueError for a bad cursor."""
    name = order.removeprefix("-")
    if cursor:
        moment, pk = read_cursor(cursor)
        rows = rows.filter(Q(**{f"{name}__lt": moment}) | Q(**{name: moment, "pk__lt": pk}))
    found = list(rows.order_by(order, "-pk")[: size + 1])
    more = len(found) > size
    return Page(found[:size], write_cursor(found[size - 1], name) if more else "")


def write_cursor(row: Model, name: str) -> str:
    """The row's place, as a word for addresses."""
    text = f"{getattr(row, name).astimezone(UTC).isoformat()} {row.pk}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[datetime, int]:
    """The place that a cursor names."""
    try:
        moment, pk = base64.urlsafe_b64decode(text[:200] + "=" * (-len(text) % 4)).decode().split(" ")
        return datetime.fromisoformat(moment).astimezone(UTC), int(pk)
    except (binascii.Error, ValueError, OverflowError):
        raise ValueError("cursor: not one that was given out; start again without it") from None
