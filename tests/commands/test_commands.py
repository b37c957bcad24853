"""`provision` and `setup`: what machines read from them, and what running them again changes."""

import json
import stat
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django_q.models import Schedule

from alerts.models import AlertRule, Target
from diagnostics.core.access import held_perms
from diagnostics.core.permissions import ROLES
from diagnostics.ingest.keys import find_holder
from diagnostics.models import AccessEvent, Environment, IngestKey
from diagnostics.tokens import find_token

pytestmark = pytest.mark.django_db
KEYS = ["environment", "ingest_key", "user", "password", "api_token"]


def run(*words, **options):
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def provision(*words):
    return json.loads(run("provision", *words, "--json"))


def test_it_prints_one_object_with_these_keys_and_what_they_open_works():
    found = provision("shop", "--kind", "production", "--user", "jane", "--role", "developer")
    assert list(found) == KEYS
    environment = Environment.objects.get()
    person = get_user_model().objects.get(username="jane")
    assert (found["environment"], environment.kind) == ("shop", "production")
    assert find_holder(found["ingest_key"]).environment.slug == "shop"
    assert person.check_password(found["password"])
    assert find_token(found["api_token"]).user == person
    assert held_perms(person, environment) == set(ROLES["developer"])
    assert not person.is_superuser
    events = AccessEvent.objects.order_by("id").values_list("action", "actor_name", "environment_slug")
    assert list(events) == [
        ("key.create", "system", "shop"),
        ("access.grant", "system", "shop"),
        ("token.create", "system", ""),
    ]


def test_without_a_person_the_rest_is_null():
    found = provision("shop")
    assert list(found) == KEYS
    assert [found[name] for name in KEYS[2:]] == [None, None, None]
    assert not get_user_model().objects.exists()


def test_running_it_again_changes_nothing_but_gives_another_key_and_token():
    first = provision("shop", "--user", "jane")
    Environment.objects.update(name="Renamed", retention_days=7)
    AlertRule.objects.filter(slug="error-spike").update(threshold=99)
    counts = AlertRule.objects.count(), Target.objects.count()
    second = provision("shop", "--user", "jane", "--kind", "testing")
    environment = Environment.objects.get()
    assert (environment.name, environment.retention_days, environment.kind) == ("Renamed", 7, "development")
    assert (AlertRule.objects.count(), Target.objects.count()) == counts
    assert AlertRule.objects.get(slug="error-spike").threshold == 99
    assert second["password"] is None
    assert get_user_model().objects.get().check_password(first["password"])
    for name in ("ingest_key", "api_token"):
        assert first[name] != second[name]
    assert find_holder(first["ingest_key"])
    assert find_token(first["api_token"])


@pytest.mark.parametrize("slug", ["Shop", "shop_1", "-shop", "shop-", "a b", "", "x" * 51, "shöp", "a/b"])
def test_a_slug_that_cannot_be_is_refused_in_words_and_nothing_is_made(slug):
    with pytest.raises(CommandError) as caught:
        run("provision", "--user=jane", "--", slug)
    assert "<" not in str(caught.value)
    assert len(str(caught.value)) > 10
    assert not Environment.objects.exists()
    assert not get_user_model().objects.exists()


def test_a_role_or_kind_that_is_not_there_is_refused_with_those_that_are():
    for words, said in ((("--user", "jane", "--role", "king"), "on-call"), (("--kind", "moon"), "staging")):
        with pytest.raises(CommandError, match=said):
            run("provision", "shop", *words)
    assert not Environment.objects.exists()


def test_for_people_it_prints_lines_and_no_empty_ones():
    lines = run("provision", "shop").splitlines()
    assert [line.split()[0] for line in lines] == ["environment", "ingest_key"]


@pytest.fixture
def data(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.setenv("DEMO", "0")
    return settings.DATA_DIR


def test_setup_makes_an_installation_ready_once(data):
    said = run("setup")
    note = json.loads((data / "credentials.json").read_text())
    admin = get_user_model().objects.get()
    assert admin.is_superuser
    assert admin.check_password(note["password"])
    assert note["password"] not in said
    assert stat.S_IMODE((data / "credentials.json").stat().st_mode) == 0o600
    assert find_holder(note["ingest_key"]).environment.slug == note["environment"] == "production"
    assert [environment.slug for environment in Environment.objects.all()] == ["production"]
    before = (data / "credentials.json").read_bytes()
    schedules = Schedule.objects.count()
    assert schedules > 0
    assert run("setup") == ""
    assert (data / "credentials.json").read_bytes() == before
    assert (Schedule.objects.count(), IngestKey.objects.count(), get_user_model().objects.count()) == (schedules, 1, 1)


def test_setup_gives_old_environments_what_new_ones_get_and_makes_no_second_administrator(data):
    provision("shop", "--user", "jane")
    AlertRule.objects.all().delete()
    Target.objects.all().delete()
    run("setup")
    assert AlertRule.objects.filter(environment__slug="shop", builtin=True).count() >= 3
    assert Target.objects.filter(environment__slug="shop", kind="inbox").count() == 1
    assert get_user_model().objects.count() == 1
    assert not (data / "credentials.json").exists()


def test_setup_for_the_demo_makes_staging_too(data, monkeypatch):
    monkeypatch.setenv("DEMO", "1")
    run("setup")
    note = json.loads((data / "credentials.json").read_text())
    assert set(note["keys"]) == {"production", "staging"} == set(Environment.objects.values_list("slug", flat=True))
