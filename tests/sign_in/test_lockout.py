"""Guessing passwords: locked after so many, for this name from this address, and written down."""

from datetime import timedelta

import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.models import AccessEvent
from tests.people import make_person


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


def test_signing_in_and_out_is_written_down(enter, visitor, person):
    enter(visitor)
    visitor.post(reverse("logout"))
    assert list(AccessEvent.objects.order_by("id").values_list("action", "actor_id")) == [
        ("sign-in", person.pk),
        ("sign-out", person.pk),
    ]
