"""Accounts are made by administrators, by `manage.py provision` or by the identity provider: nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from diagnostics.privacy.sudo import has_sudo


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks about accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Before a second factor changes; one rule for all such acts."""
        return not has_sudo(context.request)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address that everything else counts by."""
        return client_address(request)

    def is_safe_url(self, url: str) -> bool:
        """Where to go on after signing in; what is no address (`http://[::1`) is none to go to."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No greetings: what was done is seen on the page."""


def name_to_count_by(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """Under which name failures are counted and kept: what was typed only where it is somebody's name, for it may be a
    password; else its keyed hash."""
    given = credentials or request.POST
    name = given.get("username")
    if not name or User.objects.filter(username=name).exists():
        return name
    return f"unknown {salted_hmac('sign-in', name).hexdigest()[:16]}"


def client_address(request: HttpRequest) -> str:
    """Who asks. The server has already replaced a trusted proxy's address by that of its client."""
    return str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104  where there is none, nothing is bound
