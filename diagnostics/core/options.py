"""Typed access to settings.DIAGNOSTICS; an unknown name fails, so a slip of the pen shows."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def option(name: str) -> Any:
    """The option's value; KeyError names what is missing."""
    return settings.DIAGNOSTICS[name]


def plugins(name: str) -> list[Any]:
    """What the option's dotted paths lead to, in its order: parts of other apps, which may not be imported from here."""
    return [import_string(path) for path in option(name)]
