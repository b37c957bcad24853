"""Which snapshots there are: cut to what a person may see, and to what they look for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.db.models import Q, QuerySet, Sum

from diagnostics.core import clock
from diagnostics.core.access import Person, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.privacy.pseudonyms import user_keys_of
from sessions_app.models import LeftOut, Snapshot

RANGES: Final[dict[str, timedelta | None]] = {
    "24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30), "90d": timedelta(days=90), "all": None,
}  # fmt: skip
DEFAULT_RANGE: Final = "7d"
Reason = Snapshot.Reason
REASONS: Final[dict[str, Q]] = {
    "crash": Q(reason=Reason.CRASH),
    "new_error": Q(reason__in=(Reason.NEW_ERROR, Reason.CAME_BACK)) | Q(reason=Reason.CRASH, is_news=True),
    "by_hand": Q(reason=Reason.BY_HAND),
}
COLUMNS: Final = {
    "service": "service_name", "release": "release", "error": "error_type", "fingerprint": "fingerprint",
    "session": "session_id", "trace": "trace_id", "record": "record",
}  # fmt: skip
FIELDS: Final = (*COLUMNS, "user")
LIGHT: Final = "content"  # what lists do without: it is long


def seen_by(rows: "QuerySet[Snapshot]", person: Person) -> "QuerySet[Snapshot]":
    """Of sessions for who sees sessions; what belongs to none is a matter of logs."""
    logs = visible_environments(person, Perm.VIEW_LOGS)
    return rows.filter(Q(scope=Snapshot.Scope.SESSION) | Q(environment__in=logs))


def seen_here(environment: Environment, held: set[Perm]) -> "QuerySet[Snapshot]":
    """The same in one environment, for who may see sessions there."""
    rows = Snapshot.objects.filter(environment=environment)
    return rows if Perm.VIEW_LOGS in held else rows.filter(scope=Snapshot.Scope.SESSION)


def narrow(rows: "QuerySet[Snapshot]", wanted: Mapping[str, str], environment: Environment) -> "QuerySet[Snapshot]":
    """By fields, compared as they are; a user by their pseudonym, or by an id that becomes one."""
    rows = by_columns(rows, wanted)
    if wanted.get("user"):
        rows = rows.filter(user_key__in=user_keys_of(environment, wanted["user"]))
    return rows


def by_columns(rows: "QuerySet[Snapshot]", wanted: Mapping[str, str]) -> "QuerySet[Snapshot]":
    """By all but the user."""
    for name, column in COLUMNS.items():
        if wanted.get(name):
            rows = rows.filter(**{column: wanted[name]})
    reason = REASONS.get(wanted.get("reason", ""))
    return rows if reason is None else rows.filter(reason)


def count_left_out(environment: Environment, span: timedelta | None) -> dict[str, int]:
    """Snapshots that budgets left out in this time: {"crashes": 12, "errors": 0}."""
    rows = LeftOut.objects.filter(environment=environment)
    if span is not None:
        rows = rows.filter(hour__gt=clock.now() - span - timedelta(hours=1))
    found: dict[str, int] = dict(rows.values_list("reason").annotate(total=Sum("count")))
    crashes = found.pop(Reason.CRASH, 0)
    return {"crashes": crashes, "errors": sum(found.values())}


def similar_to(snapshot: Snapshot, rows: "QuerySet[Snapshot]", most: int = 5) -> "QuerySet[Snapshot]":
    """The newest others of the same error."""
    same = rows.filter(environment=snapshot.environment_id, fingerprint=snapshot.fingerprint).exclude(pk=snapshot.pk)
    return same.exclude(fingerprint="").defer(LIGHT).order_by("-taken_at", "-pk")[:most]
