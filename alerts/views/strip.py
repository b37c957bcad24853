"""The last check-ins of a monitor side by side: one mark each, the newest at the right."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import F

from alerts.models import CheckIn, Monitor, Outcome

MARKS: Final = 30
SHOWN: Final = frozenset({Outcome.OK, Outcome.FAILED, Outcome.MISSED, Outcome.OVERRAN})  # a start is no result


@dataclass(frozen=True, slots=True)
class Mark:
    """One check-in."""

    outcome: str
    title: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Marks, and what they say to who does not see them."""

    marks: Sequence[Mark]
    said: str


def strip_of(rows: Iterable[CheckIn]) -> Strip:
    """Of rows that come the newest first."""
    results = [row for row in rows if row.outcome in SHOWN][:MARKS]
    counts = Counter(row.get_outcome_display().lower() for row in results)
    said = ", ".join(f"{number} {name}" for name, number in counts.most_common())
    return Strip([mark_of(row) for row in reversed(results)], f"The last {len(results)}: {said}" if results else "")


def mark_of(row: CheckIn) -> Mark:
    """With what hover shows."""
    took = "" if row.duration_ms is None else f", took {row.took}"
    code = f", exit code {row.exit_code}" if row.exit_code else ""
    return Mark(row.outcome, f"{row.get_outcome_display()} {row.at:%Y-%m-%d %H:%M} UTC{took}{code}")


def strips_of(monitors: Sequence[Monitor]) -> dict[int, Strip]:
    """Of several, in one statement; of each no more rows than the strip can show, starts included."""
    rows: dict[int, list[CheckIn]] = defaultdict(list)
    near = CheckIn.objects.filter(monitor__in=monitors, number__gt=F("monitor__check_ins") - 2 * MARKS)
    for row in near.defer("message"):
        rows[row.monitor_id].append(row)
    return {monitor.pk: strip_of(rows[monitor.pk]) for monitor in monitors}
