"""Work in slices that any worker may take up: a row says until when somebody has it, so that a killed one frees it."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet

from diagnostics.core import clock


def is_free() -> Q:
    """Nobody has it, or its time is over."""
    return Q(leased_until=None) | Q(leased_until__lt=clock.now())


def take_lease(rows: "QuerySet[Any]", lease: timedelta, **changes: Any) -> bool:
    """Whether one of these rows was free and is ours now; the changes are written with the lease."""
    return bool(rows.filter(is_free()).update(leased_until=clock.now() + lease, **changes))
