"""What leaves the building, shown and held; where trouble with a target is seen; what a browser is told of."""

import json

import pytest
from django.urls import reverse
from guardian.shortcuts import assign_perm

from alerts.delivery.preview import preview_message
from alerts.delivery.run import deliver_due
from alerts.delivery.share import SHAREABLE, share_everything
from alerts.models import InboxMessage, Incident, Target
from diagnostics.core.permissions import Perm
from tests.factories import make_environment, make_user


@pytest.fixture
def person(environment):
    """Makes people with permissions in the environment."""

    def make(*perms):
        user = make_user()
        for perm in perms:
            assign_perm(perm.value, user, environment)
        return user

    return make


@pytest.mark.django_db
def test_a_new_target_shares_all_that_is_known_today(make_target):
    assert make_target("inbox").shared_fields == share_everything() == list(SHAREABLE)


@pytest.mark.django_db
def test_a_target_is_sent_what_it_shares_and_the_rest_stays(receiver, make_target, make_incident):
    make_target("webhook", receiver.url, shared_fields=["value", "links"])
    incident = make_incident(service="cart-inner")
    Incident.objects.update(
        release="9.9-secret", trace_id="ab" * 16, context={"messages": [{"text": "odd", "count": 2}]}
    )
    deliver_due()
    body = receiver.got[0][2].decode()
    data = json.loads(body)["data"]
    assert (data["service"], data["messages"], data["trace_id"], data["summary"]) == ("", [], "", "")
    assert data["value"] == 40.0
    assert data["incident_id"] == incident.pk
    assert not [word for word in ("cart-inner", "9.9-secret", "abab", "odd", "Errors") if word in body]


@pytest.mark.django_db
def test_the_preview_is_what_is_sent(receiver, make_target, make_incident, superuser_person):
    target = make_target("webhook", receiver.url)
    make_incident()
    about, text = preview_message(target, superuser_person)
    assert receiver.got == []
    deliver_due()
    sent = json.loads(receiver.got[0][2])["data"]
    shown = json.loads(text)["data"]
    assert about == "Errors: checkout"
    assert sent["told_after_ms"] is not None
    of_the_try = {"id", "told_after_ms"}
    assert {name: value for name, value in shown.items() if name not in of_the_try} == {
        name: value for name, value in sent.items() if name not in of_the_try
    }


@pytest.fixture
def superuser_person(db):
    return make_user(is_superuser=True)


@pytest.mark.django_db
def test_who_may_not_see_incidents_is_shown_an_invented_one(make_target, make_incident, person):
    target = make_target("teams")
    make_incident(service="cart-inner")
    manager = person(Perm.MANAGE_TARGETS)
    about, text = preview_message(target, manager)
    assert about == "5xx surge: checkout"
    assert "cart-inner" not in text
    assert "cart-inner" in preview_message(target, person(Perm.MANAGE_TARGETS, Perm.VIEW_INCIDENTS))[1]
    assert Incident.objects.count() == 1


@pytest.mark.django_db
def test_a_target_in_trouble_stands_on_the_overview(client, make_target, person, environment, standing):
    target = make_target("webhook", "https://hooks.shop.com/x", name="Pager of nights")
    page = reverse("overview", args=[environment.slug])
    client.force_login(person(Perm.VIEW_LOGS, Perm.VIEW_INCIDENTS))
    assert "Pager of nights" not in client.get(page).content.decode()
    Target.objects.update(failing_since=standing.now)
    assert "Failing since 2026-03-01 12:00 UTC" in client.get(page).content.decode()
    Target.objects.update(enabled=False, disabled_reason="the receiver says that it is gone")
    said = client.get(page).content.decode()
    assert "Switched off: the receiver says that it is gone." in said
    assert reverse("admin:alerts_target_change", args=[target.pk]) not in said
    client.force_login(person(Perm.VIEW_LOGS))
    assert "Pager of nights" not in client.get(page).content.decode()


@pytest.mark.django_db
def test_a_browser_is_told_of_what_is_new_in_the_persons_environments(
    client, make_target, make_incident, make_rule, person
):
    make_target("inbox")
    client.force_login(person(Perm.VIEW_INCIDENTS))
    news = reverse("inbox-news")
    assert client.get(news).json() == {"latest": 0, "messages": []}
    incident = make_incident()
    deliver_due()
    message = InboxMessage.objects.get()
    assert client.get(news).json() == {"latest": message.pk, "messages": []}  # where to begin
    told = client.get(news, {"after": "0"}).json()
    assert [(item["title"], item["url"]) for item in told["messages"]] == [
        ("Triggered: Errors: checkout", reverse("incident", args=[incident.environment.slug, incident.pk]))
    ]
    assert client.get(news, {"after": str(message.pk)}).json()["messages"] == []
    for odd in ("x", "-1", "9" * 40, "١"):
        assert client.get(news, {"after": odd}).json()["messages"] == []
    elsewhere = make_environment(name="Elsewhere")
    make_target("inbox", environment=elsewhere)
    make_incident(make_rule(environment=elsewhere))
    deliver_due()
    assert client.get(news, {"after": "0"}).json()["latest"] == message.pk
