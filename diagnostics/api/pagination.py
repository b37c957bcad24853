"""Cursor pagination: stable under new rows, never counts, and each page costs what the first does."""

from rest_framework.pagination import CursorPagination


class TimeCursorPagination(CursorPagination):
    """Newest first; `page_size` up to 200. A view names its own time field as `ordering`."""

    ordering: str | tuple[str, ...] = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
