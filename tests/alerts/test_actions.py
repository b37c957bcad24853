"""Custom actions run for rules that name them, when an incident begins, and for nothing else unless set up so."""

from datetime import timedelta

import pytest

from alerts.delivery.explain import explain_ways
from alerts.delivery.run import deliver_due
from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.models import Notification, Target
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing")]


@pytest.fixture(params=["task", "custom_webhook"])
def action(request, make_target):
    return make_target(request.param, name="restart", digest_seconds=60)


def turns(target):
    return list(Notification.objects.filter(target=target).order_by("created_at").values_list("action", flat=True))


def test_a_rule_that_names_no_target_runs_no_action(action, make_target, make_incident, standing, told):
    Target.objects.filter(pk=action.pk).update(created_at=standing.now - timedelta(days=1))
    inbox = make_target("inbox")
    incident = make_incident()
    acknowledge_incident(incident, make_user())
    assert turns(action) == []
    assert told(target=inbox)[0] == ("trigger", "pending", "")
    way = next(way for way in explain_ways(incident, make_user()) if way.target == action)
    assert way.note == "A custom action runs for rules that name it, and for nothing else."


@pytest.mark.parametrize(
    ("config", "heard"),
    [
        ({}, ["trigger", "trigger"]),
        ({"turns": "begin"}, ["trigger", "trigger"]),
        ({"turns": "all"}, ["trigger", "update", "acknowledge", "resolve", "trigger"]),
    ],
)
def test_a_rule_that_names_it_runs_it_when_an_incident_begins_and_comes_back(
    action, make_rule, make_incident, standing, config, heard
):
    action.config = config
    action.save()
    rule, worse = make_rule(), make_rule(severity="critical")
    for one in (rule, worse):
        one.targets.add(action)
    incident = make_incident(rule, "checkout")
    standing.advance(seconds=1)
    make_incident(worse, "checkout")
    standing.advance(seconds=1)
    acknowledge_incident(incident, make_user())
    standing.advance(seconds=1)
    resolve_incident(incident, None, is_recovered=True, now=standing.now)
    standing.advance(seconds=1)
    make_incident(rule, "checkout")
    assert turns(action) == heard


def test_neither_storms_nor_digests_run_it(settings, action, make_rule, make_target, make_incident, standing):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "STORM_INCIDENTS": 5}
    make_target("inbox")
    rule = make_rule()
    rule.targets.add(action)
    for number in range(8):
        make_incident(rule, f"service-{number}")
    rows = Notification.objects.filter(target=action)
    assert not rows.filter(incident__kind="storm").exists()
    assert not rows.filter(is_held=True).exists()
    assert rows.filter(state="pending").count() == 5


def test_an_action_that_stands_in_is_not_run_for_what_it_does_not_hear_of(
    make_rule, make_target, make_incident, receiver, standing
):
    stand_in = make_target("task", name="restart")
    hook = make_target("webhook", receiver.url, fallback=stand_in)
    rule = make_rule(severity="warning")
    rule.targets.add(hook)
    make_incident(rule, "checkout")
    deliver_due()
    standing.advance(seconds=1)
    receiver.answer(302)
    worse = make_rule(severity="critical")
    worse.targets.add(hook)
    make_incident(worse, "checkout")
    deliver_due()
    assert Notification.objects.get(target=hook, action="update").state == "failed"
    assert turns(stand_in) == []
