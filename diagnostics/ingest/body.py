"""Reading a body that may be hostile: counted while it arrives, counted again while it is decompressed."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import brotli
import zstandard

from diagnostics.core import limits
from diagnostics.core.errors import BadInput, DiagnosticsError, TooLarge

Receive = Callable[[], Awaitable[dict[str, Any]]]
CHUNK: Final = 256 * limits.KIB


class UnknownCoding(BadInput):
    """A Content-Encoding that is not understood."""


class ClientGone(DiagnosticsError):
    """The client went away before its body was complete."""


class TooSlow(DiagnosticsError):
    """The body took too long to arrive."""


async def read_body(receive: Receive, declared: int | None, most: int = limits.BODY) -> bytes:
    """The whole body; TooLarge as soon as it is known to be beyond its limit, TooSlow when it only trickles in."""
    if declared is not None and declared > most:
        raise too_large(most)
    try:
        async with asyncio.timeout(limits.BODY_SECONDS) as patience:
            return await collect(receive, most, patience)
    except TimeoutError:
        raise TooSlow(
            f"body: not complete in {limits.BODY_SECONDS} s and {limits.BODY_RATE // limits.KIB} KiB/s; send it faster"
        ) from None


async def collect(receive: Receive, most: int, patience: asyncio.Timeout) -> bytes:
    """All parts; each that arrives buys time for the next."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone("the client went away")
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise too_large(most)
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)
        patience.reschedule((patience.when() or 0.0) + len(part) / limits.BODY_RATE)


def too_large(most: int) -> TooLarge:
    """The body as it travels is too large."""
    return TooLarge(f"body: more than {most // limits.MIB} MiB; send smaller batches")


def decompress(body: bytes, coding: str) -> bytes:
    """The body without its Content-Encoding; never more than limits.DECODED_BODY in memory."""
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return body
    if coding in ("gzip", "x-gzip"):
        return inflate(body, 16 + zlib.MAX_WBITS, "gzip")
    if coding == "deflate":
        raw = not (len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0)
        return inflate(body, -zlib.MAX_WBITS if raw else zlib.MAX_WBITS, "deflate")
    if coding == "br":
        return expand(brotli_parts(body), "br")
    if coding == "zstd":
        return expand(zstd_parts(body), "zstd")
    raise UnknownCoding(f"Content-Encoding: {coding[:40]!r} is not understood; use gzip, deflate, br, zstd or none")


def expand(parts: Iterator[bytes], name: str) -> bytes:
    """The joined parts, bounded while they are made."""
    found: list[bytes] = []
    size = 0
    try:
        for part in parts:
            size += len(part)
            if size > limits.DECODED_BODY:
                raise TooLarge(
                    f"body: more than {limits.DECODED_BODY // limits.MIB} MiB after decompression; send smaller batches"
                )
            found.append(part)
    except (brotli.error, zstandard.ZstdError):
        raise BadInput(f"Content-Encoding: the body is not valid {name}") from None
    return b"".join(found)


def brotli_parts(body: bytes) -> Iterator[bytes]:
    """A brotli stream, a bounded part at a time."""
    stream = brotli.Decompressor()
    part = stream.process(body, output_buffer_limit=CHUNK)
    yield part
    while not stream.is_finished():
        if not part and stream.can_accept_more_data():
            raise BadInput("Content-Encoding: the br body ends too early")
        part = stream.process(b"", output_buffer_limit=CHUNK)
        yield part


def zstd_parts(body: bytes) -> Iterator[bytes]:
    """Zstandard frames, a bounded part at a time; the window that a frame may ask for is bounded, too."""
    decoder = zstandard.ZstdDecompressor(max_window_size=8 * limits.MIB)
    with decoder.stream_reader(body, read_across_frames=True) as reader:
        while part := reader.read(CHUNK):
            yield part


def inflate(body: bytes, window_bits: int, name: str) -> bytes:
    """All members of a gzip or deflate stream, bounded over all of them."""
    parts: list[bytes] = []
    size = 0
    rest = body
    while rest:
        stream = zlib.decompressobj(window_bits)
        while rest and not stream.eof:
            try:
                part = stream.decompress(rest, CHUNK)
            except zlib.error:
                raise BadInput(f"Content-Encoding: the body is not valid {name}") from None
            rest = stream.unconsumed_tail
            size += len(part)
            if size > limits.DECODED_BODY:
                raise TooLarge(
                    f"body: more than {limits.DECODED_BODY // limits.MIB} MiB after decompression; send smaller batches"
                )
            parts.append(part)
        if not stream.eof:
            tail = stream.flush()
            parts.append(tail)
            if not stream.eof:
                raise BadInput(f"Content-Encoding: the {name} body ends too early")
        rest = stream.unused_data.lstrip(b"\0")  # padding after the last member is allowed
    if not body:
        raise BadInput(f"Content-Encoding: the body is not valid {name}")
    return b"".join(parts)
