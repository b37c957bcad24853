"""The addresses that jobs report to: who may, what is understood, and that nothing private is kept."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from alerts.api import check_ins
from alerts.models import CheckIn, Monitor
from alerts.models import monitor as models
from alerts.monitors.changes import rotate_ping
from alerts.monitors.making import MOST_A_MINUTE
from alerts.monitors.telling import EACH_MINUTE
from diagnostics.core import clock
from diagnostics.ingest.keys import CACHE, issue_key, revoke_key
from diagnostics.models import AccessEvent, IngestKey
from tests.people import make_person, sign_in
from tests.world import begin_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return begin_world("shop")


@pytest.fixture
def monitor(world):
    return Monitor.objects.create(environment=world.environment, slug="nightly-backup", name="Backup", schedule="1d")


@pytest.fixture
def tell(world):
    """Reports with the environment's key."""
    text = world.key_text

    def send(path="nightly-backup", method="get", key=text, body="", content_type="text/plain", **params):
        client = Client(headers={"Authorization": f"Bearer {key}"} if key else {})
        address = f"/api/v1/checkins/{path}"
        if method == "post":
            return client.post(address, body, content_type=content_type, query_params=params)
        return getattr(client, method)(address, query_params=params)

    return send


@pytest.fixture
def ping(monitor):
    """Reports to the monitor's own address."""

    def send(what="", method="get", ping_id=None, body=""):
        address = f"/ping/{ping_id or Monitor.objects.get(pk=monitor.pk).ping_id}{what}"
        client = Client(enforce_csrf_checks=True)
        if method == "post":
            return client.post(address, body, content_type="text/plain")
        return getattr(client, method)(address)

    return send


def last():
    return CheckIn.objects.latest("number")


@pytest.mark.parametrize(
    ("path", "outcome", "exit_code"),
    [
        ("", "ok", None),
        ("/start", "started", None),
        ("/fail", "failed", None),
        ("/0", "ok", 0),
        ("/137", "failed", 137),
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_each_way_of_reporting_by_either_address(monitor, tell, ping, path, outcome, exit_code, method):
    answer = tell(f"nightly-backup{path}", method)
    assert answer.status_code == 200
    assert (last().outcome, last().exit_code) == (outcome, exit_code)
    CheckIn.objects.all().delete()
    Monitor.objects.update(last_outcome="")
    assert ping(path, method).status_code == 200
    assert (last().outcome, last().exit_code) == (outcome, exit_code)


def test_the_answer_says_how_it_stands(monitor, tell):
    answer = tell()
    assert "no-store" in answer.headers["cache-control"]
    told = answer.json()
    assert (told["monitor"], told["state"]) == ("nightly-backup", "up")
    assert tell("nightly-backup/3").json()["state"] == "down"
    assert tell("nightly-backup/").status_code == 200


@pytest.mark.parametrize("path", ["/256", "/-1", "/party", "/1e2", "/99999"])
def test_what_means_nothing_is_missing(monitor, tell, ping, path):
    assert tell(f"nightly-backup{path}").status_code == 404
    assert ping(path).status_code == 404
    assert not CheckIn.objects.exists()


def test_nobody_reports_without_a_key_and_a_key_in_the_address_is_none(world, monitor, tell):
    revoked, text = issue_key(world.environment, "old")
    revoke_key(revoked)
    for key in ("", "dk_guess", "x" * 5000, text):
        assert tell(key=key).status_code == 401, key[:20]
    client = Client()
    assert client.get(f"/api/v1/checkins/nightly-backup?key={world.key_text}").status_code == 401
    signed_in = sign_in(make_person(world.environment, "environment-admin"))
    assert signed_in.get("/api/v1/checkins/nightly-backup").status_code == 401
    assert not CheckIn.objects.exists()


def test_a_key_reports_for_its_own_environment_alone(monitor, tell):
    other = begin_world("other")
    assert tell(key=other.key_text).status_code == 404
    assert not CheckIn.objects.exists()


def test_an_invented_ping_address_is_missing_and_who_guesses_is_slowed_down(monitor, ping, tell, monkeypatch):
    monkeypatch.setattr(check_ins, "MOST_WRONG", 5)
    answers = [ping(ping_id=uuid.uuid4()).status_code for _ in range(7)]
    assert answers == [404] * 5 + [429] * 2
    assert tell().status_code == 200  # who comes with a key is another


def test_a_ping_address_that_was_changed_works_no_more(world, monitor, ping):
    before = monitor.ping_id
    rotate_ping(make_person(world.environment, "environment-admin"), monitor)
    assert ping(ping_id=before).status_code == 404
    assert ping().status_code == 200
    event = AccessEvent.objects.get(action="monitor.rotate")
    assert str(before) not in str(event.detail)
    assert str(monitor.ping_id) not in str(event.detail)


def test_an_unknown_slug_is_missing_and_the_answer_says_the_way_out(tell):
    answer = tell("unknown")
    assert answer.status_code == 404
    assert "?schedule=" in answer.json()["detail"]
    assert not Monitor.objects.exists()


def test_with_a_schedule_it_is_made_and_later_check_ins_change_nothing(tell):
    made = tell("billing", schedule="0 2 * * *", zone="Europe/Berlin", grace="30", longest="60", name="Billing run")
    assert made.status_code == 200
    monitor = Monitor.objects.get()
    assert (monitor.slug, monitor.name, monitor.schedule, monitor.zone) == (
        "billing", "Billing run", "0 2 * * *", "Europe/Berlin",
    )  # fmt: skip
    assert (monitor.grace_minutes, monitor.longest_minutes, monitor.state) == (30, 60, "up")
    assert AccessEvent.objects.get(action="monitor.create").actor_id is None
    tell("billing", schedule="every minute")
    monitor.refresh_from_db()
    assert monitor.schedule == "0 2 * * *"


def test_json_says_the_same(tell):
    body = {"schedule": "every 15 minutes", "grace": 3, "message": "12 rows", "duration_ms": 1500, "run": "r-1"}
    assert tell("import", "post", body=body, content_type="application/json").status_code == 200
    assert (Monitor.objects.get().schedule, Monitor.objects.get().grace_minutes) == ("15m", 3)
    assert (last().message, last().duration_ms) == ("12 rows", 1500)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"schedule": "soon"}, "schedule"),
        ({"schedule": "0 25 * * *"}, "schedule"),
        ({"schedule": "0 2 * * *", "zone": "Mars"}, "zone"),
        ({"schedule": "1h", "grace": "0"}, "grace"),
        ({"schedule": "1h", "grace": "x"}, "grace"),
        ({"schedule": "1h", "longest": "999999"}, "longest"),
        ({"schedule": "1h", "run": "a b"}, "run"),
        ({"schedule": "x" * 101}, "schedule"),
    ],
)
def test_what_cannot_be_taken_is_named(tell, params, field):
    answer = tell("new", **params)
    assert answer.status_code == 400
    assert field in answer.json()
    assert not Monitor.objects.exists()


def test_an_environment_has_so_many_at_most(monitor, tell, monkeypatch):
    monkeypatch.setattr(models, "MOST", 1)
    assert tell("another", schedule="1h").status_code == 400
    assert tell().status_code == 200


def test_a_message_is_redacted_and_its_end_is_kept(monitor, tell, ping):
    tell("nightly-backup/1", "post", body="x" * 3000 + " mail to jane.doe@example.com failed, token=ghp_" + "a1B2" * 9)
    message = last().message
    assert len(message) <= 1000
    assert message.startswith("…x")
    assert "jane" not in message
    assert "ghp_" not in message
    assert ping("/fail", "post", body="\0call jane.doe@example.com\n").status_code == 200
    assert "jane" not in last().message


def test_no_more_than_ten_kilobytes_of_a_body_are_read(monitor, tell):
    tell("nightly-backup", "post", body="a" * 10_300 + " the end")
    assert "the end" not in last().message


def test_a_name_that_a_job_brings_is_redacted(tell):
    tell("backup", schedule="1h", name="for jane.doe@example.com")
    assert "jane" not in Monitor.objects.get().name


def test_a_loop_gone_wrong_is_slowed_down(monitor, tell, monkeypatch):
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)  # minutes are counted by the clock: a new one begins anew
    answers = [tell(run=f"r-{number}").status_code for number in range(EACH_MINUTE + 2)]
    assert answers[EACH_MINUTE:] == [429, 429]


def test_json_that_is_nothing_but_brackets_is_a_message(monitor, tell):
    assert tell("nightly-backup", "post", body="[" * 9000, content_type="application/json").status_code == 200


def test_two_first_check_ins_at_the_same_moment_make_one_monitor(world, tell, monkeypatch):
    checked = Monitor.full_clean

    def be_late(monitor):
        checked(monitor)
        Monitor.objects.create(environment=world.environment, slug="billing", name="Billing", schedule="1h")

    monkeypatch.setattr(Monitor, "full_clean", be_late)
    assert tell("billing", schedule="1h").status_code == 200
    assert (Monitor.objects.get().state, CheckIn.objects.count()) == ("up", 1)


@pytest.mark.parametrize("message", ["disk\\u0000 full", "disk\\ud83d full"])
def test_a_failure_whose_output_cannot_be_stored_as_it_is_counts(monitor, tell, message):
    answer = tell("nightly-backup/1", "post", body=f'{{"message": "{message}"}}', content_type="application/json")
    assert answer.status_code == 200
    assert (last().outcome, last().message.startswith("disk")) == ("failed", True)


def test_a_field_that_is_null_is_left_out(monitor, tell):
    body = '{"message": null, "duration_ms": null, "run": null, "schedule": null}'
    answer = tell("nightly-backup/1", "post", body=body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert (last().outcome, last().message) == ("failed", "")


def test_of_a_flood_of_new_monitors_the_rest_waits(world, tell):
    Monitor.objects.bulk_create(
        Monitor(environment=world.environment, slug=f"m-{number}", name="m", schedule="1h")
        for number in range(MOST_A_MINUTE)
    )
    answer = tell("one-more", schedule="1h")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert tell("m-1").status_code == 200
    Monitor.objects.update(created_at=clock.now() - timedelta(minutes=2))
    assert tell("one-more", schedule="1h").status_code == 200


def test_a_key_that_sends_records_only_checks_nothing_in(world, monitor, tell):
    IngestKey.objects.update(records_only=True)
    CACHE.clear()
    answer = tell()
    assert (answer.status_code, "sends records only" in answer.json()["detail"]) == (403, True)
    assert not CheckIn.objects.exists()
