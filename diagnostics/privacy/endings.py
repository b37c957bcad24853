"""What ends a journey well: read from lines of the query language, a small part of it."""

from typing import Final

from django.core.exceptions import ValidationError

from diagnostics.pipeline.policy import Ending
from diagnostics.search.query import QueryError, parse_query

MOST_ENDINGS: Final = 10  # each is asked of every record of a journey
FIELDS: Final = ("event", "route", "service")


def read_endings(lines: list[tuple[int, str]]) -> list[Ending]:
    """From numbered lines; ValidationError names the line and the way out."""
    if len(lines) > MOST_ENDINGS:
        raise ValidationError(f"{len(lines)} lines; at most {MOST_ENDINGS}. Name the event that all of them have.")
    return [read_ending(number, line) for number, line in lines]


def read_ending(number: int, line: str) -> Ending:
    """One line."""
    try:
        query = parse_query(line)
    except QueryError as error:
        raise ValidationError(f"line {number}: {error}") from error
    if unknown := sorted(set(query.fields) - set(FIELDS)):
        raise ValidationError(
            f"line {number}: {unknown[0]}: cannot be asked here; use event:, route:, service: or words"
        )
    if query.terms:
        raise ValidationError(
            f"line {number}: {query.terms[0].name}: attributes, beginnings and what is left out cannot be asked here; use "
            "event:, route:, service: or words"
        )
    if query.choices:
        raise ValidationError(f"line {number}: OR: write each of them in a line of its own")
    if query.without:
        raise ValidationError(f"line {number}: -{query.without[0]}: say what ends a journey, not what does not")
    if not (query.texts or query.fields.keys() & {"event", "route"}):
        raise ValidationError(
            f"line {number}: every record of the service would end its journey; add an event, a route or words"
        )
    return Ending(
        event=query.fields.get("event", ""),
        route=query.fields.get("route", ""),
        service=query.fields.get("service", ""),
        words=tuple(text.lower() for text in query.texts),
    )
