"""Addresses of the API of this app."""

from diagnostics.api.addresses import both, router_urls
from diagnostics.api.environments import EnvironmentViewSet
from diagnostics.api.error_groups import ErrorViewSet
from diagnostics.api.events import EventViewSet
from diagnostics.api.log_groups import LogCountView, LogPostedCountView
from diagnostics.api.logs import LogDetailView, LogPostedSearchView, LogSearchView
from diagnostics.api.patterns import PatternViewSet
from diagnostics.api.privacy import PrivacyJobViewSet
from diagnostics.api.releases import ReleaseListView
from diagnostics.api.saved_views import SavedViewViewSet
from diagnostics.api.tokens import TokenViewSet
from diagnostics.api.traces import TraceDetailView, TraceListView, TraceSearchView

urlpatterns = [
    *both("logs", LogSearchView.as_view(), "api-log-list"),
    *both("logs/search", LogPostedSearchView.as_view(), "api-log-search"),
    *both("logs/counts", LogCountView.as_view(), "api-log-counts"),
    *both("logs/counts/search", LogPostedCountView.as_view(), "api-log-counts-search"),
    *both("logs/<str:reference>", LogDetailView.as_view(), "api-log-detail"),
    *both("releases", ReleaseListView.as_view(), "api-release-list"),
    *both("traces", TraceListView.as_view(), "api-trace-list"),
    *both("traces/search", TraceSearchView.as_view(), "api-trace-search"),
    *both("traces/<str:trace_id>", TraceDetailView.as_view(), "api-trace-detail"),
    *router_urls(
        environments=EnvironmentViewSet,
        events=EventViewSet,
        errors=ErrorViewSet,
        patterns=PatternViewSet,
        tokens=TokenViewSet,
        datarequests=PrivacyJobViewSet,
        views=SavedViewViewSet,
    ),
]
