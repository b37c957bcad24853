"""A page that is opened without parameters shows the person's own default view of it."""

from django.http import HttpResponse
from django.shortcuts import redirect

from diagnostics.models import SavedView
from diagnostics.saved_views.pages import address_of_view
from diagnostics.views.decorators import PageRequest


def open_default(request: PageRequest, page: str) -> HttpResponse | None:
    """The way to the view, where there is one and nothing was asked for."""
    if request.method != "GET" or request.GET:
        return None
    rows = SavedView.objects.filter(environment=request.environment, owner_id=request.user.pk, page=page)
    view = rows.filter(is_default=True).select_related("environment").first()
    try:
        return redirect(address_of_view(view)) if view else None
    except ValueError:
        return None
