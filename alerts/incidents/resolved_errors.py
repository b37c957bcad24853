"""Errors of an incident that a person has resolved: whatever comes of them from that moment on has come back.

They are marked in the transaction that resolves: the digest of the very next record sees the mark. An evaluation that did
so later would find that the error has come again already, and would not know whether that was before or after.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from alerts.models import AlertRule, Incident, RuleState
from diagnostics.core.access import Person
from diagnostics.models import ErrorGroup

if TYPE_CHECKING:
    from django.db.models import QuerySet

OF_ERRORS: Final = (AlertRule.Signal.NEW_ERRORS, AlertRule.Signal.REGRESSIONS)


def mark_errors(incident: Incident, actor: Person, resolved_at: datetime) -> None:
    """A person said that it is over. What was decided of an error itself goes on."""
    undecided = errors_of(incident).filter(resolved_at=None, ignored_at=None)
    undecided.update(resolved_at=resolved_at, awaits_release=False, decided_by=actor.pk)


def unmark_errors(incident: Incident) -> None:
    """It was not over after all. Called while the incident still says since when; what was decided of an error itself, at
    another moment, goes on."""
    resolved = errors_of(incident).filter(resolved_at=incident.resolved_at, resolved_at__isnull=False)
    resolved.update(resolved_at=None, awaits_release=False, decided_by=None)


def errors_of(incident: Incident) -> "QuerySet[ErrorGroup]":
    """The errors that it was told for, locked in the order in which digests lock, so that neither stops the other."""
    told = RuleState.objects.filter(incident=incident, rule__signal__in=OF_ERRORS).values_list("series", flat=True)
    groups = ErrorGroup.objects.filter(
        environment_id=incident.environment_id, fingerprint__in={fingerprint_of(series) for series in told}
    )
    list(groups.select_for_update().order_by("fingerprint").values_list("pk"))
    return groups


def fingerprint_of(series: str) -> str:
    """The last word of the series' name."""
    return series.rsplit(" ", 1)[-1]
