"""Searching for a person: a raw user id is turned into its pseudonym, and never stored, logged or put into an address."""

from collections.abc import Callable, Iterable, Mapping

from diagnostics.models import Environment, LogRecord, Span
from diagnostics.pipeline.pseudonym import pseudonyms_for
from diagnostics.search.filters import LogFilters
from diagnostics.search.query import replace_field


def resolve_user(filters: LogFilters, pseudonym_keys: Iterable[bytes | memoryview]) -> LogFilters:
    """The filters with `user` matching the pseudonyms that were typed, and those that the text has as a user id.

    A raw id itself goes no further: a statement that is slow or fails stands in the database's log.
    """
    found = pseudonyms_for(filters.fields.get("user", ""), map(bytes, pseudonym_keys))
    return filters.with_user_keys(found) if found else filters


def is_stored(environment: Environment, key: str) -> bool:
    """Whether records or spans are stored under this pseudonym: what was typed may be an id that looks like one."""
    rows = (model.objects.filter(environment_id=environment.pk, user_key=key) for model in (LogRecord, Span))
    return any(found.exclude(user_key="").exists() for found in rows)


def without_raw_ids(params: Mapping[str, str], stand_in: Callable[[str], str], line: str = "q") -> dict[str, str]:
    """A search's parameters as they may stand in an address; QueryError for a line that cannot be understood."""
    found = dict(params)
    if found.get("user"):
        found["user"] = stand_in(found["user"])
    if found.get(line):
        found[line] = replace_field(found[line], "user", stand_in)
    return found
