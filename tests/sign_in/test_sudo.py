"""Guarded acts ask again once the sign-in is old; what leads there and back is the page itself."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from diagnostics.core import clock
from tests.sign_in.conftest import PASSWORD

KEYS = "admin:diagnostics_ingestkey_add"


@pytest.fixture
def admin(person, visitor, enter):
    User.objects.filter(pk=person.pk).update(is_superuser=True)
    enter(visitor)
    return visitor


def later(seconds):
    return time_machine.travel(clock.now() + timedelta(seconds=seconds), tick=True)


def test_soon_after_signing_in_nothing_is_asked(admin):
    assert admin.get(reverse(KEYS)).status_code == 200


@pytest.mark.parametrize("name", [KEYS, "admin:auth_user_add"])
def test_later_the_password_is_asked_once_more(admin, name):
    with later(settings.SUDO_SECONDS + 60):
        asked = admin.get(reverse(name))
        assert asked.url.startswith(reverse("account_reauthenticate"))
        assert "Confirm that it is you" in admin.get(asked.url).content.decode()
        assert "not your password" in admin.post(asked.url, {"password": "wrong"}).content.decode()
        assert admin.get(reverse(name)).status_code == 302
        done = admin.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse(name)})
        assert done.url == reverse(name)
        assert admin.get(reverse(name)).status_code == 200


def test_a_form_that_was_open_may_still_be_sent_for_a_while(admin):
    with later(settings.SUDO_SECONDS + 60):
        assert admin.post(reverse(KEYS), {}).status_code == 200  # the form, with its errors
    with later(settings.SUDO_SECONDS * 2 + 60):
        assert admin.post(reverse(KEYS), {}).status_code == 302


def test_lists_ask_nothing(admin):
    with later(settings.SUDO_SECONDS + 60):
        assert admin.get(reverse("admin:diagnostics_ingestkey_changelist")).status_code == 200


def test_it_leads_nowhere_else(admin):
    answer = admin.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": "https://evil.example/"})
    assert "evil" not in answer.url


def test_a_clock_that_went_back_is_no_proof(admin):
    with later(-3600):
        assert admin.get(reverse(KEYS)).status_code == 302
