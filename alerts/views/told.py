"""Who was told, a line a target: what it heard and when, in words, and where that stands. The rows are below, folded."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from alerts.models import Incident, IncidentEvent, Notification

LOOKED_AT: Final = 500  # rows; the newest
SAID: Final = 6  # moments that a line names; the first and the last of them
Action, Kind, State = Notification.Action, IncidentEvent.Kind, Notification.State
Reason = Notification.Reason
NEWS: Final = {
    Kind.WORSE: "worse", Kind.REOPENED: "back", Kind.UNANSWERED: "told as nobody answered", Kind.COUNTED: "counts",
    Kind.TOLD_LATE: "told after a silence",
}  # fmt: skip
ACTS: Final = {
    Action.TRIGGER: "told", Action.UPDATE: "told again", Action.ACKNOWLEDGE: "acknowledgement", Action.RESOLVE: "end",
    Action.DIGEST: "digest",
}  # fmt: skip


@dataclass(slots=True)
class ToldLine:
    """One target. `said`: (words, when) of what it was told; `reason`: why it was told nothing, by the newest row that decided
    so."""

    name: str
    said: list[tuple[str, datetime]] = field(default_factory=list)
    left_out: int = 0
    state: str = ""  # of the newest that is not suppressed; suppressed where all are
    label: str = ""
    reason: str = ""
    is_decided: bool = False  # the reason is no mere consequence of an earlier one
    is_unanswered: bool = False

    def add(self, row: Notification) -> None:
        """What came next."""
        if row.state == State.SUPPRESSED and row.told_by_id is None:
            if not self.said:
                self.leave_out(row)
            return
        self.said.append((words_of(row), row.sent_at or row.created_at))
        self.state, self.label = row.state, row.get_state_display()
        if row.action in (Action.TRIGGER, Action.UPDATE):
            self.is_unanswered = row.unanswered_at is not None
        elif row.action in (Action.ACKNOWLEDGE, Action.RESOLVE):
            self.is_unanswered = False

    def leave_out(self, row: Notification) -> None:
        """It was not told, and why: what joins an incident whose turn was not told, and the end of one, tell no reason."""
        self.state, self.label = row.state, row.get_state_display()
        if decides(row) or not self.is_decided:
            self.reason, self.is_decided = row.get_reason_display(), decides(row)


def decides(row: Notification) -> bool:
    """Whether its reason is one of its own."""
    return row.action in (Action.TRIGGER, Action.UPDATE) and row.reason != Reason.GROUPED


def told_lines(found: Incident) -> list[ToldLine]:
    """By name of the target."""
    rows = found.notifications.select_related("target", "event").order_by("-created_at", "-pk")[:LOOKED_AT]
    return lines_of(reversed(rows))


def lines_of(rows: Iterable[Notification]) -> list[ToldLine]:
    """From rows, oldest first."""
    lines: dict[int, ToldLine] = {}
    for row in rows:
        lines.setdefault(row.target_id, ToldLine(row.target.name)).add(row)
    for line in lines.values():
        shorten(line)
    return sorted(lines.values(), key=lambda line: line.name)


def words_of(row: Notification) -> str:
    """'told', 'worse', 'end'; of one that did not arrive also that."""
    said = NEWS.get(Kind(row.event.kind)) if row.event and row.action in (Action.TRIGGER, Action.UPDATE) else None
    said = said or ACTS.get(Action(row.action), row.action)
    return {State.FAILED.value: f"{said}: failed", State.PENDING.value: f"{said}: on its way"}.get(row.state, said)


def shorten(line: ToldLine) -> None:
    """The first, and the last few."""
    if len(line.said) > SAID:
        line.left_out = len(line.said) - SAID
        line.said = [line.said[0], *line.said[1 - SAID :]]
