"""What an ingest address answers, and what a wire format must be able to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

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
    content_types: frozenset[str]  # others are answered 415
    passes_other_methods: bool  # whether GET and others on the address belong to somebody else

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """Read records and spans; BadInput when nothing at all can be read."""

    def success(self, accepted: int, rejections: list[Rejection], content_type: str) -> Answer:
        """The answer after the commit."""

    def failure(self, status: int, message: str, content_type: str) -> Answer:
        """The answer to a request that was not taken."""

    def idempotency_key(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """What marks a request that is sent again, or None."""
