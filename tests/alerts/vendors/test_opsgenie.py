"""Opsgenie's own client as the judge, for Jira Service Management too. What it does not check (lengths, sizes) is
asserted by hand."""

import json
from urllib.parse import unquote

import opsgenie_sdk
import pytest

from alerts.delivery.errors import DeliveryError
from alerts.integrations.opsgenie.payload import build_alert
from alerts.integrations.registry import INTEGRATIONS
from tests.alerts.fakes import FAKES, GENIE_KEY
from tests.alerts.samples import make_alert
from tests.alerts.vendors.samples import ACTIONS, LARGE


def opsgenie_client(receiver):
    configuration = opsgenie_sdk.Configuration()
    configuration.api_key["Authorization"] = GENIE_KEY
    configuration.host = receiver.base
    configuration.retry_http_response = []
    return opsgenie_sdk.AlertApi(opsgenie_sdk.ApiClient(configuration=configuration))


@pytest.mark.parametrize("kind", ["opsgenie", "jsm"])
def test_opsgenies_client_takes_the_fake_for_its_service_and_asks_as_we_do(receiver, arrange, kind):
    setup = arrange(kind)
    client, alert = opsgenie_client(receiver), make_alert()
    client.create_alert(opsgenie_sdk.CreateAlertPayload(**build_alert(alert)))
    alias = build_alert(alert)["alias"]
    client.close_alert(alias, identifier_type="alias", close_alert_payload=opsgenie_sdk.CloseAlertPayload(note="x"))
    client.acknowledge_alert(alias, identifier_type="alias")
    theirs = list(receiver.got)
    receiver.got.clear()
    for action in ("trigger", "resolve", "acknowledge"):
        INTEGRATIONS[kind].send(make_alert(action=action), setup)
    ours = [item for item in receiver.got if item[2]]
    assert [unquote(path) for path, _, _ in ours] == [unquote(path) for path, _, _ in theirs]
    assert {headers["authorization"] for _, headers, _ in ours} == {f"GenieKey {GENIE_KEY}"}
    assert json.loads(theirs[0][2]) == json.loads(ours[0][2])


@pytest.mark.parametrize("action", ACTIONS)
def test_an_alert_stays_within_opsgenies_limits(action):
    alert = build_alert(make_alert(action=action, **LARGE))
    assert len(alert["message"]) <= 130
    assert len(alert["alias"]) <= 512
    assert len(alert["description"]) <= 15_000
    assert len(alert["entity"]) <= 512
    assert len(alert["tags"]) <= 20
    assert all(len(tag) <= 50 for tag in alert["tags"])
    assert sum(len(name) + len(value) for name, value in alert["details"].items()) <= 8000
    assert all(isinstance(value, str) for value in alert["details"].values())
    assert alert["details"]["More"]
    assert alert["priority"] == "P1"


@pytest.mark.parametrize("kind", ["opsgenie", "jsm"])
def test_a_severity_that_rises_raises_the_priority_there(receiver, arrange, kind):
    setup, alert = arrange(kind), make_alert(action="update", severity="critical")
    INTEGRATIONS[kind].send(alert, setup)
    ours = receiver.got[-1]
    alias, payload = build_alert(alert)["alias"], opsgenie_sdk.UpdateAlertPriorityPayload(priority="P1")
    opsgenie_client(receiver).update_alert_priority(alias, payload, identifier_type="alias")
    theirs = receiver.got[-1]
    assert unquote(ours[0]) == unquote(theirs[0])
    assert json.loads(ours[2])["priority"] == json.loads(theirs[2])["priority"] == "P1"
    for status in (404, 422):  # refused or unknown: the news themselves were taken
        receiver.answer(FAKES[kind].answer, (200, {}, b"{}"), status)
        assert INTEGRATIONS[kind].send(alert, setup).status == 202
    receiver.answer(FAKES[kind].answer, (200, {}, b"{}"), 503)
    with pytest.raises(DeliveryError) as failure:
        INTEGRATIONS[kind].send(alert, setup)
    assert not failure.value.permanent


REQUEST = {"data": {"isSuccess": False, "status": "Alert message is not valid", "processedAt": "2026-03-01T12:00:01Z"}}


@pytest.mark.parametrize(
    ("answer", "fails"),
    [
        ((200, {}, json.dumps(REQUEST).encode()), True),
        ((200, {}, json.dumps({"data": {**REQUEST["data"], "isSuccess": True}}).encode()), False),
        ((200, {}, json.dumps({"data": {**REQUEST["data"], "processedAt": None}}).encode()), False),
        ((200, {}, json.dumps({"data": {**REQUEST["data"], "status": "Alert does not exist"}}).encode()), False),
        ((404, {}, b'{"message": "Request not found. It might not be processed, yet."}'), False),
        ((200, {}, b"[]"), False),
        (500, False),
        ("hang up", False),
    ],
)
def test_what_was_taken_is_asked_after(receiver, arrange, answer, fails):
    setup = arrange("opsgenie")
    receiver.answer(FAKES["opsgenie"].answer, answer)
    if fails:
        with pytest.raises(DeliveryError) as failure:
            INTEGRATIONS["opsgenie"].send(make_alert(), setup)
        assert failure.value.permanent
    else:
        assert INTEGRATIONS["opsgenie"].send(make_alert(), setup).status == 202
    assert receiver.got[1][0] == "/v2/alerts/requests/43a29c5c"
