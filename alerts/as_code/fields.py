"""Model fields as plain values of a document, and back. Generic: a field that a model gains is in the document, too."""

from collections.abc import Mapping
from datetime import time
from difflib import get_close_matches
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models

from alerts.as_code.document import DocumentError
from alerts.as_code.shapes import check_shape

Field = Any  # models.Field, which cannot be subscripted at run time
# What says how things are just now, not how they shall be.
STATES: Final = frozenset({"muted_until", "mute_reason", "updated_at", "created_at"})


def plain_fields(model: type[models.Model], *, beside: frozenset[str] = frozenset()) -> dict[str, Field]:
    """The fields that a person sets and that hold plain values."""
    return {
        field.name: field
        for field in model._meta.concrete_fields
        if field.editable
        and not (field.primary_key or field.is_relation or isinstance(field, models.BinaryField))
        and field.name not in STATES | beside
    }


def values_of(row: models.Model, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The row's values, without those that a new row would have anyway."""
    found = {name: plain(getattr(row, name)) for name in fields}
    return {name: value for name, value in found.items() if value != default_of(fields[name])}


def all_values_of(row: models.Model, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Every value, for comparing."""
    return {name: plain(getattr(row, name)) for name in fields}


def default_of(field: Field) -> Any:
    """What a new row has."""
    return plain(field.get_default())


def plain(value: Any) -> Any:
    """As the document has it."""
    if isinstance(value, time):
        return value.isoformat("minutes")
    return value.value if isinstance(value, models.Choices) else value


def set_values(row: models.Model, fields: Mapping[str, Field], given: Mapping[str, Any], place: str) -> None:
    """Sets every field: to what is given, or to what a new row has. DocumentError names place, field and the way out."""
    for name in given:
        if name not in fields:
            near = get_close_matches(str(name), fields, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; use {', '.join(fields)}"
            raise DocumentError(f"{place}: {str(name)[:40]} is not a field{hint}")
    for name, field in fields.items():
        try:
            setattr(row, name, read_value(given[name], field) if name in given else field.get_default())
        except ValidationError as error:
            raise DocumentError(f"{place}: {name}: {' '.join(error.messages)}") from None


def read_value(value: Any, field: Field) -> Any:
    """The value as the model holds it; what is of another kind than the field is refused, not bent."""
    check_shape(value, field)
    try:
        return None if value is None else field.to_python(value)
    except (TypeError, ValueError, OverflowError):
        raise ValidationError("this value cannot be read; write it as an export does") from None


def check_row(row: models.Model, place: str, *, exclude: tuple[str, ...] = ()) -> None:
    """The model's own checks, with the place. JSON has been checked by its shape: a list may be empty."""
    shaped = [field.name for field in row._meta.concrete_fields if isinstance(field, models.JSONField)]
    try:
        row.full_clean(exclude=[*exclude, *shaped], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        told = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())
        raise DocumentError(f"{place}: {told}") from None
