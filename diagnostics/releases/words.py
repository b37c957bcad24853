"""What a verdict says, in plain words."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from diagnostics.core import figures
from diagnostics.detection.comparison import Change, Standing
from diagnostics.releases.arrivals import Arrival
from diagnostics.releases.baseline import Baseline, Why

WORDS: Final = {
    Standing.WORSE: "Worse",
    Standing.BETTER: "Better",
    Standing.SAME: "About the same",
    Standing.TOO_LITTLE: "Too little to tell",
    Standing.NOT_COMPARED: "Nothing before it",
}
SHAPES: Final = {
    Standing.WORSE: "▲", Standing.BETTER: "▼", Standing.SAME: "=", Standing.TOO_LITTLE: "?", Standing.NOT_COMPARED: "–",
}  # fmt: skip
FATAL: Final = "fatal"
NAMES: Final = {"failed": "failed requests", "errors": "errors per 1,000 records", "p95": "p95"}


WHY: Final = {Why.BRIEF: "stayed for less than an hour", Why.BAD: "did worse than what was there before it"}


def why_against(arrival: Arrival, against: Baseline) -> str:
    """'2.4.1, the one before it, stayed for less than an hour'; empty where there is nothing to say."""
    if not against.why:
        return ""
    if against.release == arrival.before:
        return f"which {WHY[against.why]}"
    return f"as {arrival.before}, the one before it, {WHY[against.why]}"


def per_thousand(share: float) -> str:
    """'0.4', '12', '1,000': of a thousand."""
    value = share * 1000
    return f"{value:,.1f}" if 0 < value < 10 else f"{value:,.0f}"


FORMATS: Final[Mapping[str, Callable[[float], str]]] = MappingProxyType(
    {"failed": figures.percent, "errors": per_thousand, "p95": figures.milliseconds}
)


def say_fatal(change: Change) -> str:
    """'2 new errors are fatal'."""
    return "1 new error is fatal" if change.after == 1 else f"{change.after:,.0f} new errors are fatal"


def say(change: Change) -> str:
    """'failed requests went from 0.2% to 3.1%', 'p95 is about the same: 120 ms, before 118 ms'."""
    if change.signal == FATAL:
        return say_fatal(change)
    before, after = both(change)
    if change.standing in (Standing.WORSE, Standing.BETTER):
        return f"{NAMES[change.signal]} went from {before} to {after}"
    if change.standing == Standing.SAME:
        return f"{NAMES[change.signal]} about the same: {after}, before {before}"
    return f"{NAMES[change.signal]} {after}, before {before}"


def say_short(change: Change) -> str:
    """'failed requests 0.2% → 3.1%'."""
    if change.signal == FATAL:
        return say_fatal(change)
    before, after = both(change)
    return f"{NAMES[change.signal]} {before} → {after}"


def both(change: Change) -> tuple[str, str]:
    """Its figures, before and after."""
    write = FORMATS[change.signal]
    return write(change.before), write(change.after)
