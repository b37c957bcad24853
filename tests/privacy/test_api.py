"""A person's data over the API: asked for, followed, fetched; the id goes in and never comes out."""

import json

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from diagnostics.models import AccessEvent, LogRecord, PrivacyJob
from diagnostics.privacy.jobs import run_to_end
from diagnostics.tokens import issue_token
from tests.people import BACKEND, client_with, make_person, sign_in
from tests.privacy.dump import tables_with
from tests.privacy.people import plant_person
from tests.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/api/v1/datarequests"


@pytest.fixture
def world(db):
    return make_world("api-one")


def ask(client, world, **fields):
    body = {"environment": world.slug, "user": "jane@example.com", **fields}
    return client.post(ADDRESS, json.dumps(body), content_type="application/json")


def download(person, address):
    async def fetch():
        client = AsyncClient()
        await client.aforce_login(person, backend=BACKEND)
        response = await client.get(address)
        return response.status_code, b"".join(
            [part async for part in response.streaming_content]
        ) if response.streaming else b""

    return async_to_sync(fetch)()


def test_an_export_from_asking_to_the_file(world):
    plant_person(world, "jane@example.com", "JANEMARK")
    officer, colleague = (make_person(world.environment, "privacy-officer") for _ in range(2))
    client = sign_in(officer)
    answer = ask(client, world, kind="export")
    assert answer.status_code == 201
    assert answer.json()["expected"]["records"] == 3
    assert "jane" not in answer.content.decode()
    job = PrivacyJob.objects.get(pk=answer.json()["id"])
    address = f"{ADDRESS}/{job.pk}/download"
    assert download(officer, address)[0] == 404
    run_to_end(job)
    assert client.get(f"{ADDRESS}/{job.pk}").json()["state"] == "done"
    status, body = download(officer, address)
    assert status == 200
    assert len(json.loads(body)["stores"]["records"]) == 3
    assert download(colleague, address)[0] == 404
    assert AccessEvent.objects.filter(action="export.download").count() == 1


def with_token(person, *permissions):
    _, text = issue_token(person, "tests", permissions=permissions or None)
    return f"Bearer {text}"


def fetch_with(token, address):
    async def fetch():
        response = await AsyncClient().get(address, headers={"Authorization": token})
        return response.status_code, b"".join([part async for part in response]) if response.streaming else b""

    return async_to_sync(fetch)()


def restricted_in(body):
    return next(row for row in json.loads(body)["stores"]["records"] if "restricted" in row)


def test_what_a_token_asks_for_holds_no_more_than_the_token(world):
    plant_person(world, "jane@example.com", "JANEMARK")
    person = make_person(is_superuser=True)
    token = with_token(person, "export_data")
    answer = ask(Client(headers={"Authorization": token}), world, kind="export")
    assert answer.status_code == 201
    run_to_end(PrivacyJob.objects.get(pk=answer.json()["id"]))
    status, body = fetch_with(token, f"{ADDRESS}/{answer.json()['id']}/download")
    assert status == 200
    row = restricted_in(body)
    assert (row["restricted"], row["restricted_withheld"]) == ({}, ["exception.stacktrace", "form.iban"])
    assert "secret frame" not in body.decode()


def test_a_lesser_token_fetches_nothing_that_was_asked_for_with_more(world):
    plant_person(world, "jane@example.com", "JANEMARK")
    officer = make_person(world.environment, "privacy-officer")
    answer = ask(sign_in(officer), world, kind="export")
    address = f"{ADDRESS}/{answer.json()['id']}/download"
    job = run_to_end(PrivacyJob.objects.get(pk=answer.json()["id"]))
    assert job.work == {"opened": ["view_restricted"]}
    assert fetch_with(with_token(officer, "export_data"), address)[0] == 404
    status, body = fetch_with(with_token(officer, "export_data", "view_restricted"), address)
    assert (status, restricted_in(body)["restricted"]) == (200, {"form.iban": "restricted value"})
    assert fetch_with(with_token(officer), address)[0] == 200
    PrivacyJob.objects.filter(pk=job.pk).update(work={})  # made before that was noted
    assert fetch_with(with_token(officer, "export_data", "view_restricted"), address)[0] == 404
    assert fetch_with(with_token(officer), address)[0] == 200


def test_an_erasure_needs_its_confirmation_and_its_permission(world):
    plant_person(world, "jane@example.com", "JANEMARK")
    officer = client_with(world.environment, "privacy-officer")
    refused = ask(officer, world, kind="erase")
    assert refused.status_code == 400
    assert "Nothing was erased" in refused.content.decode()
    answer = ask(officer, world, kind="erase", confirm=world.slug)
    assert answer.status_code == 201
    run_to_end(PrivacyJob.objects.get(pk=answer.json()["id"]))
    assert tables_with("JANEMARK") == []
    assert tables_with("jane@example.com") == []


@pytest.mark.parametrize("kind", ["export", "erase"])
def test_who_may_not_is_told_nothing(world, kind):
    plant_person(world, "jane@example.com", "JANEMARK")
    other = make_world("api-two")
    for client in (client_with(world.environment, "on-call"), client_with(other.environment, "privacy-officer")):
        answer = ask(client, world, kind=kind, confirm=world.slug)
        assert answer.status_code == 400
        assert "There is no such environment" in answer.content.decode()
    assert LogRecord.objects.filter(body__contains="JANEMARK").count() == 3
    assert PrivacyJob.objects.filter(environment=world.environment).count() == 1  # the world's own
