"""Links that act once, for people who read mail away from their desk: signed, bound to one incident and one target."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.urls import reverse

from alerts.models import Incident, Target

SALT: Final = "alerts.respond"
VALID_FOR: Final = timedelta(days=7)
ACTS: Final = ("acknowledge", "resolve")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a link allows."""

    incident: Incident
    target: Target
    act: str
    key: str  # under which it is remembered as used


def link_of(incident: Incident, target: Target, act: str) -> str:
    """The full address of a page that asks "shall I?" and then acts."""
    token = signing.dumps([incident.pk, target.pk, act], salt=SALT, compress=False)
    return f"{settings.PUBLIC_URL}{reverse('respond', args=[token])}"


def read_ticket(token: str) -> Ticket | None:
    """What the link allows; None when it is forged, old, or for a target that no longer gives such links."""
    try:
        incident_id, target_id, act = signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    target = Target.objects.filter(pk=target_id, enabled=True).first()
    incident = Incident.objects.select_related("environment").filter(pk=incident_id).first()
    if target is None or incident is None or act not in ACTS:
        return None
    if target.environment_id != incident.environment_id or not gives_links(target):
        return None
    return Ticket(incident, target, act, hashlib.sha256(f"link {token}".encode()).hexdigest())


def gives_links(target: Target) -> bool:
    """Whether the target's messages carry links that act without signing in."""
    return bool(target.config.get("action_links") == "yes")
