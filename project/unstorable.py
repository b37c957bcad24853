"""Refuses addresses and forms that hold a NUL: no text in the database can, so nothing can be found or kept by one."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.defaults import bad_request

FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


class RefuseNulMiddleware:
    """400, before a view asks the database, which would answer with an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, or refuse."""
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "") or holds_nul(request):
            return bad_request(request, ValueError("NUL"))
        return self.get_response(request)


def holds_nul(request: HttpRequest) -> bool:
    """Whether a posted form does; JSON is judged by the API, field by field."""
    if request.method != "POST" or request.content_type not in FORMS:
        return False
    return any("\x00" in text for name, values in request.POST.lists() for text in (name, *values))
