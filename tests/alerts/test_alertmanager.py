"""Debian's Alertmanager as a real receiver: what we send is what it shows, resolves, silences and sends on."""

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from datetime import timedelta

import pytest

from alerts.delivery.errors import DeliveryError
from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from alerts.integrations.template import NAMES
from diagnostics.core import clock
from tests.alerts.samples import SIGNING_KEY, make_alert

BINARY = shutil.which("prometheus-alertmanager")

pytestmark = pytest.mark.skipif(not BINARY, reason="no Alertmanager here: apt-get install prometheus-alertmanager")

CONFIG = """
route: {{receiver: hook, group_wait: 0s, group_interval: 1s, group_by: [alertname]}}
receivers: [{{name: hook, webhook_configs: [{{url: '{url}', send_resolved: true}}]}}]
"""


@pytest.fixture
def alertmanager(receiver, tmp_path):
    """A running one that sends on to our recording server; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    config = tmp_path / "alertmanager.yml"
    config.write_text(CONFIG.format(url=receiver.url))
    process = subprocess.Popen(
        [BINARY, f"--config.file={config}", f"--storage.path={tmp_path}", f"--web.listen-address=127.0.0.1:{port}",
         "--cluster.listen-address="], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: ask(f"{address}/-/ready") is not None)
        yield address
    finally:
        process.kill()
        process.wait()


def ask(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read()
    except OSError:
        return None


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def tell(address, receipt=None, **fields):
    given = {"started_at": (clock.now() - timedelta(minutes=2)).isoformat(), **fields}
    return INTEGRATIONS["alertmanager"].send(make_alert(**given), Setup({}, {"url": address}, receipt or {})).receipt


def alerts_of(address):
    return json.loads(ask(f"{address}/api/v2/alerts?active=true"))


def test_it_shows_what_we_told_and_forgets_it_when_it_is_over(alertmanager, receiver):
    receipt = tell(alertmanager)
    (shown,) = wait_for(lambda: alerts_of(alertmanager))
    assert shown["labels"] == {
        "alertname": "5xx surge", "severity": "critical", "environment": "Shop", "service": "checkout", "route": "/pay",
        "source": "diagnostics", "incident": "7",
    }  # fmt: skip
    assert shown["annotations"]["description"] == "checkout: 5xx 14.0% of 1,240 requests in 3 min."
    assert shown["generatorURL"].endswith("/incidents/7/")
    tell(alertmanager, receipt)  # told twice: still one
    assert len(alerts_of(alertmanager)) == 1
    tell(alertmanager, receipt, action="resolve", resolved_at=clock.now().isoformat())
    wait_for(lambda: alerts_of(alertmanager) == [])
    wait_for(lambda: any(json.loads(body)["status"] == "resolved" for _, _, body in receiver.got))


def test_two_incidents_of_one_rule_and_service_are_two_alerts(alertmanager):
    receipt = tell(alertmanager, rule="New error", title="New error in checkout: a")
    tell(alertmanager, rule="New error", title="New error in checkout: b", incident_id=8)
    wait_for(lambda: len(alerts_of(alertmanager)) == 2)
    tell(alertmanager, receipt, rule="New error", action="resolve", resolved_at=clock.now().isoformat())
    wait_for(lambda: [shown["labels"]["incident"] for shown in alerts_of(alertmanager)] == ["8"])


def test_a_severity_that_rises_replaces_the_alert(alertmanager):
    receipt = tell(alertmanager, severity="warning")
    tell(alertmanager, receipt, severity="critical", action="update")
    wait_for(lambda: [shown["labels"]["severity"] for shown in alerts_of(alertmanager)] == ["critical"])


def test_a_test_leaves_nothing_behind(alertmanager):
    tell(alertmanager, action="test")
    assert alerts_of(alertmanager) == []


def test_what_it_does_not_take_is_a_failure_for_good(alertmanager, monkeypatch):
    monkeypatch.setattr(
        "alerts.integrations.alertmanager.transport.build_body", lambda *_: b'[{"labels": {"1 2": "x"}}]'
    )
    with pytest.raises(DeliveryError) as failure:
        tell(alertmanager)
    assert (failure.value.permanent, failure.value.status) == (True, 400)


def test_our_webhook_in_its_format_has_the_fields_that_it_sends_itself(alertmanager, receiver):
    tell(alertmanager)
    theirs = json.loads(wait_for(lambda: receiver.got)[0][2])
    setup = Setup({"format": "alertmanager"}, {"url": receiver.url, "signing_key": SIGNING_KEY})
    ours = json.loads(INTEGRATIONS["webhook"].preview(make_alert(), setup))
    assert set(ours) == set(theirs)
    assert set(ours["alerts"][0]) == set(theirs["alerts"][0])
    for name, value in theirs.items():
        assert type(ours[name]) is type(value), name
    for name, value in theirs["alerts"][0].items():
        assert type(ours["alerts"][0][name]) is type(value), name
    assert theirs["alerts"][0]["endsAt"][:4] in (
        ours["alerts"][0]["endsAt"][:4],
        str((clock.now() + timedelta(days=30)).year),
    )
    assert "link_incident" in NAMES
