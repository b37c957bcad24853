"""The ingest addresses: one line each. POST on them goes to the wire format; other methods go on to Django."""

from typing import Final

from diagnostics.ingest.answer import WireFormat
from diagnostics.ingest.formats.native import NativeFormat
from diagnostics.ingest.formats.otlp_logs import OtlpLogsFormat
from diagnostics.ingest.formats.otlp_traces import OtlpTracesFormat

NATIVE = NativeFormat()
OTLP_LOGS = OtlpLogsFormat()
OTLP_TRACES = OtlpTracesFormat()

ROUTES: Final[dict[str, WireFormat]] = {
    "/api/v1/logs": NATIVE,
    "/v1/logs": OTLP_LOGS,
    "/v1/traces": OTLP_TRACES,
    "/otlp/v1/logs": OTLP_LOGS,
    "/otlp/v1/traces": OTLP_TRACES,
}


def find_format(path: str) -> WireFormat | None:
    """The wire format of an address, with or without a slash at its end."""
    return ROUTES.get(path.rstrip("/"))
