"""Codes of second factors are guessed no more often than passwords: so many wrong ones for an account, then none for a
while. Whoever guesses codes knows the password already, so the bound counts all addresses together."""

from typing import Any, Final

from allauth.core.internal import ratelimit
from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from project.sign_in.trail import note_lockout

APP: Final = "allauth.account"
ACTION: Final = "second_factor"  # in ACCOUNT_RATE_LIMITS


def may_try(request: HttpRequest, person: AbstractBaseUser, *, counts: bool) -> bool:
    """Whether another try is allowed; one that counts is taken from what is left."""
    left = ratelimit.consume(
        request, app=APP, action=ACTION, key=key_of(person), dry_run=not counts, limit_get=True
    )  # fmt: skip
    return left is not None


def forget_tries(request: HttpRequest, person: AbstractBaseUser) -> None:
    """The right code came."""
    ratelimit.clear(request, app=APP, action=ACTION, key=key_of(person))


def key_of(person: AbstractBaseUser) -> str:
    """What is counted by."""
    return f"second-factor-{person.pk}"


def refuse(request: HttpRequest, person: AbstractBaseUser) -> HttpResponse:
    """The page that says so; once a lockout it is written down."""
    note_lockout(None, username=person.get_username())
    return render(request, "account/locked_out.html", {"is_second": True}, status=429)


class BoundedCodes:
    """For the library's views that take a code."""

    request: HttpRequest

    def person(self) -> AbstractBaseUser:
        """Whose code it is."""
        return self.request.user  # type: ignore[return-value]  # where nobody is signed in, another view is shown

    def lock(self) -> HttpResponse:
        """Too many."""
        return refuse(self.request, self.person())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, where it is any use."""
        if not may_try(request, self.person(), counts=False):
            return self.lock()
        return super().get(request, *args, **kwargs)  # type: ignore[misc]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A try."""
        if not may_try(request, self.person(), counts=True):
            return self.lock()
        return super().post(request, *args, **kwargs)  # type: ignore[misc]

    def form_valid(self, form: Any) -> HttpResponse:
        """It was right."""
        forget_tries(self.request, self.person())
        return super().form_valid(form)  # type: ignore[misc]

    def form_invalid(self, form: Any) -> HttpResponse:
        """It was wrong, and perhaps the last."""
        if not may_try(self.request, self.person(), counts=False):
            return self.lock()
        return super().form_invalid(form)  # type: ignore[misc]


class SecondStep(BoundedCodes, AuthenticateView):
    """The second step of signing in; too many wrong codes undo the first."""

    def person(self) -> AbstractBaseUser:
        """Who gave the password."""
        person: AbstractBaseUser = self.stage.login.user
        return person

    def lock(self) -> HttpResponse:
        """The password must be given again, too."""
        person = self.person()
        self.stage.abort()
        return refuse(self.request, person)


class ConfirmByCode(BoundedCodes, ReauthenticateView):
    """A code before a guarded act."""
