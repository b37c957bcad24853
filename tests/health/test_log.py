"""The product's own log names routes: what stands in an address may name a person or be a secret."""

import io
import logging

import httpx
import pytest
from django.conf import settings
from django.test import Client

from project.log_routes import UNKNOWN, RouteFilter
from tests.people import make_person, sign_in

PING = "4f7c3c1e-2a6b-4c0e-9d5f-0c6c1d2e3f40"


@pytest.fixture
def log():
    """What a handler with the filter writes."""
    text, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(text)
    handler.addFilter(RouteFilter())
    root.addHandler(handler)
    yield text
    root.removeHandler(handler)


def test_what_is_not_found_or_refused_is_told_by_its_route(db, log):
    person = sign_in(make_person())
    person.get("/e/production/sessions/jane.doe@example.com/")
    person.post("/e/production/sessions/jane.doe@example.com/")
    person.get("/e/production/sessions/jäne.doe@example.com/")
    Client().get(f"/ping/{PING}/256")
    Client().get("/nowhere/jane.doe@example.com")
    text = log.getvalue()
    assert text.count("/e/<slug:slug>/sessions/<") == 3
    assert "/ping/<uuid:ping_id>/<str:what>" in text
    assert UNKNOWN in text
    assert not any(word in text for word in ("doe", PING, "production"))


def test_refused_forms_and_hosts_tell_no_address_either(db, log, settings):
    settings.CSRF_TRUSTED_ORIGINS = []
    referer = "https://elsewhere.example/e/production/sessions/jane.doe@example.com/?q=user:jane"
    client = Client(enforce_csrf_checks=True)
    client.post("/login/", HTTP_REFERER=referer, secure=True)
    client.get("/e/jane/logs/", HTTP_HOST="wrong.example")
    text = log.getvalue()
    assert "/login/" in text
    assert "https://elsewhere.example does not match" in text
    assert "jane" not in text


def test_the_log_passes_the_filter():
    assert all("routes" in handler["filters"] for handler in settings.LOGGING["handlers"].values())


@pytest.mark.xdist_group("product")
def test_a_running_product_writes_no_address(product):
    assert httpx.get(f"{product.url}/ping/{PING}/256").status_code == 404
    assert httpx.get(f"{product.url}/jane.doe@example.com").status_code == 404
    text = product.log.read_text()
    assert "/ping/<uuid:ping_id>/<str:what>" in text
    assert "jane.doe" not in text
    assert PING not in text
