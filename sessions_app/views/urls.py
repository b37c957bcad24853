"""Addresses of the pages of this app."""

from django.urls import path

from sessions_app.views.session import session
from sessions_app.views.sessions import sessions
from sessions_app.views.timeline import timeline

urlpatterns = [
    path("e/<slug:slug>/sessions/", sessions, name="sessions"),
    path("e/<slug:slug>/sessions/<path:session_id>/", session, name="session"),
    path("e/<slug:slug>/timeline/", timeline, name="timeline"),
]
