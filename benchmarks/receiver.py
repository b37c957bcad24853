"""A webhook receiver on loopback that notes when it was told what, and targets that lead to it."""

import base64
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from benchmarks.harness import HOST


class Receiver:
    """Answers 204. `arrivals`: (monotonic seconds, path, event) in their order."""

    def __enter__(self) -> Self:
        self.arrivals: list[tuple[float, str, dict[str, Any]]] = []
        arrivals = self.arrivals

        class Handler(BaseHTTPRequestHandler):
            """Reads the body, notes the time, answers."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                arrivals.append((time.monotonic(), self.path.strip("/"), json.loads(body)))
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

    def add_target(self, environment: str, path: str, **fields: Any) -> None:
        """A webhook of the environment that leads to this path, as admin would make it."""
        from alerts.models import Target
        from alerts.targets import write_secrets
        from diagnostics.models import Environment

        target = Target(environment=Environment.objects.get(slug=environment), name=path, kind="webhook", **fields)
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        url = f"http://{HOST}:{self.server.server_port}/{path}"
        write_secrets(target, {"url": url, "signing_key": f"whsec_{key}"})
        target.save()
