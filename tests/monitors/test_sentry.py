"""Check-ins of Sentry's SDKs: read from their envelopes, taken by the digest, and nothing private among them."""

import uuid

import orjson
import pytest
from asgiref.sync import sync_to_async

from alerts.models import CheckIn, Monitor
from diagnostics.core.errors import BadInput
from diagnostics.digest.run import digest
from diagnostics.ingest.formats.sentry_check_in import read_check_in
from diagnostics.models import IngestBatch, IngestKey, LogRecord
from tests.factories import make_environment, make_key
from tests.ingest.envelopes import envelope, error_event, send

CONFIG = {
    "schedule": {"type": "crontab", "value": "0 2 * * *"}, "timezone": "Europe/Berlin", "checkin_margin": 30,
    "max_runtime": 60, "failure_issue_threshold": 2,
}  # fmt: skip


def item(status="ok", **fields):
    return ("check_in", {"check_in_id": uuid.uuid4().hex, "monitor_slug": "nightly-backup", "status": status, **fields})


@pytest.fixture
def environment(transactional_db):
    return make_environment()


@pytest.fixture
def key(environment):
    return make_key(environment)


@pytest.fixture
def tell(key):
    """Sends an envelope; the digest takes it."""

    async def send_and_digest(*items, **header):
        answer = await send(key, envelope(*items, **header))
        await sync_to_async(digest)()
        return answer

    return send_and_digest


async def test_the_first_with_a_schedule_makes_its_monitor(tell, environment):
    run = uuid.uuid4().hex
    await tell(item("in_progress", check_in_id=run, monitor_config=CONFIG))
    monitor = await Monitor.objects.aget(environment=environment)
    assert (monitor.slug, monitor.schedule, monitor.zone) == ("nightly-backup", "0 2 * * *", "Europe/Berlin")
    assert (monitor.grace_minutes, monitor.longest_minutes, monitor.opens_after) == (30, 60, 2)
    assert monitor.state == "running"
    await tell(item("ok", check_in_id=run, duration=12.5, monitor_config={**CONFIG, "timezone": "UTC"}))
    await monitor.arefresh_from_db()
    assert (monitor.state, monitor.last_duration_ms, monitor.zone) == ("up", 12_500, "Europe/Berlin")


async def test_an_error_is_a_failure_and_the_event_beside_it_is_kept(tell):
    await tell(item(monitor_config=CONFIG))
    answer = await tell(("event", error_event()), item("error"))
    assert answer.status_code == 200
    assert [row.outcome async for row in CheckIn.objects.order_by("number")] == ["ok", "failed"]


async def test_sent_again_it_counts_once(tell, key):
    again = item("error", monitor_config=CONFIG)
    for moment in ("1", "2"):
        await tell(again, sent_at=moment)
    assert (await Monitor.objects.aget()).failures == 1


async def test_without_a_schedule_nobody_is_made(tell):
    assert (await tell(item())).status_code == 200
    assert not await Monitor.objects.aexists()


async def test_a_schedule_that_means_nothing_holds_up_no_digest(tell):
    await tell(item(monitor_config={"schedule": {"type": "crontab", "value": "61 * * * *"}}))
    assert not await Monitor.objects.aexists()
    assert not await IngestBatch.objects.filter(digested_at=None).aexists()


async def test_nothing_but_what_is_understood_is_durable(key):
    secret = "jane.doe@example.com"
    said = item(
        monitor_config={"schedule": {"type": "crontab", "value": secret}}, contexts={"x": secret}, environment=secret
    )
    await send(key, envelope(said))
    batch = await IngestBatch.objects.aget()
    assert batch.findings["check_ins"][0]["slug"] == "nightly-backup"
    assert "jane" not in orjson.dumps([batch.findings, batch.answer]).decode()


@pytest.mark.parametrize(
    ("schedule", "stored"),
    [
        ({"type": "interval", "value": 15, "unit": "minute"}, "15m"),
        ({"type": "interval", "value": 2, "unit": "week"}, "14d"),
        ({"type": "interval", "value": 1, "unit": "month"}, "30d"),
        ({"type": "interval", "value": "2", "unit": "hour"}, None),
        ({"type": "interval", "value": 1, "unit": "fortnight"}, None),
        ({"type": "crontab", "value": "@daily"}, "@daily"),
        ({"type": "crontab", "value": "a; drop"}, None),
        ("soon", None),
    ],
)
def test_schedules(schedule, stored):
    read = read_check_in({"monitor_slug": "a", "status": "ok", "monitor_config": {"schedule": schedule}})
    assert read.get("schedule") == stored


@pytest.mark.parametrize(
    "broken", [{"monitor_slug": "a b"}, {"monitor_slug": ""}, {"status": "party"}, {"status": None}]
)
def test_what_is_no_check_in_is_named(broken):
    with pytest.raises(BadInput, match=next(iter(broken))):
        read_check_in({"monitor_slug": "a", "status": "ok", **broken})


def test_what_is_not_understood_is_left_out():
    read = read_check_in({
        "monitor_slug": "Nightly", "status": "error", "check_in_id": "0" * 32, "duration": -1,
        "monitor_config": {"schedule": {"type": "interval", "value": 1, "unit": "day"}, "timezone": "a b", "max_runtime": "x"},
    })  # fmt: skip
    assert read == {"slug": "nightly", "outcome": "failed", "schedule": "1d"}


async def test_of_a_key_that_sends_records_only_no_check_in_is_taken(key, tell, environment):
    await IngestKey.objects.aupdate(records_only=True)
    answer = await tell(item("ok", monitor_config=CONFIG), ("event", error_event()))
    assert answer.status_code == 200
    assert not await Monitor.objects.aexists()
    assert await LogRecord.objects.filter(environment_id=environment.pk).aexists()


async def test_a_monitor_that_another_digest_has_just_made_holds_up_no_digest(tell, environment, monkeypatch):
    checked = Monitor.full_clean

    def be_late(monitor):
        checked(monitor)
        Monitor.objects.create(environment=environment, slug="nightly-backup", name="Backup", schedule="1h")

    monkeypatch.setattr(Monitor, "full_clean", be_late)
    await tell(item("ok", monitor_config=CONFIG), item("error", monitor_slug="other"))
    monitor = await Monitor.objects.aget()
    assert (monitor.name, monitor.state) == ("Backup", "up")
