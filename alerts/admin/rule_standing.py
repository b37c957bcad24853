"""How rules stand: what fires now, when one last fired, how often this week. One statement for a page of rules."""

from datetime import timedelta
from typing import Any, Final

from django.db.models import Count, DateTimeField, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from alerts.models import AlertRule, Evidence, RuleState
from alerts.muting import is_muted
from diagnostics.core import clock

WEEK: Final = timedelta(days=7)


def with_standing(rules: QuerySet[AlertRule]) -> QuerySet[AlertRule]:
    """The same rules, each with its numbers."""
    # Not the incident's rule: that is the worst one, and a rule has fired whoever speaks for the incident.
    shown = Evidence.objects.filter(rule=OuterRef("pk"))
    states = RuleState.objects.filter(rule=OuterRef("pk"))
    return rules.annotate(
        firing_now=number_of(states.filter(state=RuleState.State.FIRING)),
        pending_now=number_of(states.filter(state=RuleState.State.PENDING)),
        last_fired=Subquery(shown.order_by("-since").values("since")[:1], output_field=DateTimeField()),
        fired_this_week=number_of(shown.filter(since__gte=clock.now() - WEEK), "incident"),
    )


def number_of(rows: "QuerySet[Any]", what: str = "pk") -> Coalesce:
    """How many there are of each rule."""
    counted = rows.order_by().values("rule").annotate(number=Count(what, distinct=True)).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def standing_of(rule: Any) -> tuple[str, str]:
    """(kind, words) of an annotated rule: the worst first."""
    if not rule.enabled:
        return "off", "Switched off"
    if rule.firing_now:
        return "firing", f"Firing ({rule.firing_now})" + (", muted" if is_muted(rule) else "")
    if is_muted(rule):
        return "muted", "Muted"
    if rule.health != AlertRule.Health.OK:
        return rule.health, str(rule.get_health_display())
    if rule.pending_now:
        return "pending", f"Pending ({rule.pending_now})"
    return "ok", "OK"
