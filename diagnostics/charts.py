"""Charts as geometry: numbers in, shapes out. Templates draw them as SVG, so they work without script."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from diagnostics.core import figures

WIDTH: Final = 1000
HEIGHT: Final = 100
TOP: Final = 6  # room above the highest point
DASH: Final = "h-6h12"  # to both sides, of the width
LEAST: Final = 6  # height of a bar that would be lost beside those of other charts
SPAN_LABELS: Final = 5  # named on one span of several
BEGUN: Final = timedelta(minutes=1)  # a step that has run for less says nothing yet
ONE_DAY: Final = timedelta(hours=25)  # a day that begins or ends within a step


Points = Sequence[tuple[float, float] | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One series. `tone` is a CSS class: '', tone-warn, tone-bad. None leaves a gap."""

    name: str
    values: Sequence[float | None]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment to mark (a deploy), or a span of time (an incident) when `until` is given."""

    at: datetime
    label: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn of one series; `so_far` leads to the step that is not over."""

    name: str
    tone: str
    line: str
    area: str
    so_far: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a stacked bar."""

    x: float
    y: float
    width: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class Slot:
    """The invisible column above a step: carries what hover shows and, perhaps, a link."""

    x: float
    width: float
    title: str
    url: str = ""


@dataclass(slots=True)
class Chart:
    """Everything that the template draws."""

    title: str
    peak: str
    start: datetime
    end: datetime
    shapes: list[Shape] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    lines: list[tuple[float, str]] = field(default_factory=list)
    spans: list[tuple[float, float, str]] = field(default_factory=list)
    limit: float | None = None
    is_empty: bool = False
    size: str = ""

    @property
    def is_long(self) -> bool:
        """Whether the time of day alone does not say when."""
        return self.end - self.start > ONE_DAY


def write_moment(moment: datetime, chart: Chart) -> str:
    """With the day where the chart is of several."""
    return f"{moment:%d %b %H:%M} UTC" if chart.is_long else f"{moment:%H:%M} UTC"


def write_number(value: float | None, unit: str) -> str:
    """A value as people read it."""
    if value is None:
        return "no data"
    if unit == "%":
        return figures.percent(value)
    if unit == "ms":
        return figures.milliseconds(value)
    if 0 < value < 0.05:
        return f"<0.1{unit}"
    text = f"{value:,.1f}" if 0 < value < 10 and value != int(value) else f"{value:,.0f}"
    return f"{text}{unit}"


def draw_lines(
    title: str,
    times: Sequence[datetime],
    step: timedelta,
    lines: Sequence[Line],
    *,
    unit: str = "",
    markers: Sequence[Marker] = (),
    limit: float | None = None,
    size: str = "",
    now: datetime | None = None,
) -> Chart:
    """A chart of lines with areas below them. Lines end with the last step that is over at `now`, as what has only begun
    would look like a fall; to one that has run for a while, a line of its own leads."""
    over = over_at(now, times, step)
    said = [is_over or (now is not None and now - moment >= BEGUN) for moment, is_over in zip(times, over, strict=True)]
    drawn = [[value if is_said else None for value, is_said in zip(line.values, said, strict=True)] for line in lines]
    known = [value for values in drawn for value in values if value is not None]
    highest = max([*known, limit or 0.0, 1e-9])
    chart = frame(title, times, step, highest, unit, markers, size)
    chart.is_empty = all(value is None for line in lines for value in line.values)
    width = WIDTH / max(len(times), 1)
    for line, values in zip(lines, drawn, strict=True):
        points = [
            None if value is None else (round((number + 0.5) * width, 1), height_of(value, highest))
            for number, value in enumerate(values)
        ]
        whole = [point if is_over else None for point, is_over in zip(points, over, strict=True)]
        so_far = way_to_open(points, whole, width)
        chart.shapes.append(Shape(line.name, line.tone, path_of(whole, points), area_of(whole), so_far))
    chart.slots = [
        Slot(
            round(number * width, 1),
            round(width, 1),
            f"{write_moment(moment, chart)}{'' if over[number] else ' so far'} · "
            + " · ".join(f"{line.name} {write_number(line.values[number], unit)}" for line in lines),
        )
        for number, moment in enumerate(times)
    ]
    if limit is not None:
        chart.limit = height_of(limit, highest)
    return chart


def draw_bars(
    title: str,
    times: Sequence[datetime],
    step: timedelta,
    lines: Sequence[Line],
    *,
    markers: Sequence[Marker] = (),
    urls: Sequence[str] = (),
    size: str = "",
    now: datetime | None = None,
    highest: float | None = None,
) -> Chart:
    """Stacked bars, the first series at the bottom. The bar of a step that is not over at `now` is set apart. `highest`: the
    top of the scale, where several charts share one; what is small beside it is still seen."""
    over = over_at(now, times, step)
    totals = [sum(line.values[number] or 0 for line in lines) for number in range(len(times))]
    least = 0 if highest is None else LEAST
    highest = max([*totals, highest or 0, 1e-9])
    chart = frame(title, times, step, highest, "", markers, size)
    chart.is_empty = not any(totals)
    width = WIDTH / max(len(times), 1)
    for number, moment in enumerate(times):
        bottom = float(HEIGHT)
        apart = "" if over[number] else " is-open"
        for line in lines:
            height = round((line.values[number] or 0) / highest * (HEIGHT - TOP), 2)
            if height:
                height = max(height, least)
                bottom -= height
                chart.bars.append(
                    Bar(
                        round(number * width + 0.5, 1), round(bottom, 2), round(width - 1, 1), height, line.tone + apart
                    )
                )
        said = " · ".join(f"{line.name} {write_number(line.values[number], '')}" for line in reversed(lines))
        url = urls[number] if number < len(urls) else ""
        chart.slots.append(
            Slot(
                round(number * width, 1),
                round(width, 1),
                f"{write_moment(moment, chart)}{' so far' if apart else ''} · {said}",
                url,
            )
        )
    return chart


def over_at(now: datetime | None, times: Sequence[datetime], step: timedelta) -> list[bool]:
    """Which steps are over; all of them where nothing is said of now."""
    return [now is None or moment + step <= now for moment in times]


def frame(
    title: str,
    times: Sequence[datetime],
    step: timedelta,
    highest: float,
    unit: str,
    markers: Sequence[Marker],
    size: str,
) -> Chart:
    """Title, axis and markers."""
    start, end = times[0], times[-1] + step
    chart = Chart(title, write_number(highest if highest > 1e-9 else 0, unit), start, end, size=size)
    for marker in markers:
        x = place_of(marker.at, start, end)
        if marker.until is not None:
            continue
        if 0 <= x <= WIDTH:
            chart.lines.append((x, marker.label))
    chart.spans = merge_spans([marker for marker in markers if marker.until is not None], start, end)
    return chart


def merge_spans(markers: Sequence[Marker], start: datetime, end: datetime) -> list[tuple[float, float, str]]:
    """(x, width, labels) of spans within the time drawn. Those that overlap are one: shades upon shades hide the lines."""
    merged: list[tuple[float, float, list[str]]] = []
    for marker in sorted(markers, key=lambda marker: marker.at):
        left = max(place_of(marker.at, start, end), 0)
        right = min(place_of(marker.until or end, start, end), WIDTH)
        if right <= 0 or left >= WIDTH:
            continue
        right = max(right, left + 3)
        if merged and left <= merged[-1][1]:
            first, last, labels = merged[-1]
            merged[-1] = (first, max(last, right), [*labels, marker.label])
        else:
            merged.append((left, right, [marker.label]))
    return [(left, round(right - left, 1), name_spans(labels)) for left, right, labels in merged]


def name_spans(labels: Sequence[str]) -> str:
    """The first few of them."""
    more = f" · {len(labels) - SPAN_LABELS} more" if len(labels) > SPAN_LABELS else ""
    return " · ".join(labels[:SPAN_LABELS]) + more


def place_of(moment: datetime, start: datetime, end: datetime) -> float:
    """A moment's x."""
    return round((moment - start) / (end - start) * WIDTH, 1)


def height_of(value: float, highest: float) -> float:
    """A value's y; SVG counts from the top."""
    return round(HEIGHT - value / highest * (HEIGHT - TOP), 2)


def path_of(points: Points, beside: Points = ()) -> str:
    """Lines through the points, with gaps; one that has none beside it is a dash, as a line of no length cannot be seen.
    `beside`: the points where they go on in another path."""
    known = [None, *(beside or points), None]
    parts: list[str] = []
    down = False
    for number, point in enumerate(points, 1):
        if point is not None:
            parts.append(f"{'L' if down else 'M'}{point[0]} {point[1]}")
            parts.append(DASH if known[number - 1] is known[number + 1] is None else "")
        down = point is not None
    return "".join(parts)


def way_to_open(points: Points, whole: Points, width: float) -> str:
    """From the last step that is over, where it has a value, to the one that is not."""
    number = next((at for at, point in enumerate(points) if point is not None and whole[at] is None), None)
    if number is None:
        return ""
    point = points[number]
    before = whole[number - 1] if number else None
    return path_of([before or (round(number * width, 1), point[1] if point else 0), point])


def area_of(points: Points) -> str:
    """The areas below the lines."""
    parts: list[str] = []
    run: list[tuple[float, float]] = []
    for point in (*points, None):
        if point is not None:
            run.append(point)
        elif run:
            inner = "".join(f"L{x} {y}" for x, y in run)
            parts.append(f"M{run[0][0]} {HEIGHT}{inner}L{run[-1][0]} {HEIGHT}Z")
            run = []
    return "".join(parts)
