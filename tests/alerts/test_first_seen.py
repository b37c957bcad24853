"""Errors never seen before and errors that came back: told once each, exactly."""

from datetime import timedelta

import pytest

from alerts.evaluation import first_seen
from alerts.incidents.people import reopen_incident
from alerts.incidents.transitions import resolve_incident
from alerts.models import Incident, IncidentEvent, RuleState
from diagnostics.core import clock
from diagnostics.digest.errors import fold_errors
from diagnostics.errors.acts import decide, ignore_until, resolve_until
from diagnostics.models import AccessEvent, ErrorGroup, IngestBatch
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def see(environment, standing):
    """An error comes in and is digested."""

    def send(fingerprint="f1", service="checkout", kind="PaymentDeclined", title="payment * failed", ago=0, count=1):
        at = clock.to_ns(standing.now - timedelta(minutes=ago)) // 1000
        row = [fingerprint, service, kind, title, "2.4.1", count, at, at]
        fold_errors([IngestBatch(id=1, environment=environment, received_at=standing.now, findings={"errors": [row]})])

    return send


@pytest.fixture
def new_error(make_rule):
    return make_rule(name="New error", signal="new_errors", condition="first_seen", keep_firing_seconds=3600)


def test_a_new_error_is_told_once_with_its_words(new_error, see, evaluate):
    see(count=3)
    assert evaluate() is True
    incident = Incident.objects.get()
    assert incident.title == "New error: checkout: PaymentDeclined"
    assert incident.summary == (
        "checkout: PaymentDeclined: payment * failed was never seen before; 3 records in release 2.4.1."
    )
    for _ in range(3):
        see()
        evaluate(minutes=1)
    assert Incident.objects.count() == 1
    assert ErrorGroup.objects.get().records == 6


def test_a_rule_that_fails_on_news_stops_no_other_rule(
    new_error, make_rule, make_rollup, see, evaluate, monkeypatch, caplog
):
    make_rule(name="Errors", slug="errors")
    make_rollup(errors=12, service="other")
    other = make_rule(name="New error, too", signal="new_errors", condition="first_seen")
    real = first_seen.tell

    def tell(rule, *args):
        if rule == new_error:
            raise RuntimeError("its words")
        real(rule, *args)

    monkeypatch.setattr(first_seen, "tell", tell)
    see()
    evaluate()
    assert set(Incident.objects.values_list("rule__name", flat=True)) == {"Errors", other.name}
    new_error.refresh_from_db()
    assert (new_error.health, "its words" in new_error.health_note) == ("error", False)
    assert f"rule {new_error.pk} cannot be evaluated" in caplog.text


def test_it_is_over_when_it_has_not_come_again_for_long_enough(new_error, see, evaluate):
    see()
    evaluate()
    evaluate(minutes=30)
    see()
    evaluate(minutes=59)
    assert Incident.objects.get().state == "triggered"
    evaluate(minutes=2)
    assert evaluate(minutes=61) is False
    assert (Incident.objects.get().state, RuleState.objects.get().state) == ("resolved", "resolved")


def test_many_new_errors_of_a_service_at_once_are_told_together(new_error, see, evaluate):
    for number in range(40):
        see(f"f{number}", kind=f"Error{number}")
    see("other", service="mailer", kind="MailError")
    evaluate()
    summaries = sorted(Incident.objects.values_list("summary", flat=True))
    assert summaries == [
        "checkout: 40 errors were never seen before, such as Error0; Error1; Error2.",
        "mailer: MailError: payment * failed was never seen before; 1 record in release 2.4.1.",
    ]


def test_an_error_that_a_person_has_resolved_comes_back(new_error, make_rule, see, evaluate, standing):
    make_rule(name="Regression", signal="regressions", condition="first_seen")
    see()
    evaluate()
    resolve_incident(Incident.objects.get(), make_user(), "fixed", now=standing.now)
    evaluate(minutes=1)
    assert ErrorGroup.objects.get().resolved_at is not None
    see(ago=30)  # from before: late, and no news
    evaluate()
    assert Incident.objects.count() == 1
    standing.advance(minutes=1)
    see()
    evaluate()
    assert ErrorGroup.objects.get().resolved_at is None
    assert Incident.objects.filter(rule__name="Regression").get().summary.startswith("checkout: PaymentDeclined")


def test_an_error_that_comes_a_moment_after_it_was_resolved_comes_back(new_error, make_rule, see, evaluate, standing):
    make_rule(name="Regression", signal="regressions", condition="first_seen")
    see()
    evaluate()
    standing.advance(minutes=5)
    resolve_incident(Incident.objects.get(), make_user(), "fixed", now=standing.now)
    see(ago=1)  # it was under way
    evaluate(seconds=1)
    assert Incident.objects.count() == 1
    standing.advance(seconds=1)
    see()
    evaluate(seconds=20)
    assert Incident.objects.filter(rule__name="Regression").count() == 1
    for _ in range(3):
        see()
        evaluate(minutes=1)
    assert Incident.objects.count() == 2


def test_what_recovered_by_itself_or_was_opened_again_does_not_come_back(new_error, make_rule, see, evaluate, standing):
    make_rule(name="Regression", signal="regressions", condition="first_seen")
    see()
    evaluate()
    standing.advance(minutes=5)
    resolve_incident(Incident.objects.get(), make_user(), "fixed", now=standing.now)
    reopen_incident(Incident.objects.get(), make_user())
    standing.advance(minutes=1)
    see()
    evaluate()
    resolve_incident(Incident.objects.get(), None, "It is over.", now=standing.now)
    standing.advance(minutes=1)
    see()
    evaluate()
    assert Incident.objects.count() == 1


def test_an_ignored_error_is_not_told_until_that_is_over(new_error, make_rule, see, evaluate, standing, environment):
    make_rule(name="Regression", signal="regressions", condition="first_seen")
    see()
    decide(make_user(), environment, ["f1"], ignore_until(standing.now + timedelta(hours=1)))
    evaluate()
    assert not Incident.objects.exists()
    standing.advance(minutes=59)
    see()
    evaluate()
    assert not Incident.objects.exists()
    standing.advance(minutes=2)
    see()
    evaluate()
    assert Incident.objects.get().rule.name == "Regression"


def test_an_incident_ends_when_its_error_is_ignored_although_it_goes_on(
    new_error, see, evaluate, standing, environment
):
    see()
    evaluate()
    decide(make_user(), environment, ["f1"], ignore_until(standing.now + timedelta(days=1)))
    for _ in range(5):
        evaluate(minutes=20)
        see()
    assert Incident.objects.get().state == "resolved"
    assert IncidentEvent.objects.filter(text="Its error is ignored.").exists()


def test_an_incident_ends_when_its_error_is_resolved_in_the_next_release_although_it_goes_on_in_this_one(
    new_error, see, evaluate, environment
):
    see()
    evaluate()
    decide(make_user(), environment, ["f1"], resolve_until(awaits_release=True))
    for _ in range(5):
        evaluate(minutes=20)
        see()
    assert Incident.objects.get().state == "resolved"
    assert IncidentEvent.objects.filter(text="Its error is resolved.").exists()


@pytest.mark.parametrize("decision", ["resolve", "ignore"])
def test_each_time_that_an_error_comes_back_is_told_although_its_incident_is_open(
    make_rule, see, evaluate, standing, environment, make_target, told, decision
):
    make_target("inbox")
    make_rule(name="Regression", signal="regressions", condition="first_seen", keep_firing_seconds=3600)
    see()
    evaluate()
    for _ in range(2):
        until = standing.now + timedelta(minutes=30)
        decide(make_user(), environment, ["f1"], resolve_until() if decision == "resolve" else ignore_until(until))
        for _ in range(4):
            evaluate(minutes=8)
        see()
        evaluate()
    assert told() == [("trigger", "pending", ""), ("update", "pending", "")]
    assert Incident.objects.get().state == "triggered"
    see()
    evaluate(minutes=8)
    assert len(told()) == 2


def test_an_incident_does_not_take_back_what_was_decided_of_its_error(new_error, see, evaluate, standing, environment):
    see()
    evaluate()
    decide(make_user(), environment, ["f1"], ignore_until(standing.now + timedelta(days=1)))
    resolve_incident(Incident.objects.get(), make_user(), "fixed", now=standing.now)
    error = ErrorGroup.objects.get()
    assert (error.resolved_at, error.ignored_at) == (None, standing.now)
    reopen_incident(Incident.objects.get(), make_user())
    assert ErrorGroup.objects.get().ignored_at == standing.now


def test_an_incident_that_is_opened_again_opens_no_error_that_was_resolved_by_itself(
    new_error, see, evaluate, standing, environment
):
    see()
    evaluate()
    decide(make_user(), environment, ["f1"], resolve_until(awaits_release=True))
    standing.advance(minutes=1)
    resolve_incident(Incident.objects.get(), make_user(), "fixed", now=standing.now)
    reopen_incident(Incident.objects.get(), make_user())
    error = ErrorGroup.objects.get()
    assert (error.resolved_at is not None, error.awaits_release) == (True, True)


def test_who_resolved_the_incident_resolved_its_error(new_error, see, evaluate, standing):
    see()
    evaluate()
    person = make_user()
    resolve_incident(Incident.objects.get(), person, "fixed", now=standing.now)
    assert ErrorGroup.objects.get().decided_by == person
    reopen_incident(Incident.objects.get(), make_user())
    assert (ErrorGroup.objects.get().resolved_at, ErrorGroup.objects.get().decided_by) == (None, None)
    resolved, opened = AccessEvent.objects.filter(action__startswith="error.").order_by("pk")
    assert (resolved.action, resolved.actor, resolved.subject) == ("error.resolve", person, "error f1")
    assert resolved.detail["incident"] == Incident.objects.get().pk
    assert (resolved.detail["before"]["resolved_at"], opened.action) == (None, "error.reopen")


def test_an_error_that_was_away_for_weeks_comes_back(make_rule, see, evaluate, standing):
    make_rule(name="Regression", signal="regressions", condition="first_seen")
    see()
    evaluate()
    standing.advance(days=13)
    see()
    evaluate()
    assert not Incident.objects.exists()
    standing.advance(days=15)
    see()
    evaluate()
    assert "came back" in Incident.objects.get().summary


def test_errors_of_an_import_are_known_and_no_news(new_error, see, evaluate):
    see(ago=7 * 60)
    evaluate()
    assert not Incident.objects.exists()
    see()
    evaluate()
    assert not Incident.objects.exists()


def test_without_a_rule_that_wants_them_news_grow_old_and_do_not_pile_up(make_rule, see, evaluate):
    make_rule()
    see()
    evaluate()
    assert ErrorGroup.objects.get().news == ""
    make_rule(signal="new_errors", condition="first_seen")
    evaluate()
    assert not Incident.objects.exists()


def test_a_rule_of_one_service_hears_of_no_other(make_rule, see, evaluate):
    make_rule(signal="new_errors", condition="first_seen", service_name="mailer")
    see()
    evaluate()
    assert not Incident.objects.exists()


def test_an_environment_that_is_full_counts_what_it_knows_and_learns_no_more(new_error, see, evaluate, monkeypatch):
    monkeypatch.setattr("diagnostics.digest.errors.KNOWN", 1)
    see("f1")
    see("f2")
    see("f1")
    assert list(ErrorGroup.objects.values_list("fingerprint", "records")) == [("f1", 2)]


def test_news_that_were_told_in_an_evaluation_that_failed_are_told_by_the_next(new_error, see, evaluate, monkeypatch):
    see()
    with monkeypatch.context() as broken:
        broken.setattr("alerts.evaluation.run.note_evaluated", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            evaluate()
    assert not Incident.objects.exists()
    evaluate()
    evaluate()
    assert Incident.objects.count() == 1
