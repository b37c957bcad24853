"""Which of an incident's messages are a person's own words: it keeps one record's text for all that were of a kind.

Told by that very text, which nobody else's records of the kind have. What was written down before kinds were kept beside
messages is told by how many of the person's records read the same but for what varies.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from django.db import OperationalError
from django.db.models import Q, QuerySet

from alerts.incidents.context import MESSAGE_CHARS
from alerts.models import Incident
from alerts.scrubbing import is_quote
from diagnostics.core import severity
from diagnostics.models import LogRecord
from diagnostics.pipeline.fingerprint import mask_text
from diagnostics.privacy.stores.alone import SECONDS
from diagnostics.privacy.stores.records import is_theirs, theirs
from diagnostics.privacy.subject import Subject
from diagnostics.storage.timeouts import time_limit, was_stopped

MOST_BODIES: Final = 20_000
REACH: Final = timedelta(days=1, minutes=5)  # the longest window of a rule
MOST_ASKED: Final = 50  # messages of which all records are asked; of more, how often the person said it decides


class Own:
    """What the person's records say, read once for all incidents."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.asked = 0

    @cached_property
    def kinds(self) -> set[str]:
        """Fingerprints and patterns that they have."""
        rows = theirs(self.subject).order_by().values_list("fingerprint", "template_id").distinct()[:MOST_BODIES]
        return {str(name) for names in rows for name in names if name}

    @cached_property
    def masked(self) -> set[str]:
        """Beginnings of bad records, without what varies."""
        bad = theirs(self.subject).filter(Q(severity_number__gte=severity.ERROR) | Q(http_status__gte=500))
        bodies = bad.order_by().values_list("body", flat=True).distinct()[:MOST_BODIES]
        return {begin(body) for body in bodies}

    def near(self, incident: Incident) -> "QuerySet[LogRecord]":
        """Their records that an incident may tell of."""
        return theirs(self.subject).filter(
            timestamp__gte=incident.opened_at - REACH, timestamp__lte=incident.opened_at + REACH
        )


def begin(body: str) -> str:
    """What an incident keeps of a body, without what varies; what was cut off may end in the middle of that."""
    text = mask_text(body[:MESSAGE_CHARS])
    return text if len(body) < MESSAGE_CHARS else text[: MESSAGE_CHARS // 2]


def own_messages(own: Own, incident: Incident) -> Iterator[str]:
    """The texts of messages that are the person's words."""
    for message in incident.context.get("messages", ()):
        text, kinds = str(message.get("text", "")), [str(kind) for kind in message.get("kinds", ())]
        if is_quote(text) and (
            is_of_kind(own, incident, message, kinds) if kinds else reads_alike(own, incident, message)
        ):
            yield text


def is_of_kind(own: Own, incident: Incident, message: dict[str, Any], kinds: list[str]) -> bool:
    """Whether they said it, and nobody else did."""
    if own.kinds.isdisjoint(kinds):
        return False
    numbers = [int(kind) for kind in kinds if kind.isdecimal() and len(kind) < 19]
    of_kind = Q(fingerprint__in=kinds) | Q(template_id__in=numbers)
    near = own.near(incident).filter(of_kind)
    if not near.filter(body__startswith=message["text"]).exists():
        return False
    shared = is_shared(own, incident, of_kind, message["text"])
    return near.count() >= int(message.get("count", 0)) if shared is None else not shared


def is_shared(own: Own, incident: Incident, of_kind: Q, text: str) -> bool | None:
    """Whether others' records say the same; None where there are too many to ask."""
    own.asked += 1
    if own.asked > MOST_ASKED:
        return None
    others = LogRecord.objects.filter(
        of_kind, environment_id=own.subject.environment.pk, body__startswith=text,
        timestamp__gte=incident.opened_at - REACH, timestamp__lte=incident.opened_at + REACH,
    ).exclude(is_theirs(own.subject, own.subject.session_ids))  # fmt: skip
    try:
        with time_limit(SECONDS):
            return others.order_by().exists()
    except OperationalError as error:
        if not was_stopped(error):
            raise
        return None


def reads_alike(own: Own, incident: Incident, message: dict[str, Any]) -> bool:
    """Whether all the records that a message stands for may have been theirs, by how many of theirs read the same."""
    text = begin(message["text"])
    if text not in own.masked:
        return False
    bodies = own.near(incident).values_list("body", flat=True).order_by()[:MOST_BODIES]
    return sum(begin(body) == text for body in bodies.iterator(2000)) >= int(message.get("count", 0))
