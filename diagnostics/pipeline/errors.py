"""Adds up a request's errors by fingerprint, while they are in memory: the digest learns from this which are new."""

from typing import Any, Final

from diagnostics.core.record import Record
from diagnostics.pipeline.fingerprint import mask_text

DISTINCT: Final = 500  # errors told apart in one request; what is beyond comes again, or is a flood that others tell of
TITLE_CHARS: Final = 200
TEXT_CHARS: Final = 1_000


def summarise_errors(records: list[Record]) -> list[list[Any]]:
    """[fingerprint, service, error type, title, release, records, first and last microsecond] of each error."""
    found: dict[str, list[Any]] = {}
    for record in records:
        if not record.fingerprint:
            continue
        at = record.timestamp_ns // 1000
        known = found.get(record.fingerprint)
        if known is not None:
            known[5] += 1
            known[6], known[7] = min(known[6], at), max(known[7], at)
            known[4] = record.release or known[4]
        elif len(found) < DISTINCT:
            found[record.fingerprint] = [
                record.fingerprint, record.service_name, record.error_type, title_of(record), record.release, 1, at, at,
            ]  # fmt: skip
    return list(found.values())


def title_of(record: Record) -> str:
    """The error in words, without numbers, ids and quoted values."""
    return mask_text(record.body[:TEXT_CHARS])[:TITLE_CHARS]
