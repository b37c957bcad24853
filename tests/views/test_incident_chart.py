"""The chart of an incident: which steps are drawn, and what is named in it."""

from datetime import timedelta

import pytest

from alerts.incidents.transitions import resolve_incident
from alerts.models import AlertRule, Incident
from alerts.views.signal import draw_signal
from diagnostics.core import clock
from diagnostics.models import MinuteRollup
from tests.views.incident_read import look, words

pytestmark = pytest.mark.django_db


def roll(world, moment, **fields):
    MinuteRollup.objects.create(
        environment=world.environment, minute=clock.floor_minute(moment), service_name="shop", source="log", **fields
    )


@pytest.mark.parametrize("second", [20, 50])
def test_the_chart_ends_with_a_minute_that_is_over(world, second, monkeypatch):
    start = clock.floor_minute(clock.now())
    incident = world.incident
    for ago in range(12):
        roll(world, start - timedelta(minutes=ago + 1), errors=9, records=9)
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=second))
    chart = draw_signal(incident)
    assert chart.end == start
    assert "records 9" in chart.slots[-1].title
    roll(world, start, errors=4, records=4)
    assert draw_signal(incident).end == start  # it has not become less: the minute is not over
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=1, seconds=5))  # records are still on their way
    assert draw_signal(incident).end == start


def test_a_minute_that_is_worse_before_it_is_over_is_drawn(world, monkeypatch):
    start = clock.floor_minute(clock.now())
    incident = world.incident
    roll(world, start - timedelta(minutes=1), errors=1, records=9)
    roll(world, start, errors=30, records=30)
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=20))
    chart = draw_signal(incident)
    assert chart.end == start + timedelta(minutes=1)
    assert "records 30" in chart.slots[-1].title


def test_a_step_of_several_minutes_is_drawn_when_all_of_it_is_over(world):
    Incident.objects.filter(pk=world.incident.pk).update(started_at=clock.now() - timedelta(hours=5))
    incident = Incident.objects.get(pk=world.incident.pk)
    chart = draw_signal(incident)
    assert timedelta() <= clock.now() - chart.end < timedelta(minutes=6)
    resolve_incident(incident, None, now=clock.now() - timedelta(hours=2))
    incident.refresh_from_db()
    assert draw_signal(incident).end <= incident.resolved_at + timedelta(minutes=10)


def test_the_limit_and_what_is_usual_are_named(world, on_call):
    AlertRule.objects.filter(pk=world.rule.pk).update(signal="latency_p95", threshold=1500)
    Incident.objects.filter(pk=world.incident.pk).update(
        context={"usual": 28.0}, started_at=clock.now() - timedelta(minutes=5)
    )
    keys = [
        element.text
        for element in look(world, on_call).elements
        if "key" in element.attributes.get("class", "").split()
    ]
    assert keys == ["usual", "limit 1.5 s", "incident"]


@pytest.mark.parametrize(("service", "is_elsewhere"), [("shop", False), ("checkout", True), ("", False), (None, False)])
def test_a_change_of_another_service_is_said_to_be_elsewhere(world, on_call, service, is_elsewhere):
    deploy = {"title": "deployed 2.4.2", "timestamp": clock.now().isoformat(), "release": "2.4.2"}
    kept = deploy if service is None else {**deploy, "service": service}  # older incidents do not say whose it was
    Incident.objects.filter(pk=world.incident.pk).update(context={"deploy": kept})
    text = words(look(world, on_call))
    assert "deployed 2.4.2" in text
    assert ("Elsewhere: deployed 2.4.2" in text) == is_elsewhere


def test_a_share_is_drawn_over_the_rules_window_as_the_rule_takes_it(world, on_call):
    """A minute of three requests would stand above the highest that the sentence tells."""
    AlertRule.objects.filter(pk=world.rule.pk).update(
        condition="share", signal="failures", window_minutes=3, threshold=0.05
    )
    start = clock.floor_minute(clock.now())
    for ago, requests, failures in ((4, 50, 0), (3, 3, 3), (2, 47, 0), (1, 50, 10)):
        roll(world, start - timedelta(minutes=ago), requests=requests, failures=failures)
    Incident.objects.filter(pk=world.incident.pk).update(started_at=start - timedelta(minutes=2))
    chart = draw_signal(Incident.objects.get(pk=world.incident.pk))
    assert chart.peak == "13%"
    assert "each point: 3 min" in words(look(world, on_call))
    AlertRule.objects.filter(pk=world.rule.pk).update(condition="threshold")
    assert "each point: 1 min" in words(look(world, on_call))
