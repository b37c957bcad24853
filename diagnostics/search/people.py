"""Searching for a person: a raw user id is turned into its pseudonym, and never stored, logged or put into an address."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from diagnostics.models import Environment, LogRecord, Span
from diagnostics.pipeline.pseudonym import pseudonyms_for
from diagnostics.search.filters import LogFilters
from diagnostics.search.query import OR, TOKEN, field_of, is_or, parse_query, replace_field

# What people type of a person; redaction, which looks more closely, has taken these out of records.
ADDRESS: Final = re.compile(r"[^\s\"@:,;<>()]+@[^\s\"@:,;<>()]+\.[^\W\d_]{2,}")


def resolve_user(filters: LogFilters, pseudonym_keys: Iterable[bytes | memoryview]) -> LogFilters:
    """The filters with `user` matching the pseudonyms that were typed, and those that the text has as a user id.

    A raw id itself goes no further: a statement that is slow or fails stands in the database's log.
    """
    keys = [bytes(key) for key in pseudonym_keys]
    found = pseudonyms_for(filters.fields.get("user", ""), keys)
    terms = tuple(
        replace(term, value=",".join(pseudonyms_for(term.value, keys))) if term.is_person else term
        for term in filters.terms
    )
    filters = replace(filters, terms=terms)
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


def split_addresses(line: str) -> tuple[str, str]:
    """The line without what holds an e-mail address, and the first of them. QueryError for a line that cannot be understood.

    `user:` is left alone: it names a person already.
    """
    parse_query(line)
    kept: list[str] = []
    found = ""
    for match in TOKEN.finditer(line):
        address = None if field_of(match) == "user" else ADDRESS.search(match[0])
        if address:
            found = found or address[0].lstrip("-")
        elif not (is_or(match) and (not kept or kept[-1] == OR)):  # one that joins nothing any more
            kept.append(match[0].strip())
    if kept and kept[-1] == OR:
        kept.pop()
    return " ".join(kept) if found else line, found
