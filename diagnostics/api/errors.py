"""Errors of the API."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's answer."""
    return exception_handler(error, context)
