"""Keeps NULs out: no text in the database can hold one. An address with one finds nothing and is refused; a form is
mended, so that what somebody pasted is not lost."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.defaults import bad_request

FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
NUL: Final = "\x00"
MENDED: Final = "\ufffd"


class NoNulMiddleware:
    """Before a view asks the database, which would answer with an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse with 400, mend, pass on."""
        if NUL in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request, ValueError("NUL"))
        if request.method == "POST" and request.content_type in FORMS:
            mend_form(request)
        return self.get_response(request)


def mend_form(request: HttpRequest) -> None:
    """JSON is judged by the API, field by field."""
    lists = list(request.POST.lists())
    if not any(NUL in text for name, values in lists for text in (name, *values)):
        return
    mended = request.POST.copy()
    mended.clear()
    for name, values in lists:
        mended.setlist(name.replace(NUL, MENDED), [value.replace(NUL, MENDED) for value in values])
    request.POST = mended  # type: ignore[assignment]  # as Django itself sets it
