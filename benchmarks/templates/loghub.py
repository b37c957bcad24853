"""Loghub's 2,000 labelled lines a system, read from a copy that the caller has."""

import csv
from pathlib import Path

from benchmarks.templates.made import Labelled

SUFFIX = "_2k.log_structured.csv"


def read_systems(folder: Path) -> dict[str, list[Labelled]]:
    """Lines and event ids by system, from <system>/<system>_2k.log_structured.csv."""
    found = sorted(folder.glob(f"*/*{SUFFIX}"))
    return {path.name.removesuffix(SUFFIX): read_system(path) for path in found}


def read_system(path: Path) -> list[Labelled]:
    """One system's lines."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return [(row["Content"], row["EventId"]) for row in csv.DictReader(file)]
