"""Addresses of the API of this app."""

from diagnostics.api.addresses import router_urls
from sessions_app.api.journeys import JourneyViewSet
from sessions_app.api.sessions import SessionViewSet

urlpatterns = router_urls(sessions=SessionViewSet, journeys=JourneyViewSet)
