"""Cursor pagination: stable under new rows, never counts, and each page costs what the first does."""

from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class TimeCursorPagination(CursorPagination):
    """Newest first; `page_size` up to 200. A view names its own time field as `ordering`."""

    ordering: str | tuple[str, ...] = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """One page; a cursor that was not given out is a 404, whatever its position claims to be."""
        try:
            return super().paginate_queryset(queryset, request, view) or []
        except (ValueError, ModelValidationError) as error:
            raise NotFound(self.invalid_cursor_message) from error
