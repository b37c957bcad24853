"""What goes wrong in the shop, and when: one kind of trouble after the other, with healthy time between."""

from dataclasses import dataclass
from typing import Final

FIRST_AT: Final = 40.0  # seconds after the start
EVERY: Final = 240.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of trouble: how long it lasts (seconds), and what announces it."""

    name: str
    lasts: float
    said: str


KINDS: Final = (
    Trouble("bad deploy", 75, "a new release of checkout fails most payments"),
    Trouble("slow database", 90, "the catalogue's database is slow"),
    Trouble("third party", 80, "the card provider does not answer"),
    Trouble("crash", 60, "checkout crashes on gift cards"),
)
NONE: Final = Trouble("", 0, "")
OLD_FAULT: Final = Trouble("old fault", 0, "")  # what fails now and then, and always has


def trouble_at(elapsed: float) -> Trouble:
    """What goes wrong so many seconds after the start."""
    if elapsed < FIRST_AT:
        return NONE
    number, within = divmod(elapsed - FIRST_AT, EVERY)
    kind = KINDS[int(number) % len(KINDS)]
    return kind if within < kind.lasts else NONE


def deploys_at(elapsed: float) -> int:
    """How many releases of checkout have come out: a bad one, and the good one that takes it back."""
    if elapsed < FIRST_AT:
        return 0
    number, within = divmod(elapsed - FIRST_AT, EVERY)
    rounds, kind = divmod(int(number), len(KINDS))
    return rounds * 2 + (1 if kind == 0 and within < KINDS[0].lasts else 2)
