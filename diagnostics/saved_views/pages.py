"""The pages that views are saved of: which parameters their addresses have, and what checks them.

A view holds parameters, never an address: where it leads is the page's own address with those that the page knows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, SavedView
from diagnostics.pipeline.redact import redact_text
from diagnostics.privacy.pseudonyms import looks_known, stand_in
from diagnostics.search.filters import FIELD_NAMES, LogFilters
from diagnostics.search.free_text import EXACT, free_texts
from diagnostics.search.groups import read_by
from diagnostics.search.people import is_stored, without_raw_ids
from diagnostics.search.query import parse_query
from diagnostics.search.ranges import read_range
from diagnostics.search.trace_filters import FIELD_NAMES as TRACE_NAMES
from diagnostics.search.trace_filters import TraceFilters

MOST_CHARS: Final = 2000  # of an address's query
VALUE_CHARS: Final = 1000  # as long as a query line may be
TIMES: Final = ("range", "since", "until")


def check_logs(params: Mapping[str, str]) -> None:
    """As the page reads them."""
    LogFilters.from_params(params)
    read_range(params, "1h")
    if params.get("by"):
        read_by(params["by"])


def check_sessions(params: Mapping[str, str]) -> None:
    """As the page reads them: what is wrong with other fields finds nothing."""
    read_range(params, "24h")


def check_traces(params: Mapping[str, str]) -> None:
    """As the page reads them."""
    TraceFilters.from_params(params)


@dataclass(frozen=True, slots=True)
class ViewPage:
    """One page. `plain` is its search without a filter: with no parameters at all it opens the person's default view."""

    label: str
    perm: Perm
    names: tuple[str, ...]
    plain: dict[str, str]
    check: Callable[[Mapping[str, str]], None]
    line: str = ""  # the parameter that is a query line


# By the name of the page's address.
PAGES: Final = {
    "logs": ViewPage(
        "Logs", Perm.VIEW_LOGS, ("q", *FIELD_NAMES, "by", "order", *TIMES), {"range": "1h"}, check_logs, line="q"
    ),
    "live": ViewPage("Live", Perm.STREAM_LOGS, ("q", "level"), {"level": "trace"}, check_logs, line="q"),
    "sessions": ViewPage(
        "Sessions",
        Perm.VIEW_SESSIONS,
        ("show", "session", "user", "service", "release", *TIMES),
        {"range": "24h"},
        check_sessions,
    ),
    "traces": ViewPage("Traces", Perm.VIEW_TRACES, (*TRACE_NAMES, "sort", *TIMES), {"range": "1h"}, check_traces),
}


def clean_params(
    environment: Environment, page: str, given: Mapping[str, Any], *, is_typed: bool = False
) -> dict[str, str]:
    """The parameters that the page knows, with pseudonyms for people; ValueError for what it could not show, and for words
    that are private: a view is kept. `is_typed`: they come from no address, so that an id may look like a pseudonym."""
    of = PAGES[page]
    found = {name: str(given[name]).strip() for name in of.names if given.get(name)}
    found = {name: value for name, value in found.items() if value}
    if any(len(value) > VALUE_CHARS for value in found.values()) or len(urlencode(found)) > MOST_CHARS:
        raise ValueError(f"params: the search is longer than {MOST_CHARS:,} characters")
    if any("\0" in value for value in found.values()):
        raise ValueError("params: a NUL character cannot be kept")
    is_known = partial(is_stored, environment) if is_typed else looks_known
    found = without_raw_ids(found, lambda typed: stand_in(environment, typed, is_known), of.line)
    of.check(found)
    for words in words_of(of, found):
        check_words("params", words)
    return found or dict(of.plain)


def words_of(page: ViewPage, params: Mapping[str, str]) -> list[str]:
    """What is free text in a search: in its line, and in names that anything may stand in."""
    line = parse_query(params.get(page.line, ""))
    return [*free_texts(line), *(value for name, value in params.items() if name not in EXACT)]


def check_words(field: str, text: str) -> None:
    """ValueError for what redaction would take out of a record."""
    if redact_text(text) != text:
        raise ValueError(
            f"{field}: this holds something private, and a view is kept; search for a person with user: instead"
        )


def about_of(page: str, params: Mapping[str, str]) -> list[str]:
    """The pseudonyms and session ids that a search names."""
    query = parse_query(params.get(PAGES[page].line, ""))
    sources = [params, query.fields, *({term.name: term.value} for term in query.all_terms() if not term.is_attribute)]
    people = {part for source in sources for part in source.get("user", "").split(",")}
    sessions = {source.get("session", "") for source in sources}  # as they are: an id may hold a comma
    return sorted(filter(None, people | sessions))


def address_of_view(view: SavedView) -> str:
    """Where it leads: within its page, whatever the row holds. ValueError when the page no longer understands it."""
    params = clean_params(view.environment, view.page, view.params)
    return f"{reverse(view.page, args=[view.environment.slug])}?{urlencode(params)}"
