"""The time that a page shows, as its controls offer it: ranges back from now, two moments, and the ways beside them.

Everything is a link or a form of plain fields; script only turns the fields' moments into the person's zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from diagnostics.core import clock
from diagnostics.search.filters import RANGES
from diagnostics.search.ranges import TimeRange, read_range

TIME_NAMES: Final = ("range", "since", "until")
SPOKEN: Final = {
    "15m": "15 minutes", "1h": "hour", "6h": "6 hours", "24h": "24 hours", "7d": "7 days", "30d": "30 days",
}  # fmt: skip
PLACE_NAMES: Final = ("cursor", "page")  # where in a list one is: another time begins at its beginning


@dataclass(frozen=True, slots=True)
class Times:
    """What the controls of a page's time say and lead to; an empty address is a way that there is not."""

    time: TimeRange
    tabs: list[tuple[str, str]]  # (name, address)
    kept: list[tuple[str, str]]  # parameters of the page that the form keeps
    query: str  # the time as parameters: for links to other pages
    earlier: str
    later: str
    wider: str
    cleared: str
    back: str  # what clearing it leads back to
    since_text: str  # as fields of forms have it, in UTC
    until_text: str

    @property
    def is_given(self) -> bool:
        """Whether moments were given, not a range back from now."""
        return not self.time.name

    @property
    def words(self) -> str:
        """The time as a page speaks of it: '24h', or 'this time'."""
        return self.time.name or "this time"


def time_or_default(params: Mapping[str, str], default: str, now: datetime | None = None) -> tuple[TimeRange, str]:
    """The time asked for; or the page's own, and what is wrong with the other."""
    try:
        return read_range(params, default, now), ""
    except ValueError as error:
        return read_range({}, default, now), str(error)


def offer_times(time: TimeRange, params: Mapping[str, str], default: str, now: datetime | None = None) -> Times:
    """The controls of a page with these parameters."""
    now = now or clock.now()
    kept = {name: value for name, value in params.items() if value and name not in (*TIME_NAMES, *PLACE_NAMES)}

    def address(changed: TimeRange | None) -> str:
        return "?" + urlencode({**kept, **changed.params()}) if changed else ""

    return Times(
        time=time,
        tabs=[(name, "?" + urlencode({**kept, "range": name})) for name in RANGES],
        kept=list(kept.items()),
        query=urlencode(time.params()),
        earlier=address(time.shifted(-1)),
        later=address(time.shifted(1)) if time.until < now else "",
        wider=address(time.zoomed_out()),
        cleared="?" + urlencode({**kept, "range": default}),
        back=f"Back to the last {SPOKEN[default]}",
        since_text=field_text(time.since, whole=bool(time.name)),
        until_text=field_text(time.until, whole=bool(time.name)),
    )


def field_text(moment: datetime, *, whole: bool) -> str:
    """A moment as a field has it, in UTC; `whole`: to the minute."""
    return f"{moment:%Y-%m-%dT%H:%M}" if whole else f"{moment:%Y-%m-%dT%H:%M:%S}"
