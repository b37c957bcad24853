"""A snapshot for the player: its steps as moments, on a clock that is zero at the failure."""

from datetime import datetime

from sessions_app.lanes import BROKEN, TITLE_CHARS, Moment, Overview, draw, tone_named
from sessions_app.snapshots.story import Step, Told


def draw_story(told: Told, failed_at: datetime) -> Overview:
    """Services in the order in which they come in."""
    return draw(map(moment_of, told.steps), failed_at)


def moment_of(step: Step) -> Moment:
    """As the lanes of all timelines take it."""
    title = step.text[:TITLE_CHARS]
    if step.is_span:
        title = f"{title}: {step.duration_ns / 1e6:,.0f} ms"
    tone = BROKEN if step.is_broken else tone_named(step.tone)
    return Moment(step.at_ns, step.service, tone, title, step.anchor, step.duration_ns)
