"""What a backtest's chart shows of each series: the highest value of each bucket and, of a baseline, what was expected."""

from typing import Any, Final

from alerts.evaluation.baselines import Baselines, key_of
from alerts.evaluation.samples import Instant
from alerts.evaluation.series import Series
from alerts.models import AlertRule
from diagnostics.detection.sample import Sample

BUCKETS: Final = 360
MOST_SERIES: Final = 100

Condition = AlertRule.Condition


def step_of(since: int, until: int) -> int:
    """Minutes of a bucket."""
    return max(1, -(-(until - since) // BUCKETS))


class Drawing:
    """Values of up to MOST_SERIES series."""

    def __init__(self, since: int, until: int) -> None:
        self.since = since
        self.step = step_of(since, until)
        self.values: dict[str, dict[int, float]] = {}
        self.bands: dict[str, dict[int, list[float]]] = {}

    def note(self, rule: AlertRule, instant: Instant, baselines: Baselines, minute: int) -> None:
        """One minute of every series."""
        bucket = (minute - self.since) // self.step
        ends = (minute - self.since) % self.step == self.step - 1
        for series, sample in instant.samples(rule).items():
            if not sample.has_data:
                continue
            name = series.name
            kept = self.values.get(name)
            if kept is None:
                if len(self.values) >= MOST_SERIES:
                    continue
                kept = self.values[name] = {}
            value = value_of(rule, sample)
            if value > kept.get(bucket, -1.0):
                kept[bucket] = value
            if ends and rule.condition == Condition.BASELINE:
                self.note_band(rule, series, baselines, bucket)

    def note_band(self, rule: AlertRule, series: Series, baselines: Baselines, bucket: int) -> None:
        """What the detector would not have been surprised by, as a sum over the rule's window."""
        tracked = baselines.tracked.get(key_of(rule), {}).get(series)
        if tracked is None:
            return
        low, high = tracked.detector.band
        factor = 1 if rule.signal.startswith("latency") else rule.window_minutes
        self.bands.setdefault(series.name, {})[bucket] = [low * factor, high * factor]

    def save(self) -> dict[str, Any]:
        """As JSON; numbers of buckets become texts there."""
        return {"values": self.values, "bands": self.bands}

    def load(self, saved: dict[str, Any]) -> None:
        """From JSON."""
        self.values = {name: {int(key): value for key, value in kept.items()} for name, kept in saved["values"].items()}
        self.bands = {name: {int(key): band for key, band in kept.items()} for name, kept in saved["bands"].items()}


def value_of(rule: AlertRule, sample: Sample) -> float:
    """What the condition compares."""
    if rule.condition == Condition.SHARE:
        return sample.count / sample.base if sample.base else 0.0
    return sample.value
