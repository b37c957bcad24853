"""Grants to people in the admin: single permissions, and roles that end, of the environments whose access one manages.

Roles for good are ticked on the person's own page.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest

from diagnostics.admin.scoped import ScopedAdmin
from diagnostics.core import clock
from diagnostics.core.access import held_perms, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, EnvironmentUserGrant
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.granting import NotYoursToGrantError, check_reach
from diagnostics.privacy.sudo import SudoAdmin


class GrantForm(forms.ModelForm):
    """Nobody gives what they do not hold, nor to a superuser, nor for a time that is over."""

    giver: Any = None

    def clean(self) -> dict[str, Any]:
        """The checks across fields."""
        found = super().clean() or {}
        environment = found.get("content_object") or getattr(self.instance, "content_object", None)
        permission = found.get("permission") or getattr(self.instance, "permission", None)
        if environment and permission and permission.codename not in held_perms(self.giver, environment):
            self.add_error(None, f"You do not hold {permission.codename} in {environment} yourself.")
        if found.get("expires_at") and found["expires_at"] <= clock.now():
            self.add_error("expires_at", "Choose a moment that is still to come.")
        person = found.get("user") or getattr(self.instance, "user", None)
        if environment and person and permission:
            try:
                check_reach(self.giver, person, environment, [Perm(permission.codename)], found.get("expires_at"))
            except NotYoursToGrantError as error:
                self.add_error(None, str(error).partition(": ")[2].capitalize() + ".")
        return found


@admin.register(EnvironmentUserGrant)
class UserGrantAdmin(SudoAdmin, ScopedAdmin):
    """Who was given what by whom, until when."""

    form = GrantForm
    read_perm = Perm.MANAGE_ACCESS
    write_perm = Perm.MANAGE_ACCESS
    environment_path = "content_object"
    list_display = ("user", "permission_name", "content_object", "role", "expires_at", "granted_by", "granted_at")
    list_select_related = ("user", "permission", "content_object")
    search_fields = ("user__username",)
    autocomplete_fields = ("user",)
    fields = ("content_object", "user", "permission", "expires_at")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form knows who asks."""
        form = super().get_form(request, obj, change, **kwargs)
        return type("GrantForm", (form,), {"giver": request.user})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The permissions that environments carry, and the environments whose access the person manages."""
        if db_field.name == "content_object":
            kwargs["queryset"] = visible_environments(request.user, Perm.MANAGE_ACCESS)
        if db_field.name == "permission":
            kwargs["queryset"] = Permission.objects.filter(
                content_type__app_label="diagnostics", content_type__model="environment", codename__in=[*Perm]
            ).select_related("content_type")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: EnvironmentUserGrant | None = None) -> bool:
        """Nobody takes what they could not give."""
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or obj.permission.codename in held_perms(request.user, obj.content_object)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The same for several: all or none."""
        to_delete, counts, lacking, protected = super().get_deleted_objects(objs, request)
        lacking |= {str(grant) for grant in objs if not self.has_delete_permission(request, grant)}
        return to_delete, counts, lacking, protected

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only its end can be changed later."""
        return ("content_object", "user", "permission") if obj else ()

    def save_model(self, request: HttpRequest, obj: EnvironmentUserGrant, form: Any, change: bool) -> None:
        """Written down, with its giver."""
        obj.granted_by = request.user.get_username()
        self.note(request, "access.grant", obj, until=obj.expires_at.isoformat() if obj.expires_at else None)
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: EnvironmentUserGrant) -> None:
        """Written down."""
        self.note(request, "access.withdraw", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[EnvironmentUserGrant]) -> None:
        """The same for several."""
        for grant in queryset.select_related("user", "permission", "content_object"):
            self.delete_model(request, grant)

    def note(self, request: HttpRequest, action: str, grant: EnvironmentUserGrant, **detail: Any) -> None:
        """The event: to whom, what, where."""
        environment: Environment = grant.content_object
        record_event(request.user, action, f"{grant.user} {grant.permission.codename}", environment, **detail)

    @admin.display(description="permission", ordering="permission__codename")
    def permission_name(self, grant: EnvironmentUserGrant) -> str:
        """As the docs name it."""
        return grant.permission.codename
