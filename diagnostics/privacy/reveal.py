"""Revealing restricted fields: the only door to them. The access event is committed before the value is read."""

from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import Http404

from diagnostics.core import access
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, LogRecord, RestrictedFields
from diagnostics.privacy.audit import record_event
from diagnostics.storage.restricted import unseal

STACK_NAMES: Final = ("exception.stacktrace", "stack_trace", "stacktrace")
RESTRICTED_PERMS: Final = frozenset({Perm.VIEW_STACK_TRACES, Perm.VIEW_RESTRICTED})
REASON_CHARS: Final = 200


class NeedsReasonError(ValueError):
    """The environment's policy asks why."""


@dataclass(slots=True)
class Revealed:
    """What the person may see, and the names of what they may not, each with the permission that it needs."""

    fields: dict[str, Any] = field(default_factory=dict)
    locked: dict[str, Perm] = field(default_factory=dict)


def reveal_restricted(
    person: AbstractBaseUser | AnonymousUser, environment: Environment, record: LogRecord, reason: str = ""
) -> Revealed:
    """The restricted fields; Http404 when there are none or the person may see none, NeedsReasonError when the
    environment asks for a reason and none was given."""
    held = access.held_perms(person, environment)
    if not held & RESTRICTED_PERMS:
        raise Http404("There is nothing here that is yours to see.")
    reason = reason.strip()[:REASON_CHARS]
    if environment.reveal_needs_reason and not reason:
        raise NeedsReasonError(f"reason: {environment.name} asks why; an incident's or ticket's number will do")
    told: dict[str, Any] = {"reason": reason} if reason else {}
    record_event(person, "reveal", f"record {record.reference}", environment, **told)
    row = RestrictedFields.objects.filter(
        environment_id=environment.pk, timestamp=record.timestamp, pk=record.pk
    ).first()
    if row is None:
        raise Http404("The restricted fields of this record are gone: their retention is over.")
    return sort_out(unseal(row.ciphertext, environment.pk), held)


def sort_out(fields: dict[str, Any], held: set[Perm]) -> Revealed:
    """By what the person holds."""
    shown = Revealed()
    for name, value in fields.items():
        perm = perm_for(name)
        if perm in held:
            shown.fields[name] = value
        else:
            shown.locked[name] = perm
    return shown


def perm_for(name: str) -> Perm:
    """Which permission a restricted field needs."""
    is_stack = any(name.endswith(known) for known in STACK_NAMES)
    return Perm.VIEW_STACK_TRACES if is_stack else Perm.VIEW_RESTRICTED
