"""Addresses of the pages of this app."""

from django.urls import path, register_converter

from sessions_app.views import snapshots
from sessions_app.views.ids import IdConverter
from sessions_app.views.journey import journey
from sessions_app.views.journeys import journeys
from sessions_app.views.session import session
from sessions_app.views.sessions import sessions
from sessions_app.views.timeline import timeline

register_converter(IdConverter, "id")
urlpatterns = [
    path("e/<slug:slug>/sessions/", sessions, name="sessions"),
    path("e/<slug:slug>/sessions/<id:session_id>/", session, name="session"),
    path("e/<slug:slug>/journeys/", journeys, name="journeys"),
    path("e/<slug:slug>/journeys/<id:journey_id>/", journey, name="journey"),
    path("e/<slug:slug>/timeline/", timeline, name="timeline"),
    path("e/<slug:slug>/snapshots/", snapshots.snapshots, name="snapshots"),
    path("e/<slug:slug>/snapshots/take/", snapshots.snapshot_take, name="snapshot-take"),
    path("e/<slug:slug>/snapshots/<int:pk>/", snapshots.snapshot, name="snapshot"),
    path("e/<slug:slug>/snapshots/<int:pk>/delete/", snapshots.snapshot_delete, name="snapshot-delete"),
    path("e/<slug:slug>/snapshots/<int:pk>/download/", snapshots.snapshot_download, name="snapshot-download"),
]
