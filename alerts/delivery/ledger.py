"""The ledger's one way in: rows are written here together with the count that their states must add up to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F, Sum
from django_q.tasks import async_task

from alerts.models import Fired, Incident, Notification, Target

State = Notification.State
STATES = (State.SENT, State.SUPPRESSED, State.PENDING, State.FAILED)

COUNT = """
INSERT INTO alerts_fired AS stored (incident_id, target_id, rule_name, alerts)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[])
ON CONFLICT (incident_id, target_id, rule_name) DO UPDATE SET alerts = stored.alerts + excluded.alerts
"""


def write_rows(rows: Sequence[Notification]) -> list[Notification]:
    """Write what was planned, in the caller's transaction; a row that is there already (of the same event and target)
    stays as it is. Delivery is rung for after the commit."""
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    known = {row.pk: row for row in rows}
    written = [known[pk] for pk in Notification.objects.filter(pk__in=known).values_list("pk", flat=True)]
    count_fired(written)
    if any(row.state == State.PENDING for row in written):
        transaction.on_commit(ring)
    return written


def count_again(rows: Sequence[Notification], now: datetime) -> None:
    """One more alert of the kind that each row stands for: counted, not listed one by one. The first is written."""
    known: dict[tuple[object, ...], Any] = {}
    counted = Notification.objects.filter(incident_id__in={row.incident_id for row in rows}, event=None)
    for found in counted:
        known.setdefault(same_as(found), found.pk)
    again = [row for row in rows if same_as(row) in known]
    Notification.objects.filter(pk__in=[known[same_as(row)] for row in again]).update(
        alerts=F("alerts") + 1, created_at=now
    )
    count_fired(again)
    new = [row for row in rows if same_as(row) not in known]
    for row in new:
        row.event = None
    write_rows(new)


def same_as(row: Notification) -> tuple[object, ...]:
    """What rows that are counted together have in common."""
    return row.incident_id, row.target_id, row.rule_name, row.action, row.state, row.reason, row.silence_id


def count_fired(rows: Iterable[Notification]) -> None:
    """Add to what was fired; tests by people are no alerts."""
    sums: Counter[tuple[int, int, str]] = Counter()
    for row in rows:
        if row.incident_id is not None:
            sums[row.incident_id, row.target_id, row.rule_name] += 1
    if sums:
        with connection.cursor() as cursor:
            cursor.execute(COUNT, [*map(list, zip(*sorted(sums), strict=True)), [sums[key] for key in sorted(sums)]])


def ring() -> None:
    """Queue a delivery; the sweep comes each minute where the bell is lost."""
    async_task("alerts.tasks.deliver_task")


class Line(NamedTuple):
    """What became of the alerts of one rule to one target."""

    target: str
    rule: str
    fired: int
    sent: int
    suppressed: int
    pending: int
    failed: int

    @property
    def adds_up(self) -> bool:
        """Whether every alert is accounted for."""
        return self.fired == self.sent + self.suppressed + self.pending + self.failed


def read_ledger(incidents: "Iterable[Incident]") -> list[Line]:
    """Fired = sent + suppressed + pending + failed, by target and rule, over these incidents. Two statements."""
    counts: dict[tuple[int, str], dict[str, int]] = defaultdict(dict)
    rows = Notification.objects.filter(incident__in=incidents)
    keys = ("target_id", "rule_name")
    for *key, state, alerts in rows.order_by().values_list(*keys, "state").annotate(found=Sum("alerts")):
        counts[key[0], key[1]][state] = alerts
    fired = Fired.objects.filter(incident__in=incidents).order_by().values_list(*keys).annotate(found=Sum("alerts"))
    totals = {(target, rule): total for target, rule, total in fired}
    names = dict(Target.objects.filter(pk__in={target for target, _ in {*counts, *totals}}).values_list("pk", "name"))
    return sorted(
        Line(
            names[target],
            rule,
            totals.get((target, rule), 0),
            *(counts[target, rule].get(state, 0) for state in STATES),
        )
        for target, rule in {*counts, *totals}
    )
