"""Typed readers of environment variables. A wrong value stops the start with the variable's name."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def read_text(name: str, default: str = "") -> str:
    """The variable's text; `NAME_FILE` may name a file that holds it instead (for secrets)."""
    if name in os.environ:
        return os.environ[name].strip()
    file_name = os.environ.get(f"{name}_FILE", "")
    if not file_name:
        return default
    try:
        return Path(file_name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE: cannot read {file_name!r}: {error.strerror}") from error


def read_bool(name: str, *, default: bool) -> bool:
    """1/true/yes/on or 0/false/no/off."""
    text = read_text(name, "1" if default else "0").lower()
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={text!r} is not a switch: use 1 or 0")


def read_int(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number between low and high, both included."""
    text = read_text(name, str(default))
    try:
        value = int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={text!r} is not a whole number ({low} to {high})") from None
    if not low <= value <= high:
        raise ImproperlyConfigured(f"{name}={value} is out of range: use {low} to {high}")
    return value


def read_list(name: str, default: str = "") -> list[str]:
    """Comma-separated words; blanks are dropped."""
    return [word.strip() for word in read_text(name, default).split(",") if word.strip()]


def read_url(name: str, default: str, *, schemes: tuple[str, ...]) -> str:
    """An address whose scheme is one of `schemes`; empty stays empty."""
    text = read_text(name, default)
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in schemes or not (parts.hostname or parts.path):
        shown = f"{parts.scheme}://…" if parts.scheme else "it"
        raise ImproperlyConfigured(f"{name}: {shown} is not an address of the form {schemes[0]}://host/…")
    return text
