"""What ends a journey well, as the operator says it: each line a set of conditions that one record or span must meet.

Something that failed ends nothing well: an error, or an answer that says no.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from diagnostics.core import severity
from diagnostics.core.record import Record, SpanRecord

REFUSED: Final = 400  # an HTTP status from here on
STATUS_ERROR: Final = 2  # of a span
LOOKED_AT: Final = 2_000  # characters of a text


@dataclass(frozen=True, slots=True)
class Ending:
    """One line. What is empty asks nothing; words are in small letters."""

    event: str = ""
    route: str = ""  # with or without its method
    service: str = ""
    words: tuple[str, ...] = ()

    def fits(self, event: str, item: Record | SpanRecord, text: str) -> bool:
        """Whether all of it is so."""
        if self.event and self.event != event:
            return False
        if self.route and self.route not in (item.http_route, f"{item.http_method} {item.http_route}"):
            return False
        if self.service and self.service != item.service_name:
            return False
        return not self.words or all(word in text for word in self.words)


@dataclass(frozen=True, slots=True)
class Endings:
    """All lines: one that fits is enough."""

    lines: tuple[Ending, ...]
    has_words: bool  # else no text is looked at

    def fit_record(self, record: Record) -> bool:
        """Whether the record ends its journey well."""
        if record.severity_number >= severity.ERROR or (record.http_status or 0) >= REFUSED:
            return False
        return self.fit(record.event_name, record, record.body)

    def fit_span(self, span: SpanRecord) -> bool:
        """Whether the span does."""
        if span.status_code == STATUS_ERROR or (span.http_status or 0) >= REFUSED:
            return False
        return self.fit(span.name, span, span.name)

    def fit(self, event: str, item: Record | SpanRecord, text: str) -> bool:
        """One line is enough."""
        lowered = text[:LOOKED_AT].lower() if self.has_words else ""
        return any(line.fits(event, item, lowered) for line in self.lines)


def make_endings(lines: Iterable[Ending]) -> Endings | None:
    """None where nothing is said: then nothing is looked for."""
    found = tuple(lines)
    return Endings(found, any(line.words for line in found)) if found else None
