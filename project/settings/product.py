"""The product's own options and those of the API: one namespaced dictionary, read by `diagnostics.core.options`."""

from project.settings.embedded import DATA_DIR
from project.settings.env import read_bool, read_int, read_list, read_text

__all__ = ["DIAGNOSTICS", "REST_FRAMEWORK", "SPECTACULAR_SETTINGS"]

DIAGNOSTICS = {
    # The folds that a digest runs, in this order, in one transaction (as MIDDLEWARE lists what a request passes).
    "DIGESTERS": [
        "diagnostics.digest.series_names.bound_series",
        "diagnostics.digest.rollups.fold_rollups",
        "sessions_app.snapshots.due.fold_crashes",
        "sessions_app.fold.fold_sessions",
        "sessions_app.journey_fold.fold_journeys",
        "diagnostics.digest.templates.fold_templates",
        "diagnostics.digest.errors.fold_errors",
        "sessions_app.snapshots.due.fold_news",
        "alerts.evaluation.matches.fold_matches",
        "alerts.monitors.fold.fold_check_ins",
        "alerts.evaluation.bell.fold_alerts",
    ],
    # Who looks for matches of rules in records that come in: (environment id) -> Matcher or None.
    "MATCHER": "alerts.evaluation.matching.load_matcher",
    # What forgets an environment's sums when its retention is over: (environment, oldest moment that is kept) -> None.
    "EXPIRERS": [
        "diagnostics.digest.rollups.expire_rollups",
        "diagnostics.digest.series_names.expire_names",
        "diagnostics.digest.templates.expire_templates",
        "diagnostics.digest.errors.expire_errors",
        "alerts.evaluation.matches.expire_matches",
        "sessions_app.fold.expire_sessions",
        "sessions_app.journey_fold.expire_journeys",
        "sessions_app.snapshots.retention.expire_snapshots",
        "alerts.retention.expire_incidents",
        "alerts.monitors.keeping.expire_check_ins",
        "diagnostics.ingest.refusals.expire_refusals",
        "diagnostics.events.expire_events",
        "diagnostics.saved_views.forgetting.expire_views",
    ],
    # Places that hold something about a person: counted, exported and erased in this order. What is found by a
    # person's records comes before the records.
    "PERSONAL_STORES": [
        "diagnostics.privacy.stores.exports.STORE",
        "diagnostics.saved_views.forgetting.STORE",
        "alerts.personal.STORE",
        "alerts.quotes.STORE",
        "sessions_app.snapshots.personal.STORE",
        "sessions_app.personal.STORE",
        "sessions_app.personal_journeys.STORE",
        "diagnostics.privacy.stores.spans.STORE",
        "diagnostics.privacy.stores.templates.STORE",
        "diagnostics.privacy.stores.errors.STORE",
        "diagnostics.privacy.stores.records.STORE",
    ],
    # What the record of processing says, each app of itself.
    "PROCESSING": [
        "diagnostics.privacy.processing.describe_records",
        "sessions_app.processing.describe_sessions",
        "sessions_app.processing.describe_journeys",
        "sessions_app.processing.describe_snapshots",
        "alerts.processing.describe_alerts",
    ],
    # What a new environment gets.
    "FURNISHERS": [
        "diagnostics.environments.ensure_role_groups",
        "diagnostics.privacy.policies.ensure_policy",
        "alerts.evaluation.builtin.ensure_builtin_rules",
        "alerts.targets.ensure_inbox",
    ],
    # What other apps add to every page's frame, to the overview, and to the page of an error.
    "SHELL": ["alerts.views.shell.shell_counts"],
    "OVERVIEW": ["alerts.views.shell.overview_incidents", "alerts.views.shell.overview_targets"],
    "ERROR_PAGE": ["alerts.views.errors.error_incidents"],
    # What other apps know of releases (list and API), and what they add to the page of one.
    "RELEASES": ["sessions_app.releases.sessions_of_releases"],
    "RELEASE_PAGE": ["sessions_app.views.releases.release_sessions", "alerts.views.releases.release_incidents"],
    # Configuration whose changes can be put back: model -> (permission that changing it needs, what saves it).
    "CHANGES": {
        "diagnostics.environment": ("manage_environment", "diagnostics.environments.save_environment"),
        "diagnostics.ingestkey": ("manage_environment", "diagnostics.ingest.keys.save_key"),
        "alerts.alertrule": ("manage_rules", "alerts.changes.save_rule"),
        "alerts.target": ("manage_targets", "alerts.changes.save_target"),
        "alerts.monitor": ("manage_rules", "alerts.monitors.changes.save_monitor"),
        "alerts.silence": ("respond_incidents", "alerts.changes.save_silence"),
    },
    # Days that access events are kept; never less than 30.
    "AUDIT_RETENTION_DAYS": read_int("AUDIT_RETENTION_DAYS", 365, low=30, high=3650),
    # Tasks that targets may run as a custom action: name -> dotted path of a function that takes one dictionary.
    "ACTIONS": dict(pair.split("=", 1) for pair in read_list("ACTIONS") if "=" in pair),
    # Path of an IP-to-region database in MMDB format; where there is none, the region fields stay empty.
    "GEO_DATABASE": read_text("GEO_DATABASE") or str(DATA_DIR / "geo.mmdb"),
    # CIDR ranges that webhooks may reach although they are private (an internal receiver, say).
    "DELIVERY_ALLOWED_NETWORKS": read_list("DELIVERY_ALLOWED_NETWORKS"),
    # CIDR ranges and addresses that they may never reach: public addresses of your own, say.
    "DELIVERY_REFUSED_NETWORKS": read_list("DELIVERY_REFUSED_NETWORKS"),
    "DELIVERY_ALLOW_HTTP": read_bool("DELIVERY_ALLOW_HTTP", default=False),
    # Incidents that may open in an environment within 5 minutes; above, one storm stands for all of them.
    "STORM_INCIDENTS": read_int("STORM_INCIDENTS", 20, low=3, high=1000),
    # Called each minute while evaluation and delivery work: a watcher outside that hears nothing raises the alarm.
    "DEAD_MAN_URL": read_text("DEAD_MAN_URL"),
    # Days of partitions that exist ahead of today.
    "PARTITIONS_AHEAD": read_int("PARTITIONS_AHEAD", 7, low=2, high=60),
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "diagnostics.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["diagnostics.api.parsing.BoundedJson"],
    "DEFAULT_PAGINATION_CLASS": "diagnostics.api.pagination.TimeCursorPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "diagnostics.api.errors.handle_exception",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Diagnostics API",
    "DESCRIPTION": "Logs, sessions, incidents, rules and targets of the environments that your token may see.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "SeverityEnum": "alerts.models.rule.Severity",
        "IncidentStateEnum": "alerts.models.incident.Incident.State",
        "IncidentKindEnum": "alerts.models.incident.Incident.Kind",
        "EventKindEnum": "diagnostics.models.event.Event.Kind",
        "EnvironmentKindEnum": "diagnostics.models.environment.Environment.Kind",
        "IncidentEventKindEnum": "alerts.models.history.IncidentEvent.Kind",
        "DataRequestKindEnum": "diagnostics.models.privacy_job.PrivacyJob.Kind",
        "DataRequestStateEnum": "diagnostics.models.privacy_job.PrivacyJob.State",
        "MonitorStateEnum": "alerts.models.monitor.Monitor.State",
        "CheckInOutcomeEnum": "alerts.models.monitor.Outcome",
        "NotificationStateEnum": "alerts.models.notification.Notification.State",
        "ReasonEnum": "alerts.models.notification.Notification.Reason",
        "SnapshotReasonEnum": "sessions_app.models.snapshot.Snapshot.Reason",
        "SessionStateEnum": [("errors", "errors"), ("crashed", "crashed")],
    },
    "PREPROCESSING_HOOKS": ["diagnostics.api.addresses.without_twins"],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}
