"""Random numbers of the kinds that the suites need."""

import math
from random import Random


def poisson(rng: Random, mean: float) -> int:
    """Knuth's product for small means, a rounded normal for large ones."""
    if mean <= 0.0:
        return 0
    if mean > 40.0:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def counted(rng: Random, mean: float, spread: float) -> int:
    """Negative binomial with variance mean + spread * mean^2."""
    if spread > 0.0 and spread * mean > 0.005:
        mean *= rng.gammavariate(1.0 / spread, spread)
    return poisson(rng, mean)


def student(rng: Random, freedom: float) -> float:
    """Student's t, scaled to a middle like the normal one."""
    return rng.gauss(0.0, 1.0) / math.sqrt(rng.gammavariate(freedom / 2.0, 2.0 / freedom))


def log_uniform(rng: Random, low: float, high: float) -> float:
    """Evenly spread over orders of magnitude."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def wander(rng: Random, minutes: int, deviation: float, memory: float) -> list[float]:
    """A slow random movement around 0 (first-order autoregressive) with this standard deviation."""
    keep = math.exp(-1.0 / memory)
    kick = deviation * math.sqrt(1.0 - keep * keep)
    value, values = rng.gauss(0.0, deviation), []
    for _ in range(minutes):
        value = keep * value + rng.gauss(0.0, kick)
        values.append(value)
    return values
