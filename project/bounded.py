"""What is sent to Django's part, bounded: Django itself spools a body of any size, for as long as it trickles, before any
view or check sees the request."""

import json
from typing import Any, Final, cast

from django.template.loader import render_to_string
from django.utils.http import parse_header_parameters

from diagnostics.core import limits
from diagnostics.core.errors import TooLarge
from diagnostics.ingest.answer import Answer
from diagnostics.ingest.app import Application, Receive, Scope, Send, read_headers, read_length, send_answer
from diagnostics.ingest.body import ClientGone, TooSlow, read_body
from project.headers import ALWAYS, STRICT

# A job's report counts however long its output is: its beginning is kept, the rest thrown away as it comes.
CUT: Final = ("/ping/", "/api/v1/checkins/")
KEPT: Final = 64 * limits.KIB
MACHINES: Final = ("/api/", "/ping/", "/respond/hooks/")
TOO_LARGE: Final = f"The request is larger than {limits.PAGE_BODY // limits.MIB} MiB. Send less at once."
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
CHARSETS: Final = ("", "utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "iso-8859-15", "windows-1252")
NOT_READABLE: Final = "The Content-Type cannot be read: send forms as UTF-8."
TOO_SLOW: Final = f"The request was not complete in {limits.BODY_SECONDS} seconds. Send it again."


class BoundedBodies:
    """Reads the body, refuses one that is too large (413) or too slow (408), and hands it on whole."""

    def __init__(self, inner: object) -> None:
        self.inner = cast("Application", inner)  # Django types its own handler more narrowly

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        headers = read_headers(scope)
        if not is_readable(headers.get("content-type", "")):
            await send_answer(send, refuse(scope["path"], 415, NOT_READABLE))
            return
        try:
            body = await read(scope["path"], receive, read_length(headers))
        except ClientGone:
            return
        except TooLarge:
            await send_answer(send, refuse(scope["path"], 413, TOO_LARGE))
            return
        except TooSlow:
            await send_answer(send, refuse(scope["path"], 408, TOO_SLOW))
            return
        await self.inner(with_length(scope, len(body)) if body else scope, replay(body, receive), send)


def is_readable(content_type: str) -> bool:
    """Whether Django can read the form: it decodes by whatever Python knows, compression among it, and fails at the rest."""
    if not content_type.strip().lower().startswith(FORMS):
        return True
    try:
        _, parameters = parse_header_parameters(content_type)
    except (ValueError, LookupError):
        return False
    return parameters.get("charset", "utf-8").lower() in CHARSETS


async def read(path: str, receive: Receive, declared: int | None) -> bytes:
    """The body, or as much of it as the address keeps."""
    if path.startswith(CUT):
        return await read_body(cut(receive), None, most=KEPT)
    return await read_body(receive, declared, most=limits.PAGE_BODY)


def cut(receive: Receive) -> Receive:
    """The same without what comes after the first KEPT bytes."""
    left = KEPT

    async def receive_cut() -> Any:
        nonlocal left
        message = await receive()
        part = message.get("body", b"")[:left]
        left -= len(part)
        return {**message, "body": part}

    return receive_cut


def replay(body: bytes, receive: Receive) -> Receive:
    """The body in one message, then what the server has to say: that the client went away."""
    waiting = [body]

    async def receive_again() -> Any:
        return {"type": "http.request", "body": waiting.pop(), "more_body": False} if waiting else await receive()

    return receive_again


def with_length(scope: Scope, length: int) -> Scope:
    """The request as it is handed on: with the length that is there."""
    kept = [(name, value) for name, value in scope["headers"] if name not in (b"content-length", b"transfer-encoding")]
    return {**scope, "headers": [*kept, (b"content-length", str(length).encode())]}


def refuse(path: str, status: int, words: str) -> Answer:
    """The refusal in the address's own form; the connection ends with it, for the rest of the body is not read."""
    headers = {**{name.lower(): value for name, value in ALWAYS.items()}, "connection": "close"}
    if path.startswith(MACHINES):
        return Answer(status, json.dumps({"detail": words}).encode(), "application/json", headers)
    page = render_to_string(f"{status}.html", {"words": words}).encode()
    return Answer(status, page, "text/html; charset=utf-8", {**headers, "content-security-policy": STRICT})
