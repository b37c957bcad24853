"""Addresses of the pages of this app."""

from django.urls import path

from alerts.views import inbox, incidents

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.inbox_read, name="inbox-read"),
    path("e/<slug:slug>/incidents/", incidents.incidents, name="incidents"),
    path("e/<slug:slug>/incidents/<int:pk>/", incidents.incident, name="incident"),
    path("e/<slug:slug>/incidents/<int:pk>/acknowledge/", incidents.incident_acknowledge, name="incident-acknowledge"),
    path("e/<slug:slug>/incidents/<int:pk>/resolve/", incidents.incident_resolve, name="incident-resolve"),
]
