"""The permissions that an environment carries and the roles that bundle them."""

from enum import StrEnum
from typing import Final


class Perm(StrEnum):
    """Codenames of the permissions on Environment; nothing else carries any."""

    VIEW_LOGS = "view_logs"
    STREAM_LOGS = "stream_logs"
    VIEW_SESSIONS = "view_sessions"
    VIEW_TRACES = "view_traces"
    VIEW_RESTRICTED = "view_restricted"
    VIEW_STACK_TRACES = "view_stack_traces"
    TAKE_SNAPSHOTS = "take_snapshots"
    VIEW_INCIDENTS = "view_incidents"
    RESPOND_INCIDENTS = "respond_incidents"
    MANAGE_RULES = "manage_rules"
    MANAGE_TARGETS = "manage_targets"
    MANAGE_ENVIRONMENT = "manage_environment"
    MANAGE_ACCESS = "manage_access"
    EXPORT_DATA = "export_data"
    ERASE_DATA = "erase_data"


# Who holds one of these somewhere finds pages of the admin open.
ADMIN_PERMS: Final = (
    Perm.MANAGE_RULES, Perm.MANAGE_TARGETS, Perm.MANAGE_ENVIRONMENT, Perm.MANAGE_ACCESS, Perm.RESPOND_INCIDENTS,
    Perm.EXPORT_DATA, Perm.ERASE_DATA,
)  # fmt: skip

LABELS: Final = {
    Perm.VIEW_LOGS: "See logs and the overview",
    Perm.STREAM_LOGS: "Watch logs live",
    Perm.VIEW_SESSIONS: "See sessions and journeys",
    Perm.VIEW_TRACES: "See traces",
    Perm.VIEW_RESTRICTED: "Reveal restricted fields",
    Perm.VIEW_STACK_TRACES: "Reveal stack traces",
    Perm.TAKE_SNAPSHOTS: "Take snapshots",
    Perm.VIEW_INCIDENTS: "See incidents",
    Perm.RESPOND_INCIDENTS: "Acknowledge and resolve incidents",
    Perm.MANAGE_RULES: "Change alert rules",
    Perm.MANAGE_TARGETS: "Change alert targets",
    Perm.MANAGE_ENVIRONMENT: "Change the environment and its ingest keys",
    Perm.MANAGE_ACCESS: "Grant and withdraw access",
    Perm.EXPORT_DATA: "Export data",
    Perm.ERASE_DATA: "Erase a person's data",
}

VIEWER = (Perm.VIEW_LOGS, Perm.VIEW_INCIDENTS)
SUPPORT = (*VIEWER, Perm.VIEW_SESSIONS, Perm.STREAM_LOGS, Perm.TAKE_SNAPSHOTS)
DEVELOPER = (*SUPPORT, Perm.VIEW_TRACES, Perm.VIEW_STACK_TRACES, Perm.MANAGE_RULES)
ON_CALL = (*DEVELOPER, Perm.VIEW_RESTRICTED, Perm.RESPOND_INCIDENTS)

# Role slug -> permissions. A role is held in one environment: it is the group "<environment slug>:<role slug>".
# Nothing held in one environment opens another: a viewer of staging is a stranger in production.
ROLES: Final[dict[str, tuple[Perm, ...]]] = {
    "viewer": VIEWER,
    "support": SUPPORT,
    "developer": DEVELOPER,
    "on-call": ON_CALL,
    "environment-admin": (
        *ON_CALL,
        Perm.MANAGE_TARGETS,
        Perm.MANAGE_ENVIRONMENT,
        Perm.MANAGE_ACCESS,
        Perm.EXPORT_DATA,
    ),
    "privacy-officer": (
        Perm.VIEW_LOGS,
        Perm.VIEW_SESSIONS,
        Perm.VIEW_RESTRICTED,
        Perm.EXPORT_DATA,
        Perm.ERASE_DATA,
    ),
}

# What a role leaves out where the environment is production: real people's records do not run past everybody's eyes,
# and who runs the environment is not also the one who may carry its data away.
PRODUCTION_LEAVES_OUT: Final[dict[str, frozenset[Perm]]] = {
    "support": frozenset({Perm.STREAM_LOGS, Perm.TAKE_SNAPSHOTS}),
    "environment-admin": frozenset({Perm.EXPORT_DATA}),
}


def role_perms(role: str, *, is_production: bool) -> tuple[Perm, ...]:
    """What the role holds in an environment of this kind."""
    left_out = PRODUCTION_LEAVES_OUT.get(role, frozenset()) if is_production else frozenset()
    return tuple(perm for perm in ROLES[role] if perm not in left_out)
