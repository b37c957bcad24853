"""`python -m benchmarks.detection [--quick] [--json] [--half dev|report|WORD] [--series N] [--pace slow|quick] [--nab PATH]`.

Labelled suites of twelve families, the baseline detector beside what teams use today, and with --nab the novelty
detector on a checkout of the Numenta Anomaly Benchmark (not part of this repository).
"""

import argparse
import gc
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.detection.families import FAMILIES, make_series
from benchmarks.detection.nab import DataFile, evaluate
from benchmarks.detection.placing import PACES
from benchmarks.detection.rivals import RIVALS
from benchmarks.detection.score import Tally, tally
from benchmarks.detection.series import START, Series
from diagnostics.detection.baseline import BaselineDetector
from diagnostics.detection.novelty import NoveltyDetector

QUICK_SERIES, SERIES = 2, 6  # of each family
Figures = dict[str, Any]
NAME_WIDTH: Final = 20


class Baseline:
    """The detector over whole series, with what it costs."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.points = 0
        self.largest_state = 0

    def scores(self, series: Series) -> list[float]:
        """One score a minute; a minute without a value is not shown to the detector."""
        detector = BaselineDetector(series.kind)
        update, exposures = detector.update, series.exposures
        rows = [
            (START + 60.0 * minute, value, exposures[minute] if exposures else None)
            for minute, value in enumerate(series.values)
        ]
        start = time.process_time()
        scores = [0.0 if row[1] is None else update(*row) for row in rows]
        self.seconds += time.process_time() - start
        self.points += len(rows)
        self.largest_state = max(self.largest_state, len(detector.to_state()))
        return scores


def measure(
    half: str, number: int, pace: str, *, with_rivals: bool = True
) -> tuple[Figures, dict[str, Tally], dict[str, Tally]]:
    """Figures over all, tallies by family, tallies of the rivals."""
    baseline = Baseline()
    families = {family: Tally() for family in FAMILIES}
    rivals = {name: Tally() for name in RIVALS}
    for family, result in families.items():
        for index in range(number):
            series = make_series(family, half, index, pace)
            result.add(tally(series, baseline.scores(series), BaselineDetector.THRESHOLD))
            for name, judge in RIVALS.items() if with_rivals else ():
                rivals[name].add(tally(series, judge(series), 0.5))
        gc.collect()
    total = Tally()
    for result in families.values():
        total.add(result)
    figures = total.figures() | {
        "worst_family_f1": min(result.figures()["f1"] for result in families.values() if result.found + result.missed),
        "us_per_point": round(1e6 * baseline.seconds / baseline.points, 2),
        "state_bytes": baseline.largest_state,
        "half": half,
        "pace": pace,
        "series_a_family": number,
    }
    return figures, families, rivals


def novelty_scores(data: DataFile) -> list[float]:
    """The novelty detector over a file."""
    update = NoveltyDetector().update
    return [update(time, value) for time, value in zip(data.times, data.values, strict=True)]


def measure_nab(root: Path, detect: Callable[[DataFile], list[float]]) -> Figures:
    """The protocol's figures and the cost of a point."""
    points = 0

    def counted(data: DataFile) -> list[float]:
        nonlocal points
        points += len(data.times)
        return detect(data)

    start = time.process_time()
    figures = evaluate(root, counted)
    return figures | {"nab_seconds": round(time.process_time() - start, 1), "nab_points": points}


def show(families: dict[str, Tally], rivals: dict[str, Tally], figures: Figures) -> None:
    """A table for people."""
    print(f"{'':{NAME_WIDTH}} recall  precision   F1   false/1000 days  delay p50/p90  plain after p50/p90")
    for name, result in {**families, "all": None, **rivals}.items():
        row = result.figures() if result else figures
        print(
            f"{name:{NAME_WIDTH}} {row['recall']:6.3f}  {row['precision']:9.3f}  {row['f1']:5.3f}"
            f"  {row['false_per_1000_series_days']:15.1f}  {row['delay_p50_min']:5.0f} / {row['delay_p90_min']:<5.0f}"
            f"  {row['plain_p50_min']:9.0f} / {row['plain_p90_min']:.0f}"
        )
    print(f"{figures['us_per_point']} us a point, {figures['state_bytes']} bytes of state a series at most")


def main() -> None:
    """Measure and print; with --json the last line is one JSON object."""
    parser = argparse.ArgumentParser(prog="benchmarks.detection", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two series a family: ends within 45 seconds")
    parser.add_argument("--json", action="store_true", help="print one JSON object of figures as the last line")
    parser.add_argument("--half", default="report", help="dev is to tune on; any other word makes series of its own")
    parser.add_argument("--series", type=int, help=f"series a family ({SERIES}; {QUICK_SERIES} with --quick)")
    parser.add_argument("--pace", choices=PACES, help="how long incidents take to show (quick, and slow beside it)")
    parser.add_argument("--nab", type=Path, help="a checkout of the Numenta Anomaly Benchmark")
    options = parser.parse_args()
    number = options.series or (QUICK_SERIES if options.quick else SERIES)
    figures, families, rivals = measure(options.half, number, options.pace or "quick")
    figures["families"] = {name: result.figures() for name, result in families.items()}
    figures["rivals"] = {name: result.figures() for name, result in rivals.items()}
    show(families, rivals, figures)
    if options.pace is None:
        figures["slow"] = measure(options.half, number, "slow", with_rivals=False)[0]
        print("The same where incidents take their time:")
        show({}, {}, figures["slow"])
    if options.nab:
        nab = measure_nab(options.nab, novelty_scores)
        figures |= nab
        print(", ".join(f"{name} {value:.2f}" for name, value in nab.items()))
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
