"""A request's rows before they are written, and what became of them."""

from dataclasses import dataclass, field
from typing import Any

from diagnostics.core.record import Parsed, Rejection
from diagnostics.storage import rows
from diagnostics.storage.restricted import seal


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
    sessions: str = ""
    journeys: str = ""
    templates: dict[str, Any] = field(default_factory=dict)
    findings: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    batch_id: int = 0  # set by the writer; 0: not yet tried
    lines: "Lines | None" = None  # of `parsed` as it is; None: still to be made

    @property
    def rows(self) -> int:
        """Records and spans to write."""
        return len(self.parsed.records) + len(self.parsed.spans)


@dataclass(frozen=True, slots=True)
class Lines:
    """A batch's rows for COPY, without their ids: one line a record or span, and restricted fields by record's place."""

    logs: list[str]
    spans: list[str]
    restricted: list[tuple[int, str]]


def make_lines(parsed: Parsed, environment_id: int) -> Lines:
    """The lines of what the pipeline has made."""
    return Lines(
        [rows.log_line(record, environment_id) for record in parsed.records],
        [rows.span_line(span, environment_id) for span in parsed.spans],
        [
            (place, rows.restricted_line(record.timestamp_ns, environment_id, seal(record.restricted, environment_id)))
            for place, record in enumerate(parsed.records)
            if record.restricted
        ],
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is committed: how many rows, which records could not be taken, and whether it was there before."""

    accepted: int
    rejections: list[Rejection]
    duplicate: bool = False
