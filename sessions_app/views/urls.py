"""Addresses of the pages of this app."""

from django.urls import path

from sessions_app.views.journey import journey
from sessions_app.views.journeys import journeys
from sessions_app.views.session import session
from sessions_app.views.sessions import sessions
from sessions_app.views.timeline import timeline

urlpatterns = [
    path("e/<slug:slug>/sessions/", sessions, name="sessions"),
    path("e/<slug:slug>/sessions/<path:session_id>/", session, name="session"),
    path("e/<slug:slug>/journeys/", journeys, name="journeys"),
    path("e/<slug:slug>/journeys/<path:journey_id>/", journey, name="journey"),
    path("e/<slug:slug>/timeline/", timeline, name="timeline"),
]
