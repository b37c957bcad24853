"""Who may ask what: every page, API address, admin view and ingest address, by name. A new one must be listed here."""

from datetime import timedelta

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.ingest.routes import ROUTES

OPEN, SIGNED_IN, SUPERUSER, NOBODY = "open", "signed in", "superuser", "nobody"
SESSION = {"session_id": "s-1"}

# name -> (who, method, arguments from the world)
PAGES = {
    "livez": (OPEN, "get", lambda w: {}),
    "readyz": (OPEN, "get", lambda w: {}),
    "login": (OPEN, "get", lambda w: {}),
    "account_login": (OPEN, "get", lambda w: {}),
    "account_inactive": (OPEN, "get", lambda w: {}),
    "socialaccount_login_cancelled": (OPEN, "get", lambda w: {"provider_id": "sso"}),
    "openid_connect_login": (NOBODY, "get", lambda w: {"provider_id": "sso"}),  # none is configured
    "openid_connect_callback": (NOBODY, "get", lambda w: {"provider_id": "sso"}),
    "account_reauthenticate": (SIGNED_IN, "get", lambda w: {}),
    "mfa_reauthenticate": (SIGNED_IN, "get", lambda w: {}),
    "mfa_reauthenticate_webauthn": (SIGNED_IN, "get", lambda w: {}),
    "usersessions_list": (SIGNED_IN, "get", lambda w: {}),
    "mfa_index": (SIGNED_IN, "get", lambda w: {}),
    "mfa_activate_totp": (SIGNED_IN, "get", lambda w: {}),
    "mfa_deactivate_totp": (NOBODY, "get", lambda w: {}),  # there is none to remove
    "mfa_view_recovery_codes": (NOBODY, "get", lambda w: {}),
    "mfa_generate_recovery_codes": (SIGNED_IN, "get", lambda w: {}),
    "mfa_download_recovery_codes": (NOBODY, "get", lambda w: {}),
    "mfa_list_webauthn": (SIGNED_IN, "get", lambda w: {}),
    "mfa_add_webauthn": (SIGNED_IN, "get", lambda w: {}),
    "mfa_remove_webauthn": (NOBODY, "get", lambda w: {"pk": 0}),
    "mfa_edit_webauthn": (NOBODY, "get", lambda w: {"pk": 0}),
    "home": (SIGNED_IN, "get", lambda w: {}),
    "preferences": (SIGNED_IN, "post", lambda w: {}),
    "account": (SIGNED_IN, "get", lambda w: {}),
    "password": (SIGNED_IN, "get", lambda w: {}),
    "inbox": (SIGNED_IN, "get", lambda w: {}),
    "inbox-news": (SIGNED_IN, "get", lambda w: {}),
    "inbox-read": (SIGNED_IN, "post", lambda w: {}),
    "api-schema": (SIGNED_IN, "get", lambda w: {}),
    "api-docs": (SIGNED_IN, "get", lambda w: {}),
    "token-revoke": (NOBODY, "post", lambda w: {"pk": 0}),
    "audit-everywhere": (SUPERUSER, "get", lambda w: {}),
    "audit": (Perm.MANAGE_ACCESS, "get", lambda w: {"slug": w.slug}),
    "access": (Perm.MANAGE_ACCESS, "get", lambda w: {"slug": w.slug}),
    "access-give": (Perm.MANAGE_ACCESS, "post", lambda w: {"slug": w.slug}),
    "access-take": (Perm.MANAGE_ACCESS, "post", lambda w: {"slug": w.slug}),
    "audit-revert": (Perm.MANAGE_RULES, "post", lambda w: {"pk": w.change.pk}),
    "overview": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug}),
    "logs": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug}),
    "log-download": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug, "kind": "csv"}),
    "log-detail": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug, "reference": w.record.reference}),
    "errors": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug}),
    "errors-act": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug}),
    "error": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug, "fingerprint": w.error.fingerprint}),
    "error-assign": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "fingerprint": w.error.fingerprint}),
    "error-act": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "fingerprint": w.error.fingerprint}),
    "releases": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug}),
    "release": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug}),
    "patterns": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug}),
    "pattern": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug, "reference": w.template.reference}),
    "live": (Perm.STREAM_LOGS, "get", lambda w: {"slug": w.slug}),
    "live-refill": (Perm.STREAM_LOGS, "post", lambda w: {"slug": w.slug}),
    "views": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug}),
    "view-save": (Perm.VIEW_LOGS, "post", lambda w: {"slug": w.slug}),
    "view-open": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug, "pk": w.view.pk}),
    "view-change": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug, "pk": w.view.pk}),
    "view-delete": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug, "pk": w.view.pk}),
    "traces": (Perm.VIEW_TRACES, "get", lambda w: {"slug": w.slug}),
    "trace": (Perm.VIEW_TRACES, "get", lambda w: {"slug": w.slug, "trace_id": w.span.trace_id.hex}),
    "incidents": (Perm.VIEW_INCIDENTS, "get", lambda w: {"slug": w.slug}),
    "suggestions": (Perm.MANAGE_RULES, "get", lambda w: {"slug": w.slug}),
    "suggestions-look": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug}),
    "suggestion-accept": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug, "pk": w.suggestion.pk}),
    "suggestion-undo": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug, "pk": w.accepted.pk}),
    "suggestion-dismiss": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug, "pk": w.suggestion.pk}),
    "backtests": (Perm.MANAGE_RULES, "get", lambda w: {"slug": w.slug}),
    "backtest": (Perm.MANAGE_RULES, "get", lambda w: {"slug": w.slug, "pk": w.backtest.pk}),
    "backtest-again": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug, "pk": w.backtest.pk}),
    "backtest-cancel": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug, "pk": w.backtest.pk}),
    "backtest-take": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug, "pk": w.backtest.pk}),
    "incident": (Perm.VIEW_INCIDENTS, "get", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "incident-acknowledge": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "incident-resolve": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "incident-reopen": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "incident-assign": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "incident-note": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "incident-snooze": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "incident-silence": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "incident-explain": (Perm.VIEW_INCIDENTS, "get", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "monitors": (Perm.VIEW_INCIDENTS, "get", lambda w: {"slug": w.slug}),
    "monitor": (Perm.VIEW_INCIDENTS, "get", lambda w: {"slug": w.slug, "pk": w.monitor.pk}),
    "monitor-pause": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug, "pk": w.monitor.pk}),
    "monitor-resume": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug, "pk": w.monitor.pk}),
    "monitor-rotate": (Perm.MANAGE_RULES, "post", lambda w: {"slug": w.slug, "pk": w.monitor.pk}),
    "ledger": (Perm.VIEW_INCIDENTS, "get", lambda w: {"slug": w.slug}),
    "ledger-redeliver": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "pk": w.notification.pk}),
    "silences": (Perm.VIEW_INCIDENTS, "get", lambda w: {"slug": w.slug}),
    "silence-make": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug}),
    "silence": (Perm.VIEW_INCIDENTS, "get", lambda w: {"slug": w.slug, "pk": w.silence.pk}),
    "silence-end": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "pk": w.silence.pk}),
    "sessions": (Perm.VIEW_SESSIONS, "get", lambda w: {"slug": w.slug}),
    "session": (Perm.VIEW_SESSIONS, "get", lambda w: {"slug": w.slug, **SESSION}),
    "journeys": (Perm.VIEW_SESSIONS, "get", lambda w: {"slug": w.slug}),
    "journey": (Perm.VIEW_SESSIONS, "get", lambda w: {"slug": w.slug, "journey_id": "j-1"}),
    "timeline": (Perm.VIEW_SESSIONS, "get", lambda w: {"slug": w.slug}),
    "snapshots": (Perm.VIEW_SESSIONS, "get", lambda w: {"slug": w.slug}),
    "snapshot": (Perm.VIEW_SESSIONS, "get", lambda w: {"slug": w.slug, "pk": w.snapshot.pk}),
    "snapshot-delete": (Perm.MANAGE_ENVIRONMENT, "post", lambda w: {"slug": w.slug, "pk": w.snapshot.pk}),
    "snapshot-download": (Perm.EXPORT_DATA, "post", lambda w: {"slug": w.slug, "pk": w.snapshot.pk}),
    "privacy": (Perm.EXPORT_DATA, "get", lambda w: {"slug": w.slug}),
    "processing": ({Perm.EXPORT_DATA, Perm.MANAGE_ENVIRONMENT}, "get", lambda w: {"slug": w.slug}),
    "privacy-job": (Perm.EXPORT_DATA, "get", lambda w: {"slug": w.slug, "pk": w.privacy_job.pk}),
}
# Whoever holds one of two permissions may reveal something; what, has a test of its own.
REVEAL = {
    "log-reveal": (
        {Perm.VIEW_STACK_TRACES, Perm.VIEW_RESTRICTED},
        lambda w: {"slug": w.slug, "reference": w.record.reference},
    )
}
# Steps of signing in and out: tests/sign_in walks them.
SIGN_OUT = {"logout", "account_logout", "mfa_login_webauthn", "mfa_authenticate"}
# They want a form filled in; tests/privacy and tests/snapshots ask everybody.
FORMS = {"snapshot-take", "privacy-person", "privacy-export", "privacy-erase", "privacy-download"}
# Open to whoever can prove it: by a receiver's signature, by a link that acts once. tests/alerts/test_respond.py asks them.
# Of a monitor's own ping address: tests/monitors/test_telling.py.
PROVEN = {"respond", "respond-hook", "ping", "ping-outcome"}
# Answered to ingest keys alone, like the ingest addresses.
KEYED = {
    "elastic": {},
    "elastic-rest": {"rest": "_license"},
    "api-check-in": {"slug": "nightly-backup"},
    "api-check-in-outcome": {"slug": "nightly-backup", "what": "fail"},
}

# Single rows and acts of the API: name -> (permission, method, arguments).
API = {
    "api-log-list": (Perm.VIEW_LOGS, "get", lambda w: {}),
    "api-log-search": (Perm.VIEW_LOGS, "post", lambda w: {}),
    "api-log-counts": (Perm.VIEW_LOGS, "get", lambda w: {}),
    "api-log-counts-search": (Perm.VIEW_LOGS, "post", lambda w: {}),
    "api-log-detail": (Perm.VIEW_LOGS, "get", lambda w: {"reference": w.record.reference}),
    "api-view-detail": (Perm.VIEW_LOGS, "get", lambda w: {"pk": w.view.pk}),
    "api-release-list": (Perm.VIEW_LOGS, "get", lambda w: {}),
    "api-trace-list": (Perm.VIEW_TRACES, "get", lambda w: {}),
    "api-trace-search": (Perm.VIEW_TRACES, "post", lambda w: {}),
    "api-trace-detail": (Perm.VIEW_TRACES, "get", lambda w: {"trace_id": w.span.trace_id.hex}),
    "api-environment-detail": (None, "get", lambda w: {"slug": w.slug}),
    "api-error-detail": (Perm.VIEW_LOGS, "get", lambda w: {"pk": w.error.pk}),
    "api-error-assign": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.error.pk}),
    "api-error-resolve": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.error.pk}),
    "api-error-reopen": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.error.pk}),
    "api-error-ignore": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.error.pk}),
    "api-pattern-detail": (Perm.VIEW_LOGS, "get", lambda w: {"pk": w.template.pk}),
    "api-environment-config": (Perm.MANAGE_RULES, "get", lambda w: {"slug": w.slug}),
    "api-session-search": (Perm.VIEW_SESSIONS, "post", lambda w: {}),
    "api-snapshot-detail": (Perm.VIEW_SESSIONS, "get", lambda w: {"pk": w.snapshot.pk}),
    "api-session-detail": (Perm.VIEW_SESSIONS, "get", lambda w: {"pk": w.session.pk}),
    "api-journey-search": (Perm.VIEW_SESSIONS, "post", lambda w: {}),
    "api-journey-detail": (Perm.VIEW_SESSIONS, "get", lambda w: {"pk": w.journey.pk}),
    "api-incident-detail": (Perm.VIEW_INCIDENTS, "get", lambda w: {"pk": w.incident.pk}),
    "api-incident-acknowledge": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.incident.pk}),
    "api-incident-resolve": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.incident.pk}),
    "api-datarequest-detail": (Perm.EXPORT_DATA, "get", lambda w: {"pk": w.privacy_job.pk}),
    "api-datarequest-download": (NOBODY, "get", lambda w: {"pk": w.privacy_job.pk}),  # only who asked for it
    "api-token-detail": (NOBODY, "get", lambda w: {"pk": 0}),
    "api-incident-reopen": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.incident.pk}),
    "api-incident-assign": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.incident.pk}),
    "api-incident-note": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.incident.pk}),
    "api-incident-snooze": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.incident.pk}),
    "api-incident-silence": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.incident.pk}),
    "api-rule-detail": (Perm.VIEW_INCIDENTS, "get", lambda w: {"pk": w.rule.pk}),
    "api-monitor-detail": (Perm.VIEW_INCIDENTS, "get", lambda w: {"pk": w.monitor.pk}),
    "api-monitor-check-ins": (Perm.VIEW_INCIDENTS, "get", lambda w: {"pk": w.monitor.pk}),
    "api-monitor-rotate": (Perm.MANAGE_RULES, "post", lambda w: {"pk": w.monitor.pk}),
    "api-suggestion-detail": (Perm.MANAGE_RULES, "get", lambda w: {"pk": w.suggestion.pk}),
    "api-suggestion-accept": (Perm.MANAGE_RULES, "post", lambda w: {"pk": w.suggestion.pk}),
    "api-suggestion-undo": (Perm.MANAGE_RULES, "post", lambda w: {"pk": w.accepted.pk}),
    "api-suggestion-dismiss": (Perm.MANAGE_RULES, "post", lambda w: {"pk": w.suggestion.pk}),
    "api-target-detail": (Perm.MANAGE_TARGETS, "get", lambda w: {"pk": w.target.pk}),
}
# What an act needs to be given: name -> JSON.
# What an act needs to be given.
API_BODIES: dict[str, dict[str, object]] = {
    "api-error-assign": {"person": ""},
    "api-incident-assign": {"person": ""},
    "api-incident-note": {"text": "seen before"},
    "api-incident-snooze": {"until": (clock.now() + timedelta(days=1)).isoformat()},
    "api-incident-silence": {"hours": 1, "reason": "deploy"},
    "api-error-ignore": {"hours": 1},
}
# Changes through the same addresses as above.
API_CHANGES = {
    "api-view-detail": (Perm.MANAGE_RULES, lambda w: {"pk": w.view.pk}),
    "api-rule-detail": (Perm.MANAGE_RULES, lambda w: {"pk": w.rule.pk}),
    "api-monitor-detail": (Perm.MANAGE_RULES, lambda w: {"pk": w.monitor.pk}),
    "api-target-detail": (Perm.MANAGE_TARGETS, lambda w: {"pk": w.target.pk}),
}
# Lists of the API are open to all who are signed in, and hold only rows of their environments.
API_LISTS = {
    "api-environment-list": None,
    "api-token-list": NOBODY,  # holds no rows of environments
    "api-error-list": Perm.VIEW_LOGS,
    "api-view-list": Perm.VIEW_LOGS,
    "api-pattern-list": Perm.VIEW_LOGS,
    "api-event-list": Perm.VIEW_LOGS,  # telling needs an ingest key: tests/api/test_events.py
    "api-datarequest-list": Perm.EXPORT_DATA,
    "api-session-list": Perm.VIEW_SESSIONS,
    "api-journey-list": Perm.VIEW_SESSIONS,
    "api-snapshot-list": Perm.VIEW_SESSIONS,
    "api-incident-list": Perm.VIEW_INCIDENTS,
    "api-monitor-list": Perm.VIEW_INCIDENTS,
    "api-rule-list": Perm.VIEW_INCIDENTS,
    "api-suggestion-list": Perm.MANAGE_RULES,
    "api-target-list": Perm.MANAGE_TARGETS,
}

# Admin: model -> (see, change, row). None: superusers only; NOBODY: not at all.
MODELS = {
    "diagnostics_environment": (Perm.MANAGE_ENVIRONMENT, Perm.MANAGE_ENVIRONMENT, lambda w: w.environment),
    "diagnostics_privacypolicy": (
        Perm.MANAGE_ENVIRONMENT,
        Perm.MANAGE_ENVIRONMENT,
        lambda w: w.environment.privacy_policy,
    ),
    "diagnostics_ingestkey": (Perm.MANAGE_ENVIRONMENT, Perm.MANAGE_ENVIRONMENT, lambda w: w.key),
    "diagnostics_logrecord": (Perm.VIEW_LOGS, NOBODY, None),
    "diagnostics_span": (Perm.VIEW_TRACES, NOBODY, None),
    "diagnostics_environmentusergrant": (Perm.MANAGE_ACCESS, Perm.MANAGE_ACCESS, lambda w: w.grant),
    "diagnostics_accessevent": (Perm.MANAGE_ACCESS, NOBODY, None),
    "diagnostics_apitoken": (SUPERUSER, SUPERUSER, None),
    "auth_user": (Perm.MANAGE_ACCESS, Perm.MANAGE_ACCESS, None),
    "alerts_alertrule": (Perm.MANAGE_RULES, Perm.MANAGE_RULES, lambda w: w.rule),
    "alerts_target": (Perm.MANAGE_TARGETS, Perm.MANAGE_TARGETS, lambda w: w.target),
    "alerts_monitor": (Perm.MANAGE_RULES, Perm.MANAGE_RULES, lambda w: w.monitor),
    "alerts_silence": (Perm.RESPOND_INCIDENTS, Perm.RESPOND_INCIDENTS, lambda w: w.silence),
    "alerts_incident": (Perm.VIEW_INCIDENTS, NOBODY, lambda w: w.incident),
    "alerts_notification": (Perm.VIEW_INCIDENTS, NOBODY, lambda w: w.notification),
    "sessions_app_logsession": (Perm.VIEW_SESSIONS, NOBODY, lambda w: w.session),
    "sessions_app_journey": (Perm.VIEW_SESSIONS, NOBODY, lambda w: w.journey),
}
ADDED_BY_SUPERUSERS = {"diagnostics_environment", "auth_user"}
NEVER_ADDED = {"diagnostics_apitoken", "diagnostics_privacypolicy"}
NEVER_DELETED = {
    "diagnostics_environment",
    "diagnostics_privacypolicy",
    "diagnostics_ingestkey",
    "diagnostics_apitoken",
    "auth_user",
}
# Of the admin's frame: they show nothing of any environment, to those whom the admin is open to.
FRAME = {
    "admin:index", "admin:login", "admin:logout", "admin:password_change", "admin:password_change_done",
    "admin:autocomplete", "admin:jsi18n", "admin:view_on_site", "admin:app_list", "admin:search",
}  # fmt: skip
ADMIN_ACTS = {
    "admin:diagnostics_environment_pseudonyms": (Perm.MANAGE_ENVIRONMENT, lambda w: {"object_id": w.environment.pk}),
    "admin:diagnostics_environment_processing": (Perm.MANAGE_ENVIRONMENT, lambda w: {"object_id": w.environment.pk}),
    "admin:diagnostics_privacypolicy_preview": (
        Perm.MANAGE_ENVIRONMENT,
        lambda w: {"object_id": w.environment.privacy_policy.pk},
    ),
    "admin:alerts_alertrule_sentence": (Perm.MANAGE_RULES, lambda w: {"object_id": w.rule.pk}),
    "admin:alerts_alertrule_clone": (Perm.MANAGE_RULES, lambda w: {"object_id": w.rule.pk}),
    "admin:alerts_alertrule_mute": (Perm.MANAGE_RULES, lambda w: {"object_id": w.rule.pk}),
    "admin:alerts_target_preview": (Perm.MANAGE_TARGETS, lambda w: {"object_id": w.target.pk}),
    "admin:alerts_target_send_test": (Perm.MANAGE_TARGETS, lambda w: {"object_id": w.target.pk}),
    "admin:auth_user_password_change": (SUPERUSER, lambda w: {"id": 1}),
}

INGEST = [*ROUTES, "/elastic/some-index/_bulk", "/elastic/some-index/_doc", "/api/1/envelope/", "/api/1/store/"]
