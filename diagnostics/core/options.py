"""Typed access to settings.DIAGNOSTICS; an unknown name fails, so a slip of the pen shows."""

from typing import Any

from django.conf import settings


def option(name: str) -> Any:
    """The option's value; KeyError names what is missing."""
    return settings.DIAGNOSTICS[name]
