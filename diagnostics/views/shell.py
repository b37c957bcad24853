"""What every page's frame needs: the environments of the person, and what they may do in the present one."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from diagnostics.core.access import visible_environments
from diagnostics.core.options import plugins
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.views.decorators import LAST_VISITED
from diagnostics.views.held import held_here, keep_framed

THEMES: Final = ("light", "dark")


@dataclass(slots=True)
class Entry:
    """One line of the navigation."""

    key: str
    label: str
    icon: str
    url: str
    count: int = 0


# (key and address name, label, icon, permission)
PAGES: Final = (
    ("overview", "Overview", "overview", Perm.VIEW_LOGS),
    ("logs", "Logs", "logs", Perm.VIEW_LOGS),
    ("errors", "Errors", "errors", Perm.VIEW_LOGS),
    ("releases", "Releases", "releases", Perm.VIEW_LOGS),
    ("live", "Live", "live", Perm.STREAM_LOGS),
    ("sessions", "Sessions", "sessions", Perm.VIEW_SESSIONS),
    ("journeys", "Journeys", "journeys", Perm.VIEW_SESSIONS),
    ("snapshots", "Snapshots", "snapshots", Perm.VIEW_SESSIONS),
    ("traces", "Traces", "traces", Perm.VIEW_TRACES),
    ("incidents", "Incidents", "incidents", Perm.VIEW_INCIDENTS),
    ("monitors", "Monitors", "clock", Perm.VIEW_INCIDENTS),
    ("patterns", "Patterns", "patterns", Perm.VIEW_LOGS),
    ("privacy", "Privacy", "privacy", Perm.EXPORT_DATA),
)
MANAGE: Final = (
    ("admin:alerts_alertrule_changelist", "Rules", "rules", Perm.MANAGE_RULES),
    ("suggestions", "Suggestions", "pulse", Perm.MANAGE_RULES),
    ("admin:alerts_target_changelist", "Targets", "targets", Perm.MANAGE_TARGETS),
    ("admin:diagnostics_ingestkey_changelist", "Ingest keys", "api", Perm.MANAGE_ENVIRONMENT),
    ("admin:diagnostics_environment_changelist", "Environments", "settings", Perm.MANAGE_ENVIRONMENT),
    ("access", "Access", "access", Perm.MANAGE_ACCESS),
    ("audit", "Audit trail", "history", Perm.MANAGE_ACCESS),
)
# Lists of the admin that can be cut to one environment.
NARROWED: Final = frozenset({
    "admin:alerts_alertrule_changelist", "admin:alerts_target_changelist", "admin:diagnostics_ingestkey_changelist",
})  # fmt: skip


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context of the frame; nothing for who is not signed in, and nothing for the admin."""
    theme = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {
        "theme": theme if theme in THEMES else "",
        "next_theme": "light" if theme == "dark" else "dark",
        "zone": "local" if request.COOKIES.get("zone") == "local" else "utc",
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.path.startswith("/admin/"):
        return context
    environment = getattr(request, "environment", None)
    context["environments"] = list(visible_environments(user))
    context["environment"] = environment
    context["frame"] = environment or last_visited(request, context["environments"])
    keep_framed(request, context["frame"])
    for contribute in plugins("SHELL"):  # (request) -> context
        context |= contribute(request)
    if context["frame"] is not None:
        context |= navigate(request, context["frame"], context)
    if environment is not None:
        context["perms_held"] = {perm.value for perm in held_here(request, environment)}
    return context


def last_visited(request: HttpRequest, environments: list[Environment]) -> Environment | None:
    """Whose navigation stands beside a page that belongs to no environment: that of the one last visited, else the one
    that the home page leads to."""
    slug = request.session.get(LAST_VISITED)
    return min(environments, key=lambda item: (item.slug != slug, not item.is_production, item.name), default=None)


def navigate(request: HttpRequest, environment: Environment, counts: dict[str, Any]) -> dict[str, Any]:
    """Navigation by what the person may do in this environment."""
    perms = held_here(request, environment)
    entries = [
        Entry(key, label, icon, reverse(key, args=[environment.slug]))
        for key, label, icon, perm in PAGES
        if perm in perms
    ]
    links = [
        Entry(name, label, icon, address_of(name, environment)) for name, label, icon, perm in MANAGE if perm in perms
    ]
    for entry in (*entries, *links):
        entry.count = counts.get(f"open_{entry.key}", 0)
    return {"navigation": entries, "manage_links": links, "searches": Perm.VIEW_LOGS in perms}


def address_of(name: str, environment: Environment) -> str:
    """A page of this environment; a list of the admin shows its rows alone."""
    if ":" not in name:
        return reverse(name, args=[environment.slug])
    return reverse(name) + (f"?environment={environment.pk}" if name in NARROWED else "")
