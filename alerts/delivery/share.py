"""What leaves the building, by target: a field that is not on the target's list is taken out of the alert before any
integration sees it."""

import re
from dataclasses import replace
from typing import Any, Final

from alerts.delivery.alert import Alert, Links, Member

# Name -> what it is, for who decides. What is not here (severity, environment, state, times, the incident's link) always goes.
SHAREABLE: Final = {
    "summary": "The sentence with numbers",
    "rule": "The rule's name",
    "service": "The service's name",
    "route": "The route",
    "release": "The release",
    "value": "The value, and how it compares",
    "messages": "The most frequent messages (redacted)",
    "trace_id": "A trace id",
    "affected": "How many sessions and users are affected",
    "deploy": "What was deployed before",
    "links": "Links, but for that to the incident",
    "trend": "The small chart",
}
EMPTIED: Final[dict[str, dict[str, Any]]] = {
    "summary": {"summary": "", "news": ""},
    "rule": {"rule": ""},
    "service": {"service": ""},
    "route": {"route": ""},
    "release": {"release": ""},
    "value": {"value": None, "change": ""},
    "messages": {"messages": ()},
    "trace_id": {"trace_id": ""},
    "affected": {"sessions": 0, "users": 0},
    "deploy": {"deploy": ""},
    "links": {},
    "trend": {"trend": ()},
}
# Field -> the parameters of links that tell it (a pattern).
NAMED_IN_TITLES: Final = frozenset({"summary", "rule", "service", "route", "release"})
NAMED_IN_LINKS: Final = {"service": "service", "route": "route", "rule": "q"}


def share_everything() -> list[str]:
    """The default of a target: all that is redacted."""
    return list(SHAREABLE)


def withhold(alert: Alert, shared: list[str]) -> Alert:
    """The alert without what the target does not share; names that are withheld leave the other texts, too."""
    hidden = [name for name in SHAREABLE if name not in shared]
    if not hidden:
        return alert
    for name in ("rule", "service", "route", "release"):
        if name in hidden:
            alert = take_out(alert, getattr(alert, name), f"[{name}]")
    changes: dict[str, Any] = {}
    for name in hidden:
        changes |= EMPTIED[name]
    if NAMED_IN_TITLES.intersection(hidden):  # other incidents' titles hold names that this alert does not know
        changes["members"] = tuple(unnamed(each, hidden) for each in alert.members)
        if alert.members and "summary" not in hidden:  # it lists them
            changes["summary"] = "\n".join(f"{each.title} ({each.state})" for each in changes["members"])
    return replace(alert, **changes, links=shared_links(alert.links, hidden))


def unnamed(member: Member, hidden: list[str]) -> Member:
    """Without its texts, and without its service where that is withheld."""
    service = "" if "service" in hidden else member.service
    return replace(member, title=f"Incident {member.incident_id}", summary="", service=service)


def take_out(alert: Alert, word: str, marker: str) -> Alert:
    """Without the word in texts that people read."""
    if not word:
        return alert
    messages = tuple((text.replace(word, marker), count) for text, count in alert.messages)
    return replace(
        alert,
        title=alert.title.replace(word, marker),
        summary=alert.summary.replace(word, marker),
        deploy=alert.deploy.replace(word, marker),
        news=alert.news.replace(word, marker),
        messages=messages,
    )


def shared_links(links: Links, hidden: list[str]) -> Links:
    """Links that tell no more than the fields do."""
    if "links" in hidden:
        return Links(links.incident, home=links.home, acknowledge=links.acknowledge, resolve=links.resolve)
    if "trace_id" in hidden:
        links = replace(links, trace="")
    if "affected" in hidden:
        links = replace(links, session="")
    for name, parameter in NAMED_IN_LINKS.items():
        if name in hidden:
            links = replace(links, logs=without(parameter, links.logs))
    return links


def without(parameter: str, link: str) -> str:
    """The address without what it says of something."""
    return re.sub(rf"(?<=[?&]){parameter}=[^&]*&?", "", link).rstrip("?&")
