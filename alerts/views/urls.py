"""Addresses of the pages of this app."""

from django.urls import path

from alerts.views import inbox, incidents, respond

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.inbox_read, name="inbox-read"),
    path("respond/hooks/<slug:kind>/<int:pk>/", respond.hook, name="respond-hook"),
    path("respond/<str:token>/", respond.respond, name="respond"),
    path("e/<slug:slug>/incidents/", incidents.incidents, name="incidents"),
    path("e/<slug:slug>/incidents/<int:pk>/", incidents.incident, name="incident"),
    path("e/<slug:slug>/incidents/<int:pk>/acknowledge/", incidents.incident_acknowledge, name="incident-acknowledge"),
    path("e/<slug:slug>/incidents/<int:pk>/resolve/", incidents.incident_resolve, name="incident-resolve"),
]
