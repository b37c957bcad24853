"""Every kind of page carries its headers, and none of ours holds script, style or handlers in its markup."""

import json
from unittest.mock import patch

from django.test import Client
from django.urls import reverse

from diagnostics.views import overview
from project.headers import ADMIN, API_DOCS, STRICT
from tests.api.calling import caller_with
from tests.people import make_person, sign_in
from tests.views.reading import Page

OWN = {
    "home": lambda w: [],
    "overview": lambda w: [w.slug],
    "logs": lambda w: [w.slug],
    "log-detail": lambda w: [w.slug, w.record.reference],
    "patterns": lambda w: [w.slug],
    "pattern": lambda w: [w.slug, w.template.reference],
    "live": lambda w: [w.slug],
    "traces": lambda w: [w.slug],
    "views": lambda w: [w.slug],
    "trace": lambda w: [w.slug, w.span.trace_id.hex],
    "sessions": lambda w: [w.slug],
    "session": lambda w: [w.slug, "s-1"],
    "journeys": lambda w: [w.slug],
    "journey": lambda w: [w.slug, "j-1"],
    "snapshots": lambda w: [w.slug],
    "snapshot": lambda w: [w.slug, w.snapshot.pk],
    "incidents": lambda w: [w.slug],
    "incident": lambda w: [w.slug, w.incident.pk],
    "monitors": lambda w: [w.slug],
    "monitor": lambda w: [w.slug, w.monitor.pk],
    "inbox": lambda w: [],
    "account": lambda w: [],
    "password": lambda w: [],
}


def assert_safe_markup(html):
    page = Page(html)
    for element in page.elements:
        assert element.tag not in {"style", "iframe", "object", "embed", "base"}, element
        if element.tag == "script" and element.attributes.get("type") == "application/json":
            json.loads(element.text)  # data for a script of ours, which no browser runs
        elif element.tag == "script":
            assert element.attributes.get("src"), element
            assert not element.text.strip(), element
        for name, value in element.attributes.items():
            assert not name.startswith("on"), element
            assert name not in {"style", "srcdoc", "hx-on", "hx-vals"}, element
            assert not name.startswith("hx-on"), element
            if name in {"href", "src", "action", "hx-get", "hx-post"}:
                is_runbook = value.startswith("https://") and element.attributes.get("rel") == "noreferrer noopener"
                assert value[:1] in {"/", "#", "?"} or (is_runbook and name == "href"), element
                assert not value.startswith("//"), element
    forms = page.all("form", method="post")
    assert html.count("csrfmiddlewaretoken") == len(forms)


def assert_headers(response, policy=STRICT):
    assert response["Content-Security-Policy"] == policy
    assert response["Cache-Control"] == "private, no-cache" or "no-store" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_our_pages_hold_no_code_in_their_markup(world, on_call):
    for name, arguments in OWN.items():
        response = on_call.get(reverse(name, args=arguments(world)), follow=True)
        assert response.status_code == 200, name
        assert_headers(response)
        assert_safe_markup(response.content.decode())


def test_parts_of_pages_hold_none_either(world, on_call):
    for name in ("overview", "log-detail"):
        response = on_call.get(reverse(name, args=OWN[name](world)), headers={"HX-Request": "true"})
        assert "<html" not in response.content.decode(), name
        assert_headers(response)
        assert_safe_markup(response.content.decode())


def test_revealed_fields_are_as_safe(world, on_call):
    for headers in ({}, {"HX-Request": "true"}):
        response = on_call.post(reverse("log-reveal", args=[world.slug, world.record.reference]), headers=headers)
        assert "secret frame" in response.content.decode()
        assert_headers(response)
        assert_safe_markup(response.content.decode())


def fail(*_, **__):
    raise RuntimeError("on purpose, and nobody's business")


def test_pages_of_errors_are_as_safe(world, on_call):
    client = sign_in(
        on_call.get(reverse("account")).wsgi_request.user, enforce_csrf_checks=True, raise_request_exception=False
    )
    missing = client.get("/e/nowhere/")
    refused = client.post(reverse("inbox-read"))
    unreadable = client.get(reverse("logs", args=[world.slug]), query_params={"q": "a\0b"})
    with patch.object(overview, "read_golden", fail):
        broken = client.get(reverse("overview", args=[world.slug]))
    for response, status, words in (
        (missing, 404, "Nothing here that is yours"),
        (refused, 403, "Reload it and try again"),
        (unreadable, 400, "could not be read"),
        (broken, 500, "Something went wrong here"),
    ):
        text = response.content.decode()
        assert (response.status_code, words in text) == (status, True)
        assert "on purpose" not in text
        assert_headers(response)
        assert_safe_markup(text)


def test_a_nul_in_an_address_is_refused_before_the_database_sees_it(world, on_call):
    for address in ("/e/shop-one/sessions/%00/", "/e/shop-one/incidents/?service=%00", "/api/v1/sessions?user=a%00"):
        assert on_call.get(address).status_code == 400, address


def test_a_nul_in_a_form_is_mended_so_that_what_was_pasted_is_not_lost(world, on_call):
    name = reverse("incident-note", args=[world.slug, world.incident.pk])
    assert on_call.post(name, {"text": "a\x00b"}).status_code == 302
    assert world.incident.events.get(kind="note").text == "a\ufffdb"
    for act, field in (("incident-assign", "person"), ("incident-note", "te\x00xt")):
        answer = on_call.post(reverse(act, args=[world.slug, world.incident.pk]), {field: "a\x00b"})
        assert answer.status_code in (302, 400), act


def test_answers_that_are_no_pages_carry_the_headers_too(world, on_call):
    for address in ("/api/v1/environments", "/api/schema/", reverse("live-refill", args=[world.slug])):
        assert_headers(on_call.get(address))
    assert_headers(Client().get(reverse("overview", args=[world.slug])))
    assert_headers(Client().get("/api/v1/environments"))


def test_the_admin_and_the_api_page_have_policies_of_their_own_that_load_nothing_from_elsewhere(superuser):
    assert_headers(superuser.get(reverse("admin:index")), ADMIN)
    assert_headers(superuser.get(reverse("api-docs")), API_DOCS)
    for policy in (STRICT, ADMIN, API_DOCS):
        assert "http" not in policy
        for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
            assert part in policy
    for policy in (STRICT, API_DOCS):
        assert "script-src 'self';" in policy
    assert "unsafe" not in STRICT
    assert "require-trusted-types-for 'script'" in STRICT


def test_cookies_are_kept_from_script_where_script_needs_none(db):
    client, person = Client(), make_person()
    client.get(reverse("login"))
    client.post(reverse("login"), {"login": person.username, "password": "correct horse battery"})
    client.post(reverse("preferences"), {"theme": "dark"})
    for name in ("sessionid", "theme"):
        assert client.cookies[name]["httponly"]
    for name in ("sessionid", "theme", "csrftoken"):
        assert client.cookies[name]["samesite"] == "Lax"


def test_no_answer_is_kept_for_somebody_else(world, on_call):
    caller = caller_with(world.environment, "on-call")
    answers = [
        on_call.get(reverse("logs", args=[world.slug])),
        on_call.get(reverse("inbox-news")),
        on_call.get(reverse("logs", args=[world.slug]), headers={"HX-Request": "true"}),
        on_call.get("/e/nowhere/"),
        caller.get("/api/v1/logs", environment=world.slug),
        Client().get(reverse("login")),
    ]
    for answer in answers:
        kept = answer["Cache-Control"]
        assert kept == "private, no-cache" or {"private", "no-cache"} <= set(kept.split(", ")), answer.wsgi_request.path
    assert "no-store" in on_call.get(reverse("account"))["Cache-Control"]
    assert "private" not in on_call.get("/static/diagnostics/app.css").get("Cache-Control", "")
