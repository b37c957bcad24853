"""Deciding of errors: what holds afterwards, what is written down, and where it stands."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from diagnostics.core import clock
from diagnostics.errors.acts import MOST, REOPEN, assign, decide, ignore_until, resolve_until
from diagnostics.errors.states import FRESH, SHOWN, State, in_states, state_of, with_state
from diagnostics.models import AccessEvent, ErrorGroup
from tests.factories import make_environment, make_user
from tests.world import make_error

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment():
    return make_environment()


def test_a_decision_holds_and_is_written_down_with_what_was_before(environment):
    error, person = make_error(environment, "the secret of jane", news="new"), make_user()
    assert decide(person, environment, [error.fingerprint], resolve_until()) == 1
    error.refresh_from_db()
    assert (error.resolved_at is not None, error.decided_by, error.news) == (True, person, "")
    event = AccessEvent.objects.get()
    assert (event.action, event.subject, event.actor) == ("error.resolve", f"error {error.fingerprint}", person)
    assert (event.object_ref, event.environment) == (f"diagnostics.errorgroup:{error.pk}", environment)
    assert event.detail["before"]["resolved_at"] is None
    assert event.detail["after"]["resolved_at"] == error.resolved_at.isoformat()
    assert "jane" not in str(event.detail) + event.subject


def test_deciding_the_same_again_changes_nothing_and_another_decision_takes_its_place(environment):
    error, person = make_error(environment), make_user()
    decide(person, environment, [error.fingerprint], resolve_until())
    assert decide(person, environment, [error.fingerprint], resolve_until()) == 0
    assert decide(person, environment, [error.fingerprint], resolve_until(awaits_release=True)) == 1
    until = clock.now() + timedelta(hours=1)
    assert decide(person, environment, [error.fingerprint], ignore_until(until)) == 1
    error.refresh_from_db()
    assert (error.resolved_at, error.ignored_until, error.awaits_release) == (None, until, False)
    assert decide(person, environment, [error.fingerprint], REOPEN) == 1
    assert decide(person, environment, [error.fingerprint], REOPEN) == 0
    error.refresh_from_db()
    assert (error.ignored_at, error.ignored_until, error.decided_by) == (None, None, None)
    assert AccessEvent.objects.count() == 4


def test_errors_of_other_environments_and_too_many_at_once_are_left_alone(environment):
    other = make_error(make_environment())
    assert decide(make_user(), environment, [other.fingerprint], resolve_until()) == 0
    other.refresh_from_db()
    assert other.resolved_at is None
    with pytest.raises(ValueError, match="at most 100"):
        decide(AnonymousUser(), environment, [str(number) for number in range(MOST + 1)], REOPEN)


def test_ignoring_needs_an_end():
    with pytest.raises(ValueError, match="until when"):
        ignore_until()


def test_nothing_is_resolved_and_ignored_at_once(environment):
    error = make_error(environment)
    with pytest.raises(IntegrityError), transaction.atomic():
        ErrorGroup.objects.filter(pk=error.pk).update(resolved_at=clock.now(), ignored_at=clock.now())


def test_the_database_and_the_code_tell_the_same_state(environment):
    now = clock.now()
    long_ago, hour = now - FRESH - timedelta(hours=1), timedelta(hours=1)
    expected = {
        make_error(environment).pk: State.NEW,
        make_error(environment, noticed_at=long_ago).pk: State.OPEN,
        make_error(environment, noticed_at=None).pk: State.OPEN,
        make_error(environment, noticed_at=long_ago, came_back_at=now - hour).pk: State.REGRESSION,
        make_error(environment, noticed_at=long_ago, came_back_at=long_ago).pk: State.OPEN,
        make_error(environment, resolved_at=now).pk: State.RESOLVED,
        make_error(environment, ignored_at=now, awaits_release=True).pk: State.IGNORED,
        make_error(environment, ignored_at=now, ignored_until=now + hour).pk: State.IGNORED,
        make_error(environment, ignored_at=long_ago, ignored_until=now - hour).pk: State.NEW,
    }
    rows = ErrorGroup.objects.all()
    assert {error.pk: State(error.standing) for error in with_state(rows, now)} == expected
    assert {error.pk: state_of(error, now) for error in rows} == expected
    for shown, states in SHOWN.items():
        wanted = {pk for pk, state in expected.items() if state in states}
        assert set(in_states(rows, shown, now).values_list("pk", flat=True)) == wanted, shown


def test_an_error_is_given_to_somebody_and_stands_as_before(environment):
    error, person, other = make_error(environment, resolved_at=clock.now()), make_user(), make_user()
    assert assign(person, error, other)
    assert not assign(person, error, other)
    error.refresh_from_db()
    assert (error.assigned_to, state_of(error, clock.now())) == (other, State.RESOLVED)
    assert assign(person, error, None)
    events = AccessEvent.objects.filter(action="error.assign").order_by("pk")
    assert [(event.detail["before"], event.detail["after"]) for event in events] == [
        ({"assigned_to": None}, {"assigned_to": other.username}), ({"assigned_to": other.username}, {"assigned_to": None}),
    ]  # fmt: skip


def test_an_error_of_somebody_who_is_gone_is_nobodys(environment):
    error, person = make_error(environment), make_user()
    assign(person, error, person)
    person.delete()
    error.refresh_from_db()
    assert error.assigned_to is None
