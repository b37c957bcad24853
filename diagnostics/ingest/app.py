"""The ingest application: an ASGI application that stands in front of Django and answers the ingest addresses itself.

The order of its steps is the point: the key before the body, the bound before the bytes, redaction before anything
durable, and the answer after the commit.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import parse_qs

from django.db import DatabaseError, connections

from diagnostics.core import clock, limits
from diagnostics.core.errors import BadInput, DiagnosticsError, OverQuota, TooLarge, Unavailable
from diagnostics.core.record import Rejection
from diagnostics.digest.bell import ring
from diagnostics.ingest.answer import Answer, WireFormat
from diagnostics.ingest.body import ClientGone, TooSlow, UnknownCoding, decompress, decompress_head, read_body
from diagnostics.ingest.hidden_key import hide_key
from diagnostics.ingest.keys import KeyHolder, cached_holder, find_holder
from diagnostics.ingest.metering import ask_quota, shed, spend_quota, tell_quota
from diagnostics.ingest.quota import FREE, Verdict
from diagnostics.ingest.repeats import REPEATS
from diagnostics.ingest.routes import find_format
from diagnostics.ingest.watching import look_for
from diagnostics.live.publish import publish_batch
from diagnostics.pipeline.context import ClientContext
from diagnostics.pipeline.run import process
from diagnostics.pipeline.summarise import summarise
from diagnostics.pipeline.templates import mine_templates
from diagnostics.storage.batch import PreparedBatch, make_lines
from diagnostics.storage.writer import WRITER

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)

# One thread decodes and redacts beside the event loop. More would only take turns: the pattern library gives up the
# interpreter's lock at each call, and threads that fight for it halve the throughput.
PREPARING: Final = ThreadPoolExecutor(1, thread_name_prefix="prepare")
LOOKING_UP: Final = ThreadPoolExecutor(2, thread_name_prefix="keys")  # wait for the database, so not behind the other
INLINE_BYTES: Final = 8 * limits.KIB  # a small body is read faster than it is handed to a thread
RETRY_AFTER: Final = {"retry-after": "2"}
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})  # of an address that is a page or an API as well
CHARSETS: Final = frozenset({"", "utf-8", "utf8", "us-ascii"})
KEYLESS_BYTES: Final = limits.MIB  # read of a body that must show its key itself
CROSS_ORIGIN: Final = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "x-sentry-error, x-sentry-rate-limits, retry-after",
}
PREFLIGHT: Final = {
    **CROSS_ORIGIN,
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "content-type, content-encoding, x-sentry-auth, authorization, baggage, sentry-trace",
    "access-control-max-age": "3600",
}


class IngestApp:
    """Answers what is sent to the ingest addresses; passes everything else to `inner`."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's request."""
        wire_format = find_format(scope["path"]) if scope["type"] == "http" else None
        if wire_format is None or (scope["method"] in READING and wire_format.passes_other_methods):
            await self.inner(scope, receive, send)
            return
        headers = read_headers(scope)
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            answer = await answer_request(wire_format, scope, headers, content_type, receive)
        except ClientGone:
            return
        except Exception:  # a bug must not tear the connection down without a word
            logger.exception("ingest failed on %s", wire_format.name)
            answer = wire_format.failure(503, "something went wrong here; send again later", content_type)
            answer = Answer(answer.status, answer.body, answer.content_type, RETRY_AFTER)
        if wire_format.cross_origin:
            answer = Answer(answer.status, answer.body, answer.content_type, {**CROSS_ORIGIN, **answer.headers})
        await send_answer(send, answer)


async def answer_request(
    wire_format: WireFormat, scope: Scope, headers: dict[str, str], content_type: str, receive: Receive
) -> Answer:
    """Every way in which a request may be answered."""

    def refuse(status: int, message: str, more: dict[str, str] | None = None) -> Answer:
        plain = wire_format.failure(status, message, content_type)
        return Answer(plain.status, plain.body, plain.content_type, {**plain.headers, **(more or {})})

    if scope["method"] == "OPTIONS" and wire_format.cross_origin:
        return Answer(204, b"", "text/plain", PREFLIGHT)
    if scope["method"] not in wire_format.methods:
        allowed = ", ".join(sorted(wire_format.methods | (READING if wire_format.passes_other_methods else set())))
        needed = " or ".join(sorted(wire_format.methods))  # reading belongs to somebody else, and is no way to send
        return refuse(405, f"method: {needed} is needed here", {"allow": allowed})
    try:
        holder, body = await let_in(wire_format, scope, headers, receive)
        if holder is None:
            wanted = {"www-authenticate": "Bearer"}
            return refuse(401, "Authorization: a valid ingest key is needed ('Bearer dk_...')", wanted)
        if wire_format.content_types is not None and content_type not in wire_format.content_types:
            return refuse(415, f"Content-Type: use {' or '.join(sorted(filter(None, wire_format.content_types)))}")
        if (charset := read_charset(headers)) not in CHARSETS:
            return refuse(415, f"Content-Type: charset {charset[:40]!r} is not understood; send UTF-8")
        verdict = await ask_quota(holder, wire_format)
        if body is None:
            body = await read_body(receive, read_length(headers))
        client = client_of(scope, headers)
        return await take_body(wire_format, holder, headers, content_type, body, client, verdict)
    except ClientGone:
        raise
    except (DiagnosticsError, DatabaseError) as error:
        return refuse(*describe_failure(error, wire_format))


def describe_failure(error: Exception, wire_format: WireFormat) -> tuple[int, str, dict[str, str]]:
    """(status, words, headers) of what kept a request from being taken."""
    if isinstance(error, OverQuota):
        waited = {"retry-after": str(max(error.waits.values()))}
        return 429, str(error), {**waited, **wire_format.quota_headers(error.waits)}
    if isinstance(error, TooLarge):
        return 413, str(error), {"connection": "close"}
    if isinstance(error, TooSlow):
        return 408, str(error), {"connection": "close"}
    if isinstance(error, UnknownCoding):
        return 415, str(error), {}
    if isinstance(error, BadInput):
        return 400, str(error), {}
    if isinstance(error, Unavailable):
        return 503, str(error), RETRY_AFTER
    if isinstance(error, DatabaseError):
        return 503, "the database is away; send again later", RETRY_AFTER
    raise error


async def let_in(
    wire_format: WireFormat, scope: Scope, headers: dict[str, str], receive: Receive
) -> tuple[KeyHolder | None, bytes | None]:
    """(whose key it is, the body where it had to be read for that): the key comes before the body wherever it can."""
    holder = await find_key(wire_format.key_of(headers, read_query(scope)))
    if holder is not None or not wire_format.key_in_body:
        return holder, None
    body = await read_body(receive, read_length(headers), most=KEYLESS_BYTES)
    return await find_key(wire_format.key_in(decompress_head(body, headers.get("content-encoding", "")))), body


async def take_body(
    wire_format: WireFormat,
    holder: KeyHolder,
    headers: dict[str, str],
    content_type: str,
    body: bytes,
    client: ClientContext,
    verdict: Verdict,
) -> Answer:
    """Prepare, write, announce, answer."""

    def prepare() -> PreparedBatch:
        return prepare_batch(wire_format, holder, headers, content_type, body, client, verdict)

    small = len(body) <= INLINE_BYTES and not headers.get("content-encoding")
    batch = prepare() if small else await asyncio.get_running_loop().run_in_executor(PREPARING, prepare)
    if batch.rows == 0 and not batch.idempotency_key:
        return wire_format.success(0, batch.parsed.rejections, content_type, batch.parsed.echo)
    if holder.quotas:
        await spend_quota(holder, batch)
    receipt = await asyncio.wrap_future(WRITER.submit(batch))
    REPEATS.remember(batch.parsed.repeatable.values(), batch.environment_id)
    if not receipt.duplicate:
        ring()
        publish_batch(batch.environment_id, batch.parsed.records)
    answer = wire_format.success(receipt.accepted, receipt.rejections, content_type, batch.parsed.echo)
    return tell_quota(answer, wire_format, verdict)


def prepare_batch(
    wire_format: WireFormat,
    holder: KeyHolder,
    headers: dict[str, str],
    content_type: str,
    body: bytes,
    client: ClientContext,
    verdict: Verdict = FREE,
) -> PreparedBatch:
    """Decode, parse, redact, enrich, sum up: all that happens before the database sees anything."""
    now_ns = clock.now_ns()
    coding = headers.get("content-encoding", "").strip().lower()
    decoded = body if coding in wire_format.inner_codings else decompress(body, coding)
    parsed = wire_format.parse(decoded, content_type, now_ns)
    if parsed.spans and not holder.environment.tracing_enabled:
        reason = "traces are switched off in this environment"
        parsed.rejections.extend(Rejection(index, reason) for index in range(len(parsed.spans)))
        parsed.spans = []
    if parsed.repeatable:
        REPEATS.leave_out(parsed, holder.environment.id)
    if verdict.waits:
        shed(parsed, verdict, holder)
    parsed = process(parsed, holder.environment, client)
    summary = summarise(parsed, holder.environment.endings)
    templates = mine_templates(parsed.records, holder.environment.templates)  # before the rows: they carry its ids
    return PreparedBatch(
        environment_id=holder.environment.id,
        ingest_key_id=holder.key_id,
        wire_format=wire_format.name,
        received_ns=now_ns,
        size=len(body),
        parsed=parsed,
        sums=summary.sums,
        sessions=summary.sessions,
        journeys=summary.journeys,
        templates=templates,
        findings=look_for(parsed.records, holder.matcher, () if holder.records_only else parsed.check_ins),
        idempotency_key=hide_key(wire_format.idempotency_key(headers, decoded), holder.key_id),
        lines=make_lines(parsed, holder.environment.id),
    )


async def find_key(text: str) -> KeyHolder | None:
    """The holder of a key; the database is asked in a thread, and only now and then."""
    if not text or len(text) > 200:
        return None
    known, holder = cached_holder(text)
    if known:
        return holder
    return await asyncio.get_running_loop().run_in_executor(LOOKING_UP, find_in_database, text)


def find_in_database(text: str) -> KeyHolder | None:
    """With Django's connection, given back at once."""
    try:
        return find_holder(text)
    finally:
        connections.close_all()


def read_headers(scope: Scope) -> dict[str, str]:
    """Header names in small letters; the last of several wins."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    codings = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"content-encoding"]
    return headers if len(codings) < 2 else {**headers, "content-encoding": ", ".join(codings)}  # as one line says it


def read_query(scope: Scope) -> dict[str, str]:
    """The first value of each of the first parameters: a key stands among them or is not there."""
    text = scope.get("query_string", b"")[:4096].decode("latin-1")
    if not text:
        return {}
    return {name: values[0] for name, values in parse_qs("&".join(text.split("&", 50)[:50])).items()}


def read_charset(headers: dict[str, str]) -> str:
    """The charset that the Content-Type names; empty where it names none."""
    for parameter in headers.get("content-type", "").split(";")[1:20]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip(' \t"').lower()
    return ""


def read_length(headers: dict[str, str]) -> int | None:
    """The declared length; the server has refused what is not a number."""
    text = headers.get("content-length", "")
    return int(text) if text.isdecimal() and len(text) <= 20 else None


def client_of(scope: Scope, headers: dict[str, str]) -> ClientContext:
    """The sender. A browser says so by its Origin header; only then does it speak for its user."""
    address = scope["client"][0] if scope.get("client") else ""
    return ClientContext(address, headers.get("user-agent", ""), is_end_user="origin" in headers)


async def send_answer(send: Send, answer: Answer) -> None:
    """One complete HTTP answer."""
    headers = {
        "content-type": answer.content_type,
        "content-length": str(len(answer.body)),
        "x-content-type-options": "nosniff",
        **answer.headers,
    }
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body})
