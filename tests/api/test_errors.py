"""Errors over the API: cut by what is asked for, decided of, and nothing by whoever may only look."""

from datetime import timedelta

import pytest

from diagnostics.core import clock
from diagnostics.models import AccessEvent, ErrorGroup
from tests.api.calling import every
from tests.world import make_error


def test_errors_are_cut_by_what_is_asked_for(world, viewer):
    now = clock.now()
    make_error(world.environment, "payment * failed", error_type="Declined", service_name="pay", releases=["2.1"])
    make_error(world.environment, "old", resolved_at=now, last_seen=now - timedelta(days=3))

    def listed(**params):
        return [row["title"] for row in every(viewer, "/api/v1/errors", **params)]

    assert listed() == ["payment * failed", "old"]
    assert (
        listed(state="open") == listed(service="pay") == listed(release="2.1") == listed(q="declined") == listed()[:1]
    )
    assert listed(state="resolved") == ["old"]
    assert listed(seen_since=(now - timedelta(days=1)).isoformat()) == ["payment * failed"]
    assert viewer.get("/api/v1/errors", environment="elsewhere").status_code == 404
    row = next(row for row in every(viewer, "/api/v1/errors") if row["service_name"] == "pay")
    assert (row["environment"], row["state"], row["releases"]) == (world.slug, "new", ["2.1"])


@pytest.mark.parametrize(("name", "value"), [("state", "loud"), ("seen_since", "yesterday"), ("q", "a " * 101)])
def test_what_cannot_be_understood_is_named(world, viewer, name, value):
    answer = viewer.get("/api/v1/errors", **{name: value})
    assert answer.status_code == 400
    assert name in answer.json()


def test_an_error_is_resolved_opened_again_and_ignored(world, on_call):
    error = make_error(world.environment)
    address = f"/api/v1/errors/{error.pk}"
    row = on_call.post(f"{address}/resolve", {"awaits_release": True}).json()
    assert (row["state"], row["awaits_release"], row["decided_by"]) == ("resolved", True, on_call.person.username)
    assert on_call.post(f"{address}/reopen").json()["state"] == "new"
    row = on_call.post(f"{address}/ignore", {"hours": 2}).json()
    assert row["state"] == "ignored"
    assert on_call.get(address).json() == row
    row = on_call.post(f"{address}/ignore", {"awaits_release": True}).json()
    assert (row["ignored_until"], row["awaits_release"]) == (None, True)
    event = AccessEvent.objects.filter(action="error.ignore").latest("id")
    assert event.detail["token"]


def test_an_error_is_given_to_somebody_who_may_respond(world, on_call, viewer):
    address = f"/api/v1/errors/{make_error(world.environment).pk}/assign"
    assert on_call.post(address, {"person": on_call.person.username}).json()["assigned_to"] == on_call.person.username
    assert "person" in on_call.post(address, {"person": viewer.person.username}).json()
    assert "person" in on_call.post(address, {}).json()
    assert on_call.post(address, {"person": ""}).json()["assigned_to"] is None


@pytest.mark.parametrize("body", [{}, {"hours": 0}, {"hours": 10**6}, {"hours": "long"}])
def test_ignoring_needs_an_end_in_reach(world, on_call, body):
    error = make_error(world.environment)
    answer = on_call.post(f"/api/v1/errors/{error.pk}/ignore", body)
    assert answer.status_code == 400
    assert "hours" in answer.json()


def test_who_may_only_look_decides_nothing(world, viewer):
    error = make_error(world.environment)
    for act in ("resolve", "reopen", "ignore", "assign"):
        assert viewer.post(f"/api/v1/errors/{error.pk}/{act}", {"hours": 1}).status_code == 404
    assert ErrorGroup.objects.get(pk=error.pk).resolved_at is None
