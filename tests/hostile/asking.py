"""Requests as bytes on a socket: what a client library would not let one send."""

import contextlib
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

GOOD = {"level": "info", "service": "shop", "message": "all is well"}
OK, BAD, TAKEN = {200}, {400}, {200, 202, 204}


@dataclass(frozen=True)
class Case:
    """A request and the statuses that may answer it; `raw` is sent as it is, else it is put together from the rest."""

    name: str
    allowed: frozenset
    body: bytes | Callable[[], bytes] = b""  # a bomb is made when it is sent
    headers: tuple = ()
    path: str = "/api/v1/logs"
    method: str = "POST"
    content_type: str = "application/json"
    raw: bytes = b""
    key: bool = True


def case(name, allowed, body=b"", **more):
    """A case, from JSON values as well."""
    data = body if isinstance(body, bytes) or callable(body) else json.dumps(body).encode()
    return Case(name, frozenset(allowed), data, **more)


def in_bytes(one, key, host):
    """The request on the wire."""
    if one.raw:
        return one.raw.replace(b"%KEY%", key.encode()).replace(b"%HOST%", host.encode())
    body = one.body() if callable(one.body) else one.body
    lines = [f"{one.method} {one.path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    if one.content_type:
        lines.append(f"Content-Type: {one.content_type}")
    if one.key:
        lines.append(f"Authorization: Bearer {key}")
    lines += [f"{name}: {value}" for name, value in one.headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def ask(address, data, seconds=30.0):
    """(status, body, seconds) of the first answer; status 0: the connection was closed without one."""
    host, _, port = address.rpartition(":")
    started = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=seconds) as connection:
        connection.settimeout(seconds)
        with contextlib.suppress(OSError):  # the server may have heard enough
            connection.sendall(data)
        answer = read_answer(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/") else 0
    return status, body, time.monotonic() - started


def read_answer(connection):
    """One answer with its body."""
    data = b""
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            return data
        if not part:
            return data
        data += part
        head, found, body = data.partition(b"\r\n\r\n")
        if found and head.startswith(b"HTTP/1.1 100"):
            data = body
            continue
        if found and len(body) >= length_of(head):
            return data


def length_of(head):
    """Its Content-Length."""
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
