"""PagerDuty's own client as the judge: it takes our fake for its service. What it does not check (lengths, sizes) is
asserted by hand."""

import json

import pytest
from pagerduty import EventsApiV2Client

from alerts.delivery.errors import DeliveryError
from alerts.integrations.base import Setup
from alerts.integrations.pagerduty.payload import build_event
from alerts.integrations.registry import INTEGRATIONS
from tests.alerts.fakes import FAKES, PAGERDUTY_KEY
from tests.alerts.samples import make_alert
from tests.alerts.vendors.samples import ACTIONS, LARGE, LONG, bodies


def test_pagerdutys_client_takes_the_fake_for_its_service_and_sends_what_we_send(receiver, arrange):
    setup = arrange("pagerduty")
    client = EventsApiV2Client(PAGERDUTY_KEY)
    client._url = receiver.base  # the client itself insists on https, which is not what is looked at here
    assert client.trigger("down", "checkout", dedup_key="k", severity="critical", custom_details={"a": "b"})
    client.resolve("k")
    INTEGRATIONS["pagerduty"].send(make_alert(deploy=""), setup)
    INTEGRATIONS["pagerduty"].send(make_alert(deploy="", action="resolve"), setup)
    theirs, their_end, ours, our_end = bodies(receiver)
    assert set(theirs) <= set(ours)
    assert set(theirs["payload"]) <= set(ours["payload"])
    assert {type(ours["payload"][name]) for name in ("summary", "severity", "source")} == {str}
    assert set(their_end) == set(our_end) == {"routing_key", "event_action", "dedup_key"}
    assert [path for path, _, _ in receiver.got] == ["/v2/enqueue"] * 4
    assert ours["dedup_key"] == our_end["dedup_key"] == f"{'5b' * 24}-7"


@pytest.mark.parametrize("action", ACTIONS)
def test_an_event_stays_within_pagerdutys_limits(action):
    event = json.loads(build_event(make_alert(action=action, **LARGE), PAGERDUTY_KEY, "trigger"))
    assert len(event["payload"]["summary"]) <= 1024
    assert event["payload"]["severity"] in ("critical", "error", "warning", "info")
    assert len(event["dedup_key"]) <= 255
    assert all(link["href"].startswith("https://") for link in event["links"])
    assert event["payload"]["summary"].endswith("…") or len(LONG[:500]) < 1024


def test_details_that_are_too_large_are_left_out_and_said_to_be():
    facts = {f"Fact {n}": "x" * 900 for n in range(900)}
    body = build_event(make_alert(facts=facts), PAGERDUTY_KEY, "trigger")
    assert len(body) <= 512_000
    assert "too large" in json.loads(body)["payload"]["custom_details"]["omitted"]


def test_a_deploy_is_told_as_a_change_once(receiver, arrange):
    setup = arrange("pagerduty")
    sent = INTEGRATIONS["pagerduty"].send(make_alert(), setup)
    INTEGRATIONS["pagerduty"].send(make_alert(action="resolve"), Setup(setup.config, setup.secrets, sent.receipt))
    paths = [path for path, _, _ in receiver.got]
    assert paths == ["/v2/enqueue", "/v2/change/enqueue", "/v2/enqueue"]
    change = bodies(receiver)[1]
    assert change["payload"]["summary"] == "checkout deployed 1.2"
    assert change["routing_key"] == PAGERDUTY_KEY


def test_a_change_that_is_not_taken_fails_nothing(receiver, arrange):
    setup = arrange("pagerduty")
    receiver.answer(FAKES["pagerduty"].answer, 500)
    assert INTEGRATIONS["pagerduty"].send(make_alert(), setup).status == 202


def test_a_test_opens_an_incident_of_its_own_and_closes_it(receiver, arrange):
    INTEGRATIONS["pagerduty"].send(make_alert(action="test"), arrange("pagerduty"))
    opened, closed = bodies(receiver)
    assert (opened["event_action"], closed["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == closed["dedup_key"] != f"{'5b' * 24}-7"
    assert opened["payload"]["summary"].startswith("[Shop] Test: ")


@pytest.mark.parametrize(
    ("text", "dead"),
    [("Invalid routing key", True), ("'routing_key' is invalid", True), ("payload.summary is too long", False)],
)
def test_a_wrong_key_ends_the_target_and_a_wrong_event_does_not(receiver, arrange, text, dead):
    setup = arrange("pagerduty")
    receiver.answer((400, {}, json.dumps({"status": "invalid event", "errors": [text]}).encode()))
    with pytest.raises(DeliveryError) as failure:
        INTEGRATIONS["pagerduty"].send(make_alert(), setup)
    assert (failure.value.permanent, failure.value.disables) == (True, dead)
