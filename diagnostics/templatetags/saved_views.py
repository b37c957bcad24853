"""`{% views_menu %}`: the saved views of a page, and the form that saves what it shows."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.db.models import Q
from django.urls import reverse

from diagnostics.models import SavedView
from diagnostics.saved_views.access import SHARE
from diagnostics.saved_views.pages import PAGES
from diagnostics.views.held import held_here

register = template.Library()


@register.inclusion_tag("diagnostics/parts/views_menu.html", takes_context=True)
def views_menu(context: Any) -> dict[str, Any]:
    """Of the page that is shown, whose own permission was asked for already."""
    request, page = context["request"], context["page"]
    environment = request.environment
    rows = SavedView.objects.filter(Q(is_shared=True) | Q(owner_id=request.user.pk), environment=environment, page=page)
    found = list(rows)
    shown = {name: request.GET[name] for name in PAGES[page].names if request.GET.get(name)}
    return {
        "environment": environment,
        "page": page,
        "csrf_token": context["csrf_token"],
        "own": [view for view in found if not view.is_shared],
        "shared": [view for view in found if view.is_shared],
        "present": next((view for view in found if view.params == shown), None),
        "search": urlencode(shown),
        "plain": f"{reverse(page, args=[environment.slug])}?{urlencode(PAGES[page].plain)}",
        "may_share": SHARE in held_here(request, environment),
    }
