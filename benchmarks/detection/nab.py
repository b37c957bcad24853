"""The Numenta Anomaly Benchmark, scored by its published protocol on a checkout that the caller has.

Every window in the data gives up to 1 for its earliest alarm (a sigmoid of the place in the window), every alarm
outside costs up to the profile's weight (less, shortly after a window), every window without an alarm costs the weight
of a miss. The first 15% of a file, at most 750 points, are not scored. The threshold is the one that is best for the
whole corpus; 0 is a detector that says nothing, 100 a perfect one.
"""

import csv
import json
import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

PROBATION: Final = 0.15
LONGEST_PROBATION: Final = 750
PROFILES: Final = {"standard": (0.11, 1.0), "low_fp": (0.22, 1.0), "low_fn": (0.11, 2.0)}  # cost of false, of missed
OUTSIDE: Final = -1


@dataclass(slots=True)
class DataFile:
    """One file of the corpus with its windows as indexes, ends included."""

    name: str
    times: list[float]
    values: list[float]
    windows: list[tuple[int, int]] = field(default_factory=list)

    @property
    def probation(self) -> int:
        """Points that are not scored."""
        return min(math.floor(PROBATION * len(self.times)), LONGEST_PROBATION)


@dataclass(frozen=True, slots=True)
class Point:
    """A scored point: what the detector said, the window it lies in, what an alarm here is worth."""

    score: float
    window: tuple[str, int] | None
    worth: float


def read_corpus(root: Path) -> list[DataFile]:
    """All files, in name order."""
    labels = json.loads((root / "labels" / "combined_windows.json").read_text())
    return [read_file(root / "data" / name, name, labels[name]) for name in sorted(labels)]


def read_file(path: Path, name: str, windows: list[list[str]]) -> DataFile:
    """Times in Unix seconds."""
    with path.open(newline="") as lines:
        rows = [(parse_time(row["timestamp"]), float(row["value"])) for row in csv.DictReader(lines)]
    times = [time for time, _ in rows]
    found = [(times.index(parse_time(start)), times.index(parse_time(end))) for start, end in windows]
    return DataFile(name, times, [value for _, value in rows], found)


def parse_time(text: str) -> float:
    """The corpus has no zones."""
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC).timestamp()


def sigmoid(place: float) -> float:
    """1 at the start of a window (-1), 0 at its end (0), -1 far after it."""
    return -1.0 if place > 3.0 else 2.0 / (1.0 + math.exp(5.0 * place)) - 1.0


def points_of(data: DataFile, scores: list[float]) -> list[Point]:
    """What an alarm would be worth at each scored point, before weights."""
    points: list[Point] = []
    highest = sigmoid(-1.0)
    windows = iter(data.windows)
    upcoming = next(windows, None)
    last: tuple[int, int] | None = None
    for index, score in enumerate(scores):
        if upcoming and index > upcoming[1]:
            last, upcoming = upcoming, next(windows, None)
        if upcoming and upcoming[0] <= index:
            width = upcoming[1] - upcoming[0] + 1
            worth = sigmoid(-(upcoming[1] - index + 1) / width) / highest
            point = Point(score, (data.name, upcoming[0]), worth)
        elif last:
            point = Point(score, None, sigmoid((index - last[1]) / (last[1] - last[0])))
        else:
            point = Point(score, None, -1.0)
        if index >= data.probation:
            points.append(point)
    return points


@dataclass(frozen=True, slots=True)
class Result:
    """A normalised score and the threshold that gave it."""

    score: float
    threshold: float


def best(points: list[Point], profile: str, windows: int) -> Result:
    """The threshold that is best for these points."""
    false_cost, miss_cost = PROFILES[profile]
    gained: dict[tuple[str, int], float] = {point.window: -miss_cost for point in points if point.window}
    null = total = highest = -miss_cost * len(gained)
    threshold = 1.1
    ordered = sorted(points, key=lambda point: -point.score)
    for index, point in enumerate(ordered):
        if point.window is None:
            total += false_cost * point.worth
        elif point.worth > gained[point.window]:
            total += point.worth - gained[point.window]
            gained[point.window] = point.worth
        is_last = index + 1 == len(ordered) or ordered[index + 1].score != point.score
        if is_last and total > highest:
            highest, threshold = total, point.score
    return Result(100.0 * (highest - null) / (windows - null), threshold)


def at(points: list[Point], profile: str, windows: int, threshold: float) -> float:
    """The normalised score at a given threshold."""
    false_cost, miss_cost = PROFILES[profile]
    gained: dict[tuple[str, int], float] = {point.window: -miss_cost for point in points if point.window}
    null = -miss_cost * len(gained)
    false = 0.0
    for point in points:
        if point.score >= threshold:
            if point.window is None:
                false += false_cost * point.worth
            else:
                gained[point.window] = max(gained[point.window], point.worth)
    return 100.0 * (sum(gained.values()) + false - null) / (windows - null)


def halves(corpus: list[DataFile]) -> tuple[set[str], set[str]]:
    """Every other file of each folder, in name order."""
    folders: dict[str, list[str]] = defaultdict(list)
    for data in corpus:
        folders[data.name.partition("/")[0]].append(data.name)
    first = {name for names in folders.values() for name in names[::2]}
    return first, {data.name for data in corpus} - first


def evaluate(root: Path, detect: Callable[[DataFile], list[float]]) -> dict[str, float]:
    """All figures of one detector."""
    corpus = read_corpus(root)
    points = {data.name: points_of(data, detect(data)) for data in corpus}
    windows = {data.name: len(data.windows) for data in corpus}
    first, second = halves(corpus)

    def of(names: set[str]) -> tuple[list[Point], int]:
        chosen = sorted(names)
        return [point for name in chosen for point in points[name]], sum(windows[name] for name in chosen)

    everything = of(first | second)
    half_a, half_b = of(first), of(second)
    chosen = best(half_a[0], "standard", half_a[1])
    figures = {f"nab_{profile}": best(everything[0], profile, everything[1]).score for profile in PROFILES}
    figures["nab_threshold"] = best(everything[0], "standard", everything[1]).threshold
    figures["nab_half_a"] = chosen.score
    figures["nab_half_b"] = best(half_b[0], "standard", half_b[1]).score
    figures["nab_half_b_at_a"] = at(half_b[0], "standard", half_b[1], chosen.threshold)
    return {name: round(value, 4) for name, value in figures.items()}
