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
CHUNK: Final = 256 * limits.KIB  # decompressed at a time
ZLIB_STEP: Final = 4 * limits.KIB  # of a compressed body given to a decoder at a time
ZSTD_STEP: Final = limits.KIB  # likewise; its output cannot be bounded otherwise, and grows at most 32,768-fold
MEMBERS: Final = 10_000  # of one body; block-wise writers need a thousand at most
HEAD_BYTES: Final = 64 * limits.KIB


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
    found: list[bytes] = []
    size = 0
    for part in parts_of(body, coding):
        size += len(part)
        if size > limits.DECODED_BODY:
            raise TooLarge(
                f"body: more than {limits.DECODED_BODY // limits.MIB} MiB after decompression; send smaller batches"
            )
        found.append(part)
    return found[0] if len(found) == 1 else b"".join(found)


def decompress_head(body: bytes, coding: str) -> bytes:
    """The beginning of the body, HEAD_BYTES or a little more: what a sender is worth who has shown no key yet."""
    found = b""
    for part in parts_of(body, coding):
        found += part
        if len(found) >= HEAD_BYTES:
            break
    return found


def parts_of(body: bytes, coding: str) -> Iterator[bytes]:
    """The decompressed body, a bounded part at a time."""
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return iter((body,))
    unpack = CODINGS.get(coding)
    if unpack is None:
        raise UnknownCoding(f"Content-Encoding: {coding[:40]!r} is not understood; use gzip, deflate, br, zstd or none")
    if not body:
        raise BadInput(f"Content-Encoding: the body is empty, which is not valid {coding}")
    return unpack(body)


def brotli_parts(body: bytes) -> Iterator[bytes]:
    """A brotli stream."""
    stream = brotli.Decompressor()
    try:
        part = stream.process(body, output_buffer_limit=CHUNK)
        yield part
        while not stream.is_finished():
            if not part and stream.can_accept_more_data():
                raise cut_short("br")
            part = stream.process(b"", output_buffer_limit=CHUNK)
            yield part
    except brotli.error:
        raise invalid("br") from None


def zstd_parts(body: bytes) -> Iterator[bytes]:
    """Zstandard frames; the window that a frame may ask for is bounded, too."""
    decoder = zstandard.ZstdDecompressor(max_window_size=8 * limits.MIB)
    rest, place = memoryview(body), 0
    for _ in range(MEMBERS):
        frame = decoder.decompressobj()
        while not frame.eof:
            if place == len(rest):
                raise cut_short("zstd")
            piece = rest[place : place + ZSTD_STEP]
            try:
                yield frame.decompress(piece)
            except zstandard.ZstdError:
                raise invalid("zstd") from None
            place += len(piece) - len(frame.unused_data)
        if place == len(rest):
            return
    raise too_many("zstd")


def gzip_parts(body: bytes) -> Iterator[bytes]:
    """Members of a gzip file."""
    return zlib_parts(body, 16 + zlib.MAX_WBITS, "gzip")


def deflate_parts(body: bytes) -> Iterator[bytes]:
    """With zlib's frame, as HTTP has it, or without, as some senders have it."""
    framed = len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return zlib_parts(body, zlib.MAX_WBITS if framed else -zlib.MAX_WBITS, "deflate")


def zlib_parts(body: bytes, window_bits: int, name: str) -> Iterator[bytes]:
    """All members of a gzip or deflate stream. Each gets its input in small pieces, because what a member leaves of one is
    copied: many empty members must not cost as many copies of the body."""
    rest, place = memoryview(body), 0
    for _ in range(MEMBERS):
        stream = zlib.decompressobj(window_bits)
        while not stream.eof:
            piece = rest[place : place + ZLIB_STEP]
            try:
                part = stream.decompress(piece, CHUNK)
            except zlib.error:
                raise invalid(name) from None
            if not (piece or part):
                raise cut_short(name)
            place += len(piece) - len(stream.unconsumed_tail) - len(stream.unused_data)
            yield part
        place = skip_zeros(rest, place)
        if place == len(rest):
            return
    raise too_many(name)


def skip_zeros(rest: memoryview, place: int) -> int:
    """Behind the padding that is allowed after a member."""
    while piece := bytes(rest[place : place + ZLIB_STEP]):
        kept = piece.lstrip(b"\0")
        place += len(piece) - len(kept)
        if kept:
            break
    return place


def invalid(name: str) -> BadInput:
    """The bytes are not of the coding that they claim."""
    return BadInput(f"Content-Encoding: the body is not valid {name}")


def cut_short(name: str) -> BadInput:
    """The bytes end before the stream does."""
    return BadInput(f"Content-Encoding: the {name} body ends too early")


def too_many(name: str) -> BadInput:
    """Each member costs a decoder."""
    return BadInput(f"Content-Encoding: more than {MEMBERS} members in the {name} body; send smaller batches")


CODINGS: Final[dict[str, Callable[[bytes], Iterator[bytes]]]] = {
    "gzip": gzip_parts, "x-gzip": gzip_parts, "deflate": deflate_parts, "br": brotli_parts, "zstd": zstd_parts,
}  # fmt: skip
