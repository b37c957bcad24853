"""A request's part of whatever its records are counted by (a session, a journey), as a short row: thousands of them are
written, read and added up a second. What every part begins with stands here; the rest is each kind's own.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson

from diagnostics.core import severity
from diagnostics.core.record import Record, SpanRecord

# Times are microseconds since 1970; texts are empty where nothing is known.
FIELDS: Final = (
    "user_key", "first_us", "last_us", "records", "spans", "warnings", "errors", "crashed", "services", "release",
)  # fmt: skip
KEY, USER_KEY, FIRST, LAST, RECORDS, SPANS, WARNINGS, ERRORS, CRASHED, SERVICES, RELEASE = range(len(FIELDS) + 1)
COUNTS: Final = (RECORDS, SPANS, WARNINGS, ERRORS)
SERVICES_KEPT: Final = 20

Part = list[Any]
Parts = dict[str, Part]


def part_of(
    parts: Parts, key: str, item: Record | SpanRecord, first_ns: int, last_ns: int, rest: Callable[[], Part]
) -> Part:
    """The part that the item belongs to, its span of time widened to hold the item; a new one ends with `rest`."""
    found = parts.get(key)
    first, last = first_ns // 1000, last_ns // 1000
    if found is None:
        services = [item.service_name] if item.service_name else []
        parts[key] = found = [
            key, item.user_key, first, last, 0, 0, 0, 0, False, services, item.release, *rest()
        ]  # fmt: skip
        return found
    found[FIRST], found[LAST] = min(found[FIRST], first), max(found[LAST], last)
    found[USER_KEY] = item.user_key or found[USER_KEY]
    found[RELEASE] = item.release or found[RELEASE]
    services = found[SERVICES]
    if item.service_name and item.service_name not in services and len(services) < SERVICES_KEPT:
        services.append(item.service_name)
    return found


def count_severity(found: Part, number: int) -> None:
    """Count a record's trouble; asked only of those that are warnings or worse."""
    found[WARNINGS] += number < severity.ERROR
    found[ERRORS] += number >= severity.ERROR
    found[CRASHED] = found[CRASHED] or number >= severity.FATAL


def add_part(total: Part, later: Part) -> None:
    """Add what every part begins with; `total` changes."""
    total[FIRST], total[LAST] = min(total[FIRST], later[FIRST]), max(total[LAST], later[LAST])
    for place in COUNTS:
        total[place] += later[place]
    total[USER_KEY], total[RELEASE] = later[USER_KEY] or total[USER_KEY], later[RELEASE] or total[RELEASE]
    total[CRASHED] = total[CRASHED] or later[CRASHED]
    if later[SERVICES] != total[SERVICES]:
        total[SERVICES] = sorted({*total[SERVICES], *later[SERVICES]})[:SERVICES_KEPT]


def write_parts(parts: Iterable[Part]) -> str:
    """As IngestBatch holds them; empty where there are none."""
    rows = list(parts)
    return orjson.dumps(rows).decode() if rows else ""


def read_parts(text: str) -> list[Part]:
    """From there."""
    return orjson.loads(text) if text else []
