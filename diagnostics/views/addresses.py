"""Addresses of the same page: its parameters with some changed."""

from collections.abc import Mapping
from urllib.parse import urlencode

from diagnostics.search.query import LENGTH


def address_of(params: Mapping[str, str | None]) -> str:
    """What has no value is left out."""
    return "?" + urlencode({name: value for name, value in params.items() if value})


def with_term(params: Mapping[str, str], term: str) -> str:
    """The search with one more condition in its line; empty where the line is full."""
    line = f"{params.get('q', '')} {term}".strip()
    return address_of({**params, "q": line}) if len(line) <= LENGTH else ""
