"""Errors of the API: Django's own validation and our searches' errors become answers that name the field."""

from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from diagnostics.search.page import SearchTooSlowError


class TooSlow(APIException):
    """A search that was stopped."""

    status_code = 422
    default_code = "too_slow"


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's answer to what went wrong; None lets it become a 500."""
    if isinstance(error, ModelValidationError):
        error = ValidationError(serializers.as_serializer_error(error))
    if isinstance(error, SearchTooSlowError):
        error = TooSlow(str(error))
    answer = exception_handler(error, context)
    if answer is not None:
        answer.data = sayable(answer.data)
    return answer


def sayable(found: Any) -> Any:
    """Without half characters, which JSON may bring and no answer can hold: an answer quotes what was wrong."""
    if isinstance(found, dict):
        return {sayable(name): sayable(value) for name, value in found.items()}
    if isinstance(found, list):
        return [sayable(value) for value in found]
    return found.encode("utf-8", "replace").decode() if isinstance(found, str) else found
