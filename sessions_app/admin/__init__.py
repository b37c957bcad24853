"""Sessions in the admin: to look up, and to come from one to all that is held about its person."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from diagnostics.admin.scoped import EnvironmentFilter, ReadOnlyAdmin, shown
from diagnostics.core.access import has_perm
from diagnostics.core.permissions import Perm
from diagnostics.privacy.jobs import count_subject
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.subject import Subject
from diagnostics.privacy.sudo import ask_again, has_sudo
from diagnostics.views.held import held_anywhere
from sessions_app.admin import journeys
from sessions_app.models import LogSession

__all__ = ["LogSessionAdmin", "journeys"]


@admin.register(LogSession)
class LogSessionAdmin(ReadOnlyAdmin):
    """Sums of sessions; the page of a session shows what happened."""

    read_perm = Perm.VIEW_SESSIONS
    list_display = (
        shown("session_id"),
        "environment",
        "user_key",
        "last_seen_at",
        "records",
        "errors",
        "crashed",
        "page",
    )
    list_filter = (EnvironmentFilter, "crashed")
    ordering = ("-last_seen_at",)
    sortable_by = ()
    actions = ("person",)

    def has_person_permission(self, request: HttpRequest) -> bool:
        """Whether the act is offered; the environment of what was chosen decides."""
        return Perm.EXPORT_DATA in held_anywhere(request)

    @admin.action(description="Export or erase this person's data", permissions=["person"])
    def person(self, request: HttpRequest, queryset: QuerySet[LogSession]) -> HttpResponse | None:
        """What is held about whoever the chosen sessions were of; the forms are those of the page Privacy."""
        chosen = {(row.environment, row.user_key) for row in queryset.select_related("environment")[:1000]}
        if len(chosen) != 1 or not (key := next(iter(chosen))[1]):
            self.message_user(
                request, "Choose sessions of one person; one without a user names nobody.", messages.ERROR
            )
            return None
        environment = next(iter(chosen))[0]
        if not has_perm(request.user, environment, Perm.EXPORT_DATA):
            self.message_user(request, f"This needs the permission “Export data” in {environment}.", messages.ERROR)
            return None
        if not has_sudo(request):
            return ask_again(request)
        note_lookup(request.user, environment, key)
        counts = count_subject(Subject(environment, (key,)))
        context = {
            **self.admin_site.each_context(request),
            "title": "A person's data",
            "opts": self.opts,
            "environment": environment,
            "counts": counts,
            "going": {name: number for name, number in counts.items() if number},
            "keys": key,
            "may_erase": has_perm(request.user, environment, Perm.ERASE_DATA),
        }
        response = TemplateResponse(request, "admin/sessions_app/logsession/person.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    @display(description="")
    def page(self, session: LogSession) -> SafeString:
        """To what happened in it."""
        return format_html(
            '<a href="{}">open</a>', reverse("session", args=[session.environment.slug, session.session_id])
        )
