"""The ingest addresses: one line each. POST on them goes to the wire format; other methods go on to Django."""

import re
from typing import Final

from diagnostics.ingest.answer import WireFormat
from diagnostics.ingest.formats.elastic import ElasticBulkFormat
from diagnostics.ingest.formats.elastic_document import ElasticDocumentFormat
from diagnostics.ingest.formats.loki import LokiFormat
from diagnostics.ingest.formats.native import NativeFormat
from diagnostics.ingest.formats.otlp_logs import OtlpLogsFormat
from diagnostics.ingest.formats.otlp_traces import OtlpTracesFormat
from diagnostics.ingest.formats.sentry import EnvelopeFormat, StoreFormat

NATIVE = NativeFormat()
OTLP_LOGS = OtlpLogsFormat()
OTLP_TRACES = OtlpTracesFormat()
ELASTIC = ElasticBulkFormat()

ROUTES: Final[dict[str, WireFormat]] = {
    "/api/v1/logs": NATIVE,
    "/v1/logs": OTLP_LOGS,
    "/v1/traces": OTLP_TRACES,
    "/otlp/v1/logs": OTLP_LOGS,
    "/otlp/v1/traces": OTLP_TRACES,
    "/loki/api/v1/push": LokiFormat(),
    "/elastic/_bulk": ELASTIC,
}


# An index may be named before `_bulk`, and a type behind it, as up to Elasticsearch 7; they are not looked at.
BULK: Final = re.compile(r"/elastic/[^/]{1,255}/(?:[^/]{1,255}/)?_bulk")
# What begins with an underscore is no index, and in place of an id it is a question such as `_search`. A type of its own may
# stand for `_doc`, up to Elasticsearch 6.
DOCUMENT: Final = re.compile(
    r"/elastic/([^/_][^/]{0,254})/(?:_doc|_create|[^/_][^/]{0,254})(?:/((?!_[a-z_]+$)[^/]{1,512}))?"
)
# Addresses with the number of a project in them; any number will do, the key says which environment it is.
SENTRY: Final = re.compile(r"/api/[0-9]{1,20}/(envelope|store)")
SENTRY_ROUTES: Final[dict[str, WireFormat]] = {"envelope": EnvelopeFormat(), "store": StoreFormat()}
SLASHES: Final = re.compile("/{2,}")


def find_format(path: str) -> WireFormat | None:
    """The wire format of an address, with or without a slash at its end; slashes that were doubled in joining count once."""
    address = path.rstrip("/")
    if "//" in address:
        address = SLASHES.sub("/", address)
    found = ROUTES.get(address)
    if found is None and (match := SENTRY.fullmatch(address)):
        return SENTRY_ROUTES[match[1]]
    if found is None and address.startswith("/elastic/"):
        return find_elastic(address)
    return found


def find_elastic(address: str) -> WireFormat | None:
    """A bulk of an index, or one document."""
    if BULK.fullmatch(address):
        return ELASTIC
    match = DOCUMENT.fullmatch(address)
    return ElasticDocumentFormat(match[1], match[2] or "") if match else None
