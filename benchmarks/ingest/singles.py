"""Requests of one record each from many clients at once: what group commit is for."""

import asyncio
import re
import time
from typing import Final

import orjson

from benchmarks.harness import HOST, BenchmarkError
from benchmarks.workload import Shop, json_line

CLIENTS: Final = 200
LENGTH: Final = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Client(asyncio.Protocol):
    """One kept connection: sends its next request when the last is answered, until the time is over."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send()

    def send(self) -> None:
        """The next request, or the end."""
        if time.monotonic() < self.run.deadline:
            self.transport.write(self.run.next_request())
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Count complete answers."""
        self.buffer += data
        head, blank, body = self.buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head) if blank else None
        if length is None or len(body) < int(length[1]):
            return
        self.buffer = b""
        if b" 200 " in head[:15] and b'"accepted":1' in body:
            self.run.answered += 1
            self.send()
        else:
            self.run.fault = self.run.fault or head.split(b"\r\n", 1)[0] + b" " + body[:200]
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """One less."""
        self.run.gone(error)


class Run:
    """All clients together."""

    def __init__(self, port: int, key: str, seed: int, seconds: float) -> None:
        self.head = f"POST /api/v1/logs HTTP/1.1\r\nhost: {HOST}:{port}\r\nauthorization: Bearer {key}\r\n".encode()
        self.shop = Shop(seed)
        self.seconds = seconds
        self.deadline = time.monotonic() + seconds
        self.answered = 0
        self.left = CLIENTS
        self.fault: bytes = b""
        self.done = asyncio.Event()

    def next_request(self) -> bytes:
        """One fresh record."""
        body = orjson.dumps(json_line(self.shop.line(time.time_ns()), "web"))
        return b"%bcontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (self.head, len(body), body)

    def gone(self, error: Exception | None) -> None:
        """A client has ended."""
        if error is not None:
            self.fault = self.fault or repr(error).encode()
        self.left -= 1
        if self.left == 0:
            self.done.set()


async def send_from_all(port: int, key: str, seed: int, seconds: float) -> Run:
    """Connect all, wait for all."""
    run = Run(port, key, seed, seconds)
    loop = asyncio.get_running_loop()
    for _ in range(CLIENTS):
        await loop.create_connection(lambda: Client(run), HOST, port)
    await asyncio.wait_for(run.done.wait(), seconds + 30)
    return run


def measure_singles(port: int, key: str, seed: int, seconds: float) -> tuple[float, int]:
    """(requests a second, requests that were answered with one accepted record)."""
    start = time.perf_counter()
    run = asyncio.run(send_from_all(port, key, seed, seconds))
    if run.fault:
        raise BenchmarkError(f"a request of one record failed: {run.fault!r}")
    return run.answered / (time.perf_counter() - start), run.answered
