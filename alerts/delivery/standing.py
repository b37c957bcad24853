"""How an incident stands with the targets, by what the ledger has about it: one look, however many targets there are."""

from datetime import datetime
from typing import NamedTuple

from django.db import connection

from alerts.models import Incident

LOOK = """
SELECT about.target_id,
    bool_or(about.is_news),
    bool_or(about.is_news AND (about.state IN ('sent', 'pending')
        OR about.state = 'suppressed' AND digest.state IN ('sent', 'pending'))),
    bool_or(about.waits AND (about.is_held OR about.not_before IS NOT NULL)),
    max(about.next_attempt_at) FILTER (WHERE about.waits AND about.is_held),
    bool_or(about.waits AND about.not_before > %(now)s)
FROM (
    SELECT *, action IN ('trigger', 'update') AND created_at >= %(began)s AS is_news,
        state = 'pending' AND attempts = 0 AS waits
    FROM alerts_notification WHERE incident_id = %(incident)s AND action NOT IN ('test', 'digest')
) AS about
LEFT JOIN alerts_notification AS digest ON digest.id = about.told_by_id
GROUP BY about.target_id
"""


class Standing(NamedTuple):
    """Ids of targets. `known` and `told` count from when the incident last opened."""

    reached: frozenset[int]  # there is a row, ever: fallbacks, and those that a rule which joined it names
    known: frozenset[int]  # something was decided about news
    told: frozenset[int]  # was told of news, or is about to be; also in a digest
    slower: frozenset[int]  # something waits, untried, for a digest or for hours
    held: dict[int, datetime]  # something waits for a digest, until then
    outside: frozenset[int]  # something waits for hours that have not begun


def standing_of(incident: Incident, now: datetime) -> Standing:
    """As the ledger has it now. Tests, and digests (which tell of several incidents), stand outside."""
    with connection.cursor() as cursor:
        cursor.execute(LOOK, {"incident": incident.pk, "began": incident.began_at, "now": now})
        rows = cursor.fetchall()
    return Standing(
        reached=frozenset(row[0] for row in rows),
        known=frozenset(row[0] for row in rows if row[1]),
        told=frozenset(row[0] for row in rows if row[2]),
        slower=frozenset(row[0] for row in rows if row[3]),
        held={row[0]: row[4] for row in rows if row[4] is not None},
        outside=frozenset(row[0] for row in rows if row[5]),
    )
