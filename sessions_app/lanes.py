"""A whole scope at one look: a lane for each service (of a person, for each session), with what happened as marks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models.functions import Left

from diagnostics.core import clock, severity
from diagnostics.core.reference import write_reference
from diagnostics.models import LogRecord, Span
from sessions_app.scope import Scope
from sessions_app.steps import has_failed
from sessions_app.timeline import telling

MOST_RECORDS: Final = 3000
MOST_SPANS: Final = 1000
MOST_ERRORS: Final = 300  # told whatever the number of records
TITLE_CHARS: Final = 120
WIDTH: Final = 1000
NAMES: Final = 150
MARGIN: Final = 20
HEIGHT: Final = 26
MOST_LANES: Final = 12
BROKEN: Final = "is-broken"  # what a snapshot is of
TONES: Final = ("", "is-warn", "is-error", "is-fatal", BROKEN)  # the later the worse


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: a record (no length) or a span. `anchor` as in `Step`."""

    at_ns: int
    lane: str
    tone: str
    title: str
    anchor: str
    length_ns: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment as drawn; `ratio` is its place between the beginning (0) and the end (1000)."""

    x: float
    width: float
    tone: str
    title: str
    anchor: str
    offset_ms: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One service or session over the whole time."""

    name: str
    y: int
    marks: list[Mark]


@dataclass(slots=True)
class Overview:
    """What the player is made of. Times are milliseconds since the scope began."""

    lanes: list[Lane] = field(default_factory=list)
    errors: list[Mark] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    first_ms: int = 0
    last_ms: int = 0
    others: int = 0  # lanes that are not drawn
    is_cut: bool = False
    zero_x: float = NAMES  # where the clock is zero

    @property
    def error_moments(self) -> list[int]:
        """When the errors were, for who jumps from one to the next."""
        return sorted({mark.offset_ms for mark in self.errors})

    @property
    def height(self) -> int:
        """Of the drawing."""
        return HEIGHT * len(self.lanes)


def read_overview(scope: Scope, *, with_spans: bool = False) -> Overview:
    """Records and spans of the whole scope; of very many the first ones, and all errors up to a number."""
    records = read_records(LogRecord.objects.filter(scope.rows), scope, MOST_RECORDS + 1)
    is_cut = len(records) > MOST_RECORDS
    if is_cut:
        bad = LogRecord.objects.filter(scope.rows, severity_number__gte=severity.ERROR)
        records = records[:MOST_RECORDS] + read_records(bad, scope, MOST_ERRORS)
    spans = list(telling(Span.objects.filter(scope.rows))[: MOST_SPANS + 1]) if with_spans else []
    moments = {moment.anchor: moment for moment in records}
    moments |= {moment.anchor: moment for moment in (moment_of_span(span, scope) for span in spans[:MOST_SPANS])}
    overview = draw(moments.values(), scope.began)
    overview.is_cut = is_cut or len(spans) > MOST_SPANS
    return overview


def read_records(rows: Any, scope: Scope, most: int) -> list[Moment]:
    """The first of them, with no more of each than is drawn."""
    columns = ("timestamp", "timestamp_ns", "id", "severity_number", scope.lane_column, Left("body", TITLE_CHARS))
    found = rows.order_by(*LogRecord.ORDER).values_list(*columns)[:most]
    return [
        Moment(clock.to_ns(at) + rest, lane, tone_of(level), body, f"r{write_reference(at, row_id)}")
        for at, rest, row_id, level, lane, body in found
    ]


def tone_of(level: int) -> str:
    """Of a severity number."""
    return tone_named(severity.band_of(level))


def tone_named(band: str) -> str:
    """Of a severity by its word; quiet ones have none."""
    return f"is-{band}" if f"is-{band}" in TONES else ""


def moment_of_span(span: Span, scope: Scope) -> Moment:
    """A span with its length."""
    tone = "is-error" if has_failed(span) else ""
    title = f"{span.name[:TITLE_CHARS]}: {span.duration_ms:,.0f} ms"
    at_ns = clock.to_ns(span.timestamp) + span.timestamp_ns
    return Moment(at_ns, getattr(span, scope.lane_column), tone, title, f"s{span.id}", span.duration_ns)


def draw(moments: Iterable[Moment], began: datetime) -> Overview:
    """Lanes in the order in which they came in. Of moments on one spot of a lane the worst is drawn."""
    ordered = sorted(moments, key=lambda moment: moment.at_ns)
    if not ordered:
        return Overview()
    began_ns, first, last = clock.to_ns(began), ordered[0].at_ns, max(item.at_ns + item.length_ns for item in ordered)
    scale = (WIDTH - NAMES - MARGIN) / max(last - first, 1)
    spots: dict[str, dict[tuple[int, int], Mark]] = {}
    for moment in ordered:
        mark = mark_of(moment, first, scale, began_ns)
        lane = spots.setdefault(moment.lane, {})
        spot = (round(mark.x), round(mark.width))
        if spot not in lane or TONES.index(mark.tone) > TONES.index(lane[spot].tone):
            lane[spot] = mark
    names = list(spots)
    lanes = [Lane(name, HEIGHT * row, list(spots[name].values())) for row, name in enumerate(names[:MOST_LANES])]
    return Overview(
        lanes=lanes,
        errors=[mark for lane in spots.values() for mark in lane.values() if mark.tone in TONES[2:]],
        moments=sorted({(moment.at_ns - began_ns) // 1_000_000 for moment in ordered}),
        first_ms=(first - began_ns) // 1_000_000,
        last_ms=-(-(last - began_ns) // 1_000_000),
        others=len(names) - len(lanes),
        zero_x=round(NAMES + min(max(began_ns - first, 0), last - first) * scale, 1),
    )


def mark_of(moment: Moment, first: int, scale: float, began_ns: int) -> Mark:
    """A moment's place."""
    along = (moment.at_ns - first) * scale
    width = round(max(moment.length_ns * scale, 2), 1) if moment.length_ns else 0
    ratio = round(along / (WIDTH - NAMES - MARGIN) * WIDTH, 1)
    offset_ms = (moment.at_ns - began_ns) // 1_000_000
    return Mark(round(NAMES + along, 1), width, moment.tone, moment.title, moment.anchor, offset_ms, ratio)
