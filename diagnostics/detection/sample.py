"""What a condition looks at: one series in one window, and what is usual for it."""

from typing import NamedTuple


class Sample(NamedTuple):
    """One series in one window.

    value: the signal: a count, or milliseconds for a latency.
    count: how many of the signal's own events stand behind it (errors, failures; requests for a latency).
    base: what a share is taken of: requests for what happens to requests, records for what records say.
    usual: what the same series showed in an earlier window or several, None when not known.
    score: how surprising the last minutes are for this series, from 0 to 1; None without a baseline.
    has_data: whether the series was heard of at all in the window; without, nothing can be said of it.
    was_seen: whether it was heard of before the window; of what counts requests, whether any came.
    """

    value: float
    count: int  # type: ignore[assignment]  # nobody counts in a sample what a tuple would count
    base: int = 0
    usual: float | None = None
    score: float | None = None
    has_data: bool = True
    was_seen: bool = True


class Verdict(NamedTuple):
    """What a condition says: whether it is wrong now, whether it is well again, and the figure that it compared.

    `has_data` is False where nothing can be said: neither wrong nor well. `is_few`: because there is too little to tell.
    """

    is_bad: bool
    is_well: bool
    measured: float
    has_data: bool = True
    is_few: bool = False


NOTHING_TO_SAY = Verdict(is_bad=False, is_well=False, measured=0.0, has_data=False)


def too_few_to_tell(measured: float) -> Verdict:
    """Of what fires: it still looks wrong, on too little to be sure. That is no recovery."""
    return Verdict(is_bad=False, is_well=False, measured=measured, has_data=False, is_few=True)
