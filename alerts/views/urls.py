"""Addresses of the pages of this app."""

from django.urls import path

from alerts.views import backtests, inbox, incidents, respond

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.inbox_read, name="inbox-read"),
    path("respond/hooks/<slug:kind>/<int:pk>/", respond.hook, name="respond-hook"),
    path("respond/<str:token>/", respond.respond, name="respond"),
    path("e/<slug:slug>/incidents/", incidents.incidents, name="incidents"),
    path("e/<slug:slug>/incidents/<int:pk>/", incidents.incident, name="incident"),
    path("e/<slug:slug>/incidents/<int:pk>/acknowledge/", incidents.incident_acknowledge, name="incident-acknowledge"),
    path("e/<slug:slug>/incidents/<int:pk>/resolve/", incidents.incident_resolve, name="incident-resolve"),
    path("e/<slug:slug>/backtests/", backtests.backtests, name="backtests"),
    path("e/<slug:slug>/backtests/<uuid:pk>/", backtests.backtest, name="backtest"),
    path("e/<slug:slug>/backtests/<uuid:pk>/again/", backtests.backtest_again, name="backtest-again"),
    path("e/<slug:slug>/backtests/<uuid:pk>/cancel/", backtests.backtest_cancel, name="backtest-cancel"),
    path("e/<slug:slug>/backtests/<uuid:pk>/take/", backtests.backtest_take, name="backtest-take"),
]
