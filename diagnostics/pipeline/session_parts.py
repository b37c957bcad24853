"""A request's part of each session: what every part has, the client, and how each release fared that it touched."""

from typing import Final

from diagnostics.core import severity
from diagnostics.core.record import Record, SpanRecord
from diagnostics.pipeline import parts as common
from diagnostics.pipeline.parts import RECORDS, SERVICES_KEPT, SPANS, Part, Parts, count_severity, part_of

FIELDS: Final = ("session_id", *common.FIELDS, "geo_country", "geo_region", "device_type", "browser", "os", "releases")
COUNTRY, REGION, DEVICE, BROWSER, OS, RELEASES = range(len(common.FIELDS) + 1, len(FIELDS))
OWN_TEXTS: Final = (COUNTRY, REGION, DEVICE, BROWSER, OS)
TEXTS: Final = (common.USER_KEY, common.RELEASE, *OWN_TEXTS)
FINE: Final = 0  # how a release fared in a session: 1 with errors, 2 where it crashed; the worst of its records counts
RELEASES_KEPT: Final = 20  # of a service in one request

Releases = dict[str, dict[str, int]]  # {service: {release: how it fared}}


def unknown() -> Part:
    """Of the client, until a record tells; of releases, until one is named."""
    return ["", "", "", "", "", {}]


def count_record(parts: Parts, record: Record) -> None:
    """Count one record in its session."""
    found = part_of(parts, record.session_id, record, record.timestamp_ns, record.timestamp_ns, unknown)
    found[RECORDS] += 1
    number, fared = record.severity_number, FINE
    if number >= severity.WARN:
        count_severity(found, number)
        fared = (number >= severity.ERROR) + (number >= severity.FATAL)
    note_release(found[RELEASES], record, fared)
    if record.geo_country:
        found[COUNTRY], found[REGION] = record.geo_country, record.geo_region or found[REGION]
    if record.device_type:
        found[DEVICE] = record.device_type
        found[BROWSER], found[OS] = record.browser or found[BROWSER], record.os or found[OS]


def count_span(parts: Parts, span: SpanRecord) -> None:
    """Count one span in its session."""
    found = part_of(parts, span.session_id, span, span.start_ns, span.end_ns, unknown)
    found[SPANS] += 1
    note_release(found[RELEASES], span, FINE)


def note_release(known: Releases, item: Record | SpanRecord, fared: int) -> None:
    """Trouble that names no release is noted as well: it is of those that its service has in the session."""
    release = item.release
    if not release and not fared:
        return
    of_service = known.get(item.service_name)
    if of_service is None:
        if len(known) < SERVICES_KEPT:
            known[item.service_name] = {release: fared}
    elif of_service.get(release, -1) < fared and (release in of_service or len(of_service) < RELEASES_KEPT):
        of_service[release] = fared


def add_part(total: Part, later: Part) -> None:
    """Add a later part of the same session; `total` changes."""
    common.add_part(total, later)
    for place in OWN_TEXTS:
        if later[place]:
            total[place] = later[place]
    total[RELEASES:] = [joined(releases_of(total), releases_of(later))]


def releases_of(part: Part) -> Releases:
    """None in a batch from before they were noted."""
    return part[RELEASES] if len(part) > RELEASES else {}


def joined(some: Releases, others: Releases) -> Releases:
    """Both; of each release the worse."""
    for service, releases in others.items():
        known = some.setdefault(service, {})
        for release, fared in releases.items():
            known[release] = max(known.get(release, FINE), fared)
    return some
