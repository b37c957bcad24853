"""Cursor pagination: stable under new rows, never counts, and each page costs what the first does.

DRF's own counts rows of equal times from the front, so that a new row there moves the page; here the id tells them apart.
"""

from datetime import datetime
from typing import Any

from django.db.models import Model, Q
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from diagnostics.core.cursor import read_cursor, write_cursor
from diagnostics.search.page import search_limits

BACK = "b."  # begins a cursor that leads to newer rows


class TimeCursorPagination(CursorPagination):
    """Newest first by (`time_field`, id); `limit` up to 200."""

    time_field = "created_at"
    page_size = 50
    page_size_query_param = "limit"
    page_size_query_description = "Rows a page, 1 to 200; 50 when not given. `page_size` is its older name."
    max_page_size = 200
    next_link: str | None = None
    previous_link: str | None = None

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """One page, and the ways to the next and the one before; 404 for a cursor that was not given out."""
        text = request.query_params.get(self.cursor_query_param, "")
        goes_back = text.startswith(BACK)
        size = self.get_page_size(request) or self.page_size
        rows = queryset.filter(self.beyond(text)) if text else queryset
        order = (self.time_field, "pk") if goes_back else (f"-{self.time_field}", "-pk")
        with search_limits():
            found = list(rows.order_by(*order)[: size + 1])
        more, page = len(found) > size, found[:size]
        if goes_back:
            page.reverse()
        if page and (more or goes_back):
            self.next_link = self.link(request, self.cursor_of(page[-1]))
        if page and (more if goes_back else text):
            self.previous_link = self.link(request, BACK + self.cursor_of(page[0]))
        return page

    def cursor_of(self, row: Model) -> str:
        """The row's place."""
        return write_cursor(getattr(row, self.time_field), row.pk)

    def get_page_size(self, request: Request) -> int | None:
        """As asked for; a 400 names the bounds."""
        params = request.query_params
        name = "limit" if "limit" in params else "page_size"
        text = params.get(name, str(self.page_size))
        if not text.isdecimal() or not 1 <= int(text[:9]) <= self.max_page_size:
            raise ValidationError({name: [f"Use a number from 1 to {self.max_page_size}."]})
        return int(text)

    def beyond(self, text: str) -> Q:
        """What lies after the cursor's place, or before it."""
        try:
            moment, pk = read_cursor(text.removeprefix(BACK), datetime, int)
        except ValueError as error:
            raise NotFound(str(error)) from error
        side = "gt" if text.startswith(BACK) else "lt"
        return Q(**{f"{self.time_field}__{side}": moment}) | Q(**{self.time_field: moment, f"pk__{side}": pk})

    def link(self, request: Request, cursor: str) -> str:
        """The same address at another place."""
        return replace_query_param(request.build_absolute_uri(), self.cursor_query_param, cursor)

    def get_next_link(self) -> str | None:
        """To older rows."""
        return self.next_link

    def get_previous_link(self) -> str | None:
        """To newer rows."""
        return self.previous_link
