"""Where the time of a record goes: the steps of ingest, each measured by itself in this process."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any, Final

from benchmarks.ingest.sending import BATCH, JSON, OTLP, Wire, make_batches
from benchmarks.workload import Shop
from diagnostics.core.record import Record
from diagnostics.ingest.answer import WireFormat
from diagnostics.ingest.routes import find_format
from diagnostics.pipeline.context import ClientContext, EnvironmentContext
from diagnostics.pipeline.enrich import enrich_log
from diagnostics.pipeline.run import process
from diagnostics.pipeline.summarise import summarise
from diagnostics.pipeline.templates import mine_templates
from diagnostics.storage.batch import make_lines

ROUNDS: Final = 24
WARM: Final = 8
CLIENT: Final = ClientContext("127.0.0.1", "benchmark")


def measure_stages(seed: int) -> dict[str, dict[str, float]]:
    """Microseconds of CPU a record, by protocol and step; the median over batches, in a warm process."""
    return {name: measure_wire(wire, Shop(seed)) for name, wire in (("otlp", OTLP), ("json", JSON))}


def measure_wire(wire: Wire, shop: Shop) -> dict[str, float]:
    """One protocol's steps."""
    wire_format = find_format(wire.path)
    assert wire_format is not None
    environment = EnvironmentContext(1, "stages", b"k" * 32)
    rounds = [one_round(wire_format, wire, body, environment) for body in make_batches(shop, wire, ROUNDS)][WARM:]
    return {step: round(median(spent[step] for spent in rounds), 1) for step in rounds[0]}


def one_round(wire_format: WireFormat, wire: Wire, body: bytes, environment: EnvironmentContext) -> dict[str, float]:
    """A batch, step by step."""
    now = time.time_ns()
    parsed, decode = timed(lambda: wire_format.parse(body, wire.content_type, now))
    people = [who(record) for record in parsed.records]
    _, enrich = timed(lambda: enrich_all(people, environment))
    parsed, whole = timed(lambda: process(parsed, environment, CLIENT))
    _, sums = timed(lambda: (summarise(parsed), mine_templates(parsed.records, environment.templates)))
    _, rows = timed(lambda: make_lines(parsed, environment.id))
    return {"decode": decode, "redact": max(0.0, whole - enrich), "enrich": enrich, "sums": sums, "rows": rows}


def enrich_all(records: list[Record], environment: EnvironmentContext) -> None:
    """Enrichment alone."""
    for record in records:
        enrich_log(record, environment, CLIENT)


def who(record: Record) -> Record:
    """Nothing but whom the record tells of."""
    told = record.attributes
    return Record(
        record.timestamp_ns,
        record.observed_ns,
        user_id=told.get("user.id", ""),
        client_address=told.get("client.address", ""),
        user_agent=told.get("user_agent.original", ""),
    )


def timed(step: Callable[[], Any]) -> tuple[Any, float]:
    """(what the step gives, microseconds of CPU a record)."""
    start = time.process_time()
    found = step()
    return found, (time.process_time() - start) / BATCH * 1e6
