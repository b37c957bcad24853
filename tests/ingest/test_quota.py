"""Quotas: counted in Valkey for all processes, in each process without it; refused in each protocol's own way, unread."""

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse
from google.rpc.status_pb2 import Status
from redis import asyncio as aioredis

from diagnostics.core import clock
from diagnostics.environments import create_environment
from diagnostics.ingest import keys, refusals
from diagnostics.ingest.buckets import BURST_SECONDS, LUA, LocalBuckets
from diagnostics.ingest.keys import issue_key
from diagnostics.ingest.quota import QUOTAS, Quotas
from diagnostics.ingest.refusals import REFUSALS, expire_refusals
from diagnostics.models import IngestKey, LogRecord, QuotaRefusal
from tests.factories import ingest_client, make_environment, make_key, make_user, send_json
from tests.ingest.test_sentry import envelope, error_event, send
from tests.people import client_with, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh(settings):
    QUOTAS.forget()
    yield
    REFUSALS.hush()
    QUOTAS.forget()


@pytest.fixture
def environment():
    return make_environment(ingest_quota_per_second=2)


def bodies(count):
    return [{"message": f"{number}"} for number in range(count)]


def stored(environment):
    return LogRecord.objects.filter(environment_id=environment.pk).count()


async def post(key, path, content, content_type):
    async with ingest_client(key) as client:
        return await client.post(path, content=content, headers={"Content-Type": content_type})


async def use_up(key):
    answer = await send_json(key, bodies(11))  # a burst of 10, and one more
    assert answer.status_code == 202 or answer.status_code == 200


async def test_a_batch_is_taken_whole_and_the_next_one_waits(environment, key):
    await use_up(key)
    answer = await send_json(key, bodies(1))
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 2
    assert "quota" in answer.json()["error"]["message"]
    assert await sync_to_async(stored)(environment) == 11
    await asyncio.sleep(int(answer.headers["retry-after"]))
    assert (await send_json(key, bodies(1))).is_success


PROTOCOLS = {
    "/v1/logs": ("application/x-protobuf", lambda answer: Status.FromString(answer.content).code == 8),
    "/v1/traces": ("application/json", lambda answer: answer.json()["code"] == 8),
    "/loki/api/v1/push": ("application/json", lambda answer: answer.text.startswith("quota")),
    "/elastic/_bulk": ("application/x-ndjson", lambda answer: answer.json()["status"] == 429),
    "/api/v1/logs": ("application/json", lambda answer: answer.json()["error"]["code"] == 429),
}


@pytest.mark.parametrize("path", PROTOCOLS)
async def test_each_protocol_is_refused_in_its_own_words_before_its_body_is_read(key, path):
    await use_up(key)
    content_type, is_told = PROTOCOLS[path]

    async def never():
        yield b"{"
        raise AssertionError("the body was read")

    answer = await post(key, path, never(), content_type)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert is_told(answer)


LOG = {"items": [{"timestamp": 1_800_000_000, "level": "info", "body": "a log", "trace_id": "0" * 31 + "1"}]}


def a_log():
    return envelope(("log", LOG))


async def test_a_flood_of_logs_does_not_silence_errors_of_sentry(environment, key):
    await use_up(key)
    answer = await send(key, a_log())
    assert answer.status_code == 429  # with what to leave alone, so that the SDK goes on to send errors
    assert "error" not in answer.headers["x-sentry-rate-limits"]
    answer = await send(key, envelope(("event", error_event()), ("log", LOG)))
    assert answer.status_code == 200
    seconds, categories = answer.headers["x-sentry-rate-limits"].split(":")[:2]
    assert int(seconds) >= 1
    assert "log_item" in categories
    assert "error" not in categories.split(";")

    def bodies_now():
        return set(LogRecord.objects.filter(environment_id=environment.pk).values_list("body", flat=True))

    found = await sync_to_async(bodies_now)()
    assert "a log" not in found
    assert any("price" in body for body in found)


async def test_errors_of_sentry_have_a_quota_too(environment, key):
    for _ in range(6):  # each with its breadcrumbs: three records
        answer = await send(key, envelope(("event", error_event())))
    assert answer.status_code == 429  # nothing of it was kept
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["x-sentry-rate-limits"].split(":")[1] == "error;default"
    assert (await send(key, a_log())).status_code == 200  # logs may still come
    await use_up(key)
    answer = await send(key, envelope(("event", error_event())))
    assert answer.status_code == 429
    assert "error" in answer.headers["x-sentry-rate-limits"]
    assert "log_item" in answer.headers["x-sentry-rate-limits"]


async def test_a_key_has_a_quota_of_its_own(environment):
    environment.ingest_quota_per_second = None
    await sync_to_async(environment.save)()
    small, free = await sync_to_async(make_key)(environment), await sync_to_async(make_key)(environment)
    digest = keys.digest_of(small)
    await sync_to_async(IngestKey.objects.filter(digest=digest).update)(quota_per_second=2)
    await use_up(small)
    assert (await send_json(small, bodies(1))).status_code == 429
    assert (await send_json(free, bodies(50))).is_success


async def test_environments_do_not_share(environment, key):
    other = await sync_to_async(make_environment)(ingest_quota_per_second=2)
    other_key = await sync_to_async(make_key)(other)
    await use_up(key)
    assert (await send_json(other_key, bodies(1))).is_success


async def test_a_day_is_over_at_midnight(environment, monkeypatch):
    environment.ingest_quota_per_second, environment.ingest_quota_per_day = None, 5
    await sync_to_async(environment.save)()
    key = await sync_to_async(make_key)(environment)
    noon = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: noon)
    await send_json(key, bodies(5))
    answer = await send_json(key, bodies(1))
    assert answer.status_code == 429
    assert 11.9 * 3600 < int(answer.headers["retry-after"]) <= 12 * 3600
    QUOTAS.forget()  # another process, which knows nothing
    assert (await send_json(key, bodies(1))).status_code == 429
    monkeypatch.setattr(clock, "now", lambda: noon + timedelta(hours=13))
    QUOTAS.forget()
    assert (await send_json(key, bodies(1))).is_success


async def test_processes_share_what_is_left(environment, key):
    await use_up(key)
    quotas = (await sync_to_async(keys.find_holder)(key)).quotas
    other_process = Quotas()
    assert (await other_process.ask(quotas, ["record"])).wait_of("record") >= 1


async def test_without_valkey_each_process_counts_for_itself(environment, key, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    QUOTAS.clients.clear()
    await use_up(key)
    assert (await send_json(key, bodies(1))).status_code == 429
    QUOTAS.clients.clear()


async def test_who_has_no_quota_is_not_asked_for_anything(monkeypatch):
    key = await sync_to_async(make_key)(await sync_to_async(make_environment)())
    monkeypatch.setattr(Quotas, "take", None)
    assert (await send_json(key, bodies(100))).is_success


async def test_both_buckets_reckon_alike():
    local, name = LocalBuckets(), "quota:test:alike"
    async with aioredis.from_url(settings.REDIS_URL) as client:
        await client.delete(name)
        for number in (0, 3, 4, 0, 100, 1_000_000, 1):
            theirs = float(await client.eval(LUA, 1, name, 2.0, 2.0 * BURST_SECONDS, number, 6))
            assert theirs == pytest.approx(local.take(name, 2.0, 2.0 * BURST_SECONDS, number), abs=0.5)
        assert await client.ttl(name) > 0


def test_what_was_refused_is_counted_and_shown():
    environment = create_environment("shop-refused")
    REFUSALS.note(environment.pk, 7, requests=2)
    REFUSALS.note(environment.pk, 7, records=40)
    REFUSALS.write()
    REFUSALS.note(environment.pk, 7, requests=1)
    REFUSALS.write()
    row = QuotaRefusal.objects.get(environment=environment)
    assert (row.requests, row.records) == (3, 40)
    page = sign_in(make_user(is_superuser=True)).get(f"/e/{environment.slug}/").content.decode()
    assert "<strong>3 requests</strong> sent back" in page
    assert "<strong>40 records</strong> left out" in page
    assert "They came with" not in page  # that key is gone
    own, _ = issue_key(environment, "checkout <b>")
    IngestKey.objects.filter(pk=own.pk).update(quota_per_day=10)
    REFUSALS.note(environment.pk, own.pk, requests=9)
    REFUSALS.write()
    page = sign_in(make_user(is_superuser=True)).get(f"/e/{environment.slug}/").content.decode()
    address = reverse("admin:diagnostics_ingestkey_change", args=[own.pk])
    assert f'They came with <a href="{address}">checkout &lt;b&gt;</a> (has a quota of its own).' in page
    viewer = client_with(environment, "viewer").get(f"/e/{environment.slug}/").content.decode()
    assert "12 requests" in viewer
    assert "They came with" not in viewer
    other = make_environment()
    assert "quota was used up" not in sign_in(make_user(is_superuser=True)).get(f"/e/{other.slug}/").content.decode()
    expire_refusals(environment, clock.now() + timedelta(hours=2))
    assert not QuotaRefusal.objects.exists()


def test_what_the_database_did_not_take_is_counted_with_the_next(environment, monkeypatch):
    REFUSALS.note(environment.pk, 7, requests=2, records=5)
    with monkeypatch.context() as patch:
        patch.setattr(refusals, "UPSERT", "INSERT INTO nowhere VALUES (%s, %s, %s, %s, %s)")
        with pytest.raises(DatabaseError):
            REFUSALS.write()
    REFUSALS.note(environment.pk, 7, requests=1)
    REFUSALS.write()
    row = QuotaRefusal.objects.get(environment=environment)
    assert (row.requests, row.records) == (3, 5)


def test_what_was_counted_of_an_environment_that_is_gone_keeps_nobody_from_being_counted(environment, caplog):
    gone = make_environment()
    number = gone.pk
    REFUSALS.note(number, 7, requests=2)
    REFUSALS.note(environment.pk, 7, requests=3)
    gone.delete()
    REFUSALS.write()
    assert [row.requests for row in QuotaRefusal.objects.all()] == [3]
    assert f"environment {number}" in caplog.text
    REFUSALS.write()
    assert QuotaRefusal.objects.count() == 1


async def test_refused_requests_are_counted(environment, key):
    await use_up(key)
    for _ in range(3):
        await send_json(key, bodies(1))
    await sync_to_async(REFUSALS.write)()
    assert (await sync_to_async(QuotaRefusal.objects.get)(environment=environment)).requests == 3
