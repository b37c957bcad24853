"""Takes private data out of records before anything else sees them. Pure: no database, no settings."""

from diagnostics.pipeline.redact.engine import redact_text, redact_texts
from diagnostics.pipeline.redact.records import redact_log, redact_record, redact_span
from diagnostics.pipeline.redact.values import redact_mapping, redact_value

__all__ = [
    "redact_log",
    "redact_mapping",
    "redact_record",
    "redact_span",
    "redact_text",
    "redact_texts",
    "redact_value",
]
