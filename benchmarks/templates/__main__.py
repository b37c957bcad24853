"""`python -m benchmarks.templates [--loghub FOLDER] [--quick] [--json]`: accuracy by system, lines a second.

One setting for all systems, a fresh miner for each, lines in their order, ids as they are given while learning.
Without a folder the lines are made up, with it they are Loghub's (github.com/logpai/loghub, 2,000 lines a system).
"""

import argparse
import json
import time
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.templates.loghub import read_systems
from benchmarks.templates.made import SERVICES, Labelled, make_lines
from benchmarks.templates.score import grouping
from diagnostics.detection.templates import TemplateMiner

SEED = 20_260_117
HOSTILE = (
    "a1" * 499 + "g", '"' * 1000, "1." * 500, "<" * 1000, "1 (1 " * 200, "1 " * 500, "-" * 1000, "1.1.1.1." * 125,
    "12345678-1234-" * 70, "1 m" * 300, "0x" * 500, "a" * 999 + "1", "(1 KB" * 200,
)  # fmt: skip


def measure(systems: dict[str, list[Labelled]]) -> dict[str, Any]:
    """Scores of each system, and the speed over all lines, each read once by a miner that knows nothing."""
    rows = {name: measure_system(lines) for name, lines in systems.items()}
    lines = sum(map(len, systems.values()))
    return {
        "mean_ga": fmean(row["ga"] for row in rows.values()),
        "mean_fga": fmean(row["fga"] for row in rows.values()),
        "mean_ga_joined": fmean(row["ga_joined"] for row in rows.values()),
        "lines_per_s": lines / sum(row["seconds"] for row in rows.values()),
        "lines": lines,
        "systems": rows,
    }


def measure_system(lines: list[Labelled]) -> dict[str, Any]:
    """One system; the faster of three runs, in CPU time: other processes do not count."""
    seconds = 9e9
    for _ in range(3):
        miner = TemplateMiner()
        start = time.process_time()
        found = [miner.add(line) for line, _ in lines]
        seconds = min(seconds, time.process_time() - start)
    labels = [label for _, label in lines]
    ga, fga = grouping(found, labels)
    joined, _ = grouping([miner.current(number) for number in found], labels)
    return {"ga": ga, "fga": fga, "ga_joined": joined, "templates": len(set(found)), "seconds": seconds}


def measure_hostile() -> float:
    """Microseconds that the dearest of the longest lines costs when it is new."""
    worst = 0.0
    for line in HOSTILE:
        best = 9e9
        for _ in range(20):
            miner = TemplateMiner()
            start = time.process_time()
            miner.add(line)
            best = min(best, time.process_time() - start)
        worst = max(worst, best)
    return worst * 1e6


def show(figures: dict[str, Any]) -> None:
    """A table for people."""
    for name, row in figures["systems"].items():
        print(f"  {name:<14} GA {row['ga']:.3f}  FGA {row['fga']:.3f}  {row['templates']:>5} templates")
    print(f"mean GA {figures['mean_ga']:.3f}, mean FGA {figures['mean_fga']:.3f}; ids as given on first sight")
    print(f"mean GA {figures['mean_ga_joined']:.3f} after joins, as pages count")
    print(f"{figures['lines_per_s']:,.0f} lines/s on one core, {figures['lines']:,} lines")
    print(f"{figures['worst_line_us']:,.0f} µs for the dearest hostile line of 1,000 characters")


def main() -> None:
    """Runs all and prints the figures; with --json the last line is one JSON object."""
    parser = argparse.ArgumentParser(prog="benchmarks.templates")
    parser.add_argument("--loghub", type=Path, help="folder of Loghub with <system>/<system>_2k.log_structured.csv")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    count = 5_000 if options.quick else 50_000
    systems = (
        read_systems(options.loghub)
        if options.loghub
        else {service: make_lines(service, count, SEED) for service in SERVICES}
    )
    if not systems:
        parser.error(f"--loghub: no <system>/<system>_2k.log_structured.csv in {options.loghub}")
    figures = measure(systems)
    figures["worst_line_us"] = measure_hostile()
    show(figures)
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
