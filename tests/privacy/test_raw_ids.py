"""Somebody is looked for by their real id, and no address, link or log says it afterwards."""

import logging
from urllib.parse import parse_qs, urlsplit

import pytest
from axes.models import AccessAttempt
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostics.models import AccessEvent
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy import pseudonyms
from tests.people import client_with
from tests.privacy.dump import tables_with
from tests.world import begin_world, make_journey, make_record, make_session

pytestmark = pytest.mark.django_db
RAW = "jane@example.com"
HEXADECIMAL = "0123456789abcdef0123456789abcdef"  # an id that looks like a pseudonym


@pytest.fixture
def world(db):
    return begin_world("raw-one")


@pytest.fixture
def support(world):
    return client_with(world.environment, "support")


@pytest.fixture(autouse=True)
def logs_say_nothing(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    assert not [text for text in caplog.messages if RAW in text or "jane%40" in text or HEXADECIMAL in text]


def key_of(world, user_id=RAW):
    return user_key(pseudonyms.present_key(world.environment), user_id)


def says(text, raw=RAW):
    return raw in text or raw.replace("@", "%40") in text or raw.replace("@", "&#64;") in text


def asked(response):
    """Where it leads to, as parameters."""
    assert response.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


@pytest.mark.parametrize("raw", [RAW, HEXADECIMAL])
@pytest.mark.parametrize("line", ["user:{} failed", 'level:info user.id:"{}" failed'])
def test_the_search_form_leads_to_an_address_with_the_pseudonym(world, support, line, raw):
    make_record(world.environment, body="it failed for her", user_key=key_of(world, raw), has_restricted=False)
    posted = support.post(reverse("logs", args=[world.slug]), {"q": line.format(raw), "range": "24h", "user": raw})
    assert not says(posted["Location"], raw)
    assert asked(posted) == {"q": line.format(key_of(world, raw)), "range": "24h", "user": key_of(world, raw)}
    page = support.get(reverse("logs", args=[world.slug]) + posted["Location"])
    assert "it failed for her" in page.text
    assert not says(page.text, raw)


def test_the_form_of_journeys_likewise(world, support):
    make_journey(world.environment, journey_id="of-jane", user_keys=[key_of(world, "joe"), key_of(world)])
    make_journey(world.environment, journey_id="of-joe", user_keys=[key_of(world, "joe")])
    address = reverse("journeys", args=[world.slug])
    for answer in (support.post(address, {"user": RAW}), support.get(address, query_params={"user": RAW})):
        assert asked(answer) == {"user": key_of(world)}
        page = support.get(address + answer["Location"])
        assert ("of-jane" in page.text, "of-joe" in page.text) == (True, False)
        assert not says(page.text)
    posted = support.post(address, {"user": key_of(world)})  # looks like a pseudonym, and is one here
    assert asked(posted) == {"user": key_of(world)}
    assert AccessEvent.objects.filter(action="search.user").count() == 1


def test_the_form_of_sessions_likewise(world, support):
    make_session(world.environment, session_id="of-jane", user_key=key_of(world))
    posted = support.post(reverse("sessions", args=[world.slug]), {"user": RAW, "show": "all", "range": "7d"})
    assert asked(posted) == {"user": key_of(world), "show": "all", "range": "7d"}
    page = support.get(reverse("sessions", args=[world.slug]) + posted["Location"])
    assert "of-jane" in page.text
    assert not says(page.text)


@pytest.mark.parametrize(
    ("name", "params"), [("logs", {"user": RAW}), ("logs", {"q": f"user:{RAW}"}), ("sessions", {"user": RAW})]
)
def test_an_address_that_names_a_raw_id_leads_on_at_once_to_one_that_does_not(world, support, name, params):
    make_record(world.environment, body="hers", user_key=key_of(world), has_restricted=False)
    make_session(world.environment, session_id="of-jane", user_key=key_of(world))
    typed = support.get(reverse(name, args=[world.slug]), query_params={**params, "range": "7d"})
    assert asked(typed) == {**{key: value.replace(RAW, key_of(world)) for key, value in params.items()}, "range": "7d"}
    assert not says(typed["Location"])
    page = support.get(reverse(name, args=[world.slug]) + typed["Location"])
    assert page.status_code == 200
    assert ("of-jane" if name == "sessions" else "hers") in page.text
    assert not says(page.text)


def test_what_names_nobody_stays_as_it_is(world, support):
    assert support.get(reverse("logs", args=[world.slug]), query_params={"q": "payment  failed"}).status_code == 200
    assert asked(support.post(reverse("logs", args=[world.slug]), {"q": "payment  failed"})) == {"q": "payment  failed"}
    key = key_of(world)
    make_record(world.environment, body="hers", user_key=key, has_restricted=False)
    assert asked(support.post(reverse("logs", args=[world.slug]), {"q": f"user:{key}"})) == {"q": f"user:{key}"}


def test_a_line_that_cannot_be_understood_gets_no_address(world, support):
    answer = support.post(reverse("logs", args=[world.slug]), {"q": f'user:{RAW} "not closed'})
    assert answer.status_code == 200
    assert "quotation mark is not closed" in answer.text
    links = [part.partition('"')[0] for part in answer.text.split('href="')[1:]]
    assert not [link for link in links if says(link)]


def test_after_a_rotation_the_address_names_both_pseudonyms_and_it_is_one_look_up(world, support):
    make_record(world.environment, body="of the old key", user_key=key_of(world), has_restricted=False)
    make_session(world.environment, session_id="of-the-old-key", user_key=key_of(world))
    old = key_of(world)
    pseudonyms.rotate_key(world.environment, None)
    world.environment.refresh_from_db()
    posted = support.post(reverse("logs", args=[world.slug]), {"q": f"user:{RAW}"})
    assert asked(posted) == {"q": f"user:{key_of(world)},{old}"}
    assert "of the old key" in support.get(reverse("logs", args=[world.slug]) + posted["Location"]).text
    posted = support.post(reverse("sessions", args=[world.slug]), {"user": RAW})
    assert "of-the-old-key" in support.get(reverse("sessions", args=[world.slug]) + posted["Location"]).text
    assert AccessEvent.objects.filter(action="search.user").count() == 1


def test_the_api_takes_a_search_in_its_body_and_leads_on_without_the_id(world, support):
    for number in range(2):
        make_record(world.environment, body=f"hers {number}", user_key=key_of(world), has_restricted=False)
    body = {"environment": world.slug, "user": RAW, "range": "24h", "limit": 1}
    answer = support.post("/api/v1/logs/search", body, content_type="application/json")
    assert answer.status_code == 200, answer.text
    assert not says(answer.text)
    following = support.get(answer.json()["next"])
    bodies = [row["body"] for page in (answer, following) for row in page.json()["results"]]
    assert sorted(bodies) == ["hers 0", "hers 1"]
    asked_by_address = support.get("/api/v1/logs", query_params={**body, "q": f"user:{RAW}"}).json()
    assert not says(asked_by_address["next"])


@pytest.mark.parametrize(
    ("body", "field"),
    [({"limit": 0}, "limit"), ({"range": "1y"}, "range"), ({"q": "level:loud"}, "level"), ({"since": "when"}, "since")],
)
def test_what_is_wrong_in_the_body_is_named(world, support, body, field):
    answer = support.post("/api/v1/logs/search", {"environment": world.slug, **body}, content_type="application/json")
    assert answer.status_code == 400
    assert field in answer.text


@pytest.fixture
def planted(world):
    """Two sessions and two journeys of hers, and one of each that is not."""
    for number in range(2):
        make_session(world.environment, session_id=f"of-jane-{number}", user_key=key_of(world))
        make_journey(world.environment, journey_id=f"of-jane-{number}", user_keys=["x", key_of(world)])
    make_session(world.environment, session_id="of-joe", user_key=key_of(world, "joe"))
    make_journey(world.environment, journey_id="of-joe", user_keys=[key_of(world, "joe")])


@pytest.mark.parametrize("kind", ["session", "journey"])
def test_the_api_of_sessions_and_journeys_likewise(world, support, planted, kind):
    body = {"environment": world.slug, "user": RAW, "page_size": 1}
    answer = support.post(f"/api/v1/{kind}s/search", body, content_type="application/json")
    assert answer.status_code == 200, answer.text
    asked_by_address = support.get(f"/api/v1/{kind}s", query_params={"user": RAW, "page_size": 1})
    for first in (answer, asked_by_address):
        assert not says(first.text)
        following = support.get(first.json()["next"])
        assert following.status_code == 200, (first.json()["next"], following.text)
        found = [row[f"{kind}_id"] for page in (first, following) for row in page.json()["results"]]
        assert sorted(found) == ["of-jane-0", "of-jane-1"]
        assert not says(following.text)


@pytest.mark.parametrize(("body", "field"), [({}, "environment"), ({"environment": "raw-one", "state": "x"}, "state")])
@pytest.mark.parametrize("kind", ["sessions", "journeys"])
def test_what_is_wrong_in_a_search_of_sessions_is_named(support, body, field, kind):
    answer = support.post(f"/api/v1/{kind}/search", body, content_type="application/json")
    assert answer.status_code == 400
    assert field in answer.json() or field in answer.text


def test_a_raw_id_reaches_no_statement(world, support):
    """The database's log names statements that failed or took long, values and all."""
    make_session(world.environment, session_id="of-jane", user_key=key_of(world))
    make_record(world.environment, body="hers", user_key=key_of(world), has_restricted=False)
    with CaptureQueriesContext(connection) as statements:
        support.get(reverse("logs", args=[world.slug]), query_params={"q": f"user:{RAW}"})
        support.get(reverse("sessions", args=[world.slug]), query_params={"user": RAW})
        support.post(reverse("live-refill", args=[world.slug]), {"user": RAW})
        support.get("/api/v1/logs", query_params={"environment": world.slug, "user": RAW})
        support.get("/api/v1/sessions", query_params={"user": RAW})
        support.get(reverse("journeys", args=[world.slug]), query_params={"user": RAW})
        support.get("/api/v1/journeys", query_params={"user": RAW})
    assert len(statements) > 20
    assert not [one["sql"] for one in statements if RAW in one["sql"]]


def test_a_failed_sign_in_on_the_way_to_a_person_keeps_no_id(world, client):
    asked_for = reverse("logs", args=[world.slug]) + f"?user={RAW}"
    signing_in = client.get(asked_for)["Location"]
    client.post(signing_in, {"login": "nobody", "password": "wrong", "next": asked_for})
    assert AccessAttempt.objects.exists()
    assert [name for name in tables_with(RAW) if name != "auth_user"] == []
