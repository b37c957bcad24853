"""A request's part of each journey: what its sessions have as well, and the steps that it took.

A step is what a record or the first span of a trace calls itself: an event, a route, a span's name. A journey whose
records name nothing has the patterns of their texts for steps. Steps are known by when they came first; so many of them
are kept, those with a name before the others.
"""

from typing import Final

from diagnostics.core import severity
from diagnostics.core.record import Record, SpanRecord
from diagnostics.pipeline import parts as common
from diagnostics.pipeline.fingerprint import mask_text
from diagnostics.pipeline.parts import ERRORS, RECORDS, SPANS, Part, Parts, count_severity, part_of
from diagnostics.pipeline.policy.endings import Endings

FIELDS: Final = (
    "journey_id",
    *common.FIELDS,
    "session_ids",
    "user_keys",
    "steps",
    "last_step",
    "completed_us",
    "failed",
)
SESSIONS, USERS, STEPS, LAST_STEP, COMPLETED, FAILED = range(len(common.FIELDS) + 1, len(FIELDS))
NAMED, SAID = 0, 1  # a step's rank: one with a name goes before what texts say
SESSIONS_KEPT: Final = 20
USERS_KEPT: Final = 10
STEPS_KEPT: Final = 12
STEP_CHARS: Final = 80
SERVER_FAILED: Final = 500
STATUS_ERROR: Final = 2  # of a span


def nothing() -> Part:
    """Of a journey's own, until its items tell: a step is {name: [rank, first microsecond]}, the last one
    [1 where it has a name, microsecond, name]."""
    return [[], [], {}, [], 0, False]


def count_record(parts: Parts, record: Record, endings: Endings | None) -> None:
    """Count one record in its journey."""
    at_ns, number = record.timestamp_ns, record.severity_number
    found = part_of(parts, record.journey_id, record, at_ns, at_ns, nothing)
    found[RECORDS] += 1
    if number >= severity.WARN:
        count_severity(found, number)
        found[FAILED] = found[FAILED] or found[ERRORS] > 0
    keep_people(found, record)
    name = record.event_name or route_of(record)
    if name:
        take_step(found, name, NAMED, at_ns // 1000)
    elif record.body and not (found[LAST_STEP] and found[LAST_STEP][0]):
        take_step(found, mask_text(record.body[:STEP_CHARS]), SAID, at_ns // 1000)
    if endings is not None and endings.fit_record(record):
        complete(found, at_ns // 1000)


def count_span(parts: Parts, span: SpanRecord, endings: Endings | None) -> None:
    """Count one span in its journey; the first of a trace is a step, the others are how it was done."""
    found = part_of(parts, span.journey_id, span, span.start_ns, span.end_ns, nothing)
    found[SPANS] += 1
    keep_people(found, span)
    if not span.parent_span_id:
        if name := route_of(span) or span.name:
            take_step(found, name, NAMED, span.start_ns // 1000)
        if span.status_code == STATUS_ERROR or (span.http_status or 0) >= SERVER_FAILED:
            found[FAILED] = True
    if endings is not None and endings.fit_span(span):
        complete(found, span.end_ns // 1000)


def route_of(item: Record | SpanRecord) -> str:
    """The method and the route, where there is one."""
    return f"{item.http_method} {item.http_route}".lstrip() if item.http_route else ""


def keep_people(found: Part, item: Record | SpanRecord) -> None:
    """Whose session and which user it was, each once."""
    if item.session_id and item.session_id not in found[SESSIONS]:
        found[SESSIONS] = [*found[SESSIONS], item.session_id][-SESSIONS_KEPT:]
    if item.user_key and item.user_key not in found[USERS]:
        found[USERS] = [*found[USERS], item.user_key][-USERS_KEPT:]


def take_step(found: Part, name: str, rank: int, at_us: int) -> None:
    """Note when it came first, and whether it is the last so far. Until they are cut, twice as many are kept: they do not
    come in order."""
    name = name[:STEP_CHARS]
    steps: dict[str, list[int]] = found[STEPS]
    known = steps.get(name)
    if known is None:
        if len(steps) < 2 * STEPS_KEPT or rank == NAMED:
            steps[name] = [rank, at_us]
        if len(steps) > 2 * STEPS_KEPT:
            found[STEPS] = cut_steps(steps)
    else:
        known[0], known[1] = min(known[0], rank), min(known[1], at_us)
    last = [1 if rank == NAMED else 0, at_us, name]
    if last > found[LAST_STEP]:
        found[LAST_STEP] = last


def cut_steps(steps: dict[str, list[int]]) -> dict[str, list[int]]:
    """Those that are kept: with a name, then the earliest."""
    return dict(sorted(steps.items(), key=lambda step: (step[1], step[0]))[:STEPS_KEPT])


def complete(found: Part, at_us: int) -> None:
    """It ended well; the first such moment counts."""
    found[COMPLETED] = min(found[COMPLETED] or at_us, at_us)


def add_part(total: Part, later: Part) -> None:
    """Add a later part of the same journey; `total` changes."""
    common.add_part(total, later)
    total[FAILED] = total[FAILED] or later[FAILED]
    total[LAST_STEP] = max(total[LAST_STEP], later[LAST_STEP])
    if later[COMPLETED]:
        complete(total, later[COMPLETED])
    for place, kept in ((SESSIONS, SESSIONS_KEPT), (USERS, USERS_KEPT)):
        total[place] = [*(one for one in total[place] if one not in later[place]), *later[place]][-kept:]
    steps = total[STEPS]
    for name, mark in later[STEPS].items():
        steps[name] = min(steps.get(name, mark), mark)
    total[STEPS] = cut_steps(steps)
