"""Acts that an open laptop must not suffice for: erasing, exporting, granting, revealing keys. They need a recent proof of
who is there: the sign-in itself, or the password or second factor once more.

The page with the form asks, so that nothing typed is lost or kept; a form that was open when the time ran out gets as much
again.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

View = Callable[..., HttpResponseBase]
SIGNED_IN_AT = "signed_in_at"  # in the session, set at each sign-in, whatever its way


def has_sudo(request: HttpRequest) -> bool:
    """Whether the person proved who they are within SUDO_SECONDS; for a form that is sent, within twice that."""
    if not request.user.is_authenticated:
        return False
    proofs = [record["at"] for record in get_authentication_records(request, request.user)]
    age = time.time() - max([*proofs, request.session.get(SIGNED_IN_AT, 0)])
    return bool(0 <= age < settings.SUDO_SECONDS * (2 if request.method == "POST" else 1))


def came_by_single_sign_on(request: HttpRequest, person: AbstractBaseUser) -> bool:
    """Whether the identity provider, with whatever it asks for, let the person into this session."""
    return any(record.get("method") == "socialaccount" for record in get_authentication_records(request, person))


def ask_again(request: HttpRequest, back: str = "") -> HttpResponse:
    """To the page that asks once more, and back (to `back`, for acts that have no page of their own). Who has no
    secret here proves it at the identity provider."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    if methods:
        address = methods[0]["url"]
    elif settings.SOCIALACCOUNT_PROVIDERS:
        address = reverse("openid_connect_login", args=["sso"])
    else:
        raise PermissionDenied("There is no way to prove who you are: ask an administrator for a password.")
    return redirect(f"{address}?{urlencode({'next': back or request.get_full_path()})}")


def sudo_required(view: View) -> View:
    """For views whose every call is such an act, or leads to one."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not has_sudo(request):
            return ask_again(request)
        return view(request, *args, **kwargs)

    return checked


class SudoAdmin:
    """For model admins: pages that add, change and delete need a recent proof, and so do the acts of lists; looking at a
    list does not."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Adding and changing."""
        if not has_sudo(request):
            return ask_again(request)
        return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc,no-any-return]

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Deleting."""
        if not has_sudo(request):
            return ask_again(request)
        return super().delete_view(request, *args, **kwargs)  # type: ignore[misc,no-any-return]

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Acts on several rows."""
        if request.method == "POST" and not has_sudo(request):
            return ask_again(request)
        return super().changelist_view(request, *args, **kwargs)  # type: ignore[misc,no-any-return]
