"""Events: told with an ingest key and with nothing else, read by who may see the environment's records."""

from datetime import timedelta

import pytest
from django.test import Client

from diagnostics.core import clock
from diagnostics.digest.rollups import note_releases
from diagnostics.ingest.keys import CACHE, issue_key, revoke_key
from diagnostics.models import Event, IngestKey, MinuteRollup
from diagnostics.storage import retention
from tests.api.calling import caller_with, every
from tests.people import make_person, sign_in
from tests.world import begin_world

ADDRESS = "/api/v1/events"


@pytest.fixture
def tell(world):
    text = world.key_text

    def tell(body=None, key=text, scheme="Bearer", **fields):
        body = {"service": "shop", "release": "1.2", **fields} if body is None else body
        client = Client(headers={"Authorization": f"{scheme} {key}"} if key else {})
        return client.post(ADDRESS, body, content_type="application/json")

    return tell


@pytest.fixture
def see(world):
    """Records name a release, as the digest finds them."""

    def see(release, at, service="shop"):
        minute = int(at.timestamp() // 60)
        note_releases({(world.environment.pk, minute, 0, service, "", release): ([], {})})

    return see


def test_a_deploy_is_told_and_read_by_who_may_see_records(world, tell, viewer):
    answer = tell()
    assert answer.status_code == 201
    assert answer.json()["title"] == "shop deployed 1.2"
    (row,) = every(viewer, ADDRESS)
    assert (row["environment"], row["kind"], row["service"], row["release"]) == (world.slug, "deploy", "shop", "1.2")
    elsewhere = caller_with(begin_world("shop-two").environment, "environment-admin")
    assert every(elsewhere, ADDRESS) == []


def test_nobody_tells_without_a_key(world, tell, admin):
    revoked, text = issue_key(world.environment, "old")
    revoke_key(revoked)
    for key in ("", "dk_guess", "x" * 5000, admin.text, text):
        assert tell(key=key).status_code == 401, key[:20]
    signed_in = sign_in(make_person(world.environment, "environment-admin"))
    assert signed_in.post(ADDRESS, {"release": "1"}, content_type="application/json").status_code == 401
    assert not Event.objects.exists()
    assert tell(scheme="ApiKey").status_code == 201


def test_a_key_opens_nothing_to_read(tell, world):
    client = Client(headers={"Authorization": f"Bearer {world.key_text}"})
    assert client.get(ADDRESS).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "release"),
        ({"kind": "flag"}, "title"),
        ({"kind": "party", "title": "x"}, "kind"),
        ({"release": "1", "timestamp": "soon"}, "timestamp"),
        ({"release": "1", "timestamp": "1969-12-31T00:00:00Z"}, "timestamp"),
        ({"release": "1", "timestamp": "2999-12-31T00:00:00Z"}, "timestamp"),
        ({"release": "1" * 201}, "release"),
        ({"kind": "flag", "title": "x" * 301}, "title"),
        ({"release": "a\0b"}, "release"),
        ([1, 2], "non_field_errors"),
    ],
)
def test_what_cannot_be_taken_is_named(tell, body, field):
    answer = tell(body=body)
    assert answer.status_code == 400
    assert field in answer.json()
    assert not Event.objects.exists()


def test_a_title_is_redacted_before_it_is_stored(tell):
    tell(kind="config", title="limit raised for jane.doe@example.com, token=ghp_" + "a1B2" * 9, release="")
    event = Event.objects.get()
    assert "limit raised" in event.title
    assert "jane" not in event.title
    assert "ghp_" not in event.title


def test_the_same_told_again_is_one_and_a_way_back_is_another(tell, viewer):
    long_ago = clock.now() - timedelta(hours=3)
    assert tell(timestamp=long_ago.isoformat()).status_code == 201
    again = tell(timestamp=(long_ago + timedelta(minutes=1)).isoformat())
    assert again.status_code == 200
    assert tell(release="1.3").status_code == 201
    assert tell().status_code == 201
    assert [row["release"] for row in every(viewer, ADDRESS)] == ["1.2", "1.3", "1.2"]


def test_a_deploy_that_was_seen_first_is_named_by_who_tells_of_it(see, tell):
    now = clock.now()
    see("1.1", now - timedelta(days=2))
    see("1.2", now - timedelta(minutes=10))
    tell(title="shop 1.2 by the pipeline", timestamp=(now - timedelta(minutes=12)).isoformat())
    told = Event.objects.get(release="1.2")
    assert (told.title, told.is_sent) == ("shop 1.2 by the pipeline", True)


def test_a_deploy_that_was_told_of_is_not_seen_again(see, tell):
    now = clock.now()
    see("1.1", now - timedelta(days=2))
    tell()
    see("1.2", now)
    assert [event.release for event in Event.objects.changes()] == ["1.2"]


def test_what_was_told_is_listed_whatever_its_title_says(see, tell, viewer):
    now = clock.now()
    see("1.1", now - timedelta(days=2))  # seen first: no change
    title = "bug first seen with 1.1 is mended"
    assert tell(kind="flag", title=title).status_code == 201
    assert [row["title"] for row in every(viewer, ADDRESS)] == [title]
    assert [event.title for event in Event.objects.changes()] == [title]


def test_a_loop_gone_wrong_is_slowed_down(tell):
    answers = [tell(kind="flag", title=f"flag {number}").status_code for number in range(62)]
    assert answers[:60] == [201] * 60
    assert answers[60:] == [429, 429]


def test_the_list_is_cut_by_kind_and_service(world, tell, viewer):
    tell()
    tell(kind="flag", title="dark mode on", release="")
    tell(kind="flag", title="dark mode on", service="web", release="")
    assert len(every(viewer, ADDRESS, kind="flag")) == 2
    assert len(every(viewer, ADDRESS, service="web")) == 1


def test_what_was_told_goes_with_its_retention_and_what_is_in_use_stays_known(world, see, tell):
    old = clock.now() - timedelta(days=world.environment.retention_days + 2)
    see("1.1", old)
    tell(release="1.2", timestamp=old.isoformat())
    tell(release="1.3")
    retention.expire()
    assert sorted(Event.objects.values_list("release", flat=True)) == ["1.1", "1.3"]


def test_a_release_in_use_is_no_new_deploy_when_what_was_told_of_it_goes(world, see, tell):
    now = clock.now()
    old = now - timedelta(days=world.environment.retention_days + 2)
    see("1.0", old - timedelta(days=1))
    see("1.1", old)
    tell(release="1.1", timestamp=old.isoformat())  # names what was seen
    tell(release="1.2", timestamp=old.isoformat())
    make_rollup(world.environment, "1.1")
    make_rollup(world.environment, "1.2")
    retention.expire()
    see("1.1", now)
    see("1.2", now)
    assert not Event.objects.filter(timestamp__gte=now - timedelta(days=1)).exists()


def make_rollup(environment, release):
    minute = clock.floor_minute(clock.now())
    MinuteRollup.objects.create(
        environment=environment, minute=minute, source="log", service_name="shop", release=release, records=1
    )


def test_a_key_that_sends_records_only_tells_of_no_deploy(world, tell):
    IngestKey.objects.update(records_only=True)
    CACHE.clear()
    assert tell().status_code == 403
    assert not Event.objects.filter(release="1.2").exists()
