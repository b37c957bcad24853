"""OpenTelemetry's SDK with its default exporters, told nothing but an address and a header by its environment."""

import json
import os
import subprocess
import sys
import time

import psycopg
import pytest

from project.settings.embedded import BASE_DIR

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("product")]
SOON = 2.0  # seconds


def run_shop(site, word, path, **env):
    """What the program says about itself; it must have nothing to complain about."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.clients.shop", word],
        env={
            **inherited,
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"{site.url}{path}",
            "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer%20{site.key}",
            "OTEL_SERVICE_NAME": "shop",
            "OTEL_RESOURCE_ATTRIBUTES": "service.version=1.4.2",
            **env,
        },
        cwd=BASE_DIR, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def spans_of(site, trace_id):
    query = "SELECT span_id, parent_span_id, name, duration_ns FROM diagnostics_span WHERE trace_id = %s ORDER BY id"
    with psycopg.connect(site.product.env["DATABASE_URL"]) as connection:
        return connection.execute(query, (trace_id,)).fetchall()


@pytest.mark.parametrize(("path", "word"), [("", "walnut"), ("/otlp", "hazel")])
def test_records_and_spans_are_found_at_once_and_linked(site, path, word):
    told, complaints = run_shop(site, word, path)
    ended = time.monotonic()
    assert told["flushed"] == [True, True]
    assert "Failed to export" not in complaints
    assert "rejected" not in complaints
    found = {record["body"]: record for record in site.search(word)}
    page = site.page("logs/", q=word)
    trace_page = site.page(f"traces/{told['trace_id']}/")
    assert time.monotonic() - ended < SOON
    opened, failed, raised = (found[f"{text} {word}"] for text in ("cart opened", "cart failed", "cart is missing"))
    assert len(found) == 3
    assert {record["trace_id"] for record in found.values()} == {told["trace_id"]}
    assert (opened["span_id"], raised["span_id"]) == (told["root"], told["child"])
    assert (opened["severity"], failed["severity"], raised["severity"]) == ("info", "error", "error")
    assert {(record["service_name"], record["release"]) for record in found.values()} == {("shop", "1.4.2")}
    assert opened["logger"] == "shop.cart"
    assert opened["attributes"]["cart.items"] == 3
    assert failed["error_type"] == raised["error_type"] == "LookupError"
    assert failed["has_restricted"]
    child, root = spans_of(site, told["trace_id"])
    assert child[:3] == (told["child"], told["root"], "load cart")
    assert root[:3] == (told["root"], "", "GET /cart")
    assert 0 < child[3] <= root[3]
    for text in found:
        assert text in page
    for text in (*found, "GET /cart", "load cart"):
        assert text in trace_page


def test_a_wrong_key_is_told_to_the_program(site):
    wrong = {"OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20dk_wrong"}
    _, complaints = run_shop(site, "beech", "", **wrong)
    assert "401" in complaints
    assert site.search("beech") == []


def test_a_compressing_exporter_is_understood(site):
    told, complaints = run_shop(site, "rowan", "", OTEL_EXPORTER_OTLP_COMPRESSION="gzip")
    assert "Failed to export" not in complaints
    assert len(site.search("rowan")) == 3
    assert len(spans_of(site, told["trace_id"])) == 2
