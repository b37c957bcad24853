"""What a detector looks at: one series in one window, and what is usual for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """One series in one window.

    value: the signal: a count, or milliseconds for a latency.
    count: how many of the signal's own events stand behind it (errors, failures; requests for a latency).
    requests: requests in the window, of which a share is taken.
    usual: what the same series showed in earlier windows of the same length (a median), None when not known.
    """

    value: float
    count: int
    requests: int = 0
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a detector says: whether it is wrong now, whether it is well again, and the figure that it compared."""

    is_bad: bool
    is_well: bool
    measured: float
