"""A webhook receiver that keeps what it is told and is out of order the first times that it is told of an incident."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

from tests.flows.blow import Blow


class Receiver(ThreadingHTTPServer):
    """Listens on a free port of loopback. `calls` are (webhook-id, type, incident, status answered)."""

    daemon_threads = True

    def __init__(self, signing_key: str, failures: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.webhook = Webhook(signing_key)
        self.failures = failures
        self.called = Blow()
        self.rejected = 0  # signatures that were wrong
        self.calls: list[tuple[str, str, str, int]] = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/alerts"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Note the call; the status to answer."""
        try:
            self.webhook.verify(body, headers)
        except WebhookVerificationError:
            self.rejected += 1
            return 401
        self.called.fall()
        message = json.loads(body)
        kind, incident = message["type"], message["data"]["links"]["incident"]
        with self.lock:
            earlier = sum(call[1:3] == (kind, incident) for call in self.calls)
            status = 503 if kind == "incident.triggered" and earlier < self.failures else 204
            self.calls.append((headers["webhook-id"], kind, incident, status))
        return status

    def triggers(self) -> list[tuple[str, str, int]]:
        """(webhook-id, incident, status) of each time that it was told of an incident's beginning."""
        with self.lock:
            return [
                (name, incident, status) for name, kind, incident, status in self.calls if kind.endswith("triggered")
            ]


class Handler(BaseHTTPRequestHandler):
    """One delivery."""

    server: Receiver
    timeout = 10

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status = self.server.take({name.lower(): value for name, value in self.headers.items()}, body)
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *args) -> None:
        """Quiet."""
