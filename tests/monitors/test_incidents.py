"""Missed and failed check-ins as incidents: one each, told by the same machinery, over with the next ok."""

from datetime import timedelta

import pytest

from alerts.delivery.ledger import read_ledger
from alerts.delivery.render import render_alert
from alerts.evaluation.check_ins import TOGETHER, evaluate_check_ins
from alerts.evaluation.run import evaluate_environment, retire_rules
from alerts.incidents.transitions import resolve_incident
from alerts.integrations.text import named_links
from alerts.models import CheckIn, Incident, Monitor, Notification, RuleState, Silence
from alerts.monitors.changes import delete_monitor, pause_monitor
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_missed_check_in_opens_one_incident_and_the_next_ok_ends_it(
    rule, make_monitor, check_in, evaluate, make_target, told, standing
):
    make_target("inbox")
    monitor = check_in(make_monitor(severity="critical", grace_minutes=30))
    evaluate(minutes=89)
    assert not Incident.objects.exists()
    evaluate(minutes=2)
    incident = Incident.objects.get()
    assert incident.title == "Missed: nightly-backup"
    assert incident.summary == "nightly-backup did not report: due 13:00 UTC, 30 min grace."
    assert (incident.severity, incident.service_name) == ("critical", "nightly-backup")
    assert incident.started_at == standing.now - timedelta(minutes=31)
    evaluate(minutes=1)
    evaluate(hours=3)
    assert Incident.objects.count() == 1
    check_in(monitor)
    evaluate(seconds=5)
    incident.refresh_from_db()
    assert (incident.state, incident.events.last().text) == ("resolved", "nightly-backup checked in and is well.")
    assert told() == [("trigger", "pending", ""), ("resolve", "pending", "")]
    assert [line.adds_up for line in read_ledger(Incident.objects.all())] == [True]


def test_a_failure_is_told_with_its_exit_code(
    rule, make_monitor, check_in, evaluate, standing, hush_tasks, environment
):
    monitor = make_monitor()
    check_in(monitor, "started")
    standing.advance(minutes=12)
    check_in(monitor, "failed", exit_code=1)
    evaluate()
    assert Incident.objects.get().summary == "nightly-backup failed with exit code 1 after 12 min."


def test_each_monitor_has_an_incident_of_its_own(rule, make_monitor, check_in, evaluate):
    for name in ("backup", "billing", "report"):
        check_in(make_monitor(name), "failed")
    evaluate()
    assert sorted(Incident.objects.values_list("service_name", flat=True)) == ["backup", "billing", "report"]


def test_evaluating_again_or_at_the_same_time_changes_nothing(rule, make_monitor, check_in, evaluate, environment):
    check_in(make_monitor(), "failed")
    for _ in range(3):
        evaluate()
    assert (Incident.objects.count(), Incident.objects.get().events.count()) == (1, 1)


def test_an_evaluation_that_fails_leaves_nothing_half_done(rule, make_monitor, check_in, evaluate, monkeypatch):
    monitor = check_in(make_monitor())
    with monkeypatch.context() as broken:
        broken.setattr("alerts.evaluation.run.note_evaluated", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            evaluate(hours=2)
    monitor.refresh_from_db()
    assert (monitor.failures, CheckIn.objects.count(), Incident.objects.count()) == (0, 1, 0)
    evaluate()
    assert Incident.objects.count() == 1


def test_a_fault_in_this_part_keeps_no_other_rule_from_being_evaluated(
    rule, make_rule, make_rollup, make_monitor, check_in, evaluate, monkeypatch
):
    make_rule(threshold=1)
    make_rollup(errors=5)
    check_in(make_monitor(), "failed")
    monkeypatch.setattr("alerts.evaluation.check_ins.open_for", lambda *_: 1 / 0)
    evaluate()
    assert Incident.objects.get().rule_name == "Errors"
    rule.refresh_from_db()
    assert rule.health == "error"


def test_it_is_told_again_when_it_is_missed_after_a_person_has_resolved_it(rule, make_monitor, check_in, evaluate):
    check_in(make_monitor())
    evaluate(minutes=71)
    evaluate(minutes=5)
    resolve_incident(Incident.objects.get(), make_user(), "looked at")
    evaluate(minutes=10)
    assert Incident.objects.count() == 1
    evaluate(minutes=50)
    assert Incident.objects.filter(state="triggered").count() == 1
    assert Incident.objects.count() == 2
    assert "That is 2 in a row." in Incident.objects.get(state="triggered").summary


def test_what_comes_back_at_once_is_the_same_incident(rule, make_monitor, check_in, evaluate, standing):
    monitor = make_monitor()
    for _ in range(2):
        check_in(monitor, "failed")
        evaluate(seconds=20)
        check_in(monitor)
        evaluate(seconds=20)
    assert (Incident.objects.count(), Incident.objects.get().reopened) == (1, 1)


def test_pausing_or_deleting_ends_it(rule, make_monitor, check_in, evaluate):
    paused, deleted = make_monitor("paused"), make_monitor("deleted")
    check_in(paused, "failed")
    check_in(deleted, "failed")
    evaluate()
    pause_monitor(None, paused)
    delete_monitor(None, deleted)
    evaluate()
    texts = {incident.service_name: incident.events.last().text for incident in Incident.objects.all()}
    assert texts == {"paused": "Its monitor was paused.", "deleted": "Its monitor was deleted."}
    assert not Incident.objects.exclude(state="resolved").exists()


def test_a_rule_may_look_at_one_monitor_or_leave_some_out(rule, make_rule, make_monitor, check_in, evaluate):
    rule.except_services = "billing"
    rule.save()
    make_rule(name="Billing", signal="check_ins", condition="missed", service_name="billing")
    for name in ("backup", "billing"):
        check_in(make_monitor(name), "failed")
    evaluate()
    assert dict(Incident.objects.values_list("service_name", "rule_name")) == {"backup": "Missed", "billing": "Billing"}


def test_a_rule_that_is_switched_off_resolves_and_misses_are_noted_all_the_same(rule, make_monitor, check_in, evaluate):
    monitor = check_in(make_monitor())
    check_in(make_monitor("other"), "failed")
    evaluate()
    rule.enabled = False
    rule.save()
    retire_rules([rule])
    assert Incident.objects.get().state == "resolved"
    evaluate(minutes=71)
    monitor.refresh_from_db()
    assert (monitor.state, Incident.objects.count()) == ("down", 1)


def test_a_silence_of_its_slug_keeps_it_quiet(rule, make_monitor, check_in, evaluate, make_target, told, standing):
    make_target("inbox")
    now = standing.now
    Silence.objects.create(
        environment=rule.environment,
        service_name="nightly-*",
        starts_at=now,
        ends_at=now + timedelta(days=1),
        reason="x",
    )
    check_in(make_monitor(), "failed")
    evaluate()
    assert told() == [("trigger", "suppressed", "silenced")]


def test_what_was_missed_while_the_product_was_down_is_told_once_and_said_to_be_so(
    rule, make_monitor, check_in, evaluate, standing, environment
):
    monitors = [check_in(make_monitor(f"job-{number:03d}")) for number in range(40)]
    evaluate()
    standing.advance(hours=5)  # nothing runs
    evaluate_environment(environment.pk)
    incident = Incident.objects.get()
    assert incident.title == "Missed: due while the product was down"
    assert incident.summary == (
        "40 check-ins were missed while Diagnostics itself was down, and may have come all the same: "
        "job-000, job-001, job-002, job-003, job-004 and 35 more."
    )
    for monitor in monitors[1:]:
        check_in(monitor)
    evaluate(minutes=1)
    assert Incident.objects.get().state == "triggered"
    evaluate(minutes=50)
    for monitor in monitors[1:]:
        check_in(monitor)
    evaluate(minutes=19)
    opened = dict(Incident.objects.values_list("service_name", "state"))
    assert opened == {"": "resolved", "job-000": "triggered"}
    assert RuleState.objects.get(series=TOGETHER).state == "resolved"


def test_a_message_leads_to_the_monitor_with_its_check_ins_and_not_to_logs(
    rule, make_monitor, check_in, evaluate, make_target, environment
):
    make_target("inbox")
    monitor = make_monitor()
    check_in(monitor, "failed")
    evaluate()
    row = Notification.objects.get()
    slug = environment.slug
    named = dict(named_links(render_alert(row)))
    assert named["Monitor"] == f"http://testserver/e/{slug}/monitors/{monitor.pk}/"
    assert "Logs" not in named
    delete_monitor(None, monitor)
    assert render_alert(row).links.monitor == f"http://testserver/e/{slug}/monitors/"


def test_a_second_downtime_is_told_when_a_person_has_resolved_the_first(
    rule, make_monitor, check_in, evaluate, standing, environment
):
    check_in(make_monitor("yearly", schedule="1d"))
    check_in(make_monitor("daily", schedule="1d"))
    evaluate(hours=23)
    standing.advance(hours=2)
    evaluate_environment(environment.pk)
    resolve_incident(Incident.objects.get(), make_user(), "the update")
    check_in(Monitor.objects.get(slug="daily"))
    Monitor.objects.filter(slug="yearly").update(due_at=standing.now + timedelta(days=300), deadline_at=None)
    evaluate(hours=23)
    standing.advance(hours=2)
    evaluate_environment(environment.pk)
    assert list(Incident.objects.order_by("pk").values_list("state", flat=True)) == ["resolved", "triggered"]


def test_what_is_found_missed_later_of_a_downtime_or_in_the_next_one_is_told_too(
    rule, make_monitor, check_in, evaluate, standing, environment, make_target, told
):
    make_target("inbox")
    for name, grace in (("weekly", 10), ("patient", 180)):
        check_in(make_monitor(name, grace_minutes=grace))
    check_in(make_monitor("nightly", schedule="1d"))
    evaluate()
    standing.advance(hours=2)  # nothing runs
    evaluate_environment(environment.pk)
    Monitor.objects.filter(slug="weekly").update(deadline_at=None)
    evaluate(minutes=121)  # the grace of the patient one is over
    Monitor.objects.filter(slug="patient").update(deadline_at=None)
    assert "weekly, patient" in Incident.objects.get().summary
    for _ in range(3):
        evaluate(minutes=10)
    assert told() == [("trigger", "pending", ""), ("update", "pending", "")]
    standing.advance(hours=20)  # nothing runs
    evaluate_environment(environment.pk)
    assert "weekly, patient, nightly" in Incident.objects.get().summary
    evaluate(minutes=10)
    assert told()[2:] == [("update", "pending", "")]
    assert [line.adds_up for line in read_ledger(Incident.objects.all())] == [True]


def test_what_was_due_before_and_is_over_after_the_downtime_is_doubtful_what_is_due_later_is_not(
    rule, make_monitor, check_in, evaluate, standing, environment
):
    check_in(make_monitor("before", schedule="10m", grace_minutes=30))
    check_in(make_monitor("after", schedule="20m", grace_minutes=5))
    evaluate()
    standing.advance(minutes=15)  # down until 12:15
    evaluate_environment(environment.pk)
    assert not Incident.objects.exists()
    evaluate(minutes=11)
    assert Incident.objects.get().service_name == "after"
    evaluate(minutes=16)
    assert sorted(Incident.objects.values_list("service_name", flat=True)) == ["", "after"]


def test_what_reported_while_evaluation_alone_was_down_is_not_missed(
    rule, make_monitor, check_in, standing, evaluate, environment
):
    monitor = check_in(make_monitor())
    evaluate()
    standing.advance(minutes=60)
    check_in(monitor)
    standing.advance(minutes=30)
    evaluate_environment(environment.pk)
    assert not Incident.objects.exists()


def test_evaluation_is_woken_where_a_check_in_decides(
    make_monitor, check_in, hush_tasks, standing, django_capture_on_commit_callbacks
):
    monitor = make_monitor()

    def rung(outcome):
        hush_tasks.clear()
        standing.advance(minutes=1)
        with django_capture_on_commit_callbacks(execute=True):
            check_in(monitor, outcome)
        return len(hush_tasks)

    assert [rung(outcome) for outcome in ("ok", "failed", "ok", "ok")] == [0, 1, 1, 0]


def test_where_nothing_is_wrong_it_costs_one_statement_and_reads_no_record(
    rule, make_monitor, check_in, django_assert_num_queries, standing
):
    check_in(make_monitor())
    with django_assert_num_queries(1) as counted:
        evaluate_check_ins(rule.environment_id, [rule], {}, standing.now, None)
    assert "diagnostics_log" not in counted.captured_queries[0]["sql"]
