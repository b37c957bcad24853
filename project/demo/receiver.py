"""A webhook receiver on loopback, so that the demo shows alerts arriving. It checks signatures as a real one would."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

LARGEST: Final = 256 * 1024


class Receiver(ThreadingHTTPServer):
    """Listens on a free port; `say` gets a line for each alert."""

    daemon_threads = True

    def __init__(self, key: bytes, say: Callable[[str], object]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.key, self.say = key, say

    @property
    def url(self) -> str:
        """Where alerts go."""
        return f"http://127.0.0.1:{self.server_port}/alerts"

    def start(self) -> None:
        """In a thread of its own."""
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    """One delivery."""

    server: Receiver
    timeout = 10

    def do_POST(self) -> None:
        """204 when the signature is right, 401 when it is not."""
        body = self.rfile.read(min(int(self.headers.get("content-length", 0)), LARGEST))
        is_signed = self.is_signed(body)
        if is_signed:
            self.server.say(describe(json.loads(body)))
        self.send_response(204 if is_signed else 401)
        self.send_header("content-length", "0")
        self.end_headers()

    def is_signed(self, body: bytes) -> bool:
        """Standard Webhooks: HMAC-SHA256 over id, time and body."""
        signed = f"{self.headers.get('webhook-id')}.{self.headers.get('webhook-timestamp')}.".encode() + body
        wanted = "v1," + base64.b64encode(hmac.digest(self.server.key, signed, hashlib.sha256)).decode()
        given = self.headers.get("webhook-signature", "").split()
        return any(hmac.compare_digest(wanted, one) for one in given)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Quiet: `say` tells what matters."""


def describe(message: dict[str, Any]) -> str:
    """One line about an alert."""
    data = message["data"]
    return f"webhook received: {message['type']} · {data['summary']} · {data['links']['incident']}"
