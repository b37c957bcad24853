"""Records and spans in the admin: to look up, one environment at a time, the newest first, never counted."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display

from diagnostics.admin.scoped import BoundedPaginator, ClosedLookups, EnvironmentFilter, shown
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, LogRecord, Span
from diagnostics.templatetags.shell import visible as make_visible
from diagnostics.views.held import held_anywhere


class OneEnvironmentFilter(EnvironmentFilter):
    """Always one environment: the index that makes the list quick begins with it."""

    def choices(self, changelist: ChangeList) -> Any:
        """Without 'all'."""
        return list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The chosen one, or the first."""
        mine = [key for key, _ in self.lookup_choices]
        chosen = self.value() if self.value() in mine else (mine[0] if mine else None)
        return queryset.filter(environment_id=chosen) if chosen else queryset.none()


class RowsAdmin(ClosedLookups, ModelAdmin):
    """What both tables share."""

    read_perm: Perm
    list_filter = (OneEnvironmentFilter,)
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    list_display_links = None
    list_fullwidth = True
    sortable_by = ()
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether there is an environment to look into."""
        return self.read_perm in held_anywhere(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The filter cuts the rows."""
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Append-only, by the pipeline."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By retention alone."""
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """One record has its own page; here it would be sought in every partition."""
        raise Http404("Open the record from the list.")


@admin.register(LogRecord)
class LogRecordAdmin(RowsAdmin):
    """The newest records of an environment."""

    read_perm = Perm.VIEW_LOGS
    list_display = (
        "timestamp",
        "shown_severity",
        shown("service_name"),
        "shown_body",
        "http_status",
        shown("session_id"),
    )
    ordering = ("-timestamp",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogRecord]:
        """With the slug that its link needs."""
        slug = Environment.objects.filter(pk=OuterRef("environment_id")).values("slug")
        return super().get_queryset(request).annotate(slug=Subquery(slug))

    @display(description="level", label={"error": "danger", "fatal": "danger", "warn": "warning", "info": "info"})
    def shown_severity(self, record: LogRecord) -> str:
        """The band."""
        return record.severity

    @display(description="text")
    def shown_body(self, record: Any) -> SafeString:
        """A link to the record's page, which asks for permission itself."""
        address = reverse("log-detail", args=[record.slug, record.reference])
        return format_html('<a href="{}">{}</a>', address, make_visible(record.body[:160] or record.event_name or "—"))


@admin.register(Span)
class SpanAdmin(RowsAdmin):
    """The newest spans of an environment."""

    read_perm = Perm.VIEW_TRACES
    list_display = ("timestamp", shown("service_name"), shown("name"), "shown_duration", "http_status", "trace_id")
    ordering = ("-timestamp",)

    @display(description="ms")
    def shown_duration(self, span: Span) -> str:
        """Milliseconds."""
        return f"{span.duration_ms:,.1f}"
