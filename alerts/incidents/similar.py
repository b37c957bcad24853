"""Past incidents that look like this one: the same series, the same errors, the same rule and service. What began at the
same time is no past: the page shows it by itself."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db.models import Q

from alerts.incidents.together import WITHIN
from alerts.models import Incident

LOOKS_BACK: Final = timedelta(days=90)
LOOKED_AT: Final = 200
SHOWN: Final = 5


def similar_incidents(incident: Incident) -> list[tuple[Incident, str]]:
    """The most alike first, the newest of equals first, each with what it has in common."""
    earlier = Incident.objects.filter(
        environment_id=incident.environment_id, kind=incident.kind, opened_at__gt=incident.opened_at - LOOKS_BACK,
        started_at__lt=incident.started_at - WITHIN,
    )  # fmt: skip
    alike = Q(dedup_key=incident.dedup_key) | Q(rule_name=incident.rule_name)
    if incident.service_name:
        alike |= Q(service_name=incident.service_name)
    scored = [(*score(incident, other), other) for other in earlier.filter(alike).order_by("-opened_at")[:LOOKED_AT]]
    best = sorted((row for row in scored if row[0]), key=lambda row: (-row[0], -row[2].pk))
    return [(other, reason) for _, reason, other in best[:SHOWN]]


def score(one: Incident, other: Incident) -> tuple[int, str]:
    """How much alike, and in what."""
    if shares(one, other, "fingerprints"):
        return 3, "the same error"
    if one.dedup_key == other.dedup_key:
        return 2, "the same rule and series"
    if one.rule_name == other.rule_name and one.service_name == other.service_name:
        return 1, "the same rule and service"
    return 0, ""


def shares(one: Incident, other: Incident, name: str) -> bool:
    """Whether both contexts name one and the same."""
    mine: Iterable[str] = one.context.get(name) or ()
    return bool(set(mine) & set(other.context.get(name) or ()))
