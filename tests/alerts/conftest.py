"""What the tests of alerts share: a clock that stands, a receiver that listens, and rows."""

import socket
import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from alerts.evaluation import history
from alerts.evaluation.run import evaluate_environment
from alerts.incidents.transitions import Opening, open_incident
from alerts.models import AlertRule, EvaluationMark, Notification, Target
from alerts.targets import write_secrets
from diagnostics.core import clock
from diagnostics.models import MinuteRollup
from tests.alerts.mailbox import Mailbox, OnFreePort
from tests.factories import make_environment

NOON = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
SIGNING_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(autouse=True)
def forget_history():
    """Sums that are kept for a minute are of no use to the next test."""
    history.KEPT.clear()


class StandingClock:
    def __init__(self):
        self.now = NOON

    def advance(self, **duration):
        self.now += timedelta(**duration)


@pytest.fixture
def standing(monkeypatch):
    """A clock that moves only when told to."""
    standing = StandingClock()
    monkeypatch.setattr(clock, "now", lambda: standing.now)
    return standing


class Receiver(ThreadingHTTPServer):
    """A real HTTP server that notes what it gets and answers as it is told: (status, headers, body) or "hang up",
    last one for ever."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.got = []
        self.answers = deque([(200, {}, b"ok")])
        self.on_request = lambda: None
        self.play = None  # (path, headers, body) -> answer, instead of those in line
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.url = f"{self.base}/hook/tok-3n-s3cr3t"

    def handle_error(self, request, client_address):
        """Who hangs up on us in the middle of an answer is what some tests are about."""

    def answer(self, *answers):
        self.answers = deque(
            answer if isinstance(answer, tuple | str) else (answer, {}, b"" if answer != 200 else b"ok")
            for answer in answers
        )


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self.server.on_request()
        answers = self.server.answers
        if self.server.play:
            answer = self.server.play(*self.server.got[-1])
        else:
            answer = answers.popleft() if len(answers) > 1 else answers[0]
        if answer == "hang up":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers, text = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_PATCH = do_POST  # noqa: N815  a redirect that is followed would show

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver(settings):
    """A server on loopback that the operator vouches for."""
    settings.DIAGNOSTICS = {
        **settings.DIAGNOSTICS,
        "DELIVERY_ALLOWED_NETWORKS": ["127.0.0.1/32", "::1/128"],
        "DELIVERY_ALLOW_HTTP": True,
    }
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def raw_server(receiver):
    """Starts servers that talk to the socket themselves; gives their address."""
    opened = []

    def serve(talk, family=socket.AF_INET):
        listener = socket.create_server(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family)
        opened.append(listener)

        def run():
            try:
                while True:
                    talk(listener.accept()[0])
            except OSError:
                return

        threading.Thread(target=run, daemon=True).start()
        return listener.getsockname()[1]

    yield serve
    for listener in opened:
        listener.close()


@pytest.fixture
def environment(db):
    return make_environment(name="Shop")


@pytest.fixture
def make_rule(environment):
    def make(**fields):
        given = {
            "slug": f"rule-{AlertRule.objects.count()}", "name": "Errors", "signal": "errors", "threshold": 10,
            "window_minutes": 1, "keep_firing_seconds": 0, **fields,
        }  # fmt: skip
        return AlertRule.objects.create(**{"environment": environment, **given})

    return make


@pytest.fixture
def make_target(environment):
    def make(kind="webhook", url="", **fields):
        target = Target(**{"environment": environment, "name": f"t{Target.objects.count()}", "kind": kind, **fields})
        if url:
            write_secrets(target, {"url": url, "signing_key": SIGNING_KEY})
        target.save()
        return target

    return make


@pytest.fixture
def hook(make_target, receiver):
    return make_target("webhook", receiver.url)


@pytest.fixture
def make_rollup(environment):
    """Sums of a minute, so many minutes before the standing clock's."""

    def make(ago=0, source="log", service="web", route="", release="", **counts):
        minute = clock.floor_minute(clock.now()) - timedelta(minutes=ago)
        return MinuteRollup.objects.create(
            environment=environment, minute=minute, source=source, service_name=service, http_route=route,
            release=release, **counts,
        )  # fmt: skip

    return make


@pytest.fixture
def evaluate(environment, standing):
    """Lets time pass, in which the product is up, and looks at the rules."""

    def step(**duration):
        standing.advance(**duration)
        EvaluationMark.objects.filter(evaluated_at__lt=standing.now).update(evaluated_at=standing.now)
        return evaluate_environment(environment.pk)

    return step


@pytest.fixture
def make_incident(make_rule):
    """An incident of a rule; each rule has a service of its own, so that they stay apart unless a service is named."""
    services = {}

    def make(rule=None, service=None, route="", summary="checkout: 40 errors in 1 min.", **fields):
        rule = rule or make_rule()
        if service is None:
            service = services.setdefault(rule.pk, f"checkout-{len(services)}" if services else "checkout")
        given = {"title": f"{rule.name}: {service}", "value": 40.0, "now": clock.now(), **fields}
        return open_incident(Opening(rule, f"{service} {route}".strip(), service, route, summary=summary, **given))

    return make


@pytest.fixture
def told():
    """(action, state, reason) of each notification, in order."""

    def read(**where):
        rows = Notification.objects.filter(**where).order_by("created_at", "target_id", "event_id")
        return list(rows.values_list("action", "state", "reason"))

    return read


@pytest.fixture
def mailbox(settings):
    """A real server on loopback."""
    handler = Mailbox()
    controller = OnFreePort(handler, hostname="127.0.0.1", port=0)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_TIMEOUT = 2
    settings.DEFAULT_FROM_EMAIL = "Diagnostics <alerts@shop.com>"
    yield handler
    controller.stop()
