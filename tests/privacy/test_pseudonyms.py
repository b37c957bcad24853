"""Keys of pseudonyms: encrypted, rotated with an overlap, destroyed; a look-up by raw id works and is written down."""

from datetime import timedelta

import pytest
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.ingest.keys import context_of
from diagnostics.models import AccessEvent, Environment
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy import pseudonyms
from tests.people import ask_page, client_with
from tests.privacy.dump import tables_with
from tests.world import make_record, make_session, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return make_world("keys-one")


def key_of(world, user_id="jane@example.com"):
    return user_key(pseudonyms.present_key(world.environment), user_id)


def found(world, client, typed="jane@example.com"):
    page = ask_page(client, reverse("logs", args=[world.slug]), q=f"user:{typed}", range="24h")
    return page.content.decode().count("of jane")


def test_the_key_is_encrypted_in_the_database(world):
    key = pseudonyms.present_key(world.environment)
    assert len(key) == 32
    assert tables_with(key.hex()) == []
    assert context_of(world.environment).pseudonym_key == key


def test_a_key_from_before_encryption_still_opens(world):
    assert pseudonyms.open_key(b"k" * 32) == b"k" * 32


def test_a_raw_id_finds_the_records_on_page_and_api_and_is_written_down_once(world):
    make_record(world.environment, body="of jane", user_key=key_of(world), has_restricted=False)
    client = client_with(world.environment, "support")
    assert found(world, client) == found(world, client) > 0
    answer = client.get(
        "/api/v1/logs", query_params={"environment": world.slug, "user": "jane@example.com", "range": "24h"}
    )
    assert [row["body"] for row in answer.json()["results"]] == ["of jane"]
    events = AccessEvent.objects.filter(action="search.user", environment=world.environment)
    assert events.count() == 1
    assert tables_with("jane@example.com") == []


def test_sessions_are_found_by_raw_id_on_page_and_api(world):
    make_session(world.environment, session_id="of-jane", user_key=key_of(world))
    client = client_with(world.environment, "support")
    page = ask_page(client, reverse("sessions", args=[world.slug]), user="jane@example.com")
    assert "of-jane" in page.content.decode()
    for environment in ({}, {"environment": world.slug}):
        answer = client.get("/api/v1/sessions", query_params={"user": "jane@example.com", **environment})
        assert [row["session_id"] for row in answer.json()["results"]] == ["of-jane"]
    assert AccessEvent.objects.filter(action="search.user").count() == 1


def test_after_a_rotation_old_records_are_found_until_their_retention_is_over(world, monkeypatch):
    make_record(world.environment, body="of jane", user_key=key_of(world), has_restricted=False)
    old = pseudonyms.present_key(world.environment)
    client = client_with(world.environment, "support")
    pseudonyms.rotate_key(world.environment, None)
    world.environment.refresh_from_db()
    assert pseudonyms.keys_of(world.environment)[1:] == [old] != [pseudonyms.present_key(world.environment)]
    assert found(world, client) > 0
    now = clock.now()
    kept = (world.environment.retention_days, world.environment.snapshot_retention_days)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=min(kept), minutes=1))
    assert pseudonyms.keys_of(world.environment)[1:] == [old]  # snapshots outlive their records
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=max(kept), minutes=1))
    assert pseudonyms.keys_of(world.environment)[1:] == []
    pseudonyms.forget_retired_keys()
    assert Environment.objects.get(pk=world.environment.pk).retired_pseudonym_keys == []


def test_destroying_the_keys_severs_the_link_for_good(world):
    make_record(world.environment, body="of jane", user_key=key_of(world), has_restricted=False)
    client = client_with(world.environment, "support")
    pseudonyms.rotate_key(world.environment, None)
    pseudonyms.destroy_keys(world.environment, None)
    world.environment.refresh_from_db()
    assert found(world, client) == 0
    assert pseudonyms.keys_of(world.environment) == [pseudonyms.present_key(world.environment)]
    actions = list(AccessEvent.objects.filter(action__startswith="pseudonym").values_list("action", flat=True))
    assert sorted(actions) == ["pseudonym.destroy", "pseudonym.rotate"]


def test_rotations_beyond_the_bound_forget_the_oldest(world):
    for _ in range(pseudonyms.MOST_RETIRED + 2):
        pseudonyms.rotate_key(world.environment, None)
    world.environment.refresh_from_db()
    assert len(world.environment.retired_pseudonym_keys) == pseudonyms.MOST_RETIRED
