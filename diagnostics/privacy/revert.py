"""Putting a change back: the values that an access event says were there before, saved as any change is saved."""

from collections.abc import Callable
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.module_loading import import_string

from diagnostics.core.access import Person, access_row
from diagnostics.core.options import option
from diagnostics.core.permissions import Perm
from diagnostics.models import AccessEvent, Environment
from diagnostics.privacy.audit import ref_of
from diagnostics.privacy.changes import HIDDEN, tracked_change

SHOWN: Final = 100
Save = Callable[[Person, Any], None]


def revert_change(person: Person, event: AccessEvent) -> Model:
    """Save the values before the change again. Http404 when it cannot be, or is not the person's to; ValidationError
    when the old values no longer fit."""
    row, save = access_changed(person, event)
    with tracked_change(person, row, reverts=event.pk):
        several = put_back(row, event.detail["before"])
        row.full_clean()
        save(person, row)
        for name, rows in several.items():
            getattr(row, name).set(rows)
    return row


def changes_of(row: Model) -> list[tuple[AccessEvent, bool]]:
    """The newest changes of a row, and whether each can be put back."""
    events = AccessEvent.objects.filter(object_ref=ref_of(row)).order_by("-id")[:SHOWN]
    return [(event, can_be_reverted(event)) for event in events]


def can_be_reverted(event: AccessEvent) -> bool:
    """Whether it is a change of something that can be saved again, and both sides are known."""
    label = event.object_ref.partition(":")[0]
    return label in option("CHANGES") and bool(event.detail.get("before") and event.detail.get("after"))


def access_changed(person: Person, event: AccessEvent) -> tuple[Model, Save]:
    """The row that a change was about, if the person may change it, and what saves such rows."""
    if not can_be_reverted(event):
        raise Http404("This change cannot be put back.")
    label, _, pk = event.object_ref.partition(":")
    perm, path = option("CHANGES")[label]
    model = apps.get_model(label)
    rows = model._default_manager.all()
    row = access_row(rows, person, Perm(perm), "pk" if model is Environment else "environment", pk=pk)
    save: Save = import_string(path)
    return row, save


def put_back(row: Model, before: dict[str, Any]) -> dict[str, list[Model]]:
    """Set the old values on the row; what leads to several rows is returned, to be set once the row is saved."""
    several: dict[str, list[Model]] = {}
    for name, value in before.items():
        field = field_of(row, name)
        if field is None or holds_hidden(value):
            continue
        if isinstance(field, models.ManyToManyField):
            several[name] = list(own_rows(row, field.related_model).filter(pk__in=value))
        elif not field.is_relation:
            setattr(row, name, field.to_python(value))
        elif value is None or own_rows(row, field.related_model).filter(pk=value).exists():
            setattr(row, name, value)
    return several


def field_of(row: Model, name: str) -> Any:
    """The field of this name, if there still is one that people may set; a row stays in its environment."""
    try:
        field = row._meta.get_field(name.removesuffix("_id"))
    except FieldDoesNotExist:
        return None
    return field if getattr(field, "editable", False) and field.name != "environment" else None


def holds_hidden(value: Any) -> bool:
    """Whether a part of the value was left out as secret: putting that back would destroy the secret."""
    if isinstance(value, dict):
        return any(holds_hidden(item) for item in value.values())
    return any(map(holds_hidden, value)) if isinstance(value, list) else value == HIDDEN


def own_rows(row: Model, model: Any) -> "QuerySet[Any]":
    """Rows of the other model that belong to the same environment; those that belong to none, all."""
    rows: QuerySet[Any] = model._default_manager.all()
    has_environment = any(field.name == "environment" for field in model._meta.get_fields())
    return rows.filter(environment=getattr(row, "environment", row)) if has_environment else rows
