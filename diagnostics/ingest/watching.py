"""What is looked for in records while they are in memory, already clean: errors by fingerprint, and what rules match.

`diagnostics` may not import the apps that have rules; the settings name who matches (as DIGESTERS names the folds).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from django.utils.module_loading import import_string

from diagnostics.core.options import option
from diagnostics.core.record import Record
from diagnostics.pipeline.errors import summarise_errors


class Matcher(Protocol):
    """Counts what matches, by rule, minute and series."""

    def count(self, records: Sequence[Record]) -> list[list[Any]]:
        """Rows that a fold understands."""


def find_matcher(environment_id: int) -> Matcher | None:
    """Who looks at the records of an environment; None where nothing is looked for."""
    loader = load()
    found: Matcher | None = loader(environment_id)
    return found


@lru_cache(maxsize=1)
def load() -> Any:
    """The function that settings name."""
    return import_string(option("MATCHER"))


def look_for(
    records: list[Record], matcher: Matcher | None, check_ins: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """What a batch says beside the sums of its records; parts that found nothing are left out."""
    matches = matcher.count(records) if matcher and records else []
    found = {"errors": summarise_errors(records), "matches": matches, "check_ins": list(check_ins)}
    return {name: rows for name, rows in found.items() if rows}
