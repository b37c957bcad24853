"""People and their roles in the admin. A superuser manages accounts; who holds manage_access in an environment gives
and takes its roles, but none that holds more than they hold themselves."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSplitDateTimeWidget

from diagnostics.admin.scoped import BoundedPaginator, ClosedLookups
from diagnostics.core import clock
from diagnostics.core.access import visible_environments
from diagnostics.core.permissions import ROLES, Perm
from diagnostics.environments import role_group_name
from diagnostics.models import Environment, EnvironmentUserGrant
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.granting import NotYoursToGrantError, check_giving, give_role, grantable_roles, take_role
from diagnostics.privacy.sudo import SudoAdmin, ask_again, has_sudo
from diagnostics.views.held import held_anywhere

admin.site.unregister(User)
admin.site.unregister(Group)


def is_superuser(request: HttpRequest) -> bool:
    """Whether the person may do everything."""
    return bool(getattr(request.user, "is_superuser", False))


class PersonForm(forms.ModelForm):
    """An account, with a field of roles for each environment that the asking person manages."""

    roles: dict[str, Environment] = {}
    giver: Any = None

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "is_active", "is_superuser")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = self.instance
        groups = set(person.groups.values_list("name", flat=True)) if person.pk else set()
        ending = set(EnvironmentUserGrant.objects.filter(user=person).values_list("content_object_id", "role"))
        for name, environment in self.roles.items():
            self.initial[name] = [
                role
                for role in ROLES
                if role_group_name(environment, role) in groups or (environment.pk, role) in ending
            ]

    def clean(self) -> dict[str, Any]:
        """What is ticked now is the giver's to give, for as long."""
        found = super().clean() or {}
        for name, environment in self.roles.items():
            new = set(found.get(name, [])) - set(self.initial[name])
            for role in sorted(new & set(grantable_roles(self.giver, environment))):
                try:
                    check_giving(self.giver, self.instance, environment, role, found.get(f"until_{name}"))
                except NotYoursToGrantError as error:
                    self.add_error(name, f"{role}: {str(error).partition(': ')[2]}.")
        return found


def roles_field(environment: Environment) -> forms.MultipleChoiceField:
    """The roles of an environment, to tick."""
    return forms.MultipleChoiceField(
        label=environment.name,
        required=False,
        choices=[(role, role.replace("-", " ")) for role in ROLES],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="You can give and take the roles that hold no more than yours.",
    )


def until_field() -> forms.SplitDateTimeField:
    """When what is ticked now ends."""
    return forms.SplitDateTimeField(
        label="until",
        required=False,
        validators=[still_to_come],
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text="UTC. Roles that you tick now end then by themselves; empty: they stay.",
    )


def still_to_come(moment: datetime) -> None:
    """A role that has ended already would be none."""
    if moment <= clock.now():
        raise ValidationError("Choose a moment that is still to come.")


@admin.register(User)
class PersonAdmin(ClosedLookups, SudoAdmin, UserAdmin, ModelAdmin):
    """Accounts and roles."""

    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    form = PersonForm
    paginator = BoundedPaginator
    show_full_result_count = False
    list_display = ("username", "shown_name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "email")
    filter_horizontal = ()
    list_fullwidth = True
    compressed_fields = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever manages access somewhere."""
        return Perm.MANAGE_ACCESS in held_anywhere(request)

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """The same."""
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Roles; a superuser's account is a superuser's matter."""
        if obj is not None and obj.is_superuser and not is_superuser(request):
            return False
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """New accounts."""
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are switched off, not deleted: what they did stays answerable."""
        return False

    def managed(self, request: HttpRequest) -> dict[str, Environment]:
        """Form field name -> environment whose roles the person may give."""
        environments = visible_environments(request.user, Perm.MANAGE_ACCESS)
        return {f"roles_{environment.pk}": environment for environment in environments}

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Adds the fields of roles."""
        if obj is None:
            return super().get_form(request, obj, **kwargs)
        roles = self.managed(request)
        fields: dict[str, forms.Field] = {name: roles_field(environment) for name, environment in roles.items()}
        fields |= {f"until_{name}": until_field() for name in roles}
        kwargs["form"] = type("PersonForm", (PersonForm,), {**fields, "roles": roles, "giver": request.user})
        kwargs["fields"] = PersonForm.Meta.fields
        return ModelAdmin.get_form(self, request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """The account, then roles."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        account = (
            "username",
            "first_name",
            "last_name",
            "email",
            "is_active",
            "is_superuser",
            "last_login",
            "date_joined",
        )
        return [
            (None, {"fields": account}),
            ("Roles", {"fields": [(name, f"until_{name}") for name in self.managed(request)]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Accounts themselves are for superusers."""
        fixed = ["last_login", "date_joined"]
        if not is_superuser(request):
            fixed += ["username", "first_name", "last_name", "email", "is_active", "is_superuser"]
        return fixed

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Give and take what was ticked, where the person may; each is written down."""
        super().save_related(request, form, formsets, change)
        for name, environment in getattr(form, "roles", {}).items():
            before, after = set(form.initial.get(name, [])), set(form.cleaned_data.get(name, []))
            until = form.cleaned_data.get(f"until_{name}")
            for role in sorted((before ^ after) & set(grantable_roles(request.user, environment))):
                if role in after:
                    give_role(request.user, form.instance, environment, role, until)
                else:
                    take_role(request.user, form.instance, environment, role)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Accounts change by superusers only; that, too, is written down."""
        if is_superuser(request):
            super().save_model(request, obj, form, change)
            fields = [
                name
                for name in form.changed_data
                if not name.startswith(("roles_", "until_")) and "password" not in name
            ]
            record_event(
                request.user, f"account.{'change' if change else 'create'}", obj.username, fields=sorted(fields)
            )

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002  Django's name
        """Setting somebody's password is for superusers."""
        if not is_superuser(request):
            raise Http404("This is not yours to change.")
        if not has_sudo(request):
            return ask_again(request)
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == HTTPStatus.FOUND:
            record_event(request.user, "account.password", str(self.get_object(request, id)))
        return answer

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's own log knows nothing of environments: it would name those that the asking person does not know of."""
        if not is_superuser(request):
            raise Http404("This is not yours to see.")
        return super().history_view(request, object_id, extra_context)

    @display(description="name")
    def shown_name(self, person: User) -> str:
        """The full name."""
        return person.get_full_name()

    def get_queryset(self, request: HttpRequest) -> Any:
        """With their groups, for the column of roles."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_list_display(self, request: HttpRequest) -> Any:
        """Roles are shown of the environments whose access the asking person manages, of no others."""
        managed = {environment.slug for environment in self.managed(request).values()}

        @display(description="roles")
        def shown_roles(person: User) -> str:
            names = [group.name for group in person.groups.all()]
            return ", ".join(sorted(name for name in names if name.split(":")[0] in managed))

        return ("username", "shown_name", shown_roles, "is_active", "is_superuser", "last_login")
