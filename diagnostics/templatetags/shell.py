"""Template tags of the frame and of plain data: icons, times, hostile text made visible."""

from datetime import datetime, timedelta
from typing import Any, Final

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from diagnostics.core import clock, figures
from diagnostics.errors.words import headline_of
from diagnostics.models import AccessEvent, LogRecord

register = template.Library()
EMPTY: Final[tuple[object, ...]] = (None, "", [], {})
SHOWN_APART: Final = ("before", "after", "token", "people")

# Characters that change how a text reads without being seen: control, direction, zero width.
UNSEEN: Final = {
    **{code: chr(0x2400 + code) for code in range(32) if code not in (9, 10)},
    127: "\u2421",
    **{code: f"[U+{code:04X}]" for code in (*range(0x80, 0xA0), 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF)},
    **{code: f"[U+{code:04X}]" for code in (*range(0x2028, 0x202F), *range(0x2060, 0x2070), *range(0xFFF9, 0xFFFC))},
    **{code: f"[U+{code:04X}]" for code in range(0xE0000, 0xE0080)},
}  # fmt: skip


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing of our own sprite."""
    address = static("diagnostics/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', address, name)


@register.filter
def visible(text: object) -> str:
    """Text of records with what cannot be seen made visible; escaping is the template's."""
    return str(text).translate(UNSEEN)


@register.filter
def pairs(values: object) -> list[tuple[str, Any]]:
    """Names and values of what senders chose: a template's own `.items` would find a value of that name."""
    return list(values.items()) if isinstance(values, dict) else []


@register.filter
def headline(record: LogRecord) -> str:
    """Type and reason of a record's exception; empty where there is none."""
    return headline_of(record)


@register.simple_tag
def clock_time(moment: datetime) -> SafeString:
    """Time of day to the millisecond; the full time stands in the markup."""
    text = f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"
    return format_html(
        '<time datetime="{}" data-style="clock" title="{}">{}</time>', moment.isoformat(), full(moment), text
    )


@register.simple_tag
def full_time(moment: datetime | None) -> SafeString | str:
    """Date and time, with the zone."""
    if moment is None:
        return "—"
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), full(moment), full(moment))


@register.simple_tag
def short_time(moment: datetime) -> SafeString:
    """To the minute, with the day where it is not today; the full time stands in the markup."""
    is_today = moment.date() == clock.now().date()
    style, text = ("minute", f"{moment:%H:%M}") if is_today else ("day", f"{moment.day} {moment:%b %H:%M}")
    return format_html(
        '<time datetime="{}" data-style="{}" title="{}">{}</time>', moment.isoformat(), style, full(moment), text
    )


@register.simple_tag
def exact_time(moment: datetime) -> SafeString:
    """To the second, with the day where it is not today; the full time stands in the markup."""
    is_today = moment.date() == clock.now().date()
    style, text = ("second", f"{moment:%H:%M:%S}") if is_today else ("day-second", f"{moment.day} {moment:%b %H:%M:%S}")
    return format_html(
        '<time datetime="{}" data-style="{}" title="{}">{}</time>', moment.isoformat(), style, full(moment), text
    )


def full(moment: datetime) -> str:
    """2030-01-31 12:00:00 UTC."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


@register.simple_tag
def ago(moment: datetime | None) -> SafeString | str:
    """'4 min ago', with the exact time on hover."""
    if moment is None:
        return "never"
    return format_html(
        '<time datetime="{}" title="{}" data-done="1">{} ago</time>',
        moment.isoformat(),
        full(moment),
        duration(clock.now() - moment),
    )


@register.simple_tag
def until(moment: datetime | None) -> SafeString | str:
    """'4 min', for what is yet to come, with the exact time on hover."""
    if moment is None:
        return "—"
    span = duration(moment - clock.now())
    return format_html('<time datetime="{}" title="{}" data-done="1">{}</time>', moment.isoformat(), full(moment), span)


@register.filter
def duration(span: timedelta | float | None) -> str:
    """A length of time in one or two words: '12 s', '4 min', '3 h', '2 days'."""
    if span is None:
        return "—"
    seconds = span.total_seconds() if isinstance(span, timedelta) else float(span)
    for limit, size, unit in ((60, 1, "s"), (3600, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{max(0, int(seconds // size))} {unit}"
    return f"{int(seconds // 86_400)} days"


@register.filter
def length_of(span: timedelta | None) -> str:
    """A length of time that may be short: '340 ms', '2.4 s', '4 min'."""
    if span is None or span.total_seconds() >= 60:
        return duration(span)
    return figures.milliseconds(max(round(span.total_seconds() * 1000), 0))


@register.filter
def ms(value: float | None) -> str:
    """Milliseconds in a readable unit."""
    return "—" if value is None else figures.milliseconds(value)


@register.filter
def percent(value: float | None) -> str:
    """A fraction as a percentage."""
    return "—" if value is None else figures.percent(value)


@register.filter
def number(value: int) -> str:
    """A count, with its thousands set apart: '1,240'."""
    return f"{value:,}"


@register.filter
def told(event: AccessEvent) -> list[tuple[str, object, object]]:
    """What an access event tells: (name, before, after); what is no change has no 'before'. Of what was made or deleted,
    empty values tell nothing."""
    before, after = event.detail.get("before") or {}, event.detail.get("after") or {}
    changes = [(name, before.get(name), after.get(name)) for name in sorted({*before, *after})]
    if not (before and after):
        changes = [line for line in changes if any(value not in EMPTY for value in line[1:])]
    others = [(name, None, value) for name, value in event.detail.items() if name not in SHOWN_APART]
    people = [("person", None, name) for name in event.detail.get("people", [])]  # a line each: none is cut off
    return changes + people + [line for line in others if line[2] not in EMPTY]
