"""Liveness and readiness, for supervisors and load balancers. No secrets, no sign-in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import redis
from django.conf import settings
from django.db import DatabaseError, ProgrammingError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from diagnostics.core import clock
from diagnostics.models import Heartbeat, IngestBatch
from diagnostics.tasks import WORKER

WORKER_SILENT: Final = timedelta(seconds=90)
DIGEST_LATE: Final = timedelta(seconds=60)


def livez(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 while records can be taken; the parts that are behind are named. 503 when the database is away.

    A balancer must not take a process out because Valkey or a worker is away: ingest goes on without them.
    """
    database = check_database()
    if database["status"] != "ok":
        return JsonResponse({"status": "down", "checks": {"database": database}}, status=503)
    checks = {"database": database, **{name: check() for name, check in OTHERS.items()}}
    worst = "ok" if all(check["status"] == "ok" for check in checks.values()) else "degraded"
    return JsonResponse({"status": worst, "checks": checks})


def check_database() -> dict[str, Any]:
    """A statement is answered, by a database that has our tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM diagnostics_heartbeat LIMIT 1")
    except ProgrammingError:
        return {"status": "down", "message": "the database has no tables yet: run migrate"}
    except DatabaseError:
        return {"status": "down", "message": "the database does not answer"}
    return {"status": "ok"}


def check_valkey() -> dict[str, Any]:
    """A ping is answered."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return {"status": "down", "message": "Valkey does not answer: the live stream is off, all else goes on"}
    return {"status": "ok"}


def check_worker() -> dict[str, Any]:
    """The worker's last heartbeat."""
    beat = Heartbeat.objects.filter(name=WORKER).first()
    if beat is None:
        return {"status": "down", "message": "no worker has run yet"}
    silent = clock.now() - beat.beat_at
    if silent > WORKER_SILENT:
        return {"status": "down", "message": "the worker is silent", "seconds": int(silent.total_seconds())}
    return {"status": "ok", "seconds": int(silent.total_seconds())}


def check_digest() -> dict[str, Any]:
    """How long the oldest batch has waited to be digested."""
    oldest = IngestBatch.objects.filter(digested_at=None).order_by("id").values_list("received_at", flat=True).first()
    waited = clock.now() - oldest if oldest else timedelta(0)
    status = "ok" if waited <= DIGEST_LATE else "late"
    return {"status": status, "seconds": max(0, int(waited.total_seconds()))}


OTHERS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "valkey": check_valkey,
    "worker": check_worker,
    "digest": check_digest,
}


class HealthMiddleware:
    """Answers the health addresses before anything asks for an allowed host or HTTPS: a balancer's probe has neither."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The probe's answer, or what follows."""
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else self.get_response(request)


PROBES: Final = {"/livez": livez, "/readyz": readyz}
