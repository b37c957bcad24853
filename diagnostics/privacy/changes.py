"""Changes of configuration: what a row was before and after stands in its access event, and can be put back.

Generic over model fields. What is secret never gets here: binary fields (hashes, encrypted texts, keys) and everything
that is named like a secret are left out.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Model

from diagnostics.core.access import Person
from diagnostics.models import AccessEvent, Environment
from diagnostics.privacy.audit import record_event

SECRET: Final = re.compile(r"secret|password|passphrase|token|digest|credential|private|(^|_)key$", re.IGNORECASE)
HIDDEN: Final = "[secret]"
KINDS: Final = {
    "alerts.alertrule": "rule",
    "diagnostics.ingestkey": "key",
    "diagnostics.savedview": "view",
}  # else the model's own name
NOUNS: Final = {"key": "ingest key", "view": "saved view"}
MOST_BYTES: Final = 32 * 1024  # of one change; of a larger one, the names of its fields are kept


TRACKED: ContextVar[frozenset[int]] = ContextVar("rows whose change is being tracked", default=frozenset())


@contextmanager
def tracked_change(
    actor: Person | None, row: Model, kind: str = "", *, verb: str = "", **detail: Any
) -> Iterator[None]:
    """Save (or delete) `row` inside: the event says what was created, changed or deleted, with the values before and
    after. One transaction. Nothing changed and no detail given: nothing written. Inside another of the same row, it
    joins in, so that several steps make one event."""
    if id(row) in TRACKED.get():
        yield
        return
    reset = TRACKED.set(TRACKED.get() | {id(row)})
    try:
        with transaction.atomic():
            pk, before = row.pk, stored_values(row)
            yield
            row.pk = row.pk or pk
            after = stored_values(row)
            record_change(actor, row, before, after, kind, verb=verb, **detail)
            if after is None:
                row.pk = None  # as Django leaves a deleted row
    finally:
        TRACKED.reset(reset)


def record_change(
    actor: Person | None,
    row: Model,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    kind: str = "",
    *,
    verb: str = "",
    **detail: Any,
) -> AccessEvent | None:
    """The event of a change, from the values of `stored_values` (None: there was, or is, no such row)."""
    if before == after and not detail:
        return None
    kind = kind or kind_of(type(row))
    verb = verb or ("create" if before is None else "delete" if after is None else "change")
    told = {"before": before, "after": after} if before is None or after is None else difference(before, after)
    if len(json.dumps(told)) > MOST_BYTES:
        told = {"fields": sorted({*(told["before"] or {}), *(told["after"] or {})})}
    return record_event(
        actor,
        f"{kind}.{verb}",
        f"{NOUNS.get(kind, kind)} {row.pk} {row}",
        environment_of(row),
        of=row,
        **told,
        **detail,
    )


def kind_of(model: type[Model]) -> str:
    """What the events of its rows' changes begin with."""
    return KINDS.get(model._meta.label_lower, str(model._meta.verbose_name).replace(" ", "_"))


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Only what is not the same."""
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return {
        "before": {name: before.get(name) for name in changed},
        "after": {name: after.get(name) for name in changed},
    }


def stored_values(row: Model) -> dict[str, Any] | None:
    """The row's fields as the database has them now, fit for JSON; None when it is not there."""
    found = type(row)._base_manager.filter(pk=row.pk).first() if row.pk is not None else None
    if found is None:
        return None
    values: dict[str, Any] = {field.attname: field.value_from_object(found) for field in plain_fields(found)}
    values |= {
        field.name: sorted(getattr(found, field.name).values_list("pk", flat=True))
        for field in found._meta.many_to_many
    }
    plain: dict[str, Any] = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
    return {name: without_secrets(value) for name, value in plain.items()}


def plain_fields(row: Model) -> list["models.Field[Any, Any]"]:
    """Fields that people set: none that the product keeps for itself, none that is secret."""
    return [
        field
        for field in row._meta.concrete_fields
        if field.editable
        and not (field.primary_key or isinstance(field, models.BinaryField) or SECRET.search(field.name))
    ]


def without_secrets(value: Any) -> Any:
    """The same, with whatever is named like a secret hidden, however deep."""
    if isinstance(value, dict):
        return {name: HIDDEN if SECRET.search(name) else without_secrets(item) for name, item in value.items()}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def environment_of(row: Model) -> Environment | None:
    """The row's environment, itself when it is one."""
    if isinstance(row, Environment):
        return row
    found = getattr(row, "environment", None)
    return found if isinstance(found, Environment) else None
