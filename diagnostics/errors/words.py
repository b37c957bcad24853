"""What an error says in a line: its type, and the reason that its exception gave, which the logged text often leaves out."""

from diagnostics.models import LogRecord
from diagnostics.search.filters import MESSAGE

MOST: int = 500  # characters: it is a headline


def headline_of(record: LogRecord) -> str:
    """'PriceMissing: item K-17 has no net_price'; empty where no exception says more than the record's text and columns."""
    reason = record.attributes.get(MESSAGE) if isinstance(record.attributes, dict) else None
    reason = reason.strip() if isinstance(reason, str) else ""
    if not reason:
        return ""
    kind = record.error_type
    return reason[:MOST] if not kind or reason.startswith(kind) else f"{kind}: {reason}"[:MOST]
