"""uvicorn's HTTP protocol with bounds on a request's head, which it has none of: neither on its size nor on its time."""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_BYTES: Final = 128 * 1024
HEADERS: Final = 200
HEAD_SECONDS: Final = 20  # until a head is complete, from the connection or the last answer on
LINGER_BYTES: Final = 4 * 1024 * 1024  # read and thrown away after a refusal: a reset would take the answer with it
LINGER_SECONDS: Final = 2


class BadHead(Exception):
    """The head is refused; the parser gives up at once."""


class BoundedHttp(HttpToolsProtocol):
    """Refuses heads that are too large (431), too slow (the connection ends), or that name no host, several, or a transfer
    coding besides chunked (400)."""

    head_bytes = 0
    in_head = True
    refused = ""
    lingering = 0
    patience: asyncio.TimerHandle | None = None
    postponed = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """The first head is awaited."""
        super().connection_made(transport)
        self.await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self.stop_waiting()
        super().connection_lost(exc)

    def await_head(self) -> None:
        """Count from here."""
        self.stop_waiting()
        self.head_bytes, self.in_head = 0, True
        self.patience = self.loop.call_later(HEAD_SECONDS, self.give_up)

    def stop_waiting(self) -> None:
        """The head is there, or nobody is."""
        if self.patience is not None:
            self.patience.cancel()
            self.patience = None

    def give_up(self) -> None:
        """Whoever sends a head a byte at a time holds no connection for it."""
        if self.in_head and not self.transport.is_closing():
            self.transport.close()

    @property
    def is_answering(self) -> bool:
        """Whether a request that came whole still waits for its answer."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete and not cycle.more_body

    def eof_received(self) -> bool:  # type: ignore[override]  # True, of asyncio's: the way back stays open
        """Whoever has sent a whole request may close their side of the connection and still wants the answer."""
        return self.scheme == "http" and self.is_answering

    def on_response_complete(self) -> None:
        """What came behind the request and is none is told now."""
        super().on_response_complete()
        if self.postponed and not self.is_answering and not self.transport.is_closing():
            self.postponed = False
            self.send_400_response("")

    def data_received(self, data: bytes) -> None:
        """A head that does not end is counted here: the parser keeps an unfinished header to itself."""
        if self.postponed:
            return
        if self.lingering:
            self.lingering -= len(data)
            if self.lingering <= 0:
                self.transport.close()
            return
        super().data_received(data)
        if self.in_head and not self.transport.is_closing():
            self.head_bytes += len(data)
            if self.head_bytes > HEAD_BYTES:
                self.refused = self.refused or "431 Request Header Fields Too Large"
                self.send_400_response("")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self.await_head()

    def on_url(self, url: bytes) -> None:
        """The address is part of the head."""
        super().on_url(url)
        self.count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """So is each header. What is called one behind a body is counted, and no header: no key may stand there."""
        if self.in_head:
            super().on_header(name, value)
        self.count(len(name) + len(value))

    def count(self, size: int) -> None:
        """What one callback brought."""
        self.head_bytes += size
        if self.head_bytes > HEAD_BYTES or len(self.headers) > HEADERS:
            self.refuse("431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        """The head is whole; HTTP/1.1 names one host."""
        self.stop_waiting()
        self.in_head = False
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            self.refuse("400 Bad Request")
        if self.parser.get_http_version() == "1.0":
            self.expect_100_continue = False  # a client of that age does not know the answer
        codings = [value.strip().lower() for name, value in self.headers if name == b"transfer-encoding"]
        if codings not in ([], [b"chunked"]):  # the parser would hand over a body that is still packed
            self.refuse("400 Bad Request")
        super().on_headers_complete()

    def refuse(self, status: str) -> None:
        """The parser stops, and uvicorn sends what `send_400_response` makes of it."""
        self.refused = status
        raise BadHead(status)

    def send_400_response(self, msg: str) -> None:
        """uvicorn's answer to what is no request, with the status that fits; behind the answer to what was one."""
        if self.is_answering:
            self.postponed = True
            return
        status = self.refused or "400 Bad Request"
        body = f"{status}\n".encode()
        head = f"HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(head.encode() + b"connection: close\r\n\r\n" + body)
        self.lingering, self.in_head = LINGER_BYTES, False
        self.stop_waiting()
        self.patience = self.loop.call_later(LINGER_SECONDS, self.transport.close)
