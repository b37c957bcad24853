"""Addresses of the API of this app."""

from django.urls import path

from alerts.api.check_ins import KeyedCheckInView, KeyedOutcomeView
from alerts.api.config import ConfigView
from alerts.api.incidents import IncidentViewSet
from alerts.api.monitors import MonitorViewSet
from alerts.api.rules import RuleViewSet
from alerts.api.suggestions import SuggestionViewSet
from alerts.api.targets import TargetViewSet
from diagnostics.api.addresses import both, router_urls

urlpatterns = router_urls(
    incidents=IncidentViewSet,
    monitors=MonitorViewSet,
    rules=RuleViewSet,
    suggestions=SuggestionViewSet,
    targets=TargetViewSet,
)
urlpatterns += [
    path("environments/<slug:slug>/config", ConfigView.as_view(), name="api-environment-config"),
    path("environments/<slug:slug>/config/", ConfigView.as_view(), name="api-environment-slash-config"),
    *both("checkins/<slug:slug>", KeyedCheckInView.as_view(), "api-check-in"),
    *both("checkins/<slug:slug>/<str:what>", KeyedOutcomeView.as_view(), "api-check-in-outcome"),
]
