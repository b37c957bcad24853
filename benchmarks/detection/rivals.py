"""What teams use today, for comparison: a fixed threshold, 5xx over 5% for five minutes, three sigma over an hour."""

import math
from collections import deque
from typing import Final

from benchmarks.detection.series import Series

FIXED: Final = {"errors": 10.0, "log": 10.0, "latency": 1000.0}
SHARE, FOR_MINUTES = 0.05, 5
SIGMAS, HOUR = 3.0, 60


def known(value: float | None) -> bool:
    """Neither missing nor NaN."""
    return value is not None and value == value


def fixed_threshold(series: Series) -> list[float]:
    """Ten errors a minute, a second of latency, no requests."""
    if series.kind == "requests":
        return [float(value == 0.0) for value in series.values]
    limit = FIXED[series.kind]
    return [float(value is not None and value >= limit) for value in series.values]


def share_for_minutes(series: Series) -> list[float]:
    """More than 5% of the requests fail, five minutes long."""
    if series.exposures is None:
        return [0.0] * len(series.values)
    scores, bad = [], 0
    for value, requests in zip(series.values, series.exposures, strict=True):
        is_bad = value is not None and requests > 0 and value / requests > SHARE
        bad = bad + 1 if is_bad else 0
        scores.append(float(bad >= FOR_MINUTES))
    return scores


def three_sigma(series: Series) -> list[float]:
    """Three standard deviations from the mean of the last hour, on the side that matters."""
    sign = -1.0 if series.kind == "requests" else 1.0
    recent: deque[float] = deque(maxlen=HOUR)
    scores = []
    for minute, raw in enumerate(series.values):
        score = 0.0
        if raw is not None and known(raw):
            value = raw / max(series.exposures[minute], 1.0) if series.exposures else raw
            if len(recent) == HOUR:
                mean = sum(recent) / HOUR
                deviation = math.sqrt(max(sum(one * one for one in recent) / HOUR - mean * mean, 0.0))
                score = float(sign * (value - mean) > SIGMAS * deviation and value != mean)
            recent.append(value)
        scores.append(score)
    return scores


RIVALS: Final = {
    "fixed threshold": fixed_threshold,
    "5xx > 5% for 5 min": share_for_minutes,
    "3 sigma over 1 h": three_sigma,
}
