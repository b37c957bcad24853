"""A connection to one checked address that ends at one moment, however slowly the other side drips its answer."""

import ipaddress
import time
from collections.abc import Iterable
from typing import Any, Final

import httpcore

CONNECT_SECONDS: Final = 5.0


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to the address that was checked, whatever its name leads to by now."""

    def __init__(self, address: str, end: float) -> None:
        self.address = address
        self.end = end  # of time.monotonic()
        self.system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """`host` is for TLS and the Host header alone."""
        patience = min(CONNECT_SECONDS, seconds_left(self.end))
        stream = self.system.connect_tcp(self.address, port, patience, local_address, socket_options)
        check_peer(stream, self.address)
        return BoundedStream(stream, self.end)


class BoundedStream(httpcore.NetworkStream):
    """Each wait lasts at most until the end of the call."""

    def __init__(self, stream: httpcore.NetworkStream, end: float) -> None:
        self.stream = stream
        self.end = end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come."""
        return self.stream.read(max_bytes, seconds_left(self.end))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of it."""
        self.stream.write(buffer, seconds_left(self.end))

    def close(self) -> None:
        """Hang up."""
        self.stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The certificate must be the host name's."""
        return BoundedStream(self.stream.start_tls(ssl_context, server_hostname, seconds_left(self.end)), self.end)

    def get_extra_info(self, info: str) -> Any:
        """As the stream itself."""
        return self.stream.get_extra_info(info)


def check_peer(stream: httpcore.NetworkStream, address: str) -> None:
    """Whoever is at the other end must be who was checked, whatever the system made of the address."""
    peer = stream.get_extra_info("server_addr")
    if ipaddress.ip_address(peer[0]) != ipaddress.ip_address(address):
        stream.close()
        raise httpcore.ConnectError


def seconds_left(end: float) -> float:
    """Until the end; TimeoutException when it is over."""
    left = end - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
