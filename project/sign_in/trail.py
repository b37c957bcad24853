"""The audit trail of signing in. The framework and its libraries say what happened; each saying becomes an access event."""

import time
from typing import Any

from allauth.mfa import signals as mfa
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest

from diagnostics.core import clock
from diagnostics.models import AccessEvent
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.sudo import SIGNED_IN_AT, came_by_single_sign_on


def note_sign_in(sender: Any, request: HttpRequest, user: AbstractBaseUser, **_: Any) -> None:
    """Somebody came in."""
    request.session[SIGNED_IN_AT] = int(time.time())
    way = "single sign-on" if came_by_single_sign_on(request, user) else "here"
    record_event(user, "sign-in", user.get_username(), way=way)


def note_sign_out(sender: Any, request: HttpRequest, user: AbstractBaseUser | None, **_: Any) -> None:
    """Somebody left."""
    if user is not None:
        record_event(user, "sign-out", user.get_username())


def note_lockout(sender: Any, username: str = "", **_: Any) -> None:
    """Too many failures. What was typed is named only where it is somebody's name: it may be a password."""
    known = User.objects.filter(username=username).exists() if username else False
    subject = username if known else "an unknown name"
    since = clock.now() - settings.AXES_COOLOFF_TIME
    if not AccessEvent.objects.filter(action="sign-in.locked", subject=subject, at__gt=since).exists():
        record_event(None, "sign-in.locked", subject)  # once a lockout: whoever goes on trying must not fill the trail


def note_factor(action: str) -> Any:
    """A receiver for what happens to second factors."""

    def receive(sender: Any, user: AbstractBaseUser, authenticator: Any, **_: Any) -> None:
        record_event(user, action, user.get_username(), kind=str(authenticator.type))

    return receive


FACTORS = (
    (mfa.authenticator_added, note_factor("factor.add")),
    (mfa.authenticator_removed, note_factor("factor.remove")),
    (mfa.authenticator_reset, note_factor("factor.reset")),
    (mfa.authentication_failed, note_factor("factor.fail")),
)


def follow() -> None:
    """Once, at start."""
    user_logged_in.connect(note_sign_in, dispatch_uid="trail")
    user_logged_out.connect(note_sign_out, dispatch_uid="trail")
    user_locked_out.connect(note_lockout, dispatch_uid="trail")
    for signal, receiver in FACTORS:
        signal.connect(receiver, dispatch_uid="trail")
