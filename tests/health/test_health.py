"""Liveness asks nobody; readiness names what is wrong, and only the database takes a process out."""

from datetime import timedelta

import pytest
import redis
from django.db import DatabaseError, OperationalError, connection
from django.test import Client

from diagnostics import tasks
from diagnostics.core import clock
from diagnostics.models import Heartbeat, IngestBatch
from tests.factories import make_environment


def test_a_process_lives_without_database_or_session():
    client = Client()  # pytest refuses the database here
    client.cookies["sessionid"] = "x" * 32
    answer = client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def ready():
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()["status"], answer.json()["checks"]


@pytest.fixture
def worker(db):
    tasks.beat(tasks.WORKER)


def test_all_is_well(worker):
    status, word, checks = ready()
    assert (status, word) == (200, "ok")
    assert {name: check["status"] for name, check in checks.items()} == dict.fromkeys(
        ("database", "valkey", "worker", "digest"), "ok"
    )


@pytest.mark.parametrize("error", [OperationalError("secret host refused"), DatabaseError("gone")])
def test_without_the_database_it_is_down_and_asks_nothing_else(error, monkeypatch):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(connection, "cursor", fail)
    status, word, checks = ready()
    assert (status, word) == (503, "down")
    assert checks == {"database": {"status": "down", "message": "the database does not answer"}}


def test_before_its_tables_are_made_it_is_down_and_says_so(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE diagnostics_heartbeat RENAME TO not_there_yet")
    status, word, checks = ready()
    assert (status, word) == (503, "down")
    assert "migrate" in checks["database"]["message"]


def test_without_valkey_it_goes_on_and_says_what_is_off(worker, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    status, word, checks = ready()
    assert (status, word, checks["valkey"]["status"]) == (200, "degraded", "down")
    assert "live stream is off" in checks["valkey"]["message"]
    assert "127.0.0.1" not in str(checks)


def test_a_valkey_that_refuses_us_is_as_good_as_none(worker, settings):
    settings.REDIS_URL = redis_url_with_wrong_password(settings.REDIS_URL)
    status, word, checks = ready()
    assert (status, word, checks["valkey"]["status"]) == (200, "degraded", "down")


def redis_url_with_wrong_password(url):
    with redis.Redis.from_url(url) as client:
        known = client.connection_pool.connection_kwargs
    return f"redis://:wrong@{known['host']}:{known['port']}/0"


def test_a_worker_that_never_ran_or_fell_silent_is_named(db):
    status, word, checks = ready()
    assert (status, word) == (200, "degraded")
    assert checks["worker"] == {"status": "down", "message": "no worker has run yet"}
    Heartbeat.objects.create(name=tasks.WORKER, beat_at=clock.now() - timedelta(seconds=600))
    _, word, checks = ready()
    assert (word, checks["worker"]["message"]) == ("degraded", "the worker is silent")
    assert 600 <= checks["worker"]["seconds"] < 660
    tasks.beat(tasks.WORKER)
    assert ready()[1] == "ok"


def test_the_oldest_batch_that_waits_for_its_digest_counts(worker):
    environment, now = make_environment(), clock.now()
    for number, (ago, digested) in enumerate(((900, now), (70, None), (5, None))):
        IngestBatch.objects.create(
            id=number,
            environment=environment,
            received_at=now - timedelta(seconds=ago),
            wire_format="json",
            digested_at=digested,
        )
    status, word, checks = ready()
    assert (status, word, checks["digest"]["status"]) == (200, "degraded", "late")
    assert 70 <= checks["digest"]["seconds"] < 100
    IngestBatch.objects.filter(pk=1).update(digested_at=now)
    assert ready()[2]["digest"] == {"status": "ok", "seconds": 5}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_probe_needs_neither_an_allowed_host_nor_https(client, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/login/", headers={"host": "10.0.0.7:8000"}).status_code == 400
