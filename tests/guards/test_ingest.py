"""Ingest addresses want an ingest key: no sign-in opens them."""

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from tests.factories import ingest_client, make_user
from tests.guards.matrix import INGEST

pytestmark = pytest.mark.django_db


async def anybody_sends(address):
    """An administrator who signed in, and somebody with an invented key."""
    person = await sync_to_async(make_user)(is_superuser=True)
    client = Client()
    await sync_to_async(client.force_login)(person)
    async with ingest_client() as asking:
        asking.cookies.set("sessionid", client.cookies["sessionid"].value)
        assert (await asking.post(address, content=b"{}")).status_code in (401, 403)
    async with ingest_client("dk_invented") as asking:
        assert (await asking.post(address, content=b"{}")).status_code in (401, 403)


@pytest.mark.parametrize("address", INGEST)
async def test_ingest_addresses_want_an_ingest_key_and_nothing_else(address, transactional_db):
    await anybody_sends(address)
