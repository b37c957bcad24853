"""The inbox: what the inbox targets of a person's environments said."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from alerts.models import InboxMessage
from diagnostics.core.access import visible
from diagnostics.core.permissions import Perm
from diagnostics.search.rows import Page, read_pages


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
    read = set(InboxMessage.objects.filter(pk__in=known, read_by=request.user.pk).values_list("pk", flat=True))
    messages = [(message, message.pk not in read) for message in page.rows]
    return render(request, "alerts/inbox.html", {**context, "result": page, "inbox": messages})


@login_required
@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Everything was read."""
    unread = visible(InboxMessage.of(request.user.pk), request.user, Perm.VIEW_INCIDENTS).exclude(
        read_by=request.user.pk
    )
    links = InboxMessage.read_by.through
    links.objects.bulk_create(
        [links(inboxmessage_id=pk, user_id=request.user.pk) for pk in unread.values_list("pk", flat=True)[:5000]],
        ignore_conflicts=True,
    )
    return redirect("inbox")
