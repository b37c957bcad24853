"""Searching for a person: a raw user id is turned into its pseudonym, and never stored, logged or put into an address."""

from collections.abc import Callable, Iterable, Mapping

from diagnostics.pipeline.pseudonym import user_key
from diagnostics.search.filters import LogFilters
from diagnostics.search.query import replace_field


def resolve_user(filters: LogFilters, pseudonym_keys: Iterable[bytes | memoryview]) -> LogFilters:
    """The filters with `user` matching both what was typed (a pseudonym, perhaps) and its pseudonyms."""
    typed = filters.fields.get("user")
    if not typed:
        return filters
    return filters.with_user_keys((typed, *(user_key(bytes(key), typed) for key in pseudonym_keys)))


def without_raw_ids(params: Mapping[str, str], stand_in: Callable[[str], str], line: str = "q") -> dict[str, str]:
    """A search's parameters as they may stand in an address; QueryError for a line that cannot be understood."""
    found = dict(params)
    if found.get("user"):
        found["user"] = stand_in(found["user"])
    if found.get(line):
        found[line] = replace_field(found[line], "user", stand_in)
    return found
