"""The log names routes, not addresses: a session, a journey or a person may stand in an address, and so may a secret."""

import logging
import re
from typing import Final

from django.http import HttpRequest
from django.urls import Resolver404, resolve

UNKNOWN: Final = "(an address that is none of ours)"
ELSEWHERE: Final = re.compile(r"(https?://[^/\s?#]+)[^\s]*")  # a Referer, say: the host says enough


class RouteFilter(logging.Filter):
    """Of a handler, so that every logger's records pass it: puts the route in the place of the path."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record through."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(without_address(part, request) for part in record.args)
        return True


def without_address(part: object, request: HttpRequest) -> object:
    """What Django filled into its sentence; it escapes texts."""
    if not isinstance(part, str):
        return part
    path = request.path
    if part in (path, path.encode("unicode_escape").decode("ascii")):
        return route_of(request)
    return ELSEWHERE.sub(r"\1", part)


def route_of(request: HttpRequest) -> str:
    """As it stands in the list of addresses: `/e/<slug:slug>/sessions/<id:session_id>/`."""
    try:
        match = request.resolver_match or resolve(request.path_info)
    except Resolver404:
        return UNKNOWN
    return f"/{match.route}"
