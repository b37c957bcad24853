"""The expected level by minute: day, week, trend, slow wandering."""

import math
from random import Random

from benchmarks.detection.draws import wander
from benchmarks.detection.series import DAY, MINUTES


def seasons(rng: Random, depth: float, weekend: float) -> list[float]:
    """A day with one or two humps, `depth` in [0, 1) between night and noon; weekends at this share. Mean near 1."""
    peak, second = rng.uniform(0, DAY), rng.uniform(0.0, 0.5)
    sharp = rng.uniform(0.7, 2.5)
    day = []
    for minute in range(DAY):
        angle = 2 * math.pi * (minute - peak) / DAY
        hump = (1 + math.cos(angle)) / 2 + second * (1 + math.cos(2 * angle + 1.0)) / 2
        day.append(1 - depth + depth * 2 * (hump / (1 + second)) ** sharp)
    mean = sum(day) / DAY
    week = week_of(rng, weekend)
    return [day[minute % DAY] / mean * week[minute % len(week)] for minute in range(MINUTES)]


def week_of(rng: Random, weekend: float) -> list[float]:
    """Saturday and Sunday at another level, which is reached over some hours, now and then at midnight."""
    soft = rng.choice((1, 120, 240, 480, 480))
    hard = [weekend if minute >= 5 * DAY else 1.0 for minute in range(7 * DAY)]
    if soft == 1:
        return [1.0 - (1.0 - factor) / 2 for factor in hard]
    total = sum(hard[-soft:])
    week = []
    for minute in range(7 * DAY):
        total += hard[minute] - hard[minute - soft]
        week.append(total / soft)
    return week


def level(rng: Random, base: float, *, depth: float = 0.0, weekend: float = 1.0, unrest: float = 0.0) -> list[float]:
    """The expected count by minute."""
    values = [base * factor for factor in seasons(rng, depth, weekend)]
    if unrest:
        drift = wander(rng, MINUTES, unrest, rng.uniform(20.0, 240.0))
        values = [value * math.exp(move) for value, move in zip(values, drift, strict=True)]
    return values


def varied_level(rng: Random, base: float) -> list[float]:
    """A level with seasons and unrest as they come."""
    depth = rng.choice((0.0, rng.uniform(0.2, 0.6), rng.uniform(0.6, 0.95)))
    unrest = rng.choice((0.0, rng.uniform(0.02, 0.1), rng.uniform(0.1, 0.25)))
    return level(rng, base, depth=depth, weekend=rng.choice((1.0, rng.uniform(0.3, 0.9))), unrest=unrest)
