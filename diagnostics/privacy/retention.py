"""Retention of the audit trail: what is older than its days goes, and the chain says from where it goes on."""

from datetime import timedelta
from itertools import takewhile
from typing import Final

from django.db import transaction

from diagnostics.core import clock
from diagnostics.core.options import option
from diagnostics.models import AccessEvent
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.chain import hold_chain, seal_chain

AT_ONCE: Final = 5000


def cut_audit_trail() -> int:
    """Remove a bounded number of events whose time is over; how many. The database lets go of nothing younger than
    30 days, and of nothing that the chain has not moved its beginning past."""
    with transaction.atomic():
        chain = hold_chain(waits=False)
        old = expired(chain.base_sequence) if chain else []
        if chain is None or not old:
            return 0
        chain.base_sequence, chain.base_digest = old[-1].sequence or 0, old[-1].digest or b""
        seal_chain(chain)
        AccessEvent.objects.filter(sequence__lte=chain.base_sequence).delete()
        said = f"{len(old)} events up to {old[-1].at:%Y-%m-%d %H:%M} UTC"
        record_event(None, "audit.cut", said, sequence=chain.base_sequence)
    return len(old)


def expired(base: int) -> list[AccessEvent]:
    """The oldest events, as far as their time is over without a gap."""
    moment = clock.now() - timedelta(days=option("AUDIT_RETENTION_DAYS"))
    rows = AccessEvent.objects.filter(sequence__gt=base).order_by("sequence").only("sequence", "digest", "at")
    return list(takewhile(lambda event: event.at < moment, rows[:AT_ONCE]))
