"""The privacy pages: a raw id is typed, turned into a pseudonym, and neither stored nor carried on; who may not, may not."""

import json

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse

from diagnostics.core.permissions import Perm
from diagnostics.models import AccessEvent, LogRecord, PrivacyJob
from diagnostics.privacy.jobs import run_to_end
from tests.guards.asking import may
from tests.people import BACKEND, client_with, make_person, sign_in
from tests.privacy.dump import tables_with
from tests.privacy.people import plant_person
from tests.world import make_people, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return make_world("privacy-one")


@pytest.fixture
def officer(world):
    return client_with(world.environment, "privacy-officer")


def address(world, name, **more):
    return reverse(name, args=[world.slug, *more.values()])


def hidden_keys(page):
    text = page.content.decode()
    return text.split('name="keys" value="')[1].split('"')[0]


def test_the_way_from_an_id_to_an_erasure(world, officer):
    key, _ = plant_person(world, "jane@example.com", "JANEMARK")
    page = officer.post(address(world, "privacy-person"), {"user": " jane@example.com "})
    text = page.content.decode()
    assert "3 records" in text
    assert "1 restricted fields" in text
    assert "jane@example.com" not in text
    assert hidden_keys(page) == key
    refused = officer.post(address(world, "privacy-erase"), {"keys": key, "confirm": "privacy"})
    assert refused.status_code == 400
    assert "Nothing was erased" in refused.content.decode()
    assert LogRecord.objects.filter(user_key=key).count() == 2
    answer = officer.post(address(world, "privacy-erase"), {"keys": key, "confirm": world.slug})
    job = PrivacyJob.objects.get(environment=world.environment, kind="erase")
    assert answer["Location"] == address(world, "privacy-job", pk=job.pk)
    assert "you may leave this page" in officer.get(answer["Location"]).content.decode()
    run_to_end(job)
    report = officer.get(answer["Location"]).content.decode()
    assert "Nothing of it is left" in report
    assert "Restricted fields" in report
    assert "every 2s" not in report
    assert tables_with("jane@example.com") == []


def test_a_pseudonym_will_do_and_nobody_is_said_so(world, officer):
    key, _ = plant_person(world, "jane@example.com", "JANEMARK")
    assert "3 records" in officer.post(address(world, "privacy-person"), {"user": key}).content.decode()
    nobody = officer.post(address(world, "privacy-person"), {"user": "nobody"}).content.decode()
    assert "Nothing is held" in nobody
    assert "Erase for good" not in nobody
    empty = officer.post(address(world, "privacy-person"), {"user": "  "})
    assert empty.status_code == 400
    assert "User id" in empty.content.decode()


def test_looking_a_person_up_is_written_down_without_the_id(world, officer):
    officer.post(address(world, "privacy-person"), {"user": "jane@example.com"})
    event = AccessEvent.objects.filter(environment=world.environment).latest("id")
    assert event.action == "search.user"
    assert "jane" not in f"{event.subject}{event.detail}"


def download(person, url):
    async def ask():
        client = AsyncClient()
        await client.aforce_login(person, backend=BACKEND)
        response = await client.post(url)
        if response.status_code != 200:
            return response.status_code, b""
        return response, b"".join([part async for part in response.streaming_content])

    return async_to_sync(ask)()


@pytest.mark.django_db(transaction=True)
def test_an_export_is_fetched_by_who_asked_alone_and_each_time_is_written_down(world):
    plant_person(world, "jane@example.com", "JANEMARK")
    person, colleague = (make_person(world.environment, "privacy-officer") for _ in range(2))
    client = sign_in(person)
    keys = hidden_keys(client.post(address(world, "privacy-person"), {"user": "jane@example.com"}))
    client.post(address(world, "privacy-export"), {"keys": keys})
    job = PrivacyJob.objects.get(requested_by=person)
    url = address(world, "privacy-download", pk=job.pk)
    assert download(person, url)[0] == 404  # not ready
    run_to_end(job)
    response, body = download(person, url)
    assert len(json.loads(body)["stores"]["records"]) == 3
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == "no-store"
    assert download(colleague, url)[0] == 404
    assert AccessEvent.objects.filter(action="export.download", subject=f"job {job.pk}").count() == 1
    page = sign_in(colleague).get(address(world, "privacy-job", pk=job.pk)).content.decode()
    assert "can fetch it" in page
    assert "Download the JSON" not in page


@pytest.mark.parametrize("name", ["privacy-person", "privacy-export", "privacy-erase", "privacy-download"])
def test_everybody_asks_for_acts(world, name):
    other = make_world("privacy-two")
    key, _ = plant_person(world, "jane@example.com", "JANEMARK")
    needed = Perm.ERASE_DATA if name == "privacy-erase" else Perm.EXPORT_DATA
    more = {"pk": world.privacy_job.pk} if name == "privacy-download" else {}
    for who, person in make_people(world, other).items():
        client = sign_in(person) if person else sign_in(make_person(is_active=False))
        answer = client.post(address(world, name, **more), {"user": "x", "keys": key, "confirm": "not it"})
        allowed = may(who, needed)
        if name == "privacy-download":
            assert answer.status_code in (302, 404), who  # nobody here asked for it
        elif allowed:
            assert answer.status_code in (200, 302, 400), who
            assert "/login/" not in answer.get("Location", ""), who
        else:
            assert answer.status_code == 404 or "/login/" in answer["Location"], who
            assert "3 records" not in answer.content.decode()


def test_a_request_of_another_environment_is_missing(world, officer):
    other = make_world("privacy-two")
    assert officer.get(reverse("privacy-job", args=[world.slug, other.privacy_job.pk])).status_code == 404
