"""Times as senders write them: RFC 3339 and what is near it, or numbers since 1970."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from diagnostics.core import clock, limits
from diagnostics.ingest.formats.json_kinds import kind_of

SECONDS_BELOW: Final = 1e11  # a plain number below is seconds, then milliseconds, microseconds, nanoseconds
SECOND: Final = 10**9
# Near RFC 3339: a leap second, the zone by its name, and Go's own `2030-01-31 12:00:00.5 +0000 UTC m=+0.1`.
NEAR: Final = re.compile(
    r"(?P<minute>\d{4}-\d\d-\d\d[T ]\d\d:\d\d):(?P<second>\d\d)(?P<fraction>\.\d{1,9})? ?"
    r"(?:(?P<zone>Z|[+-]\d\d:?\d\d)(?: [A-Z]{1,5}| [+-]\d{2,4})?|UTC|GMT)?(?: m=\S{1,40})?",
    re.ASCII,
)


def read_time(key: str, value: Any) -> int:
    """Nanoseconds since 1970 from RFC 3339 text or a number of seconds, milli-, micro- or nanoseconds."""
    if isinstance(value, str) and value.strip().removeprefix("-").replace(".", "", 1).isdecimal() and len(value) < 32:
        value = Decimal(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError(f"{key}: {kind_of(value)} is not a time; use RFC 3339 or a number since 1970")
    nanoseconds = read_text(key, value) if isinstance(value, str) else read_number(value)
    if not limits.EARLIEST_NS <= nanoseconds <= limits.LATEST_NS:
        raise ValueError(f"{key}: outside the years 1970 to 2100")
    return nanoseconds


def read_number(value: float | Decimal) -> int:
    """The unit follows from the size: today's time in each unit is a thousand times that of the next larger."""
    scale = SECOND
    size: Any = abs(value)
    while size >= SECONDS_BELOW and scale > 1:
        size /= 1000
        scale //= 1000
    return int(value) * scale if isinstance(value, int) else int(value * scale)


def read_text(key: str, text: str) -> int:
    """RFC 3339; without a zone it is UTC; nanoseconds are kept."""
    cleaned, leap = text.strip().replace(",", ".", 1), 0
    try:
        moment = datetime.fromisoformat(cleaned)
    except ValueError:
        cleaned, leap = mend(key, cleaned)
        moment = datetime.fromisoformat(cleaned)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        nanoseconds = clock.to_ns(moment.astimezone(UTC)) + leap
    except OverflowError:
        raise ValueError(f"{key}: outside the years 1970 to 2100") from None
    fraction = cleaned.rpartition(".")[2] if "." in cleaned else ""
    digits = fraction[: len(fraction) - len(fraction.lstrip("0123456789"))]
    return nanoseconds + int(digits[6:9].ljust(3, "0")) if len(digits) > 6 else nanoseconds


def mend(key: str, text: str) -> tuple[str, int]:
    """(RFC 3339, nanoseconds to be added) of a time that is near it; a leap second is the one behind the minute's last."""
    match = NEAR.fullmatch(text)
    leap = match is not None and match["second"] == "60"
    mended = ""
    if match:
        second = "59" if leap else match["second"]
        mended = f"{match['minute']}:{second}{match['fraction'] or ''}{match['zone'] or ''}"
    try:
        datetime.fromisoformat(mended)
    except ValueError:
        raise ValueError(f"{key}: not a time; use RFC 3339 such as 2030-01-31T12:00:00Z") from None
    return mended, SECOND if leap else 0
