"""The record of processing says what is configured, of this environment alone; the key's page names what will be lost."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from alerts.models import Target
from diagnostics.models import AccessEvent, LogRecord
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy.pseudonyms import keys_of, present_key
from tests.people import client_with
from tests.world import make_record, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return make_world("record-one")


def page_of(world, role="privacy-officer"):
    client = client_with(world.environment, role)
    return client.get(reverse("processing", args=[world.slug])).content.decode()


def test_it_follows_the_configuration(world):
    environment, policy = world.environment, world.environment.privacy_policy
    environment.retention_days, environment.restricted_retention_days = 21, 60
    environment.incident_retention_days = 77
    environment.save()
    policy.keys, policy.patterns = "restrict invoice.to\nmask form.*", "staff: EMP-[0-9]{6}"
    policy.detectors_off, policy.restrict_address = ["phone"], True
    policy.save()
    Target.objects.create(environment=environment, name="Ops channel", kind="slack", secrets=b"sealed", enabled=False)
    page = page_of(world)
    assert "21 days" in page
    assert "60 days" not in page  # restricted fields never outlive their records
    assert "77 days after they end" in page
    assert "invoice.to, IP address" in page
    assert "own patterns: staff" in page
    assert "switched off: phone" in page
    assert "Ops channel" in page
    assert "hooks.slack" not in page


def test_it_tells_nothing_of_other_environments(world):
    other = make_world("record-two")
    Target.objects.create(environment=other.environment, name="Their channel", kind="slack")
    assert "Their channel" not in page_of(world)


def test_who_manages_the_environment_may_read_it_too(world):
    assert "What is kept" in page_of(world, "environment-admin")
    assert "What is kept" not in page_of(world, "on-call")


def key_page(world):
    return reverse("admin:diagnostics_environment_pseudonyms", args=[world.environment.pk])


def test_the_page_of_the_key_names_what_is_lost_and_asks(world):
    jane = user_key(present_key(world.environment), "jane")
    for body in ("a", "b"):
        make_record(world.environment, body=body, user_key=jane, has_restricted=False)
    client = client_with(world.environment, "environment-admin")
    assert "2 records and 0 spans of 1 people" in client.get(key_page(world)).content.decode()
    before = present_key(world.environment)
    assert "Nothing was destroyed" in client.post(key_page(world), {"act": "destroy", "confirm": "no"}).content.decode()
    world.environment.refresh_from_db()
    assert keys_of(world.environment) == [before]
    assert client.post(key_page(world), {"act": "rotate"}).status_code == 302
    world.environment.refresh_from_db()
    assert keys_of(world.environment)[1:] == [before]
    assert "1 older key" in client.get(key_page(world)).content.decode()
    client.post(key_page(world), {"act": "destroy", "confirm": world.slug})
    world.environment.refresh_from_db()
    assert before not in keys_of(world.environment)
    assert len(keys_of(world.environment)) == 1
    assert LogRecord.objects.filter(user_key=jane).count() == 2
    assert AccessEvent.objects.filter(action__startswith="pseudonym.").count() == 2


def run(*words):
    out = io.StringIO()
    call_command("pseudonyms", *words, stdout=out)
    return out.getvalue()


def test_the_same_by_command(world, monkeypatch):
    before = present_key(world.environment)
    assert "Rotated" in run("--environment", world.slug, "--rotate")
    monkeypatch.setattr("builtins.input", lambda text: "no")
    with pytest.raises(CommandError, match="nothing was destroyed"):
        run("--environment", world.slug, "--destroy")
    world.environment.refresh_from_db()
    assert before in keys_of(world.environment)
    assert "will not be found by user id" in run("--environment", world.slug, "--destroy", "--yes")
    world.environment.refresh_from_db()
    assert before not in keys_of(world.environment)
    with pytest.raises(CommandError, match="record-one"):
        run("--environment", "nowhere", "--rotate")
