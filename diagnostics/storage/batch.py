"""A request's rows before they are written, and what became of them."""

from dataclasses import dataclass, field
from typing import Any

from diagnostics.core.record import Parsed, Rejection


@dataclass(slots=True)
class PreparedBatch:
    """Everything that one accepted request brings into one transaction."""

    environment_id: int
    ingest_key_id: int
    wire_format: str
    received_ns: int
    size: int  # bytes, as received
    parsed: Parsed
    sums: list[Any] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    templates: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    batch_id: int = 0  # set by the writer; 0: not yet tried

    @property
    def rows(self) -> int:
        """Records and spans to write."""
        return len(self.parsed.records) + len(self.parsed.spans)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is committed: how many rows, which records could not be taken, and whether it was there before."""

    accepted: int
    rejections: list[Rejection]
    duplicate: bool = False
