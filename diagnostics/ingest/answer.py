"""What an ingest address answers, and what a wire format must be able to do."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from diagnostics.core.record import Parsed, Rejection


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


class WireFormat(Protocol):
    """One protocol: how its requests are read and how it wants to be answered."""

    name: str
    default_content_type: str
    content_types: frozenset[str] | None  # others are answered 415; None: any
    key_in_body: bool  # whether the key may stand in the body alone; else nothing is read for who shows none
    cross_origin: bool  # whether pages of other origins may send: browsers ask first
    methods: frozenset[str]  # with which it is sent
    inner_codings: frozenset[str]  # Content-Encodings that the format undoes itself
    passes_other_methods: bool  # whether GET and others on the address belong to somebody else

    def key_of(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """The text of the ingest key, from where the protocol's clients put it; empty when there is none."""

    def key_in(self, body: bytes) -> str:
        """The same from the beginning of the decoded body, for protocols whose clients may put it there only."""

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """Read records and spans; BadInput when nothing at all can be read."""

    def success(self, accepted: int, rejections: list[Rejection], content_type: str, echo: Any = None) -> Answer:
        """The answer after the commit; `echo` is what the parsed request noted for it."""

    def failure(self, status: int, message: str, content_type: str) -> Answer:
        """The answer to a request that was not taken."""

    def idempotency_key(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """What marks a request that is sent again, or None."""

    keeps_errors: bool  # whether errors are counted apart and kept when a quota is used up

    def quota_headers(self, waits: Mapping[str, int]) -> dict[str, str]:
        """What tells the sender for how long (seconds, by category) to leave what alone."""


class KeyInHeader:
    """For formats whose clients send the key in a header: Bearer, or Basic with the key as password (or as name)."""

    key_in_body = False
    cross_origin = False
    keeps_errors = False
    inner_codings: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset({"POST"})

    def quota_headers(self, waits: Mapping[str, int]) -> dict[str, str]:
        """Retry-After, as HTTP has it."""
        return {"retry-after": str(max(waits.values()))} if waits else {}

    def key_of(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """From the Authorization header."""
        return read_authorization(headers.get("authorization", ""))

    def key_in(self, body: bytes) -> str:
        """Never."""
        return ""


def read_authorization(header: str) -> str:
    """The key in an Authorization header."""
    scheme, _, text = header.partition(" ")
    scheme, text = scheme.lower(), text.strip()
    if scheme == "bearer":
        return text
    if scheme not in ("basic", "apikey") or len(text) > 1000:
        return ""
    try:
        name, _, key = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return text if scheme == "apikey" else ""
    return key or name
