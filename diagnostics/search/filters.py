"""What to look for: read from an address or a message, applied to a query set or to a record in memory alike."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final, Self

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import IContains

from diagnostics.core import clock, limits, severity
from diagnostics.detection.templates.ids import read_id
from diagnostics.models import LogRecord, Template
from diagnostics.search.query import Query, parse_query
from diagnostics.search.terms import Term, compares, has_attribute, holds_attribute, is_within

DEFAULT_RANGE: Final = "1h"
RANGES: Final = {
    "15m": timedelta(minutes=15), "1h": timedelta(hours=1), "6h": timedelta(hours=6), "24h": timedelta(days=1),
    "7d": timedelta(days=7), "30d": timedelta(days=30),
}  # fmt: skip
# Field of a filter -> column of the record; compared as it is.
COLUMNS: Final = {
    "service": "service_name", "session": "session_id", "request": "request_id", "route": "http_route",
    "release": "release", "error": "error_type", "logger": "logger", "event": "event_name",
    "fingerprint": "fingerprint", "browser": "browser", "country": "geo_country", "journey": "journey_id",
}  # fmt: skip
FIELD_NAMES: Final = (*COLUMNS, "user", "trace", "status", "level", "template")
MESSAGE: Final = "exception.message"


@dataclass(frozen=True, slots=True)
class LogFilters:
    """Everything that a search may ask for. `fields` holds names of FIELD_NAMES."""

    since: datetime | None = None
    until: datetime | None = None
    range: str = DEFAULT_RANGE
    line: str = ""  # as typed
    texts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    choices: tuple[tuple[Term, ...], ...] = ()  # of each, one has to hold

    @classmethod
    def from_params(cls, params: Mapping[str, Any], now: datetime | None = None) -> Self:
        """From an address's parameters: q, range or since/until, and fields by name. QueryError or ValueError
        say what is wrong and where."""
        line = str(params.get("q", ""))
        query = parse_query(line)
        plain = {name: str(params[name]) for name in FIELD_NAMES if params.get(name)}
        check_fields(plain | query.fields)
        since, until = read_moment(params, "since"), read_moment(params, "until")
        chosen = str(params.get("range") or DEFAULT_RANGE)
        if chosen not in RANGES:
            raise ValueError(f"range: '{chosen[:20]}' is not known; use {', '.join(RANGES)}")
        if since is None:
            since = (until or now or clock.now()) - RANGES[chosen]
        return replace(cls.from_query(query, plain), since=since, until=until, range=chosen, line=line)

    @classmethod
    def from_query(cls, query: Query, plain: Mapping[str, str] | None = None) -> Self:
        """What a line asks for, and fields beside it, of any time."""
        return cls(
            texts=tuple(query.texts),
            without=tuple(query.without),
            fields={**(plain or {}), **query.fields},
            terms=tuple(query.terms),
            choices=tuple(query.choices),
        )

    def with_user_keys(self, keys: tuple[str, ...]) -> Self:
        """The same, with the pseudonyms that the typed user id has in the environments searched."""
        return replace(self, fields={**self.fields, "user": ",".join(keys)})


def check_fields(fields: Mapping[str, str]) -> None:
    """ValueError for values that no record can have."""
    level = fields.get("level")
    if level and severity.parse_severity(level) is None:
        raise ValueError(f"level: '{level[:20]}' is no level; use {', '.join(severity.BANDS)}")
    if "template" in fields:
        read_id(fields["template"])
    status = fields.get("status")
    if status and not (len(status) == 3 and status[0] in "12345" and (status[1:] == "xx" or status.isdecimal())):
        raise ValueError(f"status: '{status[:20]}' is no status; use 500 or 5xx")


def read_moment(params: Mapping[str, Any], name: str) -> datetime | None:
    """An RFC 3339 time; without a zone it is UTC."""
    text = str(params.get(name) or "").strip().replace(" ", "+")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{name}: not a time; use RFC 3339 such as 2030-01-31T12:00:00Z") from None
    if not limits.EARLIEST_NS <= clock.to_ns(moment) < limits.LATEST_NS:
        raise ValueError(f"{name}: use a time from 1970 to 2099; records have no other")
    return moment


def filter_logs(
    rows: "QuerySet[LogRecord]", filters: LogFilters, speaks: Callable[[str], Q] | None = None
) -> "QuerySet[LogRecord]":
    """`rows`, cut to what is asked for. The caller has cut them to environments that may be seen.

    `speaks`: where words are looked for, if elsewhere than `says` does.
    """
    speaks = speaks or says
    if filters.since:
        rows = rows.filter(timestamp__gte=filters.since)
    if filters.until:
        rows = rows.filter(timestamp__lt=filters.until)
    for name, value in filters.fields.items():
        rows = rows.filter(condition_of(name, value))
    for choice in (*((term,) for term in filters.terms), *filters.choices):
        rows = rows.filter(reduce(or_, [condition_of_term(term, speaks) for term in choice]))
    for text in filters.texts:
        rows = rows.filter(speaks(text))
    for text in filters.without:
        rows = rows.filter(~speaks(text))
    return rows


def says(text: str) -> Q:
    """The condition of one word or phrase: in the record's text, in its error's type, or in what that error says.

    Most records name no error: asking that first keeps their attributes unread, which would cost as much again.
    """
    message = Coalesce(KeyTextTransform(MESSAGE, "attributes"), Value(""), output_field=TextField())
    error = Q(error_type__icontains=text) | Q(IContains(message, text))
    return Q(body__icontains=text) | (Q(error_type__gt="") & error)


def condition_of(name: str, value: str) -> Q:
    """The condition of one field."""
    if name in COLUMNS:
        return Q(**{COLUMNS[name]: value})
    if name == "user":
        return Q(user_key__in=value.split(","))
    if name == "level":
        return Q(severity_number__gte=lowest_level(value))
    if name == "status":
        low, high = status_range(value)
        return Q(http_status__gte=low, http_status__lte=high)
    if name == "template":
        number = read_id(value)
        return Q(template_id=number) | Q(template_id__in=Template.names_of(number))
    return Q(trace_id=read_trace(value))


def condition_of_term(term: Term, speaks: Callable[[str], Q]) -> Q:
    """The condition of a term."""
    condition = speaks(term.value) if term.is_text else what_it_names(term)
    return ~condition if term.is_left_out else condition


def what_it_names(term: Term) -> Q:
    """The condition of a field or an attribute, before anything is left out."""
    if term.is_attribute:
        return has_attribute(term)
    if term.column:
        return compares(term)
    if term.is_open:
        column = COLUMNS[term.name]
        return Q(**{f"{column}__startswith": term.value}) if term.value else Q(**{f"{column}__gt": ""})
    if term.name == "level" and term.is_left_out:
        lowest = lowest_level(term.value)
        return Q(severity_number__gte=lowest, severity_number__lte=lowest + 3)
    return condition_of(term.name, term.value)


def lowest_level(value: str) -> int:
    """A level means that level and everything worse."""
    return severity.lowest_of(band_of_level(value))


def band_of_level(value: str) -> str:
    """The band that a level's name means."""
    return severity.band_of(severity.parse_severity(value) or 1)


def status_range(value: str) -> tuple[int, int]:
    """'5xx' is 500 to 599, '503' itself."""
    return (int(value[0]) * 100, int(value[0]) * 100 + 99) if value.endswith("xx") else (int(value), int(value))


def read_trace(value: str) -> uuid.UUID:
    """A trace id; what is not one matches nothing."""
    try:
        return uuid.UUID(hex=value)
    except ValueError:
        return uuid.UUID(int=0)


def matches(filters: LogFilters, record: Mapping[str, Any]) -> bool:
    """The same conditions for a record in memory, its columns by name."""
    if filters.texts or filters.without:
        spoken = spoken_texts(record)
        if not all(is_said(text, spoken) for text in filters.texts):
            return False
        if any(is_said(text, spoken) for text in filters.without):
            return False
    if not all(matches_field(name, value, record) for name, value in filters.fields.items()):
        return False
    if not all(matches_term(term, record) for term in filters.terms):
        return False
    return all(any(matches_term(term, record) for term in choice) for choice in filters.choices)


def spoken_texts(record: Mapping[str, Any]) -> list[str]:
    """The texts that words are looked for in, as `says` does in the database."""
    names = ("body", "error_type", "exception_message") if record.get("error_type") else ("body",)
    return [str(record.get(name, "")).lower() for name in names]


def is_said(text: str, spoken: list[str]) -> bool:
    """Whether one of the texts holds the word or phrase."""
    return any(text.lower() in one for one in spoken)


def matches_field(name: str, value: str, record: Mapping[str, Any]) -> bool:
    """One field's condition in memory."""
    if name in COLUMNS:
        return bool(record.get(COLUMNS[name]) == value)
    if name == "user":
        return record.get("user_key") in value.split(",")
    if name == "level":
        return int(record.get("severity_number", 0)) >= lowest_level(value)
    if name == "status":
        low, high = status_range(value)
        return low <= int(record.get("http_status") or 0) <= high
    if name == "template":
        return record.get("template_id") == read_id(value)
    return bool(record.get("trace_id") == read_trace(value).hex)


def matches_term(term: Term, record: Mapping[str, Any]) -> bool:
    """One term's condition in memory."""
    return is_met(term, record) is not term.is_left_out


def is_met(term: Term, record: Mapping[str, Any]) -> bool:
    """The same before anything is left out. A level that is left out is that level alone, not all that is worse."""
    if term.is_text:
        return is_said(term.value, spoken_texts(record))
    if term.is_attribute:
        return holds_attribute(term, record.get("attributes") or {})
    if term.column:
        return is_within(term, record)
    if term.is_open:
        value = str(record.get(COLUMNS[term.name]) or "")
        return value.startswith(term.value) and bool(value)
    if term.name == "level" and term.is_left_out:
        lowest = lowest_level(term.value)
        return lowest <= int(record.get("severity_number", 0)) <= lowest + 3
    return matches_field(term.name, term.value, record)
