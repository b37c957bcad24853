"""Incidents, the ledger, silences and explanations in the browser: what each act does, and what is said when it cannot."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.delivery.run import deliver_due
from alerts.models import Fired, Incident, Notification, Silence, Target
from diagnostics.core import clock
from tests.factories import make_user
from tests.people import make_person, sign_in
from tests.views.reading import Page
from tests.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world("acts")


@pytest.fixture
def person(world):
    return make_person(world.environment, "on-call")


@pytest.fixture
def page(world, person):
    """Sends an act, and gives the page that it leads to."""
    client = sign_in(person)

    def act(name, method="post", pk=None, **data):
        address = reverse(name, kwargs={"slug": world.slug, **({"pk": pk} if pk else {})})
        answer = getattr(client, method)(address, data, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    return act


def fresh(world):
    return Incident.objects.get(pk=world.incident.pk)


def kinds(world):
    return list(world.incident.events.values_list("kind", flat=True))


def test_people_assign_write_snooze_and_open_again(world, person, page):
    pk = world.incident.pk
    page("incident-assign", pk=pk, person=person.username)
    assert fresh(world).assigned_to == person
    assert "Nobody of that name" in page("incident-assign", pk=pk, person=make_user().username)
    assert "seen before &lt;b&gt;" in page("incident-note", pk=pk, text="seen before <b>")
    assert "write something first" in page("incident-note", pk=pk, text=" ")
    page("incident-snooze", pk=pk, hours="4")
    assert fresh(world).snoozed_until - clock.now() > timedelta(hours=3)
    page("incident-resolve", pk=pk)
    assert "nothing to snooze" in page("incident-snooze", pk=pk, hours="1")
    page("incident-reopen", pk=pk)
    assert fresh(world).state == "triggered"
    assert kinds(world) == ["triggered", "assigned", "note", "snoozed", "resolved", "reopened"]
    assert [row.action for row in Notification.objects.order_by("created_at")] == ["trigger", "resolve", "trigger"]


def test_a_silence_is_two_clicks_away_from_an_incident(world, person, page):
    shown = page("incident-silence", pk=world.incident.pk, hours="4", reason="deploy")
    silence = Silence.objects.get(reason="deploy")
    assert (silence.rule, silence.service_name, silence.author) == (world.rule, "shop", person)
    assert "It hid nothing." in shown
    page("silence-end", pk=silence.pk)
    silence.refresh_from_db()
    assert silence.ends_at <= clock.now()


def test_a_window_is_made_on_its_page_and_what_is_wrong_stands_beside_its_field(world, page):
    now = clock.now()
    values = {
        "reason": "backup", "starts_at": f"{now:%Y-%m-%dT%H:%M}", "ends_at": f"{now + timedelta(days=90):%Y-%m-%dT%H:%M}",
        "days": "sunday", "window_begin": "02:00", "window_end": "04:00", "zone": "Europe/Berlin",
        "everything": "on",
    }  # fmt: skip
    assert "mon, tue, wed" in page("silence-make", **values)
    assert "sun, 02:00 to 04:00 Europe/Berlin" in page("silence-make", **{**values, "days": "sun"})
    text = page("silences", "get")
    assert "backup" in text
    assert "every rule" in text
    assert "every severity" in text
    assert "---------" not in text


@pytest.mark.parametrize("hours", [1, 4, 24])
def test_a_silence_is_made_for_a_length_of_time_whatever_its_times_say(world, page, hours):
    text = page("silences", "get")
    assert f'name="hours" value="{hours}" formnovalidate' in text
    page(
        "silence-make",
        reason="deploy",
        starts_at="2020-01-01T10:00",
        ends_at="",
        zone="UTC",
        hours=str(hours),
        service_name="shop",
    )
    made = Silence.objects.get(reason="deploy")
    assert abs(made.starts_at - clock.now()) < timedelta(minutes=1)
    assert made.ends_at - made.starts_at == timedelta(hours=hours)


def test_a_length_that_is_not_offered_is_none(world, page):
    assert "required" in page("silence-make", reason="deploy", starts_at="2030-01-01T10:00", zone="UTC", hours="900")
    assert not Silence.objects.filter(reason="deploy").exists()
    assert "required" in page("silence-make", reason="", zone="UTC", hours="1")


def test_a_reason_alone_silences_no_whole_environment(world, page):
    for service in ("", "*"):
        text = page("silence-make", reason="deploy", zone="UTC", hours="1", service_name=service)
        assert f"This would silence {world.environment.name}: all" in text
        assert not Silence.objects.filter(reason="deploy").exists()
    page("silence-make", reason="deploy", zone="UTC", hours="1", everything="on")
    assert Silence.objects.get(reason="deploy").rule is None


def test_the_ledger_shows_sums_that_add_up_and_says_so_when_they_do_not(world, page):
    assert "Every alert is accounted for." in page("ledger", "get")
    Fired.objects.update(alerts=5)
    assert "It does not add up" in page("ledger", "get", state="sent", target=str(world.target.pk))
    assert "does not add up" in page("incident", "get", pk=world.incident.pk)


def test_what_was_sent_or_failed_goes_out_again_under_the_same_id(world, page):
    deliver_due()
    row = Notification.objects.get()
    assert row.state == "sent"
    assert "goes out again" in page("ledger-redeliver", pk=row.pk)
    row.refresh_from_db()
    assert (row.state, Notification.objects.count()) == ("pending", 1)
    assert "Only what was sent or has failed" in page("ledger-redeliver", pk=row.pk)


def test_who_was_told_is_explained_step_by_step(world, person, page):
    Target.objects.create(environment=world.environment, name="later", kind="inbox")
    shown = page("incident-explain", "get", pk=world.incident.pk)
    assert f"{person.username} may see incidents" in shown
    assert "The target was made after the incident had opened." in shown
    address = reverse("incident-explain", kwargs={"slug": world.slug, "pk": world.incident.pk})
    other = make_user()
    assert sign_in(person).get(address, {"person": other.username}).status_code == 404
    admin = sign_in(make_person(world.environment, "environment-admin"))
    assert f"{other.username} may not see incidents" in admin.get(address, {"person": other.username}).content.decode()


def test_incidents_are_filtered_and_counted(world, person, page):
    Incident.objects.filter(pk=world.incident.pk).update(severity="critical")
    assert world.incident.title in page("incidents", "get", severity="critical", who="nobody")
    assert "No incident matches these filters" in page("incidents", "get", severity="info")
    page("incident-acknowledge", pk=world.incident.pk)
    assert world.incident.title in page("incidents", "get", state="acknowledged", who="me")
    assert world.incident.title not in page("incidents", "get", state="triggered")


def test_a_silence_that_is_shown_again_has_its_times_as_their_fields_take_them(world, page):
    """What a browser does not understand it leaves empty."""
    text = page("silence-make", reason="", zone="UTC", hours="4")
    values = [field.attributes["value"] for field in Page(text).all("input", type="datetime-local")]
    assert len(values) == 2
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value) for value in values)
