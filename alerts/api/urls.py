"""Addresses of the API of this app."""

from django.urls import path

from alerts.api.config import ConfigView
from alerts.api.incidents import IncidentViewSet
from alerts.api.rules import RuleViewSet
from alerts.api.suggestions import SuggestionViewSet
from alerts.api.targets import TargetViewSet
from diagnostics.api.addresses import router_urls

urlpatterns = router_urls(
    incidents=IncidentViewSet, rules=RuleViewSet, suggestions=SuggestionViewSet, targets=TargetViewSet
)
urlpatterns += [
    path("environments/<slug:slug>/config", ConfigView.as_view(), name="api-environment-config"),
    path("environments/<slug:slug>/config/", ConfigView.as_view(), name="api-environment-slash-config"),
]
