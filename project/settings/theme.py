"""django-unfold: the admin with the product's name, colours and navigation."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

__all__ = ["UNFOLD"]


def link(title: str, icon: str, name: str, perm: str = "") -> dict[str, object]:
    """One entry of the admin's navigation; `perm` (a codename, or 'superuser') says who is offered it."""
    entry: dict[str, object] = {"title": title, "icon": icon, "link": reverse_lazy(name)}
    return {**entry, "permission": holds(perm)} if perm else entry


def holds(perm: str) -> Callable[[HttpRequest], bool]:
    """Whether the person holds the permission anywhere. The pages ask again, of the environment."""

    def check(request: HttpRequest) -> bool:
        from diagnostics.views.held import held_anywhere

        user: Any = request.user
        return bool(user.is_superuser) if perm == "superuser" else perm in held_anywhere(request)

    return check


def never(request: HttpRequest) -> bool:
    """Its address begins all others; it is not where the person is."""
    return False


def group(title: str, *items: dict[str, object]) -> dict[str, object]:
    """A group of entries."""
    return {"title": title, "separator": True, "items": list(items)}


UNFOLD = {
    "SITE_TITLE": "Diagnostics",
    "SITE_HEADER": "Diagnostics",
    "SITE_SYMBOL": "monitoring",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("diagnostics/favicon.svg")},
    ],
    "STYLES": [lambda request: static("diagnostics/admin.css")],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {
        "primary": {
            "50": "#eef1ff", "100": "#e0e6ff", "200": "#c7d1ff", "300": "#a5b4ff", "400": "#8ea6ff", "500": "#5c7cfa",
            "600": "#3b5bdb", "700": "#2f49b0", "800": "#29408f", "900": "#253a75", "950": "#182347",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            group(
                "Diagnostics",
                {**link("Back to the pages", "arrow_back", "home"), "active": never},
                link("Inbox", "inbox", "inbox"),
            ),
            group(
                "Alerting",
                link("Rules", "rule", "admin:alerts_alertrule_changelist", "manage_rules"),
                link("Targets", "send", "admin:alerts_target_changelist", "manage_targets"),
                link("Monitors", "schedule", "admin:alerts_monitor_changelist", "manage_rules"),
                link("Silences", "notifications_off", "admin:alerts_silence_changelist", "respond_incidents"),
                link("Incidents", "warning", "admin:alerts_incident_changelist", "view_incidents"),
                link("Notifications", "receipt_long", "admin:alerts_notification_changelist", "view_incidents"),
            ),
            group(
                "Set-up",
                link("Environments", "dns", "admin:diagnostics_environment_changelist", "manage_environment"),
                link("Privacy policies", "policy", "admin:diagnostics_privacypolicy_changelist", "manage_environment"),
                link("Ingest keys", "key", "admin:diagnostics_ingestkey_changelist", "manage_environment"),
            ),
            group(
                "Access",
                link("People and roles", "group", "admin:auth_user_changelist", "manage_access"),
                link("Grants to people", "schedule", "admin:diagnostics_environmentusergrant_changelist", "manage_access"),
                link("API tokens", "token", "admin:diagnostics_apitoken_changelist", "superuser"),
                link("Access events", "history", "admin:diagnostics_accessevent_changelist", "manage_access"),
            ),
            group(
                "Data",
                link("Records", "notes", "admin:diagnostics_logrecord_changelist", "view_logs"),
                link("Spans", "account_tree", "admin:diagnostics_span_changelist", "view_traces"),
                link("Sessions", "person_search", "admin:sessions_app_logsession_changelist", "view_sessions"),
                link("Journeys", "route", "admin:sessions_app_journey_changelist", "view_sessions"),
            ),
        ],
    },
}  # fmt: skip
