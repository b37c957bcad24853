"""The base of every admin page: rows of environments in which the person holds the permission, and no others."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib.admin import SimpleListFilter
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.db.models import CharField, ForeignKey, QuerySet, TextField
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin
from unfold.decorators import display

from diagnostics.core.access import has_perm, visible, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.privacy.revert import changes_of
from diagnostics.templatetags.shell import visible as visible_text
from diagnostics.views.held import held_anywhere

COUNTED = 1000
FILTERS = "_changelist_filters"  # Django's own parameter


class BoundedPaginator(Paginator):
    """Counts no further than COUNTED: counting a large table takes longer than reading a page of it."""

    @cached_property
    def count(self) -> int:
        """Rows, at most COUNTED."""
        rows: Any = self.object_list
        return len(rows.values_list("pk", flat=True)[:COUNTED])


def shown(name: str) -> Callable[[Any], str]:
    """A column of text that senders choose, with what cannot be seen in it made visible."""

    @display(description=name.replace("_", " "))
    def column(row: Any) -> str:
        return visible_text(getattr(row, name))

    column.__name__ = f"shown_{name}"
    return column


class EnvironmentFilter(SimpleListFilter):
    """By environment; Django's own filter would offer the names of all."""

    title = "environment"
    parameter_name = "environment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The person's own."""
        return [(str(item.pk), item.name) for item in visible_environments(request.user, model_admin.read_perm)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut to the chosen one, if it is one of theirs."""
        mine = [key for key, _ in self.lookup_choices]
        return queryset.filter(environment=self.value()) if self.value() in mine else queryset


class ClosedLookups:
    """Rows are narrowed by the filters that the page offers and by nothing else: Django would take any column of the
    model from the address, and so answer questions about columns that are not shown."""

    list_filter: ClassVar[Any] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what stands in `list_filter`; a filter of our own cuts the rows itself, by its parameter's value."""
        items = [item[0] if isinstance(item, tuple) else item for item in self.list_filter]
        fields = [item for item in items if isinstance(item, str)]
        own = [item.parameter_name for item in items if isinstance(item, type) and issubclass(item, SimpleListFilter)]
        return lookup in own or any(lookup == name or lookup.startswith(f"{name}__") for name in fields)


class ScopedAdmin(ClosedLookups, ModelAdmin):
    """`read_perm` opens the page, `write_perm` (None: nobody) changes rows; both are asked of the row's environment."""

    read_perm: ClassVar[Perm]
    write_perm: ClassVar[Perm | None] = None
    may_add: ClassVar[bool] = True
    may_delete: ClassVar[bool] = True
    environment_path: ClassVar[str] = "environment"
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    list_select_related: Any = ("environment",)
    compressed_fields = True
    list_fullwidth = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Only what the person may see."""
        return visible(super().get_queryset(request), request.user, self.read_perm, self.environment_path)

    def environment_of(self, row: Any) -> Environment:
        """The row's environment."""
        found: Any = row
        for part in self.environment_path.split("__"):
            found = getattr(found, part)
        environment: Environment = found
        return environment

    def holds(self, request: HttpRequest, perm: Perm | None, row: Any) -> bool:
        """Whether the person holds `perm` in the row's environment, or in any when there is no row."""
        if perm is None:
            return False
        if row is None:
            return perm in held_anywhere(request)
        return has_perm(request.user, self.environment_of(row), perm)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the page stands in the index."""
        return self.holds(request, self.read_perm, None)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Look."""
        return self.holds(request, self.read_perm, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Change."""
        return self.holds(request, self.write_perm, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Add."""
        return self.may_add and self.holds(request, self.write_perm, None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Delete."""
        return self.may_delete and self.holds(request, self.write_perm, obj)

    def formfield_for_foreignkey(self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Choices are the person's own environments, and rows of them."""
        perm = self.write_perm or self.read_perm
        if db_field.name == "environment":
            kwargs["queryset"] = visible_environments(request.user, perm)
        elif any(field.name == "environment" for field in db_field.related_model._meta.get_fields()):
            kwargs["queryset"] = visible(db_field.related_model._default_manager.all(), request.user, perm)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new row begins in the environment whose list was looked at, and with what the address says of the form's
        fields, as far as it can be read."""
        found = self.listed_environment(request)
        for name, value in super().get_changeform_initial_data(request).items():
            with suppress(FieldDoesNotExist, ValidationError):
                field = self.model._meta.get_field(name)
                found[name] = value if isinstance(value, list) else field.to_python(value)
        return found

    def kept_filters(self, request: HttpRequest) -> str:
        """Of an add form's address, what says how its list was cut: for links to the same form."""
        kept = request.GET.get(FILTERS, "")[:1000]
        return urlencode({FILTERS: kept}) if kept else ""

    def listed_environment(self, request: HttpRequest) -> dict[str, Any]:
        """The environment that the list was cut to, if the person may add there."""
        listed = QueryDict(request.GET.get(FILTERS, "")[:1000]).get("environment", "")
        if self.environment_path != "environment" or self.write_perm is None:
            return {}
        mine = {str(item.pk) for item in visible_environments(request.user, self.write_perm)} if listed else set()
        return {"environment": listed} if listed in mine else {}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A row stays in its environment."""
        fixed = ["environment"] if obj is not None and self.environment_path == "environment" else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The row's access events, before and after: Django's own log knows nothing of environments."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_or_change_permission(request, row):
            raise Http404("There is no such entry, or it is not yours to see.")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Changes of {row}",
            "opts": self.opts,
            "events": changes_of(row),
            "may_revert": self.has_change_permission(request, row),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/diagnostics/changes.html", context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Django asks each related model's own admin; here the row's environment has answered already."""
        to_delete, counts, _, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, set(), protected


class ReadOnlyAdmin(ScopedAdmin):
    """Something to look up, changed by the product alone."""

    may_add = False
    may_delete = False
    actions: Any = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Everything that is shown."""
        return self.fields or [field.name for field in self.model._meta.fields]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row to look at; it is never saved, so that texts of senders can be made visible in place."""
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            for field in self.model._meta.fields:
                if isinstance(field, CharField | TextField) and not field.choices:
                    setattr(row, field.name, visible_text(getattr(row, field.name)))
        return row
