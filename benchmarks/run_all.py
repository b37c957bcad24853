"""`python -m benchmarks.run_all [--quick] [NAME …]`: runs the benchmarks one after the other, each in a process of its
own, and keeps benchmarks/results/<name>.json with the machine, the commit and the figures. Ends with 1 when one failed.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.harness import BASE, Figures, describe_machine

NAMES: Final = (
    "redaction",
    "detection",
    "templates",
    "rules",
    "releases",
    "ingest",
    "storage",
    "time_to_alert",
    "storm",
)
RESULTS: Final = Path(__file__).with_name("results")
LONGEST_SECONDS: Final = 1800.0


def run(name: str, quick: bool) -> Figures | None:
    """The figures of one benchmark, which it prints as its last line; None when it failed."""
    words = [sys.executable, "-m", f"benchmarks.{name}", "--json", *(["--quick"] if quick else [])]
    try:
        done = subprocess.run(words, cwd=BASE, stdout=subprocess.PIPE, text=True, check=False, timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"{name} did not end within {LONGEST_SECONDS:.0f} s", file=sys.stderr)
        return None
    *shown, last = done.stdout.rstrip().splitlines() or [""]
    if done.returncode != 0:
        print(done.stdout, end="")
        return None
    print("\n".join(shown))
    figures: Figures = json.loads(last)
    return figures


def read_commit() -> str:
    """The commit that is checked out, with `+` where the folder differs from it; empty outside of git."""
    commit = ask_git("rev-parse", "HEAD")
    changed = ask_git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks/results")
    return f"{commit}+" if commit and changed else commit


def ask_git(*words: str) -> str:
    """What git prints; empty where it fails or is not there."""
    try:
        done = subprocess.run(["git", *words], cwd=BASE, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def keep(name: str, quick: bool, figures: Figures, seconds: float, load: float) -> None:
    """Write the result file. The services' version is a fact of the machine, not a figure."""
    machine = {**describe_machine(), "load_before": round(load, 2)}  # of others, when it is not near zero
    if "postgres" in figures:
        machine["postgres"] = figures.pop("postgres")
    result = {
        "benchmark": name,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": read_commit(),
        "quick": quick,
        "seconds": round(seconds, 1),
        "machine": machine,
        "figures": figures,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(f"{json.dumps(result, indent=2)}\n")


def main() -> None:
    """Run what was asked for, or all."""
    parser = argparse.ArgumentParser(prog="benchmarks.run_all")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES))
    options = parser.parse_args()
    failed = []
    for name in options.names or NAMES:
        print(f"== {name}", flush=True)
        start, load = time.monotonic(), os.getloadavg()[0]
        figures = run(name, options.quick)
        if figures is None:
            failed.append(name)
        else:
            keep(name, options.quick, figures, time.monotonic() - start, load)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
