"""Which firings are one incident: a rule alone, by the way in which incidents join, stay and come back when it is live."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from alerts.incidents.grouping import COMES_BACK_WITHIN, JOINS_WITHIN

MINUTE: Final = timedelta(minutes=1)
JOINS: Final = JOINS_WITHIN // MINUTE
COMES_BACK: Final = COMES_BACK_WITHIN // MINUTE


class Told(StrEnum):
    """What a firing does."""

    OPENS = "opens"
    JOINS = "joins"  # tells nobody anew
    RETURNS = "returns"  # tells again


@dataclass(slots=True)
class Incident:
    """One that would have been: minutes since 1970. `shown`: series that show it now; `series`: that ever did."""

    service: str
    opened: int
    over: int | None = None
    shown: set[str] = field(default_factory=set)
    series: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Incidents:
    """Those that are open, and those that ended a moment ago."""

    recent: list[Incident] = field(default_factory=list)

    def begin(self, series: str, service: str, minute: int, *, joins_any: bool = False) -> Told:
        """A series fires. `joins_any`: it joins the open one of its service, however old that is."""
        self.recent = [one for one in self.recent if one.over is None or one.over >= minute - COMES_BACK]
        still = [one for one in self.recent if one.over is None]
        oldest = 0 if joins_any else minute - JOINS
        found = next((one for one in still if series in one.series), None) or next(
            (one for one in still if service and one.service == service and one.opened >= oldest), None
        )
        told = Told.JOINS
        if found is None:
            found = next((one for one in self.recent if series in one.series), None)
            told = Told.RETURNS
        if found is None:
            found, told = Incident(service, minute), Told.OPENS
            self.recent.append(found)
        found.over = None
        found.shown.add(series)
        found.series.add(series)
        return told

    def end(self, series: str, minute: int) -> None:
        """A series has recovered; the incident is over when no other shows it."""
        for one in self.recent:
            one.shown.discard(series)
            if not one.shown and one.over is None:
                one.over = minute

    def save(self) -> list[list[Any]]:
        """As JSON."""
        return [[one.service, one.opened, one.over, sorted(one.shown), sorted(one.series)] for one in self.recent]

    def load(self, saved: list[list[Any]]) -> None:
        """From JSON."""
        self.recent = [
            Incident(service, opened, over, set(shown), set(series)) for service, opened, over, shown, series in saved
        ]
