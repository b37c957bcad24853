"""A target's budget: a bucket of tokens in PostgreSQL, one a message, so that neither a restart nor Valkey forgets it."""

from datetime import datetime, timedelta

from alerts.delivery.kinds import bearing_of
from alerts.models import Bucket, Target

HOUR = 3600.0


def take_token(target: Target, now: datetime) -> timedelta:
    """Take one, in the caller's transaction; returns zero, or how long to wait for the next."""
    bearing = bearing_of(target)
    start = {"tokens": float(bearing.at_once), "filled_at": now}
    Bucket.objects.bulk_create([Bucket(target=target, **start)], ignore_conflicts=True)
    bucket = Bucket.objects.select_for_update().get(target=target)
    passed = max(0.0, (now - bucket.filled_at).total_seconds())
    tokens = min(float(bearing.at_once), bucket.tokens + passed * bearing.hourly / HOUR)
    wait = (1.0 - tokens) * HOUR / bearing.hourly
    if wait > 0:
        return timedelta(seconds=wait + 0.001)
    bucket.tokens, bucket.filled_at = tokens - 1.0, max(now, bucket.filled_at)
    bucket.save(update_fields=["tokens", "filled_at"])
    return timedelta(0)
