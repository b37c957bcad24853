"""Lengths of time as sentences about jobs say them."""

from datetime import timedelta
from typing import Final

from diagnostics.core import figures

MINUTE_MS: Final = 60_000


def say_span(span: timedelta) -> str:
    """'12 min', '40 s', '3 h 5 min'."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{minutes} min" if not hours else f"{hours} h {minutes} min" if minutes else f"{hours} h"


def say_took(milliseconds: int | None) -> str:
    """Exact where it is short: '320 ms', '4.2 s', '12 min'."""
    if milliseconds is None:
        return "—"
    if milliseconds < MINUTE_MS:
        return figures.milliseconds(float(milliseconds))
    return say_span(timedelta(milliseconds=milliseconds))
