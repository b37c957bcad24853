"""Counts with incidents drawn into them."""

from benchmarks.detection.draws import counted, log_uniform
from benchmarks.detection.placing import (
    LEAST_NATS,
    Draw,
    choose_shape,
    evidence,
    gain,
    incident_of,
    places,
    solve_factor,
    target_nats,
    weights,
)  # fmt: skip
from benchmarks.detection.series import Incident

TRIES = 8


def draw_counts(rng: Draw, means: list[float], spread: float) -> list[float | None]:
    """Business as usual."""
    return [float(counted(rng, mean, spread)) for mean in means]


def raise_counts(
    rng: Draw, values: list[float | None], means: list[float], spread: float, count: int, least: float = 2.0
) -> list[Incident]:
    """Draw incidents of too many events into the values."""
    found = []
    for start in places(rng, count):
        for _ in range(TRIES):
            shape, length = choose_shape(rng)
            incident = place_rise(rng, values, means, spread, start, shape, length, least)
            if incident:
                found.append(incident)
                break
    return found


def place_rise(
    rng: Draw, values: list[float | None], means: list[float], spread: float,
    start: int, shape: str, length: int, least: float,
) -> Incident | None:  # fmt: skip
    """One incident; None when this shape cannot carry enough evidence here."""
    usual = means[start : start + length]
    form = weights(shape, length)

    def nats(factor: float) -> float:
        raised = (mean * (1 + (factor - 1) * weight) for mean, weight in zip(usual, form, strict=True))
        return sum(gain(after, mean, spread) for after, mean in zip(raised, usual, strict=True))

    smallest = least * rng.choice((1.0, 1.0, log_uniform(rng, 1.0, 5.0)))
    most = max(60.0, 12.0 / (sum(usual) / length))
    factor = solve_factor(target_nats(rng), nats, smallest, most)
    if factor is None:
        return None
    raised = [mean * (1 + (factor - 1) * weight) for mean, weight in zip(usual, form, strict=True)]
    drawn = [float(counted(rng, mean, spread)) for mean in raised]
    real = [evidence(*row, spread) for row in zip(drawn, raised, usual, strict=True)]
    if sum(real) < LEAST_NATS or sum(drawn) < 6:
        return None
    values[start : start + length] = drawn
    return incident_of(start, shape, factor, real)


def lower_counts(
    rng: Draw, values: list[float | None], means: list[float], spread: float, count: int
) -> list[Incident]:
    """Draw drops into the values: some total, some partial."""
    found = []
    for start in places(rng, count):
        for _ in range(TRIES):
            shape, length = choose_shape(rng)
            incident = place_drop(rng, values, means, spread, start, shape, length)
            if incident:
                found.append(incident)
                break
    return found


def place_drop(
    rng: Draw, values: list[float | None], means: list[float], spread: float, start: int, shape: str, length: int
) -> Incident | None:
    """One drop; None when there is too little traffic for it to show."""
    left = rng.choice((0.0, 0.0, rng.uniform(0.0, 0.3), rng.uniform(0.3, 0.6)))
    usual = means[start : start + length]
    form = weights("step" if shape == "decay" else shape, length)
    lowered = [mean * (1 - (1 - left) * weight) + 1e-9 for mean, weight in zip(usual, form, strict=True)]
    drawn = [float(counted(rng, mean, spread)) for mean in lowered]
    real = [evidence(*row, spread) for row in zip(drawn, lowered, usual, strict=True)]
    if sum(real) < LEAST_NATS:
        return None
    values[start : start + length] = drawn
    return incident_of(start, shape, left, real)
