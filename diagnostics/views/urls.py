"""Addresses of the pages of this app."""

from django.urls import path

from diagnostics.views import access, account, audit, live, logs, overview, pattern, patterns, privacy, traces

urlpatterns = [
    path("", account.home, name="home"),
    path("preferences/", account.preferences, name="preferences"),
    path("account/", account.account, name="account"),
    path("account/tokens/<int:pk>/revoke/", account.token_revoke, name="token-revoke"),
    path(
        "account/password/",
        account.PasswordChange.as_view(),
        name="password",
    ),
    path("e/<slug:slug>/", overview.overview, name="overview"),
    path("audit/", audit.audit_everywhere, name="audit-everywhere"),
    path("audit/<int:pk>/revert/", audit.audit_revert, name="audit-revert"),
    path("e/<slug:slug>/access/", access.access, name="access"),
    path("e/<slug:slug>/access/give/", access.access_give, name="access-give"),
    path("e/<slug:slug>/access/take/", access.access_take, name="access-take"),
    path("e/<slug:slug>/audit/", audit.audit, name="audit"),
    path("e/<slug:slug>/logs/", logs.logs, name="logs"),
    path("e/<slug:slug>/logs/<str:reference>/", logs.log_detail, name="log-detail"),
    path("e/<slug:slug>/logs/<str:reference>/reveal/", logs.log_reveal, name="log-reveal"),
    path("e/<slug:slug>/live/", live.live, name="live"),
    path("e/<slug:slug>/live/refill/", live.live_refill, name="live-refill"),
    path("e/<slug:slug>/privacy/", privacy.privacy, name="privacy"),
    path("e/<slug:slug>/privacy/record/", privacy.processing, name="processing"),
    path("e/<slug:slug>/privacy/person/", privacy.privacy_person, name="privacy-person"),
    path("e/<slug:slug>/privacy/export/", privacy.privacy_export, name="privacy-export"),
    path("e/<slug:slug>/privacy/erase/", privacy.privacy_erase, name="privacy-erase"),
    path("e/<slug:slug>/privacy/requests/<uuid:pk>/", privacy.privacy_job, name="privacy-job"),
    path("e/<slug:slug>/privacy/requests/<uuid:pk>/download/", privacy.privacy_download, name="privacy-download"),
    path("e/<slug:slug>/patterns/", patterns.patterns, name="patterns"),
    path("e/<slug:slug>/patterns/<str:reference>/", pattern.pattern, name="pattern"),
    path("e/<slug:slug>/traces/<str:trace_id>/", traces.trace, name="trace"),
]
