"""Apprise in its own process: services reached by https at public hosts, and nothing else of what its plug-ins can do."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings as project

from alerts.delivery.errors import DeliveryError
from alerts.integrations.apprise.child import Barred, Guard, check_file
from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from tests.alerts.samples import make_alert

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("discord://123456789012345678/abcdefghijklmnopqrstuvwxyz0123456789?verify=no", ""),
        ("ntfys://ntfy.sh/topic", ""),
        ("json://8.8.8.8/", "only services"),  # http
        ("mailtos://a:b@gmail.com", "only services"),
        ("syslog://", "only services"),
        ("file:///etc/passwd", "does not understand"),
    ],
)
def test_an_address_is_read_by_apprise_itself_before_it_is_saved(url, problem):
    found = INTEGRATIONS["apprise"].validate({}, {"url": url})
    assert (problem in found[0]) if problem else found == []


@pytest.mark.parametrize("url", ["jsons://127.0.0.1/x", "jsons://169.254.169.254/latest", "jsons://localhost:8443/x"])
def test_what_is_not_public_is_not_reached(url, settings):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "DELIVERY_ALLOWED_NETWORKS": [], "DELIVERY_ALLOW_HTTP": False}
    with pytest.raises(DeliveryError) as failure:
        INTEGRATIONS["apprise"].send(make_alert(), Setup({}, {"url": url}))
    assert failure.value.permanent
    assert "127.0.0.1" not in str(failure.value)


def test_a_message_arrives_with_title_and_text(receiver):
    INTEGRATIONS["apprise"].send(make_alert(), Setup({}, {"url": f"json://127.0.0.1:{receiver.server_port}/x"}))
    sent = json.loads(receiver.got[0][2])
    assert sent["title"] == "[Shop] Triggered: 5xx surge: checkout"
    assert "40× card provider timed out" in sent["message"]
    assert sent["type"] == "failure"


@pytest.mark.parametrize(
    "place",
    [
        ("127.0.0.1", 443),
        ("10.0.0.1", 443),
        (PUBLIC, 80),
        (PUBLIC, 25),
        ("::1", 443, 0, 0),
        ("name", 443),
        "/run/docker.sock",
    ],
)
def test_the_guard_bars_connections(place):
    with pytest.raises(Barred):
        Guard([])("socket.connect", (None, place))


def test_the_guard_lets_through_what_is_public_or_vouched_for():
    Guard([])("socket.connect", (None, (PUBLIC, 443)))
    Guard(["10.0.0.0/8"])("socket.connect", (None, ("10.1.2.3", 9000)))


@pytest.mark.parametrize(
    "event", ["subprocess.Popen", "os.system", "os.exec", "os.fork", "socket.bind", "socket.sendto", "os.remove"]
)
def test_the_guard_bars_everything_else(event):
    with pytest.raises(Barred):
        Guard([])(event, (None, (PUBLIC, 443)))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/proc/self/environ", "pyproject.toml", "/root/.ssh/id_rsa", "../../etc/shadow"]
)
def test_files_are_not_read(path):
    with pytest.raises(Barred):
        check_file(path, os.O_RDONLY)


def test_nothing_is_written_even_where_reading_is_fine():
    check_file(json.__file__, os.O_RDONLY)
    with pytest.raises(Barred):
        check_file(json.__file__, os.O_WRONLY | os.O_CREAT)


def test_the_process_knows_none_of_our_secrets_and_no_proxy(monkeypatch):
    seen = {}
    real = subprocess.run

    def run(command, **more):
        seen.update(more["env"])
        return real([sys.executable, "-c", "print('{}')"], **more)

    for name in ("SECRET_KEY", "DATABASE_URL", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "leak")
    monkeypatch.setattr(subprocess, "run", run)
    assert INTEGRATIONS["apprise"].validate({}, {"url": "ntfys://ntfy.sh/topic"})
    assert "leak" not in seen.values()
    assert project.SECRET_KEY not in seen.values()
