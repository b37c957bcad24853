"""Monitors over the API: made, changed and deleted by who may manage rules, seen by who may see incidents."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.models import Monitor
from diagnostics.models import AccessEvent
from tests.api.calling import caller_with, every
from tests.world import begin_world

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/monitors"
MONITOR = {"environment": "shop-one", "slug": "backup", "name": "Backup", "schedule": "every 2 hours"}


def test_it_is_made_changed_and_deleted_and_each_is_written_down(world, admin):
    made = admin.post(ADDRESS, MONITOR)
    assert made.status_code == 201
    found = made.json()
    assert (found["schedule"], found["state"], found["zone"]) == ("2h", "new", "UTC")
    assert f"/ping/{Monitor.objects.get().ping_id}" in found["ping_url"]
    address = f"{ADDRESS}/{found['id']}"
    assert admin.patch(address, {"schedule": "0  2 * * *", "grace_minutes": 30}).json()["schedule"] == "0 2 * * *"
    assert admin.patch(address, {"paused": True}).json()["state"] == "paused"
    assert admin.delete(address).status_code == 204
    written = list(
        AccessEvent.objects.filter(action__startswith="monitor.").order_by("id").values_list("action", flat=True)
    )
    assert written == ["monitor.create", "monitor.change", "monitor.change", "monitor.delete"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"schedule": "soon"}, "schedule"),
        ({"schedule": "0 2 31 2 *"}, "schedule"),
        ({"zone": "Mars"}, "zone"),
        ({"grace_minutes": 0}, "grace_minutes"),
        ({"longest_minutes": 20_000}, "longest_minutes"),
        ({"opens_after": 0}, "opens_after"),
        ({"slug": "a b"}, "slug"),
        ({"environment": "elsewhere"}, "environment"),
        ({"severity": "loud"}, "severity"),
    ],
)
def test_what_makes_no_sense_is_named(admin, fields, named):
    answer = admin.post(ADDRESS, {**MONITOR, **fields})
    assert answer.status_code == 400
    assert named in answer.json()
    assert not Monitor.objects.exists()


def test_a_slug_is_there_once_and_stays(world, admin):
    first = admin.post(ADDRESS, MONITOR).json()
    assert "already" in admin.post(ADDRESS, MONITOR).json()["slug"][0]
    assert "stays" in admin.patch(f"{ADDRESS}/{first['id']}", {"slug": "other"}).json()["slug"][0]


def test_who_may_see_incidents_sees_it_without_its_address_and_changes_nothing(world, viewer):
    (row,) = [world.monitor] and every(viewer, ADDRESS)
    assert (row["slug"], row["state"], row["ping_url"]) == ("nightly-backup", "down", "")
    address = f"{ADDRESS}/{row['id']}"
    assert viewer.patch(address, {"name": "x"}).status_code == 404
    assert viewer.post(f"{address}/rotate").status_code == 404
    assert viewer.delete(address).status_code == 404
    assert viewer.post(ADDRESS, MONITOR).status_code == 400
    reports = viewer.get(f"{address}/check-ins").json()
    assert [(one["outcome"], one["exit_code"]) for one in reports] == [("failed", 1)]


def test_a_stranger_sees_and_changes_nothing(world):
    stranger = caller_with(begin_world("elsewhere").environment, "environment-admin")
    address = f"{ADDRESS}/{world.monitor.pk}"
    assert every(stranger, ADDRESS) == []
    for answer in (
        stranger.get(address), stranger.patch(address, {"name": "x"}), stranger.delete(address),
        stranger.post(f"{address}/rotate"), stranger.get(f"{address}/check-ins"),
    ):  # fmt: skip
        assert answer.status_code == 404


def test_a_new_address_replaces_the_one_before(world, admin):
    before = world.monitor.ping_id
    told = admin.post(f"{ADDRESS}/{world.monitor.pk}/rotate").json()
    assert str(before) not in told["ping_url"]
    assert str(Monitor.objects.get().ping_id) in told["ping_url"]


def test_a_list_of_many_asks_once_who_may_know_their_addresses(world, admin):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            admin.get(ADDRESS)
        return len(queries)

    asked()  # what is read once a process
    few = asked()
    for number in range(8):
        Monitor.objects.create(environment=world.environment, slug=f"m{number}", name="m", schedule="1h")
    assert asked() == few
