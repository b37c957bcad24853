"""Seeded senders that know what was acknowledged to them: each record and span has a text of its own."""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.flows.blow import Blow

LETTERS = "bcdfghklmnprstvw"  # numbers as such would look private to redaction
LOST = 0.05  # share of the answers that a patient sender does not hear: it sends again what may be stored already
PATIENCE = 60.0  # seconds for which a batch is sent again


@dataclass
class Ledger:
    """Texts by what became of them. `refused` must stay empty: all that is sent is in order."""

    acknowledged: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)  # sent once, by who does not try again: stored at most once
    refused: list[str] = field(default_factory=list)
    repeats: int = 0


@dataclass(frozen=True)
class Batch:
    """A request."""

    path: str
    body: bytes
    texts: list[str]
    headers: dict[str, str]


class Sender:
    """Sends batch after batch in a thread, until it is told to stop; what was begun is brought to its end."""

    def __init__(self, url: str, key: str, name: str, seed: int, *, stubborn: bool, surge: bool = False) -> None:
        self.host = urlsplit(url).netloc
        self.key, self.name, self.stubborn, self.surge = key, name, stubborn, surge
        self.random = random.Random(seed)
        self.numbers = iter(range(1_000_000))
        self.ledger = Ledger()
        self.stopping = threading.Event()
        self.answered = Blow()
        self.connection: http.client.HTTPConnection | None = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        makers: list[Callable[[list[str]], Batch]] = [self.make_json, self.make_otlp_logs, self.make_otlp_spans]
        while not self.stopping.is_set():
            texts = [f"{self.name} {spell(next(self.numbers))}" for _ in range(self.random.randint(1, 40))]
            make = makers[0] if not self.stubborn else self.random.choice(makers)
            self.deliver(make(texts))
            self.stopping.wait(self.random.uniform(0.0, 0.2))

    def deliver(self, batch: Batch) -> None:
        """Once, or until there is an answer that ends it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            status = self.post(batch)
            if status == 200:
                self.ledger.acknowledged.update(batch.texts)
            elif status not in (0, 429, 503):
                self.ledger.refused.append(f"{batch.path}: {status}")
            elif not self.stubborn:
                self.ledger.unanswered.update(batch.texts)
            elif time.monotonic() > deadline:
                self.ledger.refused.append(f"{batch.path}: no answer for {PATIENCE:.0f} s")
            else:
                self.ledger.repeats += 1
                time.sleep(0.1)
                continue
            return

    def post(self, batch: Batch) -> int:
        """The status; 0 when there was no answer."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.host, timeout=20)
            self.connection.request("POST", batch.path, batch.body, batch.headers)
            if self.stubborn and self.random.random() < LOST:
                raise ConnectionResetError("the answer is lost on its way")
            answer = self.connection.getresponse()
            text = answer.read()
            self.answered.fall()
        except (OSError, http.client.HTTPException):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return 0
        if answer.status == 200 and (b'rejected":0' not in text and text != b"{}"):
            self.ledger.refused.append(f"{batch.path}: {text[:200]!r}")
        return answer.status

    def headers(self, **more: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}", "content-type": "application/json", **more}

    def make_json(self, texts: list[str]) -> Batch:
        """Plain JSON; who tries again marks the request by a key."""
        service, level = self.kind()
        records = [
            {"message": text, "service": service, "level": level, "timestamp": time.time_ns(), "session_id": self.name}
            for text in texts
        ]
        headers = self.headers(**({"idempotency-key": texts[0].replace(" ", "-")} if self.stubborn else {}))
        return Batch("/api/v1/logs", json.dumps(records).encode(), texts, headers)

    def make_otlp_logs(self, texts: list[str]) -> Batch:
        """OTLP: the very same bytes are the mark."""
        service, level = self.kind()
        records = [
            {
                "timeUnixNano": str(time.time_ns()),
                "severityNumber": 17 if level == "error" else 9,
                "body": {"stringValue": text},
            }
            for text in texts
        ]
        content = {"resourceLogs": [{"resource": named(service), "scopeLogs": [{"logRecords": records}]}]}
        return Batch("/v1/logs", json.dumps(content).encode(), texts, self.headers())

    def make_otlp_spans(self, texts: list[str]) -> Batch:
        """Server spans of one trace."""
        trace_id = f"{self.random.getrandbits(128) | 1:032x}"
        spans = [
            {
                "traceId": trace_id, "spanId": f"{self.random.getrandbits(64) | 1:016x}", "name": text, "kind": 2,
                "startTimeUnixNano": str(started := time.time_ns()), "endTimeUnixNano": str(started + 5_000_000),
            }
            for text in texts
        ]  # fmt: skip
        content = {"resourceSpans": [{"resource": named("shop"), "scopeSpans": [{"spans": spans}]}]}
        return Batch("/v1/traces", json.dumps(content).encode(), texts, self.headers())

    def kind(self) -> tuple[str, str]:
        """(service, level): much of nothing, now and then a surge."""
        return ("payments", "error") if self.surge else ("shop", self.random.choice(["info", "info", "debug", "warn"]))


def named(service: str) -> dict[str, object]:
    """A resource."""
    return {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}


def spell(number: int) -> str:
    """A number in letters, never fewer than four."""
    digits = ""
    while number or len(digits) < 4:
        number, digit = divmod(number, len(LETTERS))
        digits = LETTERS[digit] + digits
    return digits
