"""The lines of a timeline: records, spans, deploys and beginnings of sessions, alike in what a page needs of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from diagnostics.core import clock, figures, severity
from diagnostics.models import Event, LogRecord, Span
from sessions_app.models import LogSession

QUIET: Final = timedelta(minutes=1)  # a pause of at least this is told between two lines
TEXT_CHARS: Final = 400
SPAN_ERROR: Final = 2  # OpenTelemetry's status code


@dataclass(slots=True)
class Step:
    """One line. `kind` is record, span, event or session; `anchor` its name within the page."""

    kind: str
    anchor: str
    at_ns: int
    order: tuple[int, int]
    text: str
    severity: str = ""  # a record's band; 'error' of a span that failed
    service: str = ""
    detail: str = ""
    reference: str = ""  # of a record
    trace_id: str = ""  # of a span
    session_id: str = ""
    release: str = ""  # that a deploy brought
    duration_ns: int = 0
    offset_ms: float = 0
    pause: timedelta | None = None  # nothing happened for so long before
    is_here: bool = False
    next_error: str = ""  # anchor of the next error

    @property
    def at(self) -> datetime:
        """When it was."""
        return clock.from_ns(self.at_ns)

    @property
    def since_began(self) -> str:
        """'+1.5 s'."""
        return figures.offset(self.offset_ms)

    @property
    def is_error(self) -> bool:
        """Error or worse."""
        return self.severity in ("error", "fatal")


def step_of_record(record: LogRecord) -> Step:
    """A record: what it says, and the request it tells of."""
    return Step(
        "record",
        f"r{record.reference}",
        clock.to_ns(record.timestamp) + record.timestamp_ns,
        (record.sequence, record.id),
        (record.body or record.event_name)[:TEXT_CHARS],
        severity.band_of(record.severity_number),
        record.service_name,
        request_of(record.http_method, record.http_route, record.http_status, record.duration_ms),
        reference=record.reference,
        session_id=record.session_id,
    )


def step_of_span(span: Span) -> Step:
    """A span, at its start."""
    status = f"{span.http_status} " if span.http_status else ""
    return Step(
        "span",
        f"s{span.id}",
        clock.to_ns(span.timestamp) + span.timestamp_ns,
        (-1, span.id),
        span.name[:TEXT_CHARS],
        "error" if has_failed(span) else "",
        span.service_name,
        f"{status}in {figures.milliseconds(span.duration_ms)}",
        trace_id=span.trace_id.hex,
        session_id=span.session_id,
        duration_ns=span.duration_ns,
    )


def step_of_event(event: Event) -> Step:
    """A deploy, a flag, a change of configuration."""
    at_ns = clock.to_ns(event.timestamp)
    release = event.release if event.kind == Event.Kind.DEPLOY else ""
    place = (-3, event.pk)
    return Step("event", f"e{event.pk}", at_ns, place, event.title, service=event.service_name, release=release)


def step_of_session(session: LogSession) -> Step:
    """Where one of a person's sessions begins."""
    return Step(
        "session",
        f"b{session.pk}",
        clock.to_ns(session.started_at),
        (-2, session.pk),
        "Session began",
        detail=session.client,
        session_id=session.session_id,
    )


def has_failed(span: Span) -> bool:
    """By its own word or by its answer."""
    return span.status_code == SPAN_ERROR or (span.http_status or 0) >= 500


def request_of(method: str, route: str, status: int | None, duration_ms: float | None) -> str:
    """'POST /pay 500 in 20 ms', as far as it is known."""
    if not route:
        return ""
    took = f"in {figures.milliseconds(duration_ms)}" if duration_ms is not None else ""
    return " ".join(str(part) for part in (method, route, status, took) if part)


def put_in_order(steps: Iterable[Step], began: datetime) -> list[Step]:
    """The one order; with each line's time since `began`, pauses before it, and the error that comes next."""
    ordered = sorted(steps, key=lambda step: (step.at_ns, step.order))
    began_ns, end_ns = clock.to_ns(began), 0
    for step in ordered:
        step.offset_ms = (step.at_ns - began_ns) / 1e6
        quiet = timedelta(microseconds=(step.at_ns - end_ns) // 1000)
        step.pause = quiet if end_ns and quiet >= QUIET else None
        end_ns = max(end_ns, step.at_ns + step.duration_ns)
    link_errors(ordered)
    return ordered


def link_errors(steps: list[Step]) -> None:
    """From each line to the next error."""
    upcoming = ""
    for step in reversed(steps):
        step.next_error = upcoming
        if step.is_error:
            upcoming = step.anchor
