"""Real clients of Node.js: Sentry's SDK, pino with Loki's transport, OpenTelemetry's exporters that send JSON."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("product")
SOURCES = Path(__file__).parent / "node"
NEEDED = (18, 19)


def missing():
    """Why these clients cannot run here; empty when they can."""
    if not (shutil.which("node") and shutil.which("npm")):
        return "Node.js and npm are not installed: apt-get install nodejs npm"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, version.removeprefix("v").split(".")[:2])) < NEEDED:
        return f"Node.js {version} is too old for these clients"
    return ""


@pytest.fixture(scope="module")
def folder():
    """The clients, installed by their lock file into the virtual environment's folder: once, and gone with it."""
    why = missing()
    if why and not os.environ.get("CI"):
        pytest.skip(why)
    assert not why, why
    place = Path(sys.prefix) / "node-clients"
    place.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "clients.js"):
        shutil.copy(SOURCES / name, place / name)
    lock, installed = place / "package-lock.json", place / "node_modules" / ".installed"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=place,
            capture_output=True,
            text=True,
            timeout=400,
        )
        if done.returncode and not os.environ.get("CI"):
            pytest.skip(f"npm could not install the clients: {done.stderr[-300:]}")
        assert done.returncode == 0, done.stderr
        installed.write_bytes(lock.read_bytes())
    return place


def run(folder, site, word):
    host = site.url.removeprefix("http://")
    env = {"PATH": os.environ["PATH"], "URL": site.url, "HOST": host, "KEY": site.key}
    done = subprocess.run(["node", "clients.js", word], cwd=folder, env=env, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr


def test_sentry_node_errors_breadcrumbs_logs_and_transactions(folder, site):
    run(folder, site, "sentry")
    (error,) = site.find(1, q="cart", error="TypeError")
    assert error["body"] == "TypeError: cart of [email] is undefined"
    assert (error["service_name"], error["release"], error["has_restricted"]) == ("node-shop", "node-shop@1.0", True)
    assert "clicked pay in node" in {record["body"] for record in site.find(2, session="node-session")}
    (entry,) = site.find(1, q='"a log entry of node"')
    assert entry["severity"] == "warn"
    assert "GET /node" in site.page(f"traces/{error['trace_id']}/")


def test_pino_loki(folder, site):
    run(folder, site, "pino-loki")
    (record,) = site.find(1, q='"from pino-loki"')
    assert (record["service_name"], record["severity"]) == ("pino-shop", "error")


def test_opentelemetry_as_json(folder, site):
    run(folder, site, "otlp")
    (record,) = site.find(1, q='"from OTLP as JSON"')
    assert (record["service_name"], record["severity"], record["session_id"]) == (
        "otlp-json-shop",
        "error",
        "json-session",
    )
    assert record["attributes"]["count"] == 2**40
    assert "GET /json" in site.page(f"traces/{record['trace_id']}/")
