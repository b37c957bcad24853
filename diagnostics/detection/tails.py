"""How unlikely a sum is: tails of the negative binomial and of the normal distribution, as -log10 of a probability."""

import math
from typing import Final

HALF_LOG10_E: Final = 0.5 * math.log10(math.e)
LOG10_SQRT_TAU: Final = 0.5 * math.log10(2 * math.pi)
LARGEST: Final = 300.0


def surprise_of(z: float) -> float:
    """-log10 of the normal tail beyond z (z >= 1): Gordon's bound with one more term, right to within 0.02."""
    if z > 37.0:
        return LARGEST
    square = z * z
    return HALF_LOG10_E * square + LOG10_SQRT_TAU + math.log10(z * (1.0 + 1.0 / (square + 2.0 - 1.0 / z)))


def deviance_root(seen: float, mean: float, spread: float) -> float:
    """How many standard deviations `seen` lies off, by the signed root of the deviance; the sign is left to the caller.

    spread: the variance is mean + spread * mean^2.
    """
    size = 1.0 / spread
    deviance = -(seen + size) * math.log((seen + size) / (mean + size))
    if seen > 0.0:
        deviance += seen * math.log(seen / mean)
    return math.sqrt(2.0 * deviance) if deviance > 0.0 else 0.0
