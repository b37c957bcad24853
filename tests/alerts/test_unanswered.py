"""Nobody acknowledges: the target's escalation is told, or the target again; a person who answers ends it."""

from datetime import timedelta

import pytest

from alerts.delivery.explain import note_of
from alerts.delivery.ledger import read_ledger
from alerts.delivery.render import render_alert
from alerts.delivery.run import deliver_due
from alerts.incidents.people import reopen_incident, snooze_incident
from alerts.incidents.sweep import sweep_incidents
from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.incidents.unanswered import MOST, next_calls
from alerts.models import AlertRule, IncidentEvent, Notification, Silence
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing")]


@pytest.fixture
def rule(make_rule, make_target):
    """Of a pager that has ten minutes, behind which the lead stands."""
    lead = make_target("inbox", name="lead")
    pager = make_target("inbox", name="pager", answer_minutes=10, escalation=lead)
    rule = make_rule(severity="critical")
    rule.targets.add(pager)
    return rule


@pytest.fixture
def pass_minutes(standing):
    """Each with its sweep and its deliveries, as the product does it."""

    def run(minutes):
        for _ in range(minutes):
            deliver_due()
            standing.advance(minutes=1)
            sweep_incidents(standing.now)
        deliver_due()

    return run


def heard(name):
    return list(Notification.objects.filter(target__name=name).order_by("created_at").values_list("action", "state"))


def unanswered(incident):
    return list(incident.events.filter(kind=IncidentEvent.Kind.UNANSWERED).values_list("text", flat=True))


def test_who_stands_behind_a_target_is_told_when_nobody_acknowledged_in_time(rule, make_incident, pass_minutes):
    incident = make_incident(rule)
    pass_minutes(9)
    assert (heard("pager"), heard("lead")) == ([("trigger", "sent")], [])
    pass_minutes(2)
    assert (heard("pager"), heard("lead")) == ([("trigger", "sent")], [("trigger", "sent")])
    said = "Nobody acknowledged what pager was told within 10 min: lead is told."
    assert unanswered(incident) == [said]
    row = Notification.objects.select_related("incident__environment", "incident__rule", "event", "target").get(
        target__name="lead"
    )
    assert render_alert(row).news == said
    pass_minutes(60)
    assert heard("lead") == [("trigger", "sent")]
    assert len(unanswered(incident)) == 1
    acknowledge_incident(incident, make_user())
    deliver_due()
    assert heard("lead")[-1] == heard("pager")[-1] == ("acknowledge", "sent")
    assert all(line.adds_up for line in read_ledger([incident]))


@pytest.mark.parametrize("answer", [acknowledge_incident, resolve_incident])
def test_who_answers_ends_it(rule, make_incident, pass_minutes, answer):
    incident = make_incident(rule)
    pass_minutes(9)
    answer(incident, make_user())
    pass_minutes(20)
    assert heard("lead") == []
    reopen_incident(incident, make_user()) if answer is resolve_incident else None
    pass_minutes(11)
    assert [action for action, _ in heard("lead")] == (["trigger"] if answer is resolve_incident else [])


def test_without_one_behind_it_the_target_is_told_again_a_few_times(rule, make_target, make_incident, pass_minutes):
    only = make_target("inbox", name="only", answer_minutes=5)
    rule.targets.set([only])
    incident = make_incident(rule)
    pass_minutes(60)
    assert heard("only") == [("trigger", "sent"), *([("update", "sent")] * MOST)]
    assert unanswered(incident)[0].endswith("it is told again.")
    assert unanswered(incident)[-1].endswith("that was the 6th time, and it is left alone.")
    assert len(unanswered(incident)) == MOST + 1


def test_two_that_stand_behind_each_other_are_asked_in_turn(rule, make_target, make_incident, pass_minutes):
    pager = rule.targets.get()
    lead = pager.escalation
    lead.answer_minutes, lead.escalation = 15, pager
    lead.save()
    make_incident(rule)
    pass_minutes(40)
    assert heard("pager") == [("trigger", "sent"), ("update", "sent")]
    assert heard("lead") == [("trigger", "sent"), ("update", "sent")]
    pass_minutes(600)
    assert (len(heard("pager")), len(heard("lead"))) == (MOST + 1, MOST)


def test_who_is_told_of_worse_only_is_not_called_for_what_is_mild(rule, make_incident, pass_minutes):
    pager = rule.targets.get()
    pager.escalation.minimum_severity = "critical"
    pager.escalation.save()
    AlertRule.objects.filter(pk=rule.pk).update(severity="warning")
    rule.refresh_from_db()
    make_incident(rule)
    pass_minutes(30)
    assert heard("lead") == [("trigger", "suppressed")]


def test_a_snooze_or_a_silence_needs_no_answer(rule, make_incident, pass_minutes, standing, environment):
    snoozed, silenced = make_incident(rule, "a"), make_incident(rule, "b")
    deliver_due()
    Silence.objects.create(
        environment=environment, service_name="b", starts_at=standing.now, ends_at=standing.now + timedelta(minutes=30),
        reason="deploy",
    )  # fmt: skip
    snooze_incident(snoozed, standing.now + timedelta(minutes=30), make_user())
    pass_minutes(29)
    assert heard("lead") == []
    pass_minutes(3)
    assert unanswered(silenced) != []
    assert unanswered(snoozed) == []  # it was told again a moment ago
    pass_minutes(10)
    assert unanswered(snoozed) != []


def test_what_could_not_be_told_is_not_answered_either(
    rule, make_target, make_incident, pass_minutes, receiver, standing
):
    receiver.answer(500)
    dead = make_target("webhook", receiver.url, name="dead", answer_minutes=5, escalation=rule.targets.get().escalation)
    rule.targets.set([dead])
    make_incident(rule)
    pass_minutes(7)
    assert heard("lead") == [("trigger", "sent")]


def test_what_waits_for_its_digest_has_its_time_from_when_it_was_told(rule, make_incident, pass_minutes, standing):
    pager = rule.targets.get()
    pager.digest_seconds = 600
    pager.save()
    make_incident(rule, "a")
    second, _ = make_incident(rule, "b"), make_incident(rule, "c")
    pass_minutes(15)
    assert second.notifications.get(target=pager, action="trigger").told_by.state == "sent"
    assert unanswered(second) == []
    pass_minutes(6)
    assert len(unanswered(second)) == 1


def test_two_that_lead_to_the_same_tell_it_once(rule, make_target, make_incident, pass_minutes):
    lead = rule.targets.get().escalation
    rule.targets.add(make_target("inbox", name="second", answer_minutes=10, escalation=lead))
    incident = make_incident(rule)
    pass_minutes(12)
    assert heard("lead") == [("trigger", "sent")]
    assert all(name in unanswered(incident)[0] for name in ("pager", "second"))


def test_the_page_says_who_is_told_next(rule, make_incident, standing):
    incident = make_incident(rule)
    deliver_due()
    (row,) = next_calls(incident)
    assert (row.target.name, row.answer_by) == ("pager", standing.now + timedelta(minutes=10))


def test_a_reserve_is_told_when_it_is_asked_for_and_not_before(make_rule, make_target, make_incident, pass_minutes):
    lead = make_target("inbox", name="lead", is_reserve=True)
    make_target("inbox", name="pager", answer_minutes=10, escalation=lead)
    incident = make_incident(make_rule(severity="critical"))
    pass_minutes(5)
    assert (heard("pager"), heard("lead")) == ([("trigger", "sent")], [])
    lead.created_at = incident.opened_at
    assert "It is a reserve" in note_of(incident, lead)
    pass_minutes(7)
    assert heard("lead") == [("trigger", "sent")]
    acknowledge_incident(incident, make_user())
    deliver_due()
    assert heard("lead")[-1] == ("acknowledge", "sent")
    named = make_rule(name="Named")
    named.targets.add(lead)
    make_incident(named)
    deliver_due()
    assert heard("lead")[-1] == ("trigger", "sent")
