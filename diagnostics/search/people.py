"""Searching for a person: a raw user id is turned into its pseudonym, and never stored or logged."""

from collections.abc import Iterable

from diagnostics.pipeline.pseudonym import user_key
from diagnostics.search.filters import LogFilters


def resolve_user(filters: LogFilters, pseudonym_keys: Iterable[bytes | memoryview]) -> LogFilters:
    """The filters with `user` matching both what was typed (a pseudonym, perhaps) and its pseudonyms."""
    typed = filters.fields.get("user")
    if not typed:
        return filters
    return filters.with_user_keys((typed, *(user_key(bytes(key), typed) for key in pseudonym_keys)))
