"""From records that are sent to the incident of their pattern, its page and its records; and the form that a pattern leads to."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse
from guardian.shortcuts import assign_perm

from alerts.delivery.trend import read_trend
from alerts.evaluation import bell
from alerts.evaluation.run import evaluate_environment
from alerts.models import AlertRule, Incident
from alerts.rule_words import words_for
from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.digest.run import digest_all
from diagnostics.environments import create_environment
from diagnostics.ingest import catalogues
from diagnostics.models import Template
from tests.admin.forms import errors_of, fields_of, send
from tests.factories import make_environment, make_key, send_json
from tests.people import client_with, make_person
from tests.world import make_template

ADD = reverse("admin:alerts_alertrule_add")


@pytest.fixture(autouse=True)
def forget_catalogues():
    catalogues.KEPT.clear()


@pytest.fixture(autouse=True)
def wake_nobody(monkeypatch):
    """Evaluation is called by the tests; a bell that rings later would find another test's database."""
    monkeypatch.setattr(bell, "wake", lambda *_, **__: None)


def make_rule(environment, slug, **fields):
    return AlertRule.objects.create(environment=environment, slug=slug, name=slug, window_minutes=5, **fields)


def prepare():
    environment = make_environment("flowing")
    make_rule(environment, "surge", signal="template_records", threshold=30)
    make_rule(environment, "new", signal="new_templates", condition="first_seen", severity="info")
    return environment, make_key(environment)


def take_in(environment):
    digest_all()
    evaluate_environment(environment.pk)
    return {incident.rule.slug: incident for incident in Incident.objects.select_related("rule")}


@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
async def test_a_pattern_surges_and_another_is_new():
    environment, key = await sync_to_async(prepare)()

    async def say(text, number, **fields):
        bodies = [{"body": text.format(each), "service": "pay", **fields} for each in range(number)]
        assert (await send_json(key, bodies)).status_code == 200
        return await sync_to_async(take_in)(environment)

    assert await say("card {} of jane.roe@example.com refused", 3, level="warn") == {}  # the service's first day
    await sync_to_async(Template.objects.update)(created_at=clock.now() - timedelta(days=2))
    found = await say("disk {} nearly full", 2, level="warn")
    assert found["new"].summary == "pay: “disk <*> nearly full” (warn) was never seen before; 2 records."
    assert [sample["body"] for sample in found["new"].samples] == ["disk 1 nearly full", "disk 0 nearly full"]
    await sync_to_async(Incident.objects.all().delete)()
    found = await say("card {} of jane.roe@example.com refused", 40, level="warn")
    incident = found["surge"]
    assert incident.summary == "pay: “card <*> of [email] refused” came 43 times in 5 min."
    assert len(incident.samples) == 5
    assert all("[email] refused" in sample["body"] for sample in incident.samples)


@pytest.mark.django_db
def test_the_incident_leads_to_its_pattern_and_its_records_and_draws_how_often_it_came():
    environment = create_environment("one")
    make_rule(environment, "surge", signal="template_records", threshold=30)
    template = make_template(environment, "disk <*> <b>nearly</b> full", records=40, service_name="pay")
    evaluate_environment(environment.pk)
    incident = Incident.objects.get()
    page = client_with(environment, "viewer").get(reverse("incident", args=["one", incident.pk]))
    text = page.content.decode()
    assert reverse("pattern", args=["one", template.reference]) in text
    assert "<b>nearly" not in text
    assert f"template={template.reference}" in page.context["logs_query"]
    assert "level=" not in page.context["logs_query"]
    assert page.context["chart"].title == "Records of a message pattern"
    assert sum(read_trend(incident)) == 40


@pytest.mark.django_db
def test_a_pattern_leads_to_the_form_of_its_rule_for_who_may_make_one():
    environment, elsewhere = create_environment("one"), create_environment("two")
    template = make_template(environment, "disk <*> </script> nearly full")
    address = f"{ADD}?environment=one&template={template.reference}"
    shown = reverse("pattern", args=["one", template.reference])
    developer, viewer = client_with(environment, "developer"), client_with(environment, "viewer")
    for page in (shown, reverse("patterns", args=["one"])):
        assert address.replace("&", "&amp;") in developer.get(page).content.decode()
        assert ADD not in viewer.get(page).content.decode()
    begun = fields_of(developer.get(address))
    assert (begun["signal"], begun["template"], begun["condition"]) == (
        "template_records",
        template.reference,
        "baseline",
    )
    assert (begun["name"], begun["environment"]) == ("Pattern: disk … </script> nearly full", str(environment.pk))
    sent = send(developer, address, condition="threshold", threshold="50", targets=None)
    assert sent.status_code == 302, errors_of(sent)
    rule = AlertRule.objects.get(template=template.reference)
    said = developer.get(reverse("admin:alerts_alertrule_sentence", args=[rule.pk])).json()["sentence"]
    assert (
        said
        == "Fires when the pattern “disk <*> </script> nearly full” has at least 50 records in 5 min, on at least 20 records."
    )
    stranger = client_with(elsewhere, "developer")
    assert "nearly full" not in stranger.get(address).content.decode()
    assert fields_of(stranger.get(address))["template"] == ""
    assert viewer.get(address).status_code in (302, 403, 404)
    wrong = send(developer, address, slug="other", template="no id", condition="threshold", threshold="5", targets=None)
    assert "copy the 16 digits" in errors_of(wrong)["template"][0]


@pytest.mark.django_db
def test_who_may_not_see_records_reads_no_pattern_in_a_rule():
    environment = create_environment("one")
    template = make_template(environment, "disk <*> nearly full")
    rule = AlertRule(environment=environment, signal="template_records", template=template.reference)
    person = make_person()
    assign_perm(Perm.MANAGE_RULES.value, person, environment)
    assert words_for(person, rule) == ""
    assert words_for(make_person(environment, "developer"), rule) == "disk <*> nearly full"
