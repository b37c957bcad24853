"""Addresses of the API of this app."""

from alerts.api.incidents import IncidentViewSet
from alerts.api.rules import RuleViewSet
from alerts.api.targets import TargetViewSet
from diagnostics.api.addresses import router_urls

urlpatterns = router_urls(incidents=IncidentViewSet, rules=RuleViewSet, targets=TargetViewSet)
