"""A target's budget: a bucket of tokens in PostgreSQL, one a message, so that neither a restart nor Valkey forgets it."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from alerts.delivery.kinds import bearing_of
from alerts.models import Bucket, Target

HOUR: Final = 3600.0

FILLED: Final = """
least(%(full)s, stored.tokens + %(rate)s * greatest(0.0, extract(epoch FROM %(now)s - stored.filled_at)::float8))
"""
TAKE: Final = f"""
INSERT INTO alerts_bucket AS stored (target_id, tokens, filled_at) VALUES (%(target)s, %(full)s - 1.0, %(now)s)
ON CONFLICT (target_id) DO UPDATE SET tokens = {FILLED} - 1.0, filled_at = greatest(%(now)s, stored.filled_at)
WHERE {FILLED} >= 1.0
RETURNING tokens
"""  # noqa: S608  a text of this module


def take_token(target: Target, now: datetime) -> timedelta:
    """Take one, in the caller's transaction; returns zero, or how long to wait for the next."""
    bearing = bearing_of(target)
    full, rate = float(bearing.at_once), bearing.hourly / HOUR
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"target": target.pk, "full": full, "rate": rate, "now": now})
        if cursor.fetchone() is not None:
            return timedelta(0)
    bucket = Bucket.objects.get(target=target)  # the statement before holds it
    passed = max(0.0, (now - bucket.filled_at).total_seconds())
    return timedelta(seconds=(1.0 - min(full, bucket.tokens + passed * rate)) / rate + 0.001)
