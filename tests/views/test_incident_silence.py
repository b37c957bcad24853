"""Silences that are begun on an incident's page, shown there and ended there."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.incidents.transitions import resolve_incident
from alerts.models import Incident, Silence
from diagnostics.core import clock
from diagnostics.models import MinuteRollup
from tests.people import client_with
from tests.views.incident_read import look, second_rule, words
from tests.views.reading import read

pytestmark = pytest.mark.django_db


def test_several_rules_are_silenced_as_the_service(world, on_call):
    assert "Nobody is told of Own rule of shop for" in words(look(world, on_call))
    second_rule(world)
    text = words(look(world, on_call))
    assert "Nobody is told of shop, whichever rule it is, up to error, for" in text
    answer = on_call.post(reverse("incident-silence", args=[world.slug, world.incident.pk]), {"hours": "1"})
    made = Silence.objects.get()
    assert (made.rule, made.service_name, made.severity) == (None, "shop", "error")
    page = read(on_call.get(answer.url))
    assert page.links("Back to the incident") == [reverse("incident", args=[world.slug, world.incident.pk])]
    assert "It hid nothing." in page.text
    assert page.all("span", class_="dot") == []


def test_a_message_leads_to_a_form_that_asks_the_same_as_the_page(world, on_call):
    address = reverse("incident-silence", args=[world.slug, world.incident.pk])
    for number, said in enumerate(("Own rule of shop for", "shop, whichever rule it is, up to error, for")):
        if number:
            second_rule(world)
        page = read(on_call.get(address))
        assert f"Nobody is told of {said}" in words(page)
        assert f"Nobody is told of {said}" in words(look(world, on_call))
        assert not Silence.objects.exists()
    assert address in [form.attributes.get("action") for form in page.all("form")]
    lengths = [button.attributes["value"] for button in page.all("button", name="hours")]
    assert lengths == [button.attributes["value"] for button in look(world, on_call).all("button", name="hours")][3:]
    assert page.links("Open the incident") == [reverse("incident", args=[world.slug, world.incident.pk])]
    assert page.links("all silences") == [reverse("silences", args=[world.slug])]


def test_what_nothing_bounds_is_said_to_silence_all(world, on_call):
    Incident.objects.filter(pk=world.incident.pk).update(service_name="", rule=None)
    assert f"Nobody is told of anything in {world.environment.name} for" in words(look(world, on_call))


def test_who_may_not_respond_finds_no_such_form(world, viewer):
    assert viewer.get(reverse("incident-silence", args=[world.slug, world.incident.pk])).status_code == 404


def test_a_critical_incident_of_several_rules_is_silenced_whole(world, on_call):
    second_rule(world, severity="critical")
    assert "Nobody is told of shop, whichever rule it is, for" in words(look(world, on_call))
    on_call.post(reverse("incident-silence", args=[world.slug, world.incident.pk]), {"hours": "1"})
    assert (Silence.objects.get().rule, Silence.objects.get().severity) == (None, "")


def test_without_a_service_the_rule_bounds_a_silence(world, on_call):
    second_rule(world)
    Incident.objects.filter(pk=world.incident.pk).update(service_name="")
    on_call.post(reverse("incident-silence", args=[world.slug, world.incident.pk]), {"hours": "1"})
    assert Silence.objects.get().rule == world.rule


@pytest.mark.parametrize("typed", ["999999", "x", "-1", "9" * 30])
def test_a_silence_leads_back_to_incidents_of_its_environment_alone(world, on_call, typed):
    page = read(on_call.get(reverse("silence", args=[world.slug, world.silence.pk]), {"incident": typed}))
    assert page.links("Back to the incident") == []


def test_the_reason_comes_first_and_enter_in_it_presses_nothing(world, on_call):
    page = look(world, on_call)
    place = [
        element for element in page.elements if element.tag in ("form", "button", "input") and element.attributes.get("type") != "hidden"
    ]  # fmt: skip
    silence = reverse("incident-silence", args=[world.slug, world.incident.pk])
    begins = next(number for number, element in enumerate(place) if element.attributes.get("action") == silence)
    first, reason = place[begins + 1], place[begins + 2]
    assert "disabled" in first.attributes
    assert (reason.attributes["name"], reason.attributes["type"]) == ("reason", "text")
    assert [element.attributes["name"] for element in page.all("details", class_="menu-of")] == ["acts", "acts"]


def told(page):
    (lines,) = page.all("ul", class_="told-lines")
    return " ".join(lines.text.split())


def silence(world, hours=1, **fields):
    """One of the incident's service, for so long."""
    now = clock.now()
    values = {"service_name": "shop", "starts_at": now - timedelta(minutes=1), "ends_at": now + timedelta(hours=hours)}
    return Silence.objects.create(environment=world.environment, reason="known", **{**values, **fields})


def test_a_silence_shows_on_the_page_and_in_the_list_and_is_ended_there(world, on_call):
    page = look(world, on_call)
    assert "silenced until" not in page.text
    assert [summary.text for summary in page.all("summary", class_="button")] == ["Snooze", "Silence"]
    long, short = silence(world, 4), silence(world, rule=world.rule)
    silence(world, service_name="other")
    silence(world, starts_at=clock.now() + timedelta(minutes=5))
    page = look(world, on_call)
    ends = [f"{one.ends_at:%H:%M}" for one in (long, short)]
    (badge,) = [tag.text for tag in page.all("span", class_="tag") if "silenced" in tag.text]
    assert badge.endswith(ends[0])
    held = [" ".join(box.text.split()) for box in page.all("div", class_="notice is-held")]
    assert [text.partition(":")[0] for text in held] == [f"Silenced until {end.partition(':')[0]}" for end in ends]
    assert "nobody is told of every rule of shop" in held[0]
    assert "nobody is told of Own rule of shop" in held[1]
    assert "Silence longer" in [summary.text for summary in page.all("summary", class_="button")]
    assert f"silenced until {ends[0]}" in words(look(world, on_call, "incidents"))
    answer = on_call.post(reverse("silence-end", args=[world.slug, long.pk]), {"incident": world.incident.pk})
    assert answer.url == reverse("incident", args=[world.slug, world.incident.pk])
    assert f"silenced until {ends[1]}" in words(look(world, on_call))


def test_who_may_not_respond_sees_a_silence_and_ends_none(world, on_call):
    found = silence(world)
    address = reverse("silence-end", args=[world.slug, found.pk])
    assert [form for form in look(world, on_call).all("form") if form.attributes.get("action") == address]
    page = look(world, client_with(world.environment, "viewer"))
    assert "Silenced until" in page.text
    assert not [form for form in page.all("form") if form.attributes.get("action") == address]


def test_a_window_that_comes_again_holds_until_its_hours_are_over_and_is_not_ended_by_the_way(world, on_call):
    now = clock.now()
    begin, end = now - timedelta(minutes=30), now + timedelta(minutes=30)
    found = silence(world, hours=24 * 90, days="mon-sun", window_begin=begin.time(), window_end=end.time())
    page = look(world, on_call)
    assert f"silenced until {end:%H:%M}" in words(page)
    address = reverse("silence-end", args=[world.slug, found.pk])
    assert not [form for form in page.all("form") if form.attributes.get("action") == address]


def test_a_silence_that_outlasts_its_incident_says_so_and_a_later_one_has_nothing_to_do_with_it(world, on_call):
    found = silence(world)
    resolve_incident(world.incident, None)
    text = words(look(world, on_call))
    assert (
        f"The silence goes on until {found.ends_at:%H:%M}, should it come back: nobody is told of every rule of shop"
        in text
    )
    assert "silenced until" not in text
    assert "silenced until" not in words(look(world, on_call, "incidents", state="all"))
    Silence.objects.update(starts_at=clock.now())
    assert "The silence goes on" not in words(look(world, on_call))


def test_the_overview_says_where_what_it_names_is_silenced(world, on_call):
    MinuteRollup.objects.create(
        environment=world.environment, minute=clock.floor_minute(clock.now()), source="log", service_name="shop", records=5
    )  # fmt: skip
    address = reverse("overview", args=[world.slug])
    assert world.incident.is_open
    assert "ilenced until" not in words(read(on_call.get(address)))
    found = silence(world)
    text = words(read(on_call.get(address)))
    assert f"Silenced until {found.ends_at:%H:%M}." in text
    assert f"ago, silenced until {found.ends_at:%H:%M}" in text
