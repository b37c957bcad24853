"""The baseline detector: is this minute unusual for this series, at this hour, given all that it has shown?"""

import math
from datetime import datetime
from typing import Final, Self

from diagnostics.detection.counts import CountScan
from diagnostics.detection.kept import Kept
from diagnostics.detection.latency import LatencyScan
from diagnostics.detection.stored import pack, unpack
from diagnostics.detection.timeline import MINUTE, Timeline, seconds_of

KINDS: Final = ("errors", "log", "latency", "requests")
VERSION: Final = 2
ALARM_LEVEL: Final = 6.0  # -log10 of a probability, after calibration
LARGEST_COUNT: Final = 1e12
BAND: Final = 3.0  # deviations on either side
USUAL_PACE: Final = 0.02


class BaselineDetector(Kept):
    """One series of one kind, a point a minute. No look-ahead, one set of constants, at most 8 KiB of state.

    errors, log: counts, alarm when too many; with `exposure` (requests) it is their ratio that is judged.
    latency: milliseconds, alarm when slow. requests: counts, alarm when too few.
    """

    THRESHOLD: Final = 0.5
    __slots__ = ("exposure", "kind_code", "scan", "score", "timeline")

    def __init__(self, kind: str) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}; got {kind!r}")
        self.kind_code = KINDS.index(kind)
        self.timeline = Timeline()
        self.scan: CountScan | LatencyScan = (
            LatencyScan() if kind == "latency" else CountScan(rising=kind != "requests")
        )
        self.exposure = 0.0
        self.score = 0.0

    @property
    def kind(self) -> str:
        """errors, log, latency or requests."""
        return KINDS[self.kind_code]

    def update(self, timestamp: float | datetime, value: float | None, exposure: float | None = None) -> float:
        """Take the next minute and return its score in [0, 1]; from THRESHOLD on it is an alarm.

        A value of None or NaN means that nothing is known of the minute. A point from the past, or of the minute that
        was already seen, changes nothing and returns the score that stands.
        """
        seconds = seconds_of(timestamp)
        steps = self.timeline.advance(seconds) if math.isfinite(seconds) else 0
        if steps == 0:
            return self.score
        self.score = 0.0
        if steps > 1:
            self.scan.skip(steps - 1)
        surprise = self.judge(int(seconds // MINUTE), value, exposure)
        self.score = surprise / (surprise + ALARM_LEVEL)
        return self.score

    def judge(self, minute: int, value: float | None, exposure: float | None) -> float:
        """The surprise of a minute; 0 where nothing is known."""
        scan = self.scan
        if value is None or not 0.0 <= value < math.inf:
            scan.skip(1)
            return 0.0
        if isinstance(scan, LatencyScan):
            if value > 0.0:
                return scan.update(minute, float(value))
            scan.skip(1)
            return 0.0
        weight = self.weigh(exposure)
        if weight <= 0.0:
            if value == 0.0:
                scan.skip(1)
                return 0.0
            weight = 1.0
        return scan.update(minute, min(float(value), LARGEST_COUNT), weight)

    def weigh(self, exposure: float | None) -> float:
        """The exposure of a minute: 1 for plain counts, the usual one where it is missing."""
        if exposure is None or not 0.0 <= exposure < math.inf:
            return self.exposure or 1.0
        if exposure > 0.0:
            self.exposure += (exposure - self.exposure) * (USUAL_PACE if self.exposure else 1.0)
        return float(min(exposure, LARGEST_COUNT))

    @property
    def expected(self) -> float:
        """What was expected of the last minute: a count, or milliseconds."""
        return math.exp(self.scan.mean) if isinstance(self.scan, LatencyScan) else self.scan.mean

    @property
    def band(self) -> tuple[float, float]:
        """Between what values the last minute would have been nothing special."""
        low, high = self.scan.mean - BAND * self.scan.deviation, self.scan.mean + BAND * self.scan.deviation
        return (math.exp(low), math.exp(high)) if isinstance(self.scan, LatencyScan) else (max(low, 0.0), high)

    def to_state(self) -> bytes:
        """All that the detector knows, to go on later as if nothing had been."""
        return pack(VERSION, self.kind_code, self)

    @classmethod
    def from_state(cls, kind: str, state: bytes) -> Self:
        """The detector that `to_state` kept; StateError when the bytes are not of this kind and version."""
        detector = cls(kind)
        unpack(state, VERSION, detector.kind_code, detector)
        return detector
