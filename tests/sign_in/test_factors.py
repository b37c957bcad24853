"""Second factors: an app's digits, recovery codes, who must have one, and secrets that no database dump shows."""

import base64
import hashlib
import hmac
import struct
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.models import AccessEvent
from diagnostics.tasks import forget_expired_cache
from tests.views.reading import read


def digits(secret, steps=0):
    """RFC 6238, as an app on a telephone counts."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    mac = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    place = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def set_up_app(client):
    page = read(client.get(reverse("mfa_activate_totp")))
    secret = page.all("code", id="authenticator_secret")[0].text
    answer = client.post(reverse("mfa_activate_totp"), {"code": digits(secret)})
    assert answer.status_code == 302
    return secret


def forget_used_codes():
    from django.core.cache import cache

    cache.clear()


def test_with_an_app_a_password_alone_opens_nothing(enter, person, visitor, django_capture_on_commit_callbacks):
    enter(visitor)
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up_app(visitor)
    other = Client()
    step = enter(other, next=reverse("account"))
    assert step.url.startswith(reverse("mfa_authenticate"))
    assert other.get(reverse("account")).status_code == 302
    assert "Second factor" in other.get(reverse("mfa_authenticate")).content.decode()
    refused = other.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert refused.status_code == 200
    forget_used_codes()  # the same half minute served the set-up
    assert other.post(reverse("mfa_authenticate"), {"code": digits(secret)}).url == reverse("account")
    assert other.get(reverse("account")).status_code == 200
    actions = set(AccessEvent.objects.filter(actor=person).values_list("action", flat=True))
    assert {"factor.add", "factor.fail", "sign-in"} <= actions


def test_a_code_that_one_web_process_took_is_used_up_in_all(enter, visitor):
    enter(visitor)
    code = digits(set_up_app(visitor))
    for expected in (302, 200):
        caches["process"].clear()  # the second request meets another process: they have the database in common
        other = Client()
        enter(other)
        assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected
    with connection.cursor() as cursor:
        cursor.execute("UPDATE diagnostics_cache SET expires = now() - interval '1 hour'")
    forget_expired_cache()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM diagnostics_cache")
        assert cursor.fetchone() == (0,)


def guess_codes(enter, times, **options):
    other = Client(**options)
    enter(other)
    return other, [other.post(reverse("mfa_authenticate"), {"code": "000000"}) for _ in range(times)]


def test_guessing_digits_ends_as_guessing_passwords_does(enter, visitor, person):
    enter(visitor)
    secret = set_up_app(visitor)
    forget_used_codes()
    other, said = guess_codes(enter, settings.AXES_FAILURE_LIMIT)
    assert {answer.status_code for answer in said[:-1]} == {200}
    assert (said[-1].status_code, "Too many wrong codes" in said[-1].content.decode()) == (429, True)
    assert other.get(reverse("mfa_authenticate")).url == reverse("login")  # the first step is undone
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    enter(elsewhere)
    assert elsewhere.post(reverse("mfa_authenticate"), {"code": digits(secret)}).status_code == 429
    enter(elsewhere)
    assert elsewhere.get(reverse("mfa_authenticate")).status_code == 429
    assert elsewhere.get(reverse("account")).status_code == 302
    assert AccessEvent.objects.get(action="sign-in.locked").subject == person.username
    with time_machine.travel(clock.now() + settings.AXES_COOLOFF_TIME + timedelta(seconds=5)):
        again = Client()
        enter(again)
        assert again.post(reverse("mfa_authenticate"), {"code": digits(secret)}).status_code == 302


def test_the_right_code_forgets_the_wrong_ones_before(enter, visitor):
    enter(visitor)
    secret = set_up_app(visitor)
    forget_used_codes()
    other, _ = guess_codes(enter, settings.AXES_FAILURE_LIMIT - 1)
    assert other.post(reverse("mfa_authenticate"), {"code": digits(secret)}).status_code == 302
    assert guess_codes(enter, 1)[1][0].status_code == 200


def test_codes_before_a_guarded_act_count_as_well(enter, visitor):
    enter(visitor)
    secret = set_up_app(visitor)
    forget_used_codes()
    guess_codes(enter, settings.AXES_FAILURE_LIMIT - 1)
    assert visitor.post(reverse("mfa_reauthenticate"), {"code": "000000"}).status_code == 429
    assert visitor.post(reverse("mfa_reauthenticate"), {"code": digits(secret)}).status_code == 429
    assert visitor.get(reverse("account")).status_code == 200


def test_the_secret_is_not_in_the_database_as_it_is(enter, visitor):
    enter(visitor)
    secret = set_up_app(visitor)
    assert secret not in str(list(Authenticator.objects.values()))


def test_recovery_codes_open_once(enter, visitor):
    enter(visitor)
    set_up_app(visitor)
    codes = read(visitor.get(reverse("mfa_view_recovery_codes"))).all("pre", id="recovery_codes")[0].text.split()
    assert len(codes) == 10
    for expected in (302, 200):
        other = Client()
        enter(other)
        assert other.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == expected


def test_the_app_can_be_removed(enter, visitor):
    enter(visitor)
    set_up_app(visitor)
    assert visitor.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert enter(Client()).url == reverse("home")


@pytest.mark.parametrize(
    "name", ["mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn", "usersessions_list"]
)
def test_pages_of_factors_are_safe_and_whole(enter, visitor, name):
    enter(visitor)
    answer = visitor.get(reverse(name))
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_where_a_second_factor_is_required_nothing_else_is_open(enter, visitor, person, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    enter(visitor)
    for address in (reverse("home"), reverse("inbox"), "/admin/"):
        assert visitor.get(address).url == reverse("mfa_index"), address
    assert visitor.get("/api/v1/environments").status_code == 403
    assert visitor.post(reverse("account"), {"name": "way around", "days": "30"}).url == reverse("mfa_index")
    set_up_app(visitor)
    assert visitor.get(reverse("inbox")).status_code == 200
    assert visitor.get("/api/v1/environments").status_code == 200


def test_asking_for_a_passkey_makes_no_rows_without_end(db):
    asked = [
        Client().get(reverse("mfa_login_webauthn"), headers={"X-Requested-With": "XMLHttpRequest"}) for _ in range(40)
    ]
    assert (asked[0].status_code, asked[-1].status_code) == (200, 429)
    assert "sessionid" not in asked[-1].cookies
    assert Session.objects.count() == 30
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    answer = elsewhere.get(reverse("mfa_login_webauthn"), headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == 200
