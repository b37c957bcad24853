"""Browser, operating system and kind of device from a user agent: families and major versions only."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

import ua_parser

from diagnostics.core import limits


class Device(NamedTuple):
    """What is kept of a user agent."""

    device_type: str = ""
    browser: str = ""
    os: str = ""
    is_bot: bool = False


NOTHING: Final = Device()
BOT: Final = re.compile(
    r"(?i)bot\b|bot/|crawl|spider|slurp|headless|lighthouse|facebookexternalhit|pingdom|uptime|monitor"
)
TABLET: Final = re.compile(r"(?i)ipad|tablet|kindle|silk/|playbook|nexus (?:7|9|10)|sm-t\d")
MOBILE: Final = re.compile(r"(?i)mobile|iphone|ipod|windows phone|opera mini")
DESKTOP: Final = frozenset({"Windows", "Mac OS X", "Linux", "Chrome OS", "Ubuntu", "Fedora", "Debian", "FreeBSD"})


@lru_cache(maxsize=8_192)
def read_user_agent(text: str) -> Device:
    """The device behind a user agent; empty for an empty one."""
    text = text[: limits.USER_AGENT_CHARS]
    if not text:
        return NOTHING
    result = ua_parser.parse(text)
    is_bot = BOT.search(text) is not None or (result.device is not None and result.device.family == "Spider")
    system = result.os.family if result.os else ""
    return Device(
        "bot" if is_bot else device_type_of(text, system),
        with_major(result.user_agent.family, result.user_agent.major) if result.user_agent else "",
        with_major(system, result.os.major) if result.os else "",
        is_bot,
    )


def with_major(family: str, major: str | None) -> str:
    """A family and its major version: `Firefox 128`."""
    return f"{family} {major}"[:60] if major else family[:60]


def device_type_of(text: str, system: str) -> str:
    """desktop, mobile, tablet or other."""
    if TABLET.search(text) or (system == "Android" and "mobile" not in text.lower()):
        return "tablet"
    if MOBILE.search(text) or system in ("Android", "iOS"):
        return "mobile"
    return "desktop" if system in DESKTOP else "other"
