"""Looking for several people at once names each of them in the audit trail; an export or erasure is about one person."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from diagnostics.environments import create_environment
from diagnostics.models import AccessEvent, PrivacyJob
from diagnostics.privacy import jobs
from diagnostics.privacy.lookups import MOST_NAMED, hash_subject, note_lookup
from diagnostics.privacy.pseudonyms import rotate_key, user_keys_of
from diagnostics.privacy.subject import SEVERAL, Subject
from tests.people import client_with, make_person
from tests.views.reading import read

pytestmark = pytest.mark.django_db
DECOY, JANE, JOE = "0" * 32, "a" * 32, "b" * 32


@pytest.fixture
def environment():
    return create_environment("shop", kind="production")


def lookups():
    return list(AccessEvent.objects.filter(action="search.user").order_by("id"))


@pytest.mark.parametrize("ask", ["/api/v1/logs/search", "/api/v1/sessions/search"])
def test_a_search_for_several_names_each_of_them_once(environment, ask):
    client = client_with(environment, "support")

    def search(*keys):
        body = {"environment": environment.slug, "user": ",".join(keys), "range": "24h"}
        assert client.post(ask, json.dumps(body), content_type="application/json").status_code == 200

    search(DECOY, JANE)
    search(DECOY, JANE)
    search(DECOY, JOE)
    first, second = lookups()
    assert first.detail["people"] == [hash_subject(DECOY), hash_subject(JANE)]
    assert first.subject == f"person {hash_subject(DECOY)[:12]}, {hash_subject(JANE)[:12]}"
    assert second.detail["person"] == hash_subject(JOE)


def test_the_audit_page_shows_and_finds_each_of_them(environment):
    keys = [f"{number:032x}" for number in range(30)]
    note_lookup(make_person(environment, "viewer"), environment, ",".join(keys))
    client, last = client_with(environment, "environment-admin"), hash_subject(keys[-1])
    for params in ({}, {"q": last}):
        text = read(client.get(reverse("audit", args=[environment.slug]), params)).text
        assert all(hash_subject(key) in text for key in keys)
    assert "Nothing here" in read(client.get(reverse("audit", args=[environment.slug]), {"q": "f" * 64})).text


@pytest.mark.parametrize("ask", ["/api/v1/logs", "/api/v1/sessions", "/api/v1/journeys", "/api/v1/snapshots"])
def test_more_than_can_be_told_of_are_refused(environment, ask):
    keys = ",".join(f"{number:032x}" for number in range(MOST_NAMED + 1))
    answer = client_with(environment, "developer").get(ask, {"environment": environment.slug, "user": keys})
    assert answer.status_code == 400
    assert "at most 200 pseudonyms" in answer.content.decode()
    assert not lookups()


def test_a_raw_id_is_written_down_under_each_key_that_it_is_looked_for_with(environment):
    rotate_key(environment, None)
    environment.refresh_from_db()
    person, keys = make_person(environment, "viewer"), user_keys_of(environment, "jane")
    note_lookup(person, environment, "jane")
    note_lookup(person, environment, ",".join(keys))  # where the address leads on to
    assert [event.detail["people"] for event in lookups()] == [[hash_subject(key) for key in keys]]


def test_a_job_s_events_name_every_pseudonym(environment):
    rotate_key(environment, None)
    environment.refresh_from_db()
    job = jobs.request_job("export", Subject.from_typed(environment, "jane"), None, {})
    assert len(job.subject_hashes) == 2
    assert AccessEvent.objects.get(action="export.request").detail["people"] == job.subject_hashes


def test_a_subject_is_one_person(environment):
    one, two = f"{JANE}", f"{JANE},{JOE}"
    assert Subject.from_typed(environment, one).user_keys == tuple(user_keys_of(environment, one))  # may be a raw id
    assert Subject.from_keys(environment, user_keys_of(environment, one)).user_keys[0] == JANE
    for typed in (two, f"{two},{DECOY}"):
        with pytest.raises(ValueError, match="several people"):
            Subject.from_typed(environment, typed)
    with pytest.raises(ValueError, match="several people"):
        Subject.from_keys(environment, [JANE, JOE])
    with pytest.raises(ValueError, match="several people"):
        Subject.from_keys(environment, [DECOY, *user_keys_of(environment, one)])
    rotate_key(environment, None)
    environment.refresh_from_db()
    assert Subject.from_typed(environment, two).user_keys[:2] == (JANE, JOE)  # may be hers before and after
    assert Subject.from_keys(environment, user_keys_of(environment, "jane"))
    with pytest.raises(ValueError, match="several people"):
        Subject.from_typed(environment, f"{two},{DECOY}")


def test_requests_about_several_are_refused_everywhere_and_the_look_up_stays(environment):
    client, typed = client_with(environment, "privacy-officer"), f"{DECOY},{JANE}"
    said = SEVERAL.partition(": ")[2]
    for name, fields in (
        ("privacy-person", {"user": typed}),
        ("privacy-export", {"keys": typed}),
        ("privacy-erase", {"keys": typed, "confirm": environment.slug}),
    ):
        answer = client.post(reverse(name, args=[environment.slug]), fields)
        assert (answer.status_code, said in answer.content.decode()) == (400, True), name
    for kind in ("export", "erase"):
        body = {"environment": environment.slug, "kind": kind, "user": typed, "confirm": environment.slug}
        answer = client.post("/api/v1/datarequests", json.dumps(body), content_type="application/json")
        assert answer.status_code == 400
        assert said[1:] in answer.json()["user"][0]
    with pytest.raises(CommandError, match="--user: these are pseudonyms of several people"):
        call_command("erase", "--environment", environment.slug, "--user", typed, stdout=io.StringIO())
    assert not PrivacyJob.objects.exists()
    assert [event.detail["people"] for event in lookups()] == [[hash_subject(DECOY), hash_subject(JANE)]]
