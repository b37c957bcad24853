"""What stands where nothing is: a page for people, JSON below the addresses of machines."""

from typing import Final

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.defaults import page_not_found

MACHINES: Final = ("/api/", "/v1/", "/otlp/", "/loki/", "/elastic/")
SAID: Final = {"detail": "There is nothing at this address. /api/docs/ lists those of the API."}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404, whoever asks."""
    if request.path.startswith(MACHINES):
        return JsonResponse(SAID, status=404)
    return page_not_found(request, exception)
