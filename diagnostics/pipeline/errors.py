"""Adds up a request's errors by fingerprint, while they are in memory: the digest learns from this which are new."""

from typing import Any, Final

from diagnostics.core import severity
from diagnostics.core.record import Record
from diagnostics.pipeline.fingerprint import mask_text

DISTINCT: Final = 500  # errors told apart in one request; what is beyond comes again, or is a flood that others tell of
TITLE_CHARS: Final = 200
TEXT_CHARS: Final = 1_000
MINUTE: Final = 60_000_000  # microseconds


def summarise_errors(records: list[Record]) -> list[list[Any]]:
    """[fingerprint, service, error type, title, release, records, first and last microsecond, counts, whether one was fatal]
    of each error; counts: [minute since 1970, release, records]."""
    found: dict[str, list[Any]] = {}
    counts: dict[tuple[str, int, str], int] = {}
    for record in records:
        fingerprint = record.fingerprint
        if not fingerprint:
            continue
        at = record.timestamp_ns // 1000
        known = found.get(fingerprint)
        if known is not None:
            known[5] += 1
            if at > known[7]:
                known[7] = at
            elif at < known[6]:
                known[6] = at
            known[4] = record.release or known[4]
        elif len(found) < DISTINCT:
            found[fingerprint] = [
                fingerprint, record.service_name, record.error_type, title_of(record), record.release, 1, at, at, [], False,
            ]  # fmt: skip
        else:
            continue
        if record.severity_number >= severity.FATAL:
            found[fingerprint][9] = True
        key = (fingerprint, at // MINUTE, record.release)
        counts[key] = counts.get(key, 0) + 1
    for (fingerprint, *place), number in counts.items():
        found[fingerprint][8].append([*place, number])
    return list(found.values())


def title_of(record: Record) -> str:
    """The error in words, without numbers, ids and quoted values."""
    return mask_text(record.body[:TEXT_CHARS])[:TITLE_CHARS]
