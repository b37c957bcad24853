"""Monitors in the admin: a plain form that says when the job will be due."""

from django.urls import reverse

from alerts.models import Monitor
from diagnostics.models import AccessEvent
from tests.admin.forms import errors_of, send
from tests.views.reading import read

ADD = reverse("admin:alerts_monitor_add")
LIST = reverse("admin:alerts_monitor_changelist")


def test_it_is_made_and_says_when_it_is_due(world, admin, manager):
    made = send(admin, ADD, name="Billing", slug="billing", schedule="every day", zone="Europe/Berlin")
    assert made.status_code == 302
    monitor = Monitor.objects.get()
    assert (monitor.environment, monitor.schedule) == (world.environment, "1d")
    assert AccessEvent.objects.get(action="monitor.create").actor == manager
    page = read(admin.get(reverse("admin:alerts_monitor_change", args=[monitor.pk])))
    assert len([item for item in page.all("li") if item.text.endswith(" UTC")]) == 5
    assert f"/ping/{monitor.ping_id}" in page.text


def test_what_cannot_be_read_is_said_beside_its_field(world, admin):
    said = errors_of(send(admin, ADD, name="Billing", slug="billing", schedule="0 25 * * *"))
    assert said == {"schedule": ["hour: 25 is not from 0 to 23."]}
    assert "zone" in errors_of(send(admin, ADD, name="Billing", slug="billing", schedule="1h", zone="Mars"))


def test_a_change_is_written_down_and_keeps_how_it_stands(world, admin):
    address = reverse("admin:alerts_monitor_change", args=[world.monitor.pk])
    assert send(admin, address, grace_minutes="45").status_code == 302
    event = AccessEvent.objects.get(action="monitor.change")
    assert event.detail == {"before": {"grace_minutes": 5}, "after": {"grace_minutes": 45}}
    assert Monitor.objects.get().state == "down"


def test_several_are_paused_resumed_and_given_new_addresses(world, admin):
    before = world.monitor.ping_id
    for action, state in (("pause", "paused"), ("resume", "up"), ("rotate", "up")):
        admin.post(LIST, {"action": action, "_selected_action": [world.monitor.pk]})
        assert Monitor.objects.get().state == state
    assert Monitor.objects.get().ping_id != before


def test_deleting_is_written_down(world, admin):
    admin.post(reverse("admin:alerts_monitor_delete", args=[world.monitor.pk]), {"post": "yes"})
    assert not Monitor.objects.exists()
    assert AccessEvent.objects.get(action="monitor.delete").detail["before"]["slug"] == "nightly-backup"
