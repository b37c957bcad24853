"""`python -m benchmarks.redaction [--set NAME] [--quick] [--json] [--misses]`: scores, speed and the slowest hostile lines."""

import argparse
import copy
import json
import sys
import time
from collections import Counter
from typing import Any

from benchmarks.redaction.carriers import make_carriers
from benchmarks.redaction.corpus import Case, make_cases
from benchmarks.redaction.hostile import make_lines
from benchmarks.redaction.services import make_services
from benchmarks.redaction.worlds import make_abroad, make_morning, make_night, make_world
from diagnostics.pipeline.redact import redact_record, redact_text
from diagnostics.pipeline.redact.engine import seen, seen_ids
from diagnostics.pipeline.redact.rules import STORE_GATE

SEED = 20_260_117
# (makes it, how often each form when quick, and else)
SETS = {
    "forms": (make_cases, 2, 8),
    "services": (make_services, 1, 4),
    "carriers": (make_carriers, 1, 2),
    "worlds": (make_world, 1, 2),
    "night": (make_night, 1, 4),
    "morning": (make_morning, 1, 4),
    "abroad": (make_abroad, 1, 8),
}


def forget() -> None:
    """Empties the memory of texts, so that each text is worked on."""
    seen.clear()
    seen_ids.clear()
    STORE_GATE.forget()


def texts_of(value: Any) -> list[str]:
    """Every text, name and number in a value, and what JSON in them says."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts_of(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in texts_of(part)]
    return [str(value)]


def score(cases: list[Case]) -> dict[str, Any]:
    """Recall by category, over-redaction by kind, untouched clean records, and the two contracts."""
    hidden: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    clean = untouched = mutated = unstable = 0
    misses: list[str] = []
    for case in cases:
        before = copy.deepcopy(case.record)
        after = redact_record(case.record)
        mutated += case.record != before
        unstable += redact_record(after) != after
        all_text = "\x00".join(texts_of(after))
        for category, text in case.private:
            wanted[category] += 1
            if text in all_text:
                misses.append(f"leaked {category}: {text} :: {after}")
            else:
                hidden[category] += 1
        for kind, text in case.keep:
            kept[kind] += 1
            if text not in all_text:
                lost[kind] += 1
                misses.append(f"lost {kind}: {text} :: {after}")
        if not case.private:
            clean += 1
            untouched += after == before
            if after != before:
                misses.append(f"touched: {before} -> {after}")
    return {
        "recall": sum(hidden.values()) / sum(wanted.values()),
        "recall_by_category": {name: hidden[name] / wanted[name] for name in sorted(wanted)},
        "over_redaction": sum(lost.values()) / sum(kept.values()),
        "lost_by_kind": dict(lost),
        "clean_untouched": untouched / clean,
        "mutated": mutated,
        "unstable": unstable,
        "records": len(cases),
        "misses": misses,
    }


def measure_speed(cases: list[Case], rounds: int) -> dict[str, float]:
    """Records a second on one core: every text new, and with the memory that a process has."""
    size = sum(len(json.dumps(case.record)) for case in cases) / len(cases)
    spent = 0.0
    for _ in range(rounds):
        forget()
        start = time.process_time()
        for case in cases:
            redact_record(case.record)
        spent += time.process_time() - start
    start = time.process_time()
    for _ in range(rounds):
        for case in cases:
            redact_record(case.record)
    warm = time.process_time() - start
    total = rounds * len(cases)
    return {"records_per_s": total / spent, "repeated_records_per_s": total / warm, "mean_bytes": size}


def measure_hostile() -> dict[str, float]:
    """Seconds for each hostile line; the best of two, in CPU time, so that another process's work does not count."""
    times = {}
    for name, line in make_lines().items():
        best = 9.0
        for _ in range(2):
            forget()
            start = time.process_time()
            redact_text(line)
            best = min(best, time.process_time() - start)
        times[name] = best
    return dict(sorted(times.items(), key=lambda pair: -pair[1]))


def show(figures: dict[str, Any]) -> None:
    """A table for people."""
    for name, share in figures["recall_by_category"].items():
        print(f"  {name:<14} {share:7.1%}")
    print(f"recall {figures['recall']:.2%}, over-redaction {figures['over_redaction']:.2%} {figures['lost_by_kind']}")
    print(
        f"clean untouched {figures['clean_untouched']:.2%}, mutated {figures['mutated']}, unstable {figures['unstable']}"
    )
    print(f"{figures['records_per_s']:,.0f} records/s of {figures['mean_bytes']:.0f} bytes, every text new")
    print(f"{figures['repeated_records_per_s']:,.0f} records/s when texts repeat")
    for name, seconds in list(figures["slowest_lines"].items())[:8]:
        print(f"  {seconds * 1000:6.1f} ms  200 kB of {name}")


def main() -> None:
    """Runs all and prints the figures; with --json the last line is one JSON object."""
    parser = argparse.ArgumentParser(prog="benchmarks.redaction")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--misses", action="store_true", help="print what leaked and what was lost")
    parser.add_argument("--set", choices=SETS, default="forms", help="the labelled set to score and to measure with")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    make, few, many = SETS[options.set]
    cases = make(options.seed, each=few if options.quick else many)
    figures = score(cases)
    misses = figures.pop("misses")
    figures |= measure_speed(cases, rounds=2 if options.quick else 4)
    lines = measure_hostile()
    figures["worst_line_s"] = max(lines.values())
    figures["slowest_lines"] = lines
    show(figures)
    if options.misses:
        print("\n".join(misses), file=sys.stderr)
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
