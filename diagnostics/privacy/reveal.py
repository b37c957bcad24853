"""Revealing restricted fields: the only door to them. The access event is committed before the value is read."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import Http404

from diagnostics.core import access
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, LogRecord, RestrictedFields
from diagnostics.privacy.audit import record_event
from diagnostics.storage.restricted import unseal

STACK_NAMES = ("exception.stacktrace", "stack_trace", "stacktrace")


def reveal_restricted(
    person: AbstractBaseUser | AnonymousUser, environment: Environment, record: LogRecord
) -> dict[str, Any]:
    """The restricted fields that the person may see; Http404 when there are none or they may see none."""
    held = access.held_perms(person, environment)
    if not held & {Perm.VIEW_STACK_TRACES, Perm.VIEW_RESTRICTED}:
        raise Http404("There is nothing here that is yours to see.")
    record_event(person, "reveal", f"record {record.reference}", environment)
    row = RestrictedFields.objects.filter(
        environment_id=environment.pk, timestamp=record.timestamp, pk=record.pk
    ).first()
    if row is None:
        raise Http404("The restricted fields of this record are gone: their retention is over.")
    fields = unseal(row.ciphertext, environment.pk)
    return {name: value for name, value in fields.items() if perm_for(name) in held}


def perm_for(name: str) -> Perm:
    """Which permission a restricted field needs."""
    is_stack = any(name.endswith(known) for known in STACK_NAMES)
    return Perm.VIEW_STACK_TRACES if is_stack else Perm.VIEW_RESTRICTED
