"""Addresses of the pages of this app."""

from django.urls import path

from sessions_app.views import sessions

urlpatterns = [
    path("e/<slug:slug>/sessions/", sessions.sessions, name="sessions"),
    path("e/<slug:slug>/sessions/<path:session_id>/", sessions.session, name="session"),
]
