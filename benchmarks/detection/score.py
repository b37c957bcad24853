"""From scores to alarms to figures: recall, precision, false alarms, delay, by family and over all."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.detection.series import WARM_UP, Incident, Series

JOINED: Final = 15  # minutes without an alarm that end a run
GRACE: Final = 15  # minutes after an incident in which an alarm still belongs to it


@dataclass(slots=True)
class Tally:
    """Counts of a family, or of all."""

    found: int = 0
    missed: int = 0
    true_runs: int = 0
    false_runs: int = 0
    days: float = 0.0
    delays: list[int] = field(default_factory=list)
    earliest: list[int] = field(default_factory=list)  # when the incidents found could have been plain

    def add(self, other: "Tally") -> None:
        """Sum up."""
        self.found += other.found
        self.missed += other.missed
        self.true_runs += other.true_runs
        self.false_runs += other.false_runs
        self.days += other.days
        self.delays += other.delays
        self.earliest += other.earliest

    @property
    def recall(self) -> float:
        """Incidents found."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def precision(self) -> float:
        """Of incidents found and false alarms, the share that was right: five alarms on one incident count once."""
        return self.found / (self.found + self.false_runs) if self.found + self.false_runs else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0

    def figures(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "recall": round(self.recall, 4),
            "precision": round(self.precision, 4),
            "f1": round(self.f1, 4),
            "false_per_1000_series_days": round(1000 * self.false_runs / self.days, 2) if self.days else 0.0,
            "delay_p50_min": quantile(self.delays, 0.5),
            "delay_p90_min": quantile(self.delays, 0.9),
            "plain_p50_min": quantile(self.earliest, 0.5),
            "plain_p90_min": quantile(self.earliest, 0.9),
            "incidents": self.found + self.missed,
            "false_alarms": self.false_runs,
            "series_days": round(self.days, 1),
        }


def quantile(values: list[int], share: float) -> float:
    """Nearest rank; NaN-free: 0 for none."""
    ordered = sorted(values)
    return float(ordered[max(0, math.ceil(share * len(ordered)) - 1)]) if ordered else 0.0


def runs_of(alarms: Iterable[int]) -> list[list[int]]:
    """Alarm minutes joined into runs."""
    runs: list[list[int]] = []
    for minute in alarms:
        if runs and minute - runs[-1][-1] <= JOINED:
            runs[-1].append(minute)
        else:
            runs.append([minute])
    return runs


def belongs(run: list[int], incident: Incident, grace: int) -> bool:
    """Whether a minute of the run lies in the incident or shortly after it."""
    return any(incident.start <= minute < incident.end + grace for minute in run)


def tally(series: Series, scores: list[float], threshold: float) -> Tally:
    """Judge one series."""
    result = Tally(days=series.judged_days)
    runs = runs_of(minute for minute in range(WARM_UP, len(scores)) if scores[minute] >= threshold)
    for incident in series.incidents:
        hits = [m for run in runs for m in run if incident.start <= m < incident.end + GRACE]
        if hits:
            result.found += 1
            result.delays.append(hits[0] - incident.start)
            if incident.plain_after is not None:
                result.earliest.append(incident.plain_after)
        else:
            result.missed += 1
    for run in runs:
        if any(belongs(run, incident, GRACE) for incident in series.incidents):
            result.true_runs += 1
        elif not any(belongs(run, span, 0) for span in series.ignored):
            result.false_runs += 1
    return result
