"""Whether a series that fires is something new, or shows an incident that is known."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from alerts.incidents.opening import Opening
from alerts.models import Evidence, Incident

JOINS_WITHIN: Final = timedelta(minutes=10)  # of its opening: what breaks later is another cause
COMES_BACK_WITHIN: Final = timedelta(minutes=10)  # of its end: the same thing again
OPEN: Final = (Incident.State.TRIGGERED, Incident.State.ACKNOWLEDGED)


def incident_of_key(key: str) -> Incident | None:
    """The open incident that this very series shows, now or before."""
    found = (
        Evidence.objects.filter(dedup_key=key, incident__state__in=OPEN).values_list("incident_id", flat=True).first()
    )
    return locked(found) if found is not None else None


def incident_named(opening: Opening) -> Incident | None:
    """The one that the opening says that it belongs to, if that is still open."""
    found = locked(opening.joins.pk) if opening.joins is not None else None
    return found if found is not None and found.is_open else None


def incident_to_join(opening: Opening) -> Incident | None:
    """A young open incident with the same grouping key; the oldest of several."""
    if not opening.group:
        return None
    since = opening.now - JOINS_WITHIN
    young = Incident.objects.filter(
        environment_id=opening.rule.environment_id, kind=Incident.Kind.ALERT, state__in=OPEN,
        grouping_key=opening.group, opened_at__gte=since, flapping_since=None,
    )  # fmt: skip
    found = young.order_by("opened_at").values_list("pk", flat=True).first()
    return locked(found) if found is not None else None


def incident_to_reopen(key: str, now: datetime) -> Incident | None:
    """One that ended by itself a moment ago and was shown by this series. What a person closed stays closed."""
    ended = Evidence.objects.filter(
        dedup_key=key, incident__state=Incident.State.RESOLVED, incident__is_recovered=True,
        incident__kind=Incident.Kind.ALERT, incident__resolved_at__gte=now - COMES_BACK_WITHIN,
    )  # fmt: skip
    found = ended.order_by("-incident__resolved_at").values_list("incident_id", flat=True).first()
    return locked(found) if found is not None else None


def locked(pk: int) -> Incident:
    """The incident, held until the end of the transaction."""
    return Incident.objects.select_for_update(of=("self",)).select_related("rule", "storm").get(pk=pk)


def count_duplicate(incident: Incident) -> None:
    """One more alert that told nobody anew."""
    Incident.objects.filter(pk=incident.pk).update(duplicates=F("duplicates") + 1)
