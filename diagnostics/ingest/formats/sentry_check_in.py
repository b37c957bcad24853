"""Sentry's check-ins (Crons): what a job reports, and when it is due, as the SDK's `monitor_config` says. Only what cannot
be private is read: names of a few letters, numbers and a schedule."""

import re
from typing import Any, Final

from diagnostics.core.errors import BadInput
from diagnostics.ingest.formats.sentry_values import section, text

SLUG: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
RUN: Final = re.compile(r"[0-9a-f-]{32,36}")
SCHEDULE: Final = re.compile(r"[0-9A-Za-z*,/@ -]{1,100}")
ZONE: Final = re.compile(r"[A-Za-z0-9_+/-]{1,50}")
OUTCOMES: Final = {"in_progress": "started", "ok": "ok", "error": "failed"}
UNITS: Final = {"minute": "m", "hour": "h", "day": "d"}
IN_DAYS: Final = {"week": 7, "month": 30, "year": 365}
MOST_MINUTES: Final = 7 * 1440


def read_check_in(payload: dict[str, Any]) -> dict[str, Any]:
    """What the fold of check-ins understands; BadInput names what is wrong."""
    slug, status, run = text(payload.get("monitor_slug")), text(payload.get("status")), text(payload.get("check_in_id"))
    if not SLUG.fullmatch(slug):
        raise BadInput("monitor_slug: up to 100 letters, digits, - and _ are needed")
    if status not in OUTCOMES:
        raise BadInput(f"status: use {', '.join(OUTCOMES)}")
    found: dict[str, Any] = {"slug": slug.lower(), "outcome": OUTCOMES[status]}
    if RUN.fullmatch(run) and int(run.replace("-", "") or "0", 16):
        found["run"] = run.replace("-", "")
    duration = payload.get("duration")
    if isinstance(duration, int | float) and not isinstance(duration, bool) and 0 <= duration <= 366 * 86_400:
        found["duration_ms"] = int(duration * 1000)
    return found | read_config(section(payload, "monitor_config"))


def read_config(config: dict[str, Any]) -> dict[str, Any]:
    """When the job is due; nothing where that is not said, or not in words that are known."""
    schedule = read_schedule(section(config, "schedule"))
    if not schedule:
        return {}
    zone = text(config.get("timezone"))
    numbers = {
        "grace_minutes": whole(config.get("checkin_margin"), MOST_MINUTES),
        "longest_minutes": whole(config.get("max_runtime"), MOST_MINUTES),
        "opens_after": whole(config.get("failure_issue_threshold"), 100),
    }
    known: dict[str, Any] = {name: number for name, number in numbers.items() if number is not None}
    return {"schedule": schedule, **({"zone": zone} if ZONE.fullmatch(zone) else {}), **known}


def read_schedule(schedule: dict[str, Any]) -> str:
    """A cron line, or an interval as '15m'."""
    value = schedule.get("value")
    if schedule.get("type") == "crontab":
        line = text(value)
        return line if SCHEDULE.fullmatch(line) else ""
    number, unit = whole(value, 1_000_000), text(schedule.get("unit"))
    if number is None:
        return ""
    if unit in IN_DAYS:
        return f"{number * IN_DAYS[unit]}d"
    return f"{number}{UNITS[unit]}" if unit in UNITS else ""


def whole(value: Any, most: int) -> int | None:
    """A number from 1 on."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most else None
