"""One cause, several rules: one incident; what comes back is the same; what comes and goes is flapping."""

import pytest
from django.db import DatabaseError, transaction

from alerts.delivery.render import render_alert
from alerts.incidents.sweep import sweep_incidents
from alerts.incidents.transitions import (
    acknowledge_incident,
    add_note,
    dedup_key_of,
    end_series,
    note_values,
    resolve_incident,
)
from alerts.models import Evidence, Incident, Notification
from tests.factories import make_user
from tests.world import make_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing")]


@pytest.fixture
def end(standing):
    def recover(incident, rule, service="checkout"):
        end_series(incident, rule, service, "well", standing.now)
        incident.refresh_from_db()

    return recover


def kinds(incident):
    return [event.kind for event in incident.events.all()]


def test_rules_of_one_service_within_ten_minutes_show_one_incident(
    make_rule, make_target, make_incident, standing, told, end
):
    make_target("inbox")
    rules = [make_rule(name=f"R{number}", severity="error") for number in range(3)]
    first = make_incident(rules[0], "checkout")
    standing.advance(minutes=9)
    assert make_incident(rules[1], "checkout") == first
    assert make_incident(rules[1], "search") != first
    standing.advance(minutes=2)
    assert make_incident(rules[2], "checkout") != first  # too late: another cause
    first.refresh_from_db()
    assert (first.duplicates, kinds(first)) == (1, ["triggered", "joined"])
    assert told(incident=first) == [("trigger", "pending", ""), ("update", "suppressed", "grouped")]
    end(first, rules[0])
    assert (first.state, kinds(first)[-1]) == ("triggered", "recovered")
    end(first, rules[1])
    assert first.state == "resolved"


def test_a_higher_severity_of_a_rule_that_joins_is_told(make_rule, make_target, make_incident, told):
    make_target("inbox", name="all")
    make_target("inbox", name="worst", minimum_severity="critical")
    mild, bad = make_rule(severity="warning"), make_rule(severity="critical")
    incident = make_incident(mild, "checkout")
    make_incident(bad, "checkout")
    incident.refresh_from_db()
    assert (incident.severity, kinds(incident)) == ("critical", ["triggered", "worse"])
    assert told(target__name="all") == [("trigger", "pending", ""), ("update", "pending", "")]
    assert told(target__name="worst") == [("trigger", "suppressed", "below_severity"), ("trigger", "pending", "")]
    make_incident(make_rule(severity="error"), "checkout")
    incident.refresh_from_db()
    assert incident.severity == "critical"  # it does not fall


def test_targets_that_only_the_later_rule_names_hear_of_it_too(make_rule, make_target, make_incident, standing, told):
    one, two = make_target("inbox", name="one"), make_target("inbox", name="two")
    first, second = make_rule(), make_rule()
    first.targets.add(one)
    second.targets.add(two)
    incident = make_incident(first, "checkout")
    make_incident(second, "checkout")
    assert told(target=two) == [("trigger", "pending", "")]
    standing.advance(seconds=1)
    resolve_incident(incident, None)
    assert [action for action, *_ in told(target=two)] == ["trigger", "resolve"]


def test_what_concerns_the_whole_environment_joins_nothing(make_rule, make_incident):
    assert make_incident(make_rule(), "") != make_incident(make_rule(), "")


def test_many_series_are_counted_and_not_listed_line_by_line(make_rule, make_target, make_incident, told):
    make_target("inbox")
    rule = make_rule()
    incident = make_incident(rule, "checkout")
    for number in range(30):
        assert make_incident(rule, "checkout", route=f"/r{number}") == incident
    incident.refresh_from_db()
    assert incident.duplicates == 30
    assert len(kinds(incident)) == 11
    assert Evidence.objects.filter(incident=incident).count() == 31
    assert Notification.objects.get(reason="grouped").alerts == 30


def test_what_comes_back_soon_is_reopened_and_told_again(make_rule, make_target, make_incident, standing, told, end):
    make_target("inbox")
    rule = make_rule()
    incident = make_incident(rule, "checkout")
    standing.advance(minutes=5)
    end(incident, rule)
    standing.advance(minutes=5)
    assert make_incident(rule, "checkout") == incident
    incident.refresh_from_db()
    assert (incident.state, incident.reopened, incident.resolved_at) == ("triggered", 1, None)
    assert [action for action, *_ in told()] == ["trigger", "resolve", "trigger"]


@pytest.mark.parametrize(
    ("is_acknowledged", "minutes", "severity", "again"),
    [
        (True, 6, "critical", True),
        (True, 1, "critical", False),
        (True, 6, "warning", False),
        (False, 6, "critical", True),
    ],
)
def test_what_fires_again_inside_an_incident_is_told_again_unless_that_was_just_done(
    make_rule, make_target, make_incident, standing, told, end, is_acknowledged, minutes, severity, again
):
    make_target("inbox")
    lasting, surge = make_rule(name="New error", severity="error"), make_rule(name="5xx surge", severity=severity)
    incident = make_incident(surge, "checkout")
    make_incident(lasting, "checkout")
    if is_acknowledged:
        acknowledge_incident(incident, make_user())
    standing.advance(seconds=20)
    end(incident, surge)
    before = told(action="update", state="pending")
    standing.advance(minutes=minutes)
    assert make_incident(surge, "checkout", summary="checkout: 5xx 51%.") == incident
    incident.refresh_from_db()
    assert incident.state == ("acknowledged" if is_acknowledged else "triggered")
    assert incident.events.latest("at").text == "5xx surge fires again: checkout: 5xx 51%."
    assert (incident.summary == "checkout: 5xx 51%.") == (severity == "critical")  # who is as bad speaks for it
    assert told(action="update", state="pending") == [*before, *([("update", "pending", "")] if again else [])]


def test_an_error_that_was_new_keeps_no_incident_open(make_rule, make_target, make_incident, standing, told, end):
    make_target("inbox")
    surge = make_rule(name="5xx surge", severity="critical")
    new = make_rule(name="New error", signal="new_errors", condition="first_seen", severity="warning")
    incident = make_incident(surge, "checkout")
    assert make_incident(new, "checkout", route="abc") == incident
    standing.advance(minutes=2)
    end(incident, surge)
    incident.refresh_from_db()
    assert incident.state == "resolved"
    assert told()[-1] == ("resolve", "pending", "")
    standing.advance(minutes=5)
    assert make_incident(surge, "checkout") == incident  # a second outage: the same, told again
    assert told()[-1] == ("trigger", "pending", "")


def test_errors_that_are_new_last_among_themselves(make_rule, make_incident, standing):
    new = make_rule(name="New error", signal="new_errors", condition="first_seen", severity="warning")
    incident = make_incident(new, "checkout", route="abc")
    make_incident(new, "checkout", route="def")
    end_series(incident, new, "checkout abc", "It was not seen again.", standing.now)
    incident.refresh_from_db()
    assert incident.state == "triggered"


def test_what_a_person_closed_does_not_come_back_by_itself(make_rule, make_incident, standing):
    rule = make_rule()
    incident = make_incident(rule, "checkout")
    resolve_incident(incident, make_user())
    standing.advance(minutes=1)
    assert make_incident(rule, "checkout") != incident


def test_what_comes_and_goes_is_told_as_flapping_then_in_digests_and_at_last_as_over(
    make_rule, make_target, make_incident, standing, told, end
):
    make_target("inbox")
    rule = make_rule()
    for _ in range(12):
        incident = make_incident(rule, "checkout")
        standing.advance(minutes=2)
        end(incident, rule)
        standing.advance(minutes=2)
        sweep_incidents(standing.now)
    assert Incident.objects.count() == 1
    assert incident.is_flapping
    sent = [(action, state) for action, state, _ in told() if state == "pending"]
    # told three times of each; then as flapping; then once in half an hour
    assert sent == [("trigger", "pending"), ("resolve", "pending")] * 3 + [
        ("trigger", "pending"),
        ("update", "pending"),
    ]
    assert Notification.objects.get(reason="flapping").alerts == 8
    assert incident.events.filter(kind="counted").get().text.startswith("It came 7 more times in 32 min")
    standing.advance(minutes=14)
    sweep_incidents(standing.now)
    incident.refresh_from_db()
    assert incident.state == "resolved"
    assert told()[-1] == ("resolve", "pending", "")


def test_history_cannot_be_rewritten(make_incident):
    incident, person = make_incident(), make_user()
    add_note(incident, person, "first")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        incident.events.update(text="other")
    person.delete()
    assert incident.events.get(kind="note").actor is None


def test_the_same_series_again_changes_nothing_unless_it_is_worse(
    make_rule, make_target, make_incident, standing, told
):
    make_target("inbox")
    rule = make_rule(severity="warning")
    incident = make_incident(rule, "checkout")
    standing.advance(seconds=30)
    assert make_incident(rule, "checkout") == incident
    assert len(told()) == 1
    assert make_incident(rule, "checkout", severity="critical") == incident
    assert told()[-1] == ("update", "pending", "")


def test_the_worst_series_speaks_for_the_incident_and_the_history_keeps_what_was_said_before(
    make_rule, make_target, make_incident, told, standing
):
    target = make_target("inbox")
    mild = make_rule(name="New error", signal="new_errors", condition="first_seen", severity="warning")
    bad = make_rule(name="5xx surge", signal="status_5xx", condition="share", severity="critical")
    make_incident(mild, "checkout", summary="checkout: KeyError was never seen before; 1 record.", value=1.0)
    incident = make_incident(bad, "checkout", route="/pay", summary="checkout: 5xx 15% of 400 requests.", value=0.15)
    incident.refresh_from_db()
    assert (incident.title, incident.summary) == ("5xx surge: checkout", "checkout: 5xx 15% of 400 requests.")
    assert (incident.rule, incident.value, incident.peak_value, incident.http_route) == (bad, 0.15, 0.15, "/pay")
    assert (incident.duplicates, incident.dedup_key) == (1, dedup_key_of(mild, "checkout"))
    assert [event.text for event in incident.events.all()] == [
        "checkout: KeyError was never seen before; 1 record.",
        "Severity rose from warning to critical: checkout: 5xx 15% of 400 requests.",
    ]
    alert = render_alert(Notification.objects.get(target=target, action="update"))
    assert (alert.title, alert.summary) == (incident.title, incident.summary)
    assert alert.news == "Severity rose from warning to critical."
    make_incident(make_rule(name="Errors", severity="error"), "checkout", summary="checkout: 40 errors.")
    incident.refresh_from_db()
    assert incident.summary == "checkout: 5xx 15% of 400 requests."  # what is milder is evidence


def test_only_the_rule_that_speaks_for_the_incident_moves_its_value(make_rule, make_incident):
    mild, bad = make_rule(severity="warning"), make_rule(severity="critical")
    make_incident(mild, "checkout", value=40.0)
    incident = make_incident(bad, "checkout", value=0.2)
    note_values(mild, {incident.pk: [90.0]})
    note_values(bad, {incident.pk: [0.15, 0.1]})
    incident.refresh_from_db()
    assert (incident.value, incident.peak_value) == (0.1, 0.2)


def test_what_grows_worse_is_shown_by_the_records_of_that_time(make_rule, make_incident, environment, standing):
    mild, bad = make_rule(severity="warning"), make_rule(severity="critical")
    make_record(environment, timestamp=standing.now, service_name="checkout", body="KeyError: cart", severity_number=17)
    incident = make_incident(mild, "checkout")
    for _ in range(12):
        make_record(environment, timestamp=standing.now, service_name="checkout", body="timed out", http_status=504)
    make_incident(bad, "checkout")
    incident.refresh_from_db()
    assert incident.context["messages"][0] == {"text": "timed out", "count": 12}
    standing.advance(minutes=5)
    end_series(incident, mild, "checkout", "well", standing.now)
    end_series(incident, bad, "checkout", "well", standing.now)
    assert make_incident(mild, "checkout", summary="checkout: KeyError is back.") == incident
    incident.refresh_from_db()
    assert (incident.title, incident.rule, incident.severity) == (f"{mild.name}: checkout", mild, "warning")
