"""Addresses of the pages of this app."""

from django.urls import path

from alerts.views import acts, backtests, explain, inbox, incident, incidents, ledger, respond, silences, suggestions

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/news/", inbox.inbox_news, name="inbox-news"),
    path("inbox/read/", inbox.inbox_read, name="inbox-read"),
    path("respond/hooks/<slug:kind>/<int:pk>/", respond.hook, name="respond-hook"),
    path("respond/<str:token>/", respond.respond, name="respond"),
    path("e/<slug:slug>/incidents/", incidents.incidents, name="incidents"),
    path("e/<slug:slug>/incidents/<int:pk>/", incident.incident, name="incident"),
    path("e/<slug:slug>/incidents/<int:pk>/acknowledge/", acts.acknowledge, name="incident-acknowledge"),
    path("e/<slug:slug>/incidents/<int:pk>/resolve/", acts.resolve, name="incident-resolve"),
    path("e/<slug:slug>/incidents/<int:pk>/reopen/", acts.reopen, name="incident-reopen"),
    path("e/<slug:slug>/incidents/<int:pk>/assign/", acts.assign, name="incident-assign"),
    path("e/<slug:slug>/incidents/<int:pk>/note/", acts.note, name="incident-note"),
    path("e/<slug:slug>/incidents/<int:pk>/snooze/", acts.snooze, name="incident-snooze"),
    path("e/<slug:slug>/incidents/<int:pk>/silence/", acts.silence, name="incident-silence"),
    path("e/<slug:slug>/incidents/<int:pk>/explain/", explain.explain, name="incident-explain"),
    path("e/<slug:slug>/ledger/", ledger.ledger, name="ledger"),
    path("e/<slug:slug>/ledger/<uuid:pk>/redeliver/", ledger.ledger_redeliver, name="ledger-redeliver"),
    path("e/<slug:slug>/silences/", silences.silences, name="silences"),
    path("e/<slug:slug>/silences/make/", silences.silence_make, name="silence-make"),
    path("e/<slug:slug>/silences/<int:pk>/", silences.silence, name="silence"),
    path("e/<slug:slug>/silences/<int:pk>/end/", silences.silence_end, name="silence-end"),
    path("e/<slug:slug>/suggestions/", suggestions.suggestions, name="suggestions"),
    path("e/<slug:slug>/suggestions/look/", suggestions.suggestions_look, name="suggestions-look"),
    path("e/<slug:slug>/suggestions/<int:pk>/accept/", suggestions.suggestion_accept, name="suggestion-accept"),
    path("e/<slug:slug>/suggestions/<int:pk>/dismiss/", suggestions.suggestion_dismiss, name="suggestion-dismiss"),
    path("e/<slug:slug>/suggestions/<int:pk>/undo/", suggestions.suggestion_undo, name="suggestion-undo"),
    path("e/<slug:slug>/backtests/", backtests.backtests, name="backtests"),
    path("e/<slug:slug>/backtests/<uuid:pk>/", backtests.backtest, name="backtest"),
    path("e/<slug:slug>/backtests/<uuid:pk>/again/", backtests.backtest_again, name="backtest-again"),
    path("e/<slug:slug>/backtests/<uuid:pk>/cancel/", backtests.backtest_cancel, name="backtest-cancel"),
    path("e/<slug:slug>/backtests/<uuid:pk>/take/", backtests.backtest_take, name="backtest-take"),
]
