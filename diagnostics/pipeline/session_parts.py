"""A request's part of each session, as a short row: thousands of them are written, read and added up a second."""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from diagnostics.core import severity
from diagnostics.core.record import Record, SpanRecord

# Times are microseconds since 1970; texts are empty where nothing is known.
FIELDS: Final = (
    "session_id", "user_key", "first_us", "last_us", "records", "spans", "warnings", "errors", "crashed", "services",
    "release", "geo_country", "geo_region", "device_type", "browser", "os",
)  # fmt: skip
(
    SESSION_ID, USER_KEY, FIRST, LAST, RECORDS, SPANS, WARNINGS, ERRORS, CRASHED, SERVICES,
    RELEASE, COUNTRY, REGION, DEVICE, BROWSER, OS,
) = range(len(FIELDS))  # fmt: skip
COUNTS: Final = (RECORDS, SPANS, WARNINGS, ERRORS)
TEXTS: Final = (USER_KEY, RELEASE, COUNTRY, REGION, DEVICE, BROWSER, OS)
SERVICES_KEPT: Final = 20

Part = list[Any]
Parts = dict[str, Part]


def part_of(parts: Parts, item: Record | SpanRecord, first_ns: int, last_ns: int) -> Part:
    """The item's session, its span of time widened to hold the item."""
    found = parts.get(item.session_id)
    first, last = first_ns // 1000, last_ns // 1000
    if found is None:
        services = [item.service_name] if item.service_name else []
        parts[item.session_id] = found = [
            item.session_id, item.user_key, first, last, 0, 0, 0, 0, False, services, item.release, "", "", "", "", "",
        ]  # fmt: skip
        return found
    found[FIRST], found[LAST] = min(found[FIRST], first), max(found[LAST], last)
    found[USER_KEY] = item.user_key or found[USER_KEY]
    found[RELEASE] = item.release or found[RELEASE]
    services = found[SERVICES]
    if item.service_name and item.service_name not in services and len(services) < SERVICES_KEPT:
        services.append(item.service_name)
    return found


def count_record(parts: Parts, record: Record) -> None:
    """Count one record in its session."""
    found = part_of(parts, record, record.timestamp_ns, record.timestamp_ns)
    found[RECORDS] += 1
    number = record.severity_number
    if number >= severity.WARN:
        found[WARNINGS] += number < severity.ERROR
        found[ERRORS] += number >= severity.ERROR
        found[CRASHED] = found[CRASHED] or number >= severity.FATAL
    if record.geo_country:
        found[COUNTRY], found[REGION] = record.geo_country, record.geo_region or found[REGION]
    if record.device_type:
        found[DEVICE] = record.device_type
        found[BROWSER], found[OS] = record.browser or found[BROWSER], record.os or found[OS]


def count_span(parts: Parts, span: SpanRecord) -> None:
    """Count one span in its session."""
    part_of(parts, span, span.start_ns, span.end_ns)[SPANS] += 1


def add_part(total: Part, later: Part) -> None:
    """Add a later part of the same session; `total` changes."""
    total[FIRST], total[LAST] = min(total[FIRST], later[FIRST]), max(total[LAST], later[LAST])
    for place in COUNTS:
        total[place] += later[place]
    for place in TEXTS:
        if later[place]:
            total[place] = later[place]
    total[CRASHED] = total[CRASHED] or later[CRASHED]
    if later[SERVICES] != total[SERVICES]:
        total[SERVICES] = sorted({*total[SERVICES], *later[SERVICES]})[:SERVICES_KEPT]


def write_parts(parts: Iterable[Part]) -> str:
    """As IngestBatch.sessions holds them; empty where there are none."""
    rows = list(parts)
    return orjson.dumps(rows).decode() if rows else ""


def read_parts(text: str) -> list[Part]:
    """From there."""
    return orjson.loads(text) if text else []
