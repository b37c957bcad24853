"""Cursor pagination: stable under new rows, and never counts."""

from rest_framework.pagination import CursorPagination


class TimeCursorPagination(CursorPagination):
    """Newest first."""

    ordering = "-id"
