"""The inbox: what the inbox targets of a person's environments said."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from alerts.models import InboxMessage, Incident
from diagnostics.core.access import visible, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.search.rows import Page, read_pages
from diagnostics.templatetags.shell import visible as visible_text

NEWS: Final = 5  # told of at once


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Newest first; what is new to the person is marked."""
    mine = visible(InboxMessage.of(request.user.pk), request.user, Perm.VIEW_INCIDENTS)
    rows = mine.select_related("environment", "notification__incident")
    context = {"page": "inbox", "error": ""}
    try:
        page = read_pages(rows, "-created_at", request.GET.get("cursor", ""))
    except ValueError as error:
        page, context["error"] = Page([], ""), str(error)
    known = [message.pk for message in page.rows]
    new = set(InboxMessage.new_to(request.user).filter(pk__in=known).values_list("pk", flat=True))
    to_answer = answerable(request, page.rows)
    messages = [(message, address_of(message), message.pk in new, message.pk in to_answer) for message in page.rows]
    return render(request, "alerts/inbox.html", {**context, "result": page, "inbox": messages})


def answerable(request: HttpRequest, rows: list[InboxMessage]) -> set[int]:
    """The newest message of each incident that nobody has acknowledged, where the person may."""
    theirs = set(visible_environments(request.user, Perm.RESPOND_INCIDENTS).values_list("pk", flat=True))
    newest: dict[int, InboxMessage] = {}
    for message in rows:
        incident = message.notification and message.notification.incident
        if incident and incident.state == Incident.State.TRIGGERED and message.environment_id in theirs:
            newest.setdefault(incident.pk, message)
    return {message.pk for message in newest.values()}


@login_required
@require_GET
def inbox_news(request: HttpRequest) -> JsonResponse:
    """Messages after the given one, for a browser that was asked to tell of them; without one, only which is the newest."""
    mine = visible(InboxMessage.of(request.user.pk), request.user, Perm.VIEW_INCIDENTS)
    latest = mine.order_by("-pk").values_list("pk", flat=True).first() or 0
    after = request.GET.get("after", "")
    rows = mine.filter(pk__gt=int(after)) if after.isascii() and after.isdecimal() and len(after) < 19 else mine.none()
    shown = rows.select_related("environment", "notification").order_by("-pk")[:NEWS]
    messages = [
        {
            "id": row.pk,
            "title": visible_text(row.title),
            "text": visible_text(row.text[:200]),
            "url": address_of(row) or reverse("inbox"),
        }
        for row in shown
    ]
    return JsonResponse({"latest": latest, "messages": messages})


def address_of(message: InboxMessage) -> str:
    """Its incident's page; empty for a word to one person and for a test, which stand in the inbox alone."""
    if message.notification is None or message.notification.incident_id is None:
        return ""
    return reverse("incident", args=[message.environment.slug, message.notification.incident_id])


@login_required
@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Everything was read."""
    unread = visible(InboxMessage.new_to(request.user), request.user, Perm.VIEW_INCIDENTS)
    links = InboxMessage.read_by.through
    links.objects.bulk_create(
        [links(inboxmessage_id=pk, user_id=request.user.pk) for pk in unread.values_list("pk", flat=True)[:5000]],
        ignore_conflicts=True,
    )
    return redirect("inbox")
