"""Every bound on what comes in, with its reason. Bytes unless said otherwise."""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

BODY: Final = 20 * MIB  # as it travels; the OpenTelemetry collector's default
PAGE_BODY: Final = (
    2 * MIB
)  # sent to a page, the API or the admin: twice the largest document, for what forms wrap around it
DECODED_BODY: Final = 64 * MIB  # after decompression; the OTLP specification's suggestion
BODY_SECONDS: Final = (
    20  # for a body to arrive, and more at this rate: a sender that trickles must not hold a connection
)
BODY_RATE: Final = 32 * KIB  # bytes a second
RECORDS: Final = 20_000  # in one request: bounds the time that one request may hold a thread
RECORD: Final = 256 * KIB  # one record's text; the excess of its body is cut and marked
BODY_CHARS: Final = 64 * KIB  # characters kept of a record's body
VALUE_CHARS: Final = 8 * KIB  # characters kept of an attribute's value
KEY_CHARS: Final = 256  # characters kept of an attribute's key
NAME_CHARS: Final = 200  # service, route, session and other indexed columns: well under PostgreSQL's index row limit
ATTRIBUTES: Final = 128  # attributes kept of a record; OpenTelemetry's default
DEPTH: Final = 8  # nesting kept of an attribute's value
REPORTED_ERRORS: Final = 50  # rejections listed in an answer: enough to find the fault, small enough to send
USER_AGENT_CHARS: Final = 512  # read of a user agent: its parser's cost grows with length

EARLIEST_NS: Final = 0  # 1970
AHEAD_NS: Final = 600 * 10**9  # ahead of the clock here; further, the sender's clock or zone is wrong, as Loki takes it
LATEST_NS: Final = 4_102_444_800 * 10**9  # 2100: beyond, Python and PostgreSQL disagree about dates
