"""Ingest addresses want an ingest key: no sign-in opens them."""

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.urls import reverse

from tests.factories import ingest_client, make_user
from tests.guards.asking import check, client_of
from tests.guards.matrix import (
    INGEST,
    KEYED,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", INGEST)
async def test_ingest_addresses_want_an_ingest_key_and_nothing_else(address, transactional_db):
    person = await sync_to_async(make_user)(is_superuser=True)
    client = Client()
    await sync_to_async(client.force_login)(person)
    async with ingest_client() as asking:
        asking.cookies.set("sessionid", client.cookies["sessionid"].value)
        answer = await asking.post(address, content=b"{}")
        assert answer.status_code in (401, 403)


@pytest.mark.parametrize("name", sorted(KEYED))
def test_what_shippers_ask_is_answered_to_keys_alone(scene, name):
    world, _, people = scene
    for who in ("anonymous", "environment-admin", "superuser"):
        check(
            client_of(people[who]).get(reverse(name, kwargs=KEYED[name])),
            allowed=False,
            said=f"{name} by {who}",
            world=world,
        )
    answer = Client(headers={"Authorization": f"Bearer {world.key_text}"}).get(reverse(name, kwargs=KEYED[name]))
    assert answer.status_code == 200
