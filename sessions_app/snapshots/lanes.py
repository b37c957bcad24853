"""Geometry of a snapshot's lanes: services over the time to the failure, which is marked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sessions_app.snapshots.story import Step

WIDTH: Final = 1000
NAMES: Final = 150
MARGIN: Final = 20
HEIGHT: Final = 26
MOST: Final = 12
TITLE_CHARS: Final = 120


@dataclass(frozen=True, slots=True)
class Mark:
    """A record (no width) or a span on a lane."""

    x: float
    width: float
    tone: str
    title: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One service."""

    name: str
    y: int
    marks: list[Mark]


@dataclass(slots=True)
class Drawing:
    """All of it; `failed_x` is where the failure stands."""

    lanes: list[Lane] = field(default_factory=list)
    height: int = 0
    failed_x: float = 0.0
    left_out: int = 0  # further services


def draw_lanes(steps: Sequence[Step]) -> Drawing:
    """Services in the order in which they come in."""
    if not steps:
        return Drawing()
    first = min(step.at_ns for step in steps)
    last = max(step.at_ns + step.duration_ns for step in steps)
    scale = (WIDTH - NAMES - MARGIN) / max(last - first, 1)
    marks: dict[str, list[Mark]] = {}
    failed = last
    for step in steps:
        if step.is_broken:
            failed = step.at_ns
        x = round(NAMES + (step.at_ns - first) * scale, 1)
        marks.setdefault(step.service, []).append(mark_of(step, x, scale))
    names = list(marks)[:MOST]
    lanes = [Lane(name, HEIGHT * number, marks[name]) for number, name in enumerate(names)]
    failed_x = round(NAMES + (failed - first) * scale, 1)
    return Drawing(lanes, HEIGHT * len(lanes), failed_x, len(marks) - len(names))


def mark_of(step: Step, x: float, scale: float) -> Mark:
    """As it is drawn."""
    if step.is_span:
        title = f"{step.text[:TITLE_CHARS]}: {step.duration_ns / 1e6:,.0f} ms"
        width = round(max(step.duration_ns * scale, 2), 1)
        return Mark(x, width, "is-error" if step.is_error else "", title)
    title = step.text[:TITLE_CHARS]
    tone = "is-broken" if step.is_broken else f"is-{step.tone}"
    return Mark(x, 0, tone, f"{step.from_failure}: {title}", str(step.item.get("reference", "")))
