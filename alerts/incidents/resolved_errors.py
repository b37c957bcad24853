"""Errors of an incident that a person has resolved: whatever comes of them from that moment on has come back.

They are marked in the transaction that resolves: the digest of the very next record sees the mark. An evaluation that did
so later would find that the error has come again already, and would not know whether that was before or after.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from alerts.models import AlertRule, Incident, RuleState
from diagnostics.core.access import Person
from diagnostics.errors.acts import values_of
from diagnostics.models import ErrorGroup
from diagnostics.privacy.audit import record_event

if TYPE_CHECKING:
    from django.db.models import QuerySet

OF_ERRORS: Final = (AlertRule.Signal.NEW_ERRORS, AlertRule.Signal.REGRESSIONS)


def mark_errors(incident: Incident, actor: Person, resolved_at: datetime) -> None:
    """A person said that it is over. What was decided of an error itself goes on."""
    for error in errors_of(incident).filter(resolved_at=None, ignored_at=None):
        write_down(incident, actor, error, "resolve", resolved_at, actor.pk)


def unmark_errors(incident: Incident, actor: Person) -> None:
    """It was not over after all. Called while the incident still says since when; what was decided of an error itself, at
    another moment, goes on."""
    for error in errors_of(incident).filter(resolved_at=incident.resolved_at, resolved_at__isnull=False):
        write_down(incident, actor, error, "reopen", None, None)


def write_down(
    incident: Incident,
    actor: Person,
    error: ErrorGroup,
    verb: str,
    resolved_at: datetime | None,
    decided_by: int | None,
) -> None:
    """Decide of one, and say in the audit trail that it was with its incident."""
    before = values_of(error)
    error.resolved_at, error.awaits_release, error.decided_by_id = resolved_at, False, decided_by
    error.save(update_fields=["resolved_at", "awaits_release", "decided_by"])
    record_event(
        actor, f"error.{verb}", f"error {error.fingerprint}", incident.environment, of=error, before=before,
        after=values_of(error), incident=incident.pk,
    )  # fmt: skip


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
