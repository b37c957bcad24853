"""Whom a Sentry event's request came from, and on what it ran, as far as the SDK tells it beside the user."""

import re
from typing import Any, Final

from diagnostics.core.record import Record
from diagnostics.ingest.formats.sentry_values import section, text
from diagnostics.pipeline.enrich.address import read_address

# Sent by phones: what their `os` says is the user's. A server's SDK describes the server there.
MOBILE: Final = frozenset({"android", "ios", "ipados"})
FAMILY: Final = re.compile(r"[A-Za-z][A-Za-z0-9 .+/-]{0,39}")
MAJOR: Final = re.compile(r"\d{1,4}")


def headers_of(event: dict[str, Any]) -> dict[str, str]:
    """The request's headers by their names in small letters; SDKs send an object or pairs."""
    headers = section(event, "request").get("headers")
    pairs = headers.items() if isinstance(headers, dict) else headers if isinstance(headers, list) else []
    return {str(pair[0]).lower(): text(pair[1]) for pair in pairs if isinstance(pair, (list, tuple)) and len(pair) == 2}


def address_of(event: dict[str, Any], headers: dict[str, str]) -> str:
    """The client's address: what proxies tell beats the nearest hop. Empty where the SDK has filtered it."""
    environment = section(section(event, "request"), "env")
    told = (headers.get("x-forwarded-for", "").split(",", 1)[0], headers.get("x-real-ip", ""))
    return next(filter(None, map(read_address, (*told, text(environment.get("REMOTE_ADDR"))))), "")


def take_device(record: Record, contexts: dict[str, Any]) -> None:
    """Browser and mobile device as columns; where the user agent is known as well, that is read instead."""
    browser, system, device = section(contexts, "browser"), section(contexts, "os"), section(contexts, "device")
    is_mobile = text(system.get("name")).lower() in MOBILE
    record.browser = versioned(browser)
    if not (is_mobile or record.browser):
        return
    record.os = versioned(system)
    if is_mobile:
        kind = f"{text(device.get('family'))} {text(device.get('model'))}".lower()
        record.device_type = "tablet" if "ipad" in kind or "tablet" in kind else "mobile"


def versioned(context: dict[str, Any]) -> str:
    """A family with its major version, as it is read from user agents: `Firefox 128`."""
    name, major = text(context.get("name")), MAJOR.match(text(context.get("version")))
    if not FAMILY.fullmatch(name):
        return ""
    return f"{name} {major[0]}" if major else name
