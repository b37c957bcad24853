"""Deleting what is over a slice at a time: no statement locks, or keeps others waiting for, more than that."""

from typing import Any, Final

from django.db.models import QuerySet

AT_ONCE: Final = 5_000


def delete_some(rows: QuerySet[Any], most: int = AT_ONCE) -> bool:
    """Delete so many; whether there may be more."""
    chosen = list(rows.values_list("pk", flat=True)[:most])
    rows.filter(pk__in=chosen).delete()  # and only what still is old
    return len(chosen) == most
