"""Who may hold a live socket, asked of the database each time: nothing that was true at connect is believed later."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import Http404, HttpRequest

from diagnostics.core import access
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import keys_of
from diagnostics.privacy.second_factor import lacks_second_factor
from diagnostics.search.filters import LogFilters
from diagnostics.search.people import resolve_user


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a socket is closed, with its close code."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who watches what."""

    user_id: int
    session_key: str
    environment_id: int
    slug: str
    pseudonym_keys: tuple[bytes, ...]

    def resolve_user(self, filters: LogFilters) -> LogFilters:
        """A user id that was typed becomes its pseudonym."""
        return resolve_user(filters, self.pseudonym_keys)


GONE = Refusal(4401, "you are signed out")
NO_FACTOR = Refusal(4401, "set up a second factor first")
FORBIDDEN = Refusal(4403, "you may not watch this environment")
SWITCHED_OFF = Refusal(4409, "the live stream is switched off in this environment")


def admit(person: AbstractBaseUser | AnonymousUser, session: Any, slug: str) -> Viewer | Refusal:
    """The viewer, or why not."""
    if not person.is_authenticated:
        return GONE
    key = getattr(session, "session_key", None) or ""
    if lacks_second_factor(request_of(key)):
        return NO_FACTOR
    try:
        environment = access.access_environment(person, slug, Perm.STREAM_LOGS)
    except Http404:
        return FORBIDDEN
    if not environment.streaming_enabled:
        return SWITCHED_OFF
    if environment.is_production:
        record_event(person, "stream.start", f"live stream of {environment}", environment)
    return Viewer(person.pk, key, environment.pk, slug, tuple(keys_of(environment)))


def still_allowed(viewer: Viewer) -> Refusal | None:
    """Why the stream must end, or None."""
    request = request_of(viewer.session_key)
    person = request.user
    if person.pk != viewer.user_id:
        return GONE
    if lacks_second_factor(request):
        return NO_FACTOR
    environment = Environment.objects.filter(pk=viewer.environment_id).first()
    if environment is None or not access.has_perm(person, environment, Perm.STREAM_LOGS):
        return FORBIDDEN
    return None if environment.streaming_enabled else SWITCHED_OFF


def note_watching(viewer: Viewer, filters: LogFilters) -> None:
    """Watching one person is written down like searching for them."""
    person = request_of(viewer.session_key).user
    environment = Environment.objects.filter(pk=viewer.environment_id).first()
    if filters.fields.get("user") and environment is not None and person.is_authenticated:
        note_lookup(person, environment, filters.fields["user"])


def request_of(session_key: str) -> HttpRequest:
    """What a page would be asked with where the socket was opened; its user is nobody once the session expired, was ended,
    or the password was changed."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    request.user = get_user(request)
    return request
