"""The list of snapshots, one snapshot, and what can be done with it."""

from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, LogRecord
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.sudo import ask_again, has_sudo
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.search.record import record_at
from diagnostics.search.rows import Page, read_pages
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.held import held_here
from diagnostics.views.people import given_params, shareable_params, to_address
from sessions_app.models import Snapshot
from sessions_app.snapshots.by_hand import (
    NotPossibleError,
    delete_snapshot,
    find_chosen,
    keep_snapshot,
    may_delete,
)
from sessions_app.snapshots.content import is_whole
from sessions_app.snapshots.download import hand_over
from sessions_app.snapshots.due import MOST_DUE
from sessions_app.snapshots.find import (
    DEFAULT_RANGE,
    FIELDS,
    LIGHT,
    RANGES,
    REASONS,
    count_left_out,
    narrow,
    seen_here,
    similar_to,
)
from sessions_app.snapshots.freeze import NOTE_CHARS
from sessions_app.snapshots.played import draw_story
from sessions_app.snapshots.story import client_of, headline, is_failure, records_since, restricted_until, tell_story

MOST_CHARS: Final = 400  # of one field: some pseudonyms side by side


@environment_page(Perm.VIEW_SESSIONS)
def snapshots(request: PageRequest) -> HttpResponse:
    """Newest first."""
    given = shareable_params(request, partial(has_snapshots, request.environment))
    if request.method == "POST" or given != given_params(request):
        return to_address(given)
    chosen = given.get("range", DEFAULT_RANGE)
    chosen = chosen if chosen in RANGES else DEFAULT_RANGE
    reason = given.get("reason", "")
    reason = reason if reason in REASONS else ""
    wanted = {name: given.get(name, "").strip()[:MOST_CHARS] for name in FIELDS}
    kept = {name: value for name, value in wanted.items() if value}
    context: dict[str, Any] = {
        "page": "snapshots",
        "ranges": list(RANGES),
        "range": chosen,
        "reason": reason,
        "reasons": list(REASONS),
        "wanted": wanted,
        "hidden": {name: kept[name] for name in ("session", "fingerprint", "trace", "record") if name in kept},
        "keep": urlencode(kept),
        "most_due": MOST_DUE,
    }
    rows = seen_here(request.environment, held_here(request, request.environment)).defer(LIGHT)
    span = RANGES[chosen]
    if span is not None:
        rows = rows.filter(taken_at__gte=clock.now() - span)
    try:
        note_lookup(request.user, request.environment, wanted["user"])
        with search_limits():
            found = narrow(rows, {**wanted, "reason": reason}, request.environment)
            context["result"] = read_pages(found, "-taken_at", given.get("cursor", ""))
            context["left_out"] = count_left_out(request.environment, span)
    except (ValueError, SearchTooSlowError) as error:
        context |= {"result": Page([], ""), "error": str(error)}
    return render(request, "sessions_app/snapshots.html", context)


def has_snapshots(environment: Environment, key: str) -> bool:
    """Whether snapshots are stored under this pseudonym."""
    return Snapshot.objects.filter(environment=environment, user_key=key).exists()


def find_snapshot(request: PageRequest, pk: int) -> Snapshot:
    """One that the person may see; the caller has checked the environment."""
    held = held_here(request, request.environment)
    rows = seen_here(request.environment, held).select_related("environment")
    found = rows.filter(pk=pk).first() if Perm.VIEW_SESSIONS in held else None
    if found is None:
        raise Http404("There is no such snapshot, its days are over, or it is not yours to see.")
    return found


@environment_page(Perm.VIEW_SESSIONS)
def snapshot(request: PageRequest, pk: int) -> HttpResponse:
    """What led to it, in order, over all services."""
    found = find_snapshot(request, pk)
    environment, held = request.environment, held_here(request, request.environment)
    told = tell_story(found, held)
    lives = found.happened_at >= records_since(environment) and record_exists(found)
    until = restricted_until(found)
    context = {
        "page": "snapshots",
        "snapshot": found,
        "told": told,
        "overview": draw_story(told, found.happened_at),
        "headline": headline(found),
        "what": "failure" if is_failure(found) else "moment",
        "client": client_of(told.broken),
        "is_whole": is_whole(found),
        "record_lives": lives,
        "restricted_until": until,
        "restricted_lives": lives and until > clock.now(),
        "may_reveal": bool(held & {Perm.VIEW_STACK_TRACES, Perm.VIEW_RESTRICTED}),
        "may_delete": may_delete(request.user, found),
        "similar": list(similar_to(found, seen_here(environment, held))),
    }
    return render(request, "sessions_app/snapshot.html", context)


def record_exists(found: Snapshot) -> bool:
    """Whether its record can still be opened."""
    return record_at(LogRecord.objects.filter(environment_id=found.environment_id), found.record) is not None


@environment_page(Perm.TAKE_SNAPSHOTS)
@require_POST
def snapshot_take(request: PageRequest) -> HttpResponse:
    """Keep what led to a record, or to where one is in a session."""
    try:
        with search_limits():
            record = chosen_record(request)
        kept = keep_snapshot(request.user, request.environment, record, request.POST.get("note", "")[:NOTE_CHARS])
    except (NotPossibleError, SearchTooSlowError) as error:
        messages.error(request, f"Nothing was kept. {error}")
        return redirect(back_of(request))
    messages.success(request, f"Kept until {kept.kept_until:%Y-%m-%d}, whatever becomes of its records.")
    return redirect("snapshot", request.environment.slug, kept.pk)


def chosen_record(request: PageRequest) -> LogRecord:
    """What the form or its address names, when the person may see it."""
    named = {**request.GET.dict(), **request.POST.dict()}
    record = find_chosen(request.environment, held_here(request, request.environment), named)
    if record is None:
        raise Http404("This record is gone: its retention is over, or it is not yours to see.")
    return record


def back_of(request: PageRequest) -> str:
    """Where the form stood."""
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        return back
    return reverse("snapshots", args=[request.environment.slug])


@environment_page(Perm.MANAGE_ENVIRONMENT, Perm.TAKE_SNAPSHOTS)
@require_POST
def snapshot_delete(request: PageRequest, pk: int) -> HttpResponse:
    """For good; an act that an open laptop must not suffice for."""
    found = find_snapshot(request, pk)
    if not may_delete(request.user, found):
        raise Http404("There is no such snapshot, its days are over, or it is not yours to delete.")
    if not has_sudo(request):
        return ask_again(request, reverse("snapshot", args=[request.environment.slug, pk]))
    delete_snapshot(request.user, found)
    messages.success(request, "The snapshot is gone; that it was deleted is written down.")
    return redirect("snapshots", request.environment.slug)


@environment_page(Perm.EXPORT_DATA)
@require_POST
def snapshot_download(request: PageRequest, pk: int) -> HttpResponse:
    """The document as a file; handing it out is written down."""
    found = find_snapshot(request, pk)
    if not has_sudo(request):
        return ask_again(request, reverse("snapshot", args=[request.environment.slug, pk]))
    return hand_over(request.user, found, held_here(request, request.environment))
