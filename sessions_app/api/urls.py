"""Addresses of the API of this app."""

from diagnostics.api.addresses import router_urls
from sessions_app.api.journeys import JourneyViewSet
from sessions_app.api.sessions import SessionViewSet
from sessions_app.api.snapshots import SnapshotViewSet

urlpatterns = router_urls(sessions=SessionViewSet, journeys=JourneyViewSet, snapshots=SnapshotViewSet)
