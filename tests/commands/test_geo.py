"""The IP-to-region database: installed, updated without a restart, refused when it is none; absent is said to who can mend it."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command

from diagnostics.core import clock
from diagnostics.geo import present_locator, read_status
from diagnostics.ingest import keys
from diagnostics.models import LogRecord
from tests.factories import make_environment, make_key, send_json
from tests.mmdb import write_mmdb
from tests.people import client_with
from tests.world import make_world

GERMANY = {"203.0.113.0/24": {"country": {"iso_code": "DE"}, "subdivisions": [{"iso_code": "BE"}]}}
FRANCE = {"203.0.113.0/24": {"country_code": "FR", "state1": "Bretagne"}}


@pytest.fixture
def place(tmp_path, settings):
    path = tmp_path / "data" / "geo.mmdb"
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "GEO_DATABASE": str(path)}
    return path


def geo(*words):
    out = io.StringIO()
    call_command("geo", *words, stdout=out)
    return out.getvalue()


def test_a_file_is_put_in_place_and_its_date_is_told(place, tmp_path):
    assert "no IP-to-country file is installed" in geo("status")
    said = geo("install", str(write_mmdb(tmp_path / "a.mmdb", GERMANY)))
    assert "Test-Country, data of 2030-03-17" in said
    assert "Test-Country, data of 2030-03-17" in geo("status")
    assert present_locator()("203.0.113.9") == ("DE", "BE")
    assert [item.name for item in place.parent.iterdir()] == ["geo.mmdb"]


def test_an_update_is_taken_up_without_a_restart(place, tmp_path):
    geo("install", str(write_mmdb(tmp_path / "a.mmdb", GERMANY)))
    assert present_locator()("203.0.113.9") == ("DE", "BE")
    geo("install", str(write_mmdb(tmp_path / "b.mmdb", FRANCE)))
    assert present_locator()("203.0.113.9") == ("FR", "Bretagne")
    place.unlink()
    assert present_locator()("203.0.113.9") == ("", "")


def test_what_is_no_such_database_is_refused_and_leaves_the_old_one(place, tmp_path):
    geo("install", str(write_mmdb(tmp_path / "a.mmdb", GERMANY)))
    (tmp_path / "b.mmdb").write_bytes(b"\x1f\x8bgzip, perhaps")
    asn = write_mmdb(tmp_path / "c.mmdb", {"203.0.113.0/24": {"asn": 64500}}, kind="Test-ASN")
    for path, said in (
        (tmp_path / "b.mmdb", "unpack it first"),
        (asn, "tells no countries"),
        (tmp_path / "d", "no such file"),
    ):
        with pytest.raises(CommandError, match=said):
            geo("install", str(path))
    assert present_locator()("203.0.113.9") == ("DE", "BE")


def test_the_licence_of_a_known_database_is_told(place, tmp_path):
    assert "IP geolocation by DB-IP" in geo(
        "install", str(write_mmdb(tmp_path / "a.mmdb", GERMANY, kind="DBIP-Country-Lite"))
    )


def test_old_data_is_called_old(place, tmp_path, monkeypatch):
    geo("install", str(write_mmdb(tmp_path / "a.mmdb", GERMANY)))
    built = datetime.fromtimestamp(1_900_000_000, UTC)
    monkeypatch.setattr(clock, "now", lambda: built + timedelta(days=179))
    assert not read_status().is_old
    monkeypatch.setattr(clock, "now", lambda: built + timedelta(days=181))
    assert "old" in geo("status")


@pytest.mark.django_db(transaction=True)
def test_records_get_their_region_and_no_address(place, tmp_path):
    environment = make_environment()
    key = make_key(environment)
    geo("install", str(write_mmdb(tmp_path / "a.mmdb", GERMANY)))
    keys.CACHE.clear()
    async_to_sync(send_json)(key, {"message": "hello", "client.address": "203.0.113.9"})
    record = LogRecord.objects.get(environment_id=environment.pk)
    assert (record.geo_country, record.geo_region, record.client_network) == ("DE", "BE", "203.0.113.0/24")


@pytest.mark.django_db
def test_the_overview_tells_who_can_mend_it_alone(place):
    world = make_world("regions")
    address = f"/e/{world.slug}/"
    assert "geo install" in client_with(world.environment, "environment-admin").get(address).content.decode()
    assert "geo install" not in client_with(world.environment, "support").get(address).content.decode()
