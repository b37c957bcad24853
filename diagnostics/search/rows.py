"""Pages of rows by (time, id): the last page costs what the first does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from diagnostics.core.cursor import read_cursor, write_cursor

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
        moment, pk = read_cursor(cursor, datetime, int)
        rows = rows.filter(Q(**{f"{name}__lt": moment}) | Q(**{name: moment, "pk__lt": pk}))
    found = list(rows.order_by(order, "-pk")[: size + 1])
    more = len(found) > size
    following = write_cursor(getattr(found[size - 1], name), found[size - 1].pk) if more else ""
    return Page(found[:size], following)
