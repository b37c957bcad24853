"""Guessing passwords: locked after so many, for this name from this address, and written down."""

from datetime import timedelta

import time_machine
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.models import AccessEvent
from tests.people import make_person, sign_in
from tests.privacy.dump import tables_with
from tests.sign_in.conftest import PASSWORD


def guess(enter, times):
    client = Client()
    for _ in range(times):
        answer = enter(client, "wrong")
    return answer


def test_too_many_failures_lock_the_name_from_this_address_only(enter, person, visitor):
    answer = guess(enter, settings.AXES_FAILURE_LIMIT)
    assert "Locked for now" in answer.content.decode()
    assert "Locked for now" in enter(visitor).content.decode()
    assert visitor.get(reverse("account")).status_code == 302
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert enter(elsewhere).status_code == 302
    assert elsewhere.get(reverse("account")).status_code == 200
    colleague = make_person()
    assert enter(Client(), name=colleague.username).status_code == 302
    event = AccessEvent.objects.get(action="sign-in.locked")
    assert event.subject == person.username


def test_a_lockout_ends(enter, visitor):
    guess(enter, settings.AXES_FAILURE_LIMIT)
    with time_machine.travel(clock.now() + settings.AXES_COOLOFF_TIME + timedelta(seconds=5)):
        assert enter(visitor).status_code == 302


def test_a_success_forgets_the_failures_before(enter):
    guess(enter, settings.AXES_FAILURE_LIMIT - 1)
    enter(Client())
    assert "Locked" not in guess(enter, 1).content.decode()


def test_what_was_typed_for_a_name_is_not_written_down(enter):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        enter(Client(), "x", name="hunter2-was-my-password")
    assert "hunter2" not in str(list(AccessEvent.objects.values()))


def test_a_password_typed_for_a_name_is_kept_nowhere_and_counted_all_the_same(enter, person):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = enter(Client(), "wrong", name="MyS3cret-typed-as-name")
    assert "Locked for now" in answer.content.decode()
    assert tables_with("MyS3cret") == []
    enter(Client(), "wrong")
    assert AccessAttempt.objects.filter(username=person.username).exists()


def test_tries_at_ones_own_password_are_bounded_and_a_change_is_written_down(enter, visitor, person):
    enter(visitor)
    new = {"new_password1": "a long enough passphrase", "new_password2": "a long enough passphrase"}
    answers = [visitor.post(reverse("password"), {"old_password": "wrong", **new}).status_code for _ in range(9)]
    assert (answers[0], answers[-1]) == (200, 429)
    assert not AccessEvent.objects.filter(action="account.password").exists()
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        assert visitor.post(reverse("password"), {"old_password": PASSWORD, **new}).status_code == 302
    assert AccessEvent.objects.get(action="account.password").subject == person.username


def test_the_admin_has_no_way_of_its_own_to_change_ones_password(person):
    User.objects.filter(pk=person.pk).update(is_superuser=True)
    client = sign_in(person)
    new = {"new_password1": "a long enough passphrase", "new_password2": "a long enough passphrase"}
    answer = client.post(reverse("admin:password_change"), {"old_password": PASSWORD, **new})
    assert (answer.status_code, answer.url) == (302, reverse("password"))
    assert client.get(reverse("admin:password_change_done")).url == reverse("password")
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_signing_in_and_out_is_written_down(enter, visitor, person):
    enter(visitor)
    visitor.post(reverse("logout"))
    assert list(AccessEvent.objects.order_by("id").values_list("action", "actor_id")) == [
        ("sign-in", person.pk),
        ("sign-out", person.pk),
    ]
