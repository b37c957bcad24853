"""A request's part of each session."""

from typing import Final

from diagnostics.core import severity
from diagnostics.core.record import Record, SpanRecord
from diagnostics.pipeline import parts as common
from diagnostics.pipeline.parts import RECORDS, SPANS, Part, Parts, count_severity, part_of

FIELDS: Final = ("session_id", *common.FIELDS, "geo_country", "geo_region", "device_type", "browser", "os")
COUNTRY, REGION, DEVICE, BROWSER, OS = range(len(common.FIELDS) + 1, len(FIELDS))
OWN_TEXTS: Final = (COUNTRY, REGION, DEVICE, BROWSER, OS)
TEXTS: Final = (common.USER_KEY, common.RELEASE, *OWN_TEXTS)


def unknown() -> Part:
    """Of the client, until a record tells."""
    return ["", "", "", "", ""]


def count_record(parts: Parts, record: Record) -> None:
    """Count one record in its session."""
    found = part_of(parts, record.session_id, record, record.timestamp_ns, record.timestamp_ns, unknown)
    found[RECORDS] += 1
    if record.severity_number >= severity.WARN:
        count_severity(found, record.severity_number)
    if record.geo_country:
        found[COUNTRY], found[REGION] = record.geo_country, record.geo_region or found[REGION]
    if record.device_type:
        found[DEVICE] = record.device_type
        found[BROWSER], found[OS] = record.browser or found[BROWSER], record.os or found[OS]


def count_span(parts: Parts, span: SpanRecord) -> None:
    """Count one span in its session."""
    part_of(parts, span.session_id, span, span.start_ns, span.end_ns, unknown)[SPANS] += 1


def add_part(total: Part, later: Part) -> None:
    """Add a later part of the same session; `total` changes."""
    common.add_part(total, later)
    for place in OWN_TEXTS:
        if later[place]:
            total[place] = later[place]
