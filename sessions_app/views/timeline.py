"""The timeline of a person, a journey, a trace or a request: whatever has one id over sessions and services."""

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.core.reference import read_reference
from diagnostics.models import Environment
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import user_keys_of
from diagnostics.search.filters import RANGES, read_moment
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.held import held_here
from diagnostics.views.people import given_params, shareable_params, to_address
from sessions_app.models import LogSession
from sessions_app.scope import Scope, scope_from
from sessions_app.views.playing import may_see_spans, play
from sessions_app.views.sessions import has_sessions

KINDS: Final = {"user": "Person", "journey": "Journey", "trace": "Trace", "request": "Request"}
LOGS: Final = frozenset({"trace", "request"})  # they may belong to no session: a matter of logs
DEFAULT_RANGE: Final = "24h"
MOST_CHARS: Final = 400
AROUND: Final = timedelta(hours=12)  # a link to a record shows this time before and after it
MOST_SESSIONS: Final = 5


@environment_page(Perm.VIEW_SESSIONS)
def timeline(request: PageRequest) -> HttpResponse:
    """What happened, in order, over all sessions and services."""
    given = shareable_params(request, partial(has_sessions, request.environment))
    if request.method == "POST" or given != given_params(request):
        return to_address(given)
    kinds = kinds_for(request)
    kind = next((name for name in kinds if given.get(name)), "")
    value = given.get(kind, "").strip().replace("\n", " ")[:MOST_CHARS]  # ids are one line, as addresses are
    context: dict[str, Any] = {
        "page": "sessions",
        "kinds": kinds,
        "kind": kind,
        "kind_label": KINDS.get(kind, ""),
        "value": value,
        "ranges": list(RANGES),
        "range": range_of(given),
        "kept": keep(given, kind, value, ("range", "since", "until")),
        "chosen": keep(given, kind, value, ()),
    }
    if value:
        context |= show(request, given, kind, value)
    return render(request, "sessions_app/timeline.html", context)


def kinds_for(request: PageRequest) -> dict[str, str]:
    """What the person may ask for, with its label."""
    sees_logs = Perm.VIEW_LOGS in held_here(request, request.environment)
    return {name: label for name, label in KINDS.items() if sees_logs or name not in LOGS}


def keep(given: dict[str, str], kind: str, value: str, names: tuple[str, ...]) -> str:
    """What links within the page go on with."""
    kept = {kind: value, **{name: given[name] for name in names if given.get(name)}}
    return urlencode({name: text for name, text in kept.items() if name and text})


def show(request: PageRequest, given: dict[str, str], kind: str, value: str) -> dict[str, Any]:
    """The player and the lines; what is wrong with the address is told as `error`."""
    environment = request.environment
    try:
        values = values_of(environment, kind, value)
        since, until = time_of(given)
        if kind == "user":
            note_lookup(request.user, environment, value)
        with search_limits():
            scope = scope_from(
                environment.pk, kind, values, since, until, with_spans=may_see_spans(request, environment)
            )
            sessions = sessions_of(scope) if kind == "user" else []
    except (ValueError, SearchTooSlowError) as error:
        return {"error": str(error)}
    return {"scope": scope, "sessions": sessions, **play(request, environment, scope)}


def values_of(environment: Environment, kind: str, value: str) -> tuple[Any, ...]:
    """What the scope's column holds. ValueError for what cannot be an id."""
    if kind == "user":
        return tuple(user_keys_of(environment, value))
    if kind != "trace":
        return (value,)
    try:
        return (uuid.UUID(hex=value),)
    except ValueError:
        raise ValueError("trace: use 32 hex digits, as OpenTelemetry writes a trace id") from None


def range_of(given: dict[str, str]) -> str:
    """The range chosen, or the usual one."""
    chosen = given.get("range", DEFAULT_RANGE)
    return chosen if chosen in RANGES else DEFAULT_RANGE


def time_of(given: dict[str, str]) -> tuple[datetime, datetime]:
    """Since and until: as the address says, around the record that it points at, or the range until now."""
    since, until = read_moment(given, "since"), read_moment(given, "until")
    place = read_reference(given.get("at", ""))
    if place is not None and since is None and until is None and "range" not in given:
        middle = read_moment({"at": place.timestamp.isoformat()}, "at") or clock.now()
        return middle - AROUND, middle + AROUND
    until = until or clock.now()
    return since or until - RANGES[range_of(given)], until


def sessions_of(scope: Scope) -> list[LogSession]:
    """A person's newest sessions of this time."""
    rows = LogSession.objects.filter(environment_id=scope.environment_id, user_key__in=scope.values)
    return list(rows.filter(last_seen_at__gte=scope.since, started_at__lte=scope.until)[:MOST_SESSIONS])
