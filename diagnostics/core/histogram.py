"""A mergeable latency histogram: buckets that grow by 4%, so that any quantile is right to within 2%.

The scheme of Masson et al., "DDSketch" (2019), without its collapsing: milliseconds from 0.001 to 10^8 need at most
some 630 buckets, and only those that were hit are kept.
"""

import math
from collections.abc import Mapping
from typing import Final

RELATIVE_ERROR: Final = 0.02
GAMMA: Final = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
LOG_GAMMA: Final = math.log(GAMMA)
SMALLEST_MS: Final = 0.001
LARGEST_MS: Final = 1e8


def bucket_of(milliseconds: float) -> int:
    """The bucket's number; values out of range go to the nearest end."""
    if not SMALLEST_MS <= milliseconds <= LARGEST_MS:
        milliseconds = SMALLEST_MS if milliseconds < SMALLEST_MS else LARGEST_MS
    return math.ceil(math.log(milliseconds) / LOG_GAMMA)


def value_of(bucket: int) -> float:
    """Milliseconds: the value that is at most 2% from everything in the bucket."""
    return float(2 * GAMMA**bucket / (GAMMA + 1))


def quantile(counts: Mapping[str, int] | Mapping[int, int], q: float) -> float | None:
    """Milliseconds below which a share `q` of the counted values lie; None when nothing was counted."""
    ordered = sorted((int(bucket), count) for bucket, count in counts.items())
    total = sum(count for _, count in ordered)
    if total == 0:
        return None
    rank = q * (total - 1)
    seen = 0
    for bucket, count in ordered:
        seen += count
        if seen > rank:
            return value_of(bucket)
    return value_of(ordered[-1][0])


def merge(*histograms: Mapping[str, int]) -> dict[str, int]:
    """The sums of several histograms."""
    merged: dict[str, int] = {}
    for histogram in histograms:
        for bucket, count in histogram.items():
            merged[bucket] = merged.get(bucket, 0) + count
    return merged
