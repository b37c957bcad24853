"""A person's data over the API: asked for, followed, fetched; the id goes in and never comes out."""

import json

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from diagnostics.models import AccessEvent, LogRecord, PrivacyJob
from diagnostics.privacy.jobs import run_to_end
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
