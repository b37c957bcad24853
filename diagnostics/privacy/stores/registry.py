"""What a place that holds personal data must be able to do, and the list of all of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from diagnostics.core.options import plugins
from diagnostics.models import Environment
from diagnostics.privacy.subject import Subject

Counts = dict[str, int]  # {what, in the plural: how many}


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of an export; an empty `cursor` ends the store."""

    rows: list[dict[str, Any]]
    cursor: str = ""


def no_sessions(_subject: Subject) -> Iterable[str]:
    """Most stores know no sessions."""
    return ()


def no_people(_environment: Environment) -> Iterable[str]:
    """Most stores know people by their sessions or records only."""
    return ()


@dataclass(frozen=True, slots=True)
class Store:
    """One place. `erase` removes at most so many rows and says what it removed: nothing, when all is gone.

    Each must be repeatable: after a crash the same slice comes again. `export` is None where the rows only repeat what
    another store exports.
    """

    name: str
    count: Callable[[Subject], Counts]
    erase: Callable[[Subject, int], Counts]
    export: Callable[[Subject, str, int], Page] | None = None
    sessions: Callable[[Subject], Iterable[str]] = field(default=no_sessions)
    people: Callable[[Environment], Iterable[str]] = field(default=no_people)


def load_stores() -> dict[str, Store]:
    """In the order of settings: what is derived from records comes before the records that it is found by."""
    return {store.name: store for store in plugins("PERSONAL_STORES")}
