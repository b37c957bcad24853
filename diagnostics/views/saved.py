"""Saved views: the list of them, opening one, saving what a page shows, changing and deleting."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from diagnostics.core.permissions import Perm
from diagnostics.models import SavedView
from diagnostics.saved_views.access import SHARE, changeable, readable, removable
from diagnostics.saved_views.keeping import change_view, delete_view, save_view
from diagnostics.saved_views.pages import MOST_CHARS, PAGES, address_of_view, clean_params
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.held import held_here

SWITCHES = {"yes": True, "no": False}


@environment_page(Perm.VIEW_LOGS)
def views(request: PageRequest) -> HttpResponse:
    """One's own and the shared ones, page by page."""
    rows = SavedView.objects.filter(environment=request.environment).select_related("owner")
    seen = list(readable(rows, request.user).order_by("page", "name", "pk"))
    may_change = set(changeable(rows, request.user).values_list("pk", flat=True))
    may_remove = set(removable(rows, request.user).values_list("pk", flat=True))
    shown: list[dict[str, Any]] = [
        {"view": view, "may_change": view.pk in may_change, "may_remove": view.pk in may_remove,
         "is_mine": view.owner_id == request.user.pk}
        for view in seen
    ]  # fmt: skip
    held = held_here(request, request.environment)
    context = {
        "page": "views",
        "groups": [(page.label, [row for row in shown if row["view"].page == name]) for name, page in PAGES.items()],
        "is_empty": not shown,
        "may_share": SHARE in held,
        "ways": [(page.label, reverse(name, args=[request.environment.slug])) for name, page in PAGES.items()
                 if page.perm in held],
    }  # fmt: skip
    return render(request, "diagnostics/views.html", context)


def find(request: PageRequest, cut: Any, pk: int) -> SavedView:
    """A view of this environment that `cut` leaves to the person."""
    rows = SavedView.objects.filter(environment=request.environment).select_related("environment")
    found: SavedView | None = cut(rows, request.user).filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such view, or it is not yours to see.")
    return found


@environment_page(Perm.VIEW_LOGS)
def view_open(request: PageRequest, pk: int) -> HttpResponse:
    """To what it shows."""
    view = find(request, readable, pk)
    try:
        return redirect(address_of_view(view))
    except ValueError as error:
        messages.error(request, f"“{view.name}” cannot be shown any more. {error}.")
        return redirect("views", request.environment.slug)


@environment_page(Perm.VIEW_LOGS)
@require_POST
def view_save(request: PageRequest) -> HttpResponse:
    """What the page beside the form shows, under a name."""
    page = request.POST.get("page", "")
    if page not in PAGES:
        messages.error(request, "Not saved. page: there are no views of such a page.")
        return redirect("views", request.environment.slug)
    params = dict(parse_qsl(request.POST.get("search", "")[: 2 * MOST_CHARS]))
    try:
        view = save_view(
            request.user, request.environment, page, request.POST.get("name", ""), params,
            shared=request.POST.get("shared") == "yes", is_typed=page == "live",
        )  # fmt: skip
    except ValueError as error:
        messages.error(request, f"Not saved. {error}.")
        return redirect(back_to(request, page, params))
    messages.success(request, f"Saved “{view.name}”{' for everybody who may see this page' if view.is_shared else ''}.")
    return redirect(address_of_view(view))


def back_to(request: PageRequest, page: str, params: dict[str, str]) -> str:
    """The search that was not saved; the list of views where that is what is wrong."""
    try:
        found = clean_params(request.environment, page, params, is_typed=page == "live")
    except ValueError:
        return reverse("views", args=[request.environment.slug])
    return f"{reverse(page, args=[request.environment.slug])}?{urlencode(found)}"


@environment_page(Perm.VIEW_LOGS)
@require_POST
def view_change(request: PageRequest, pk: int) -> HttpResponse:
    """Another name; shared or not; the person's default or not."""
    is_back = request.POST.get("shared") == "no"
    view = find(request, removable if is_back else changeable, pk)
    try:
        change_view(
            request.user, view, name=None if is_back else request.POST.get("name"),
            shared=SWITCHES.get(request.POST.get("shared", "")), default=SWITCHES.get(request.POST.get("default", "")),
        )  # fmt: skip
    except ValueError as error:
        messages.error(request, f"Not changed. {error}.")
    else:
        messages.success(request, f"Changed “{view.name}”.")
    return redirect("views", request.environment.slug)


@environment_page(Perm.VIEW_LOGS)
@require_POST
def view_delete(request: PageRequest, pk: int) -> HttpResponse:
    """For good."""
    view = find(request, removable, pk)
    delete_view(request.user, view)
    messages.success(request, f"Deleted “{view.name}”.")
    return redirect("views", request.environment.slug)
