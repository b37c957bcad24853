"""Targets on loopback: what they were sent."""

import base64
import json
import secrets
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

from benchmarks.harness import HOST

BUDGETS: Final = {"wide": 3600, "hundred": 100, "dozen": 12}  # messages an hour, by name of the target


class Receiver:
    """Answers 204 and counts, by path."""

    def __enter__(self) -> Self:
        self.arrivals: list[tuple[float, str, str]] = []  # when, target, action
        arrivals = self.arrivals

        class Handler(BaseHTTPRequestHandler):
            """Reads the body, notes it, answers."""

            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["content-length"])))
                arrivals.append((time.monotonic(), self.path.strip("/"), event["data"].get("action", "")))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
                """Quiet."""

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    def counts(self) -> Counter[str]:
        """Messages by target."""
        return Counter(target for _, target, _ in list(self.arrivals))

    def add_targets(self, slug: str) -> None:
        """One webhook of each budget, as admin would make them."""
        from alerts.models import Target
        from alerts.targets import write_secrets
        from diagnostics.models import Environment

        environment = Environment.objects.get(slug=slug)
        for name, budget in BUDGETS.items():
            target = Target(environment=environment, name=name, kind="webhook", hourly_budget=budget)
            key = base64.b64encode(secrets.token_bytes(32)).decode()
            url = f"http://{HOST}:{self.server.server_port}/{name}"
            write_secrets(target, {"url": url, "signing_key": f"whsec_{key}"})
            target.save()
