"""Silences that are begun on an incident's page."""

import pytest
from django.urls import reverse

from alerts.models import Incident, Silence
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
