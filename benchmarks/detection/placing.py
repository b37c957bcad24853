"""Incidents: when, how long, what shape, and how large, so that each carries enough evidence to be found at all."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from benchmarks.detection.series import DAY, MINUTES, Incident

LEAST_NATS: Final = 32.0  # log likelihood ratio, of the truth against business as usual, of what was really drawn
PLAIN_NATS: Final = 16.0  # with this much anybody may be sure: one in nine million
APART: Final = 300  # minutes between incidents
SHAPES: Final = ("step", "ramp", "burst", "plateau", "decay")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long incidents are, in minutes, and how many times the least evidence they carry."""

    lengths: tuple[int, int]
    plateaus: tuple[int, int]
    evidence: tuple[float, ...]


PACES: Final = {
    "slow": Pace((8, 60), (45, 120), (1.2, 2.0, 3.0, 5.0, 10.0, 20.0)),
    "quick": Pace((6, 30), (20, 60), (1.2, 1.6, 2.0, 3.0, 5.0)),
}


class Draw(Random):
    """A source of randomness for series whose incidents have a pace."""

    pace: Pace = PACES["slow"]


def choose_shape(rng: Draw) -> tuple[str, int]:
    """A shape and its length in minutes."""
    shape = rng.choice(SHAPES)
    if shape == "burst":
        return shape, rng.randint(2, 6)
    return shape, rng.randint(*(rng.pace.plateaus if shape == "plateau" else rng.pace.lengths))


def weights(shape: str, length: int) -> list[float]:
    """How much of the full size each minute has."""
    if shape == "ramp":
        rise = max(1, length // 3)
        return [min(1.0, (minute + 1) / rise) for minute in range(length)]
    if shape == "decay":
        return [math.exp(-2.0 * minute / length) for minute in range(length)]
    return [1.0] * length


def places(rng: Draw, count: int, first: int = DAY + 60) -> list[int]:
    """Starts, far enough from each other."""
    found: list[int] = []
    for _ in range(count * 20):
        start = rng.randint(first, MINUTES - 200)
        if len(found) < count and all(abs(start - other) > APART for other in found):
            found.append(start)
    return sorted(found)


def gain(mean: float, usual: float, spread: float) -> float:
    """Expected nats a minute: Kullback-Leibler divergence of two negative binomials of one spread."""
    if spread < 1e-6:
        return (mean * math.log(mean / usual) if mean > 0 else 0.0) - mean + usual
    size = 1.0 / spread
    first = mean * math.log(mean / usual) if mean > 0 else 0.0
    return first - (mean + size) * math.log((mean + size) / (usual + size))


def evidence(seen: float, mean: float, usual: float, spread: float) -> float:
    """Nats that this minute really carries."""
    if spread < 1e-6:
        return (seen * math.log(mean / usual) if seen else 0.0) - mean + usual
    size = 1.0 / spread
    first = seen * math.log(mean / usual) if seen else 0.0
    return first - (seen + size) * math.log((mean + size) / (usual + size))


def solve_factor(target: float, nats: Callable[[float], float], least: float, most: float) -> float | None:
    """The factor in [least, most] that carries `target` nats; `least` where that is more than enough, None when too few."""
    if nats(most) < target:
        return None
    if nats(least) >= target:
        return least
    low, high = least, most
    for _ in range(40):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if nats(middle) < target else (low, middle)
    return high


def target_nats(rng: Draw) -> float:
    """From barely enough to plain."""
    return rng.choice(rng.pace.evidence) * rng.uniform(1.0, 1.6) * LEAST_NATS


def incident_of(start: int, shape: str, factor: float, nats: list[float]) -> Incident:
    """The label, from the evidence that each minute really carries."""
    plain = next((minute for minute, sum_ in enumerate(accumulate(nats)) if sum_ >= PLAIN_NATS), None)
    return Incident(start, start + len(nats), shape, round(factor, 2), plain)
