"""The list of incidents: what is open by how urgent it is, and how each stands by now."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.incidents.transitions import resolve_incident
from alerts.models import AlertRule, Evidence, Incident
from diagnostics.core import clock
from diagnostics.search import rows
from tests.views.reading import read

pytestmark = pytest.mark.django_db


def test_what_is_open_stands_by_severity_then_untaken_then_newest_and_pages_go_on(world, on_call, monkeypatch):
    Incident.objects.all().delete()
    began = clock.now()

    def make(title, severity, minutes, **fields):
        at = began - timedelta(minutes=minutes)
        Incident.objects.create(
            environment=world.environment, rule=world.rule, rule_name="r", dedup_key=title, title=title, summary=".",
            severity=severity, started_at=at, opened_at=at, **fields,
        )  # fmt: skip

    make("worst, taken", "critical", 1, state="acknowledged")
    make("worst, old", "critical", 60 * 24 * 90)
    make("worst, new", "critical", 5)
    make("error", "error", 0)
    make("warning", "warning", 2)
    make("over", "critical", 3, state="resolved", resolved_at=began)
    address = reverse("incidents", args=[world.slug])

    def titles(query):
        page = read(on_call.get(address + query))
        return [element.text for element in page.all("a", class_="row-link")], page.links("Older")

    assert titles("")[0] == ["worst, new", "worst, old", "worst, taken", "error", "warning"]
    assert titles("?state=all")[0] == ["error", "worst, taken", "warning", "over", "worst, new", "worst, old"]
    monkeypatch.setattr(rows.read_pages, "__defaults__", ("", 2))
    seen, query = [], ""
    while query is not None:
        found, more = titles(query)
        seen += found
        query = more[0] if more else None
    assert seen == ["worst, new", "worst, old", "worst, taken", "error", "warning"]


def test_the_list_says_how_each_stands_by_now(world, on_call):
    Incident.objects.filter(pk=world.incident.pk).update(value=0.031, peak_value=0.48)
    AlertRule.objects.filter(pk=world.rule.pk).update(condition="share")
    address = reverse("incidents", args=[world.slug])
    assert "Now 3.1%, highest 48%." in read(on_call.get(address)).text
    Evidence.objects.update(ended_at=clock.now())
    assert "Recovered, other rules still fire; highest 48%." in read(on_call.get(address)).text
    resolve_incident(world.incident, None)
    assert "Highest 48%." in read(on_call.get(address, {"state": "all"})).text
