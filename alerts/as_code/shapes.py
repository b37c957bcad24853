"""What shape a field's value has in a document. YAML gives anything; a model's own check lets JSON of any shape pass."""

from collections.abc import Callable, Collection
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models

from alerts.delivery.share import SHAREABLE
from alerts.integrations.registry import INTEGRATIONS
from diagnostics.pipeline.policy import DETECTORS

MOST_CHARS: Final = 2000
MOST_LONG_CHARS: Final = 20_000
LONG: Final = frozenset(each.name for kind in INTEGRATIONS.values() for each in kind.fields if each.is_long)


def check_shape(value: Any, field: Any) -> None:
    """ValidationError says what is allowed, and the way out."""
    if value is None:
        if not field.null:
            raise ValidationError("a value is needed; leave the line out for the usual one")
    elif isinstance(field, models.JSONField):
        JSON_SHAPES[f"{field.model._meta.model_name}.{field.name}"](value)
    else:
        check_scalar(value, field)


def check_scalar(value: Any, field: Any) -> None:
    """YAML reads `no` as a switch, `8:30` as a number and `2026-01-01` as a date: what is of another kind is not bent."""
    switch = isinstance(field, models.BooleanField)
    if isinstance(value, bool) != switch:
        raise ValidationError("write true or false" if switch else "put a text in quotes; a number without")
    if not isinstance(value, str | int | float):
        raise ValidationError("one value is needed; put a text in quotes")
    if isinstance(field, models.TimeField) and not isinstance(value, str):
        raise ValidationError('write the time in quotes, such as "08:30"')
    if isinstance(field, models.IntegerField) and isinstance(value, float) and not value.is_integer():
        raise ValidationError("a whole number is needed")


def check_choices(value: Any, choices: Collection[str]) -> None:
    """A list of some of these."""
    allowed = ", ".join(choices)
    if not isinstance(value, list):
        raise ValidationError(
            f"a list is needed, such as [{next(iter(choices))}]; use {allowed}, or leave the line out"
        )
    for item in value:
        if not isinstance(item, str) or item not in choices:
            raise ValidationError(f"{str(item)[:40]} is none of its names; use {allowed}, or leave the line out")


def check_texts(value: Any) -> None:
    """A mapping of names to texts, as long as forms let them be."""
    if not isinstance(value, dict):
        raise ValidationError("a mapping of names to texts is needed, or leave the line out")
    for name, text in value.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise ValidationError(f"{str(name)[:40]}: one text is needed; put it in quotes")
        most = MOST_LONG_CHARS if name in LONG else MOST_CHARS
        if len(text) > most:
            raise ValidationError(f"{name[:40]}: at most {most} characters")


JSON_SHAPES: Final[dict[str, Callable[[Any], None]]] = {
    "target.config": check_texts,
    "target.shared_fields": lambda value: check_choices(value, SHAREABLE),
    "privacypolicy.detectors_off": lambda value: check_choices(value, DETECTORS),
}
