"""Writing down what a look found: the same proposal once, none that was decided lately, no more than people read."""

import json
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from alerts.models import Suggestion
from alerts.suggestions.found import Found
from diagnostics.models import Environment

State = Suggestion.State

MOST_OPEN: Final = 20  # of an environment; the least useful go
MOST_BYTES: Final = 16 * 1024  # of evidence
QUIET: Final = {
    State.DISMISSED: timedelta(weeks=6),
    State.UNDONE: timedelta(weeks=6),
    State.ACCEPTED: timedelta(weeks=2),
}  # not proposed again for so long
KEPT: Final = timedelta(days=90)  # what was decided, or expired


def keep_found(environment: Environment, found: list[Found], now: datetime) -> None:
    """New ones are opened, open ones are brought up to date."""
    for one in found:
        if is_wanted(environment, one, now):
            with transaction.atomic():
                keep_one(environment, one, now)


def is_wanted(environment: Environment, one: Found, now: datetime) -> bool:
    """Whether nobody has decided about it lately, and it is of a size to be kept."""
    same = Suggestion.objects.filter(environment=environment, fingerprint=one.fingerprint)
    decided = any(same.filter(state=state, decided_at__gt=now - span).exists() for state, span in QUIET.items())
    return not decided and len(json.dumps([one.change, one.evidence])) <= MOST_BYTES


def keep_one(environment: Environment, one: Found, now: datetime) -> None:
    """Whoever looks at the page while it changes is told so by the revision."""
    row = Suggestion.objects.select_for_update().filter(
        environment=environment, fingerprint=one.fingerprint, state=State.OPEN
    ).first()  # fmt: skip
    if row is None:
        row = Suggestion(environment=environment, fingerprint=one.fingerprint, kind=one.kind, created_at=now)
        row.rule_id, row.service_name = one.rule_id, one.service_name
    elif row.change != one.change:
        row.revision += 1
    row.change, row.evidence, row.weight, row.seen_at = one.change, one.evidence, one.weight, now
    row.save()


def end_look(environment: Environment, started_at: datetime, now: datetime) -> None:
    """What this look did not find again is true no more; what is beyond the bound, or old, goes."""
    rows = Suggestion.objects.filter(environment=environment)
    expire(rows.filter(state=State.OPEN, seen_at__lt=started_at), now)
    least_useful = rows.filter(state=State.OPEN).order_by("-weight", "pk").values_list("pk", flat=True)[MOST_OPEN:]
    rows.filter(pk__in=list(least_useful)).delete()
    rows.exclude(state=State.OPEN).filter(decided_at__lt=now - KEPT).delete()


def expire(rows: "QuerySet[Suggestion]", now: datetime) -> None:
    """Nobody decided; the week did."""
    rows.filter(state=State.OPEN).update(state=State.EXPIRED, decided_at=now)
