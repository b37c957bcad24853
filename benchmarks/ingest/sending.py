"""Batches over kept HTTP connections, and what became of them."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import orjson
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from benchmarks.harness import Product, Sender
from benchmarks.workload import Line, Shop, json_batch, otlp_batch

BATCH: Final = 500  # records
CONNECTIONS: Final = 16  # many more than web processes: which of them takes a connection is a matter of chance

Build = Callable[[list[Line], int], bytes]
Count = Callable[[bytes], int]


@dataclass(frozen=True)
class Wire:
    """One way in."""

    path: str
    content_type: str
    build: Build
    count: Count  # records that an answer acknowledges


@dataclass
class Sent:
    """What became of the batches of one part."""

    seconds: float
    acknowledged: int
    latencies: list[float] = field(default_factory=list)  # seconds, one a request

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.acknowledged / self.seconds


def count_otlp(answer: bytes) -> int:
    """All, without what the answer says was rejected."""
    response = ExportLogsServiceResponse()
    response.ParseFromString(answer)
    return BATCH - response.partial_success.rejected_log_records


def count_json(answer: bytes) -> int:
    """As the answer says."""
    return int(orjson.loads(answer)["accepted"])


OTLP: Final = Wire("/v1/logs", "application/x-protobuf", otlp_batch, count_otlp)
JSON: Final = Wire("/api/v1/logs", "application/json", json_batch, count_json)


def make_batches(shop: Shop, wire: Wire, count: int) -> list[bytes]:
    """Bodies, ready to be sent."""
    return [wire.build(shop.lines(BATCH), number) for number in range(count)]


def send_all(product: Product, key: str, wire: Wire, bodies: list[bytes]) -> Sent:
    """Over all connections, each sending its next body when the last is answered."""
    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        parts = list(
            pool.map(lambda place: send_some(product, key, wire, bodies[place::CONNECTIONS]), range(CONNECTIONS))
        )
    seconds = time.perf_counter() - start
    return Sent(seconds, sum(done for done, _ in parts), [one for _, latencies in parts for one in latencies])


def send_some(product: Product, key: str, wire: Wire, bodies: list[bytes]) -> tuple[int, list[float]]:
    """Over one connection; returns records acknowledged and each request's seconds."""
    sender = Sender(product.port, wire.path, key, wire.content_type)
    acknowledged, latencies = 0, []
    for body in bodies:
        start = time.perf_counter()
        acknowledged += wire.count(sender.post(body))
        latencies.append(time.perf_counter() - start)
    sender.close()
    return acknowledged, latencies
