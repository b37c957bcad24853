"""What a job says with its check-in: redacted by the way of every record before anything keeps it, and cut to its end, as
the last lines of a job tell what happened."""

from typing import Final

from diagnostics.core import clock
from diagnostics.core.record import Parsed, Record
from diagnostics.pipeline.context import NO_CLIENT, EnvironmentContext
from diagnostics.pipeline.run import process

READ: Final = 10 * 1024  # bytes of a body
KEPT: Final = 1000  # characters


def clean_text(context: EnvironmentContext, text: str, service: str) -> str:
    """Without what is private, whatever the environment's policy calls so."""
    if not text.strip():
        return ""
    now = clock.now_ns()
    record = Record(now, now, body=text.strip(), service_name=service)
    return process(Parsed(records=[record]), context, NO_CLIENT).records[0].body


def clean_message(context: EnvironmentContext, text: str, service: str) -> str:
    """As a check-in keeps it."""
    found = clean_text(context, text, service)
    return found if len(found) <= KEPT else f"…{found[-(KEPT - 1) :]}"
