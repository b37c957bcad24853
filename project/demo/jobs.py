"""The shop's jobs: they check in on time, but for the one that payments in trouble make fail."""

import random
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from alerts.models import Monitor, Outcome
from alerts.monitors.changes import save_monitor
from alerts.monitors.telling import Report, TooOftenError, take_check_in
from diagnostics.core import clock
from diagnostics.models import Environment

EVERY: Final = 60.0  # seconds between two runs of what runs often
PAST: Final = 28  # runs of each before the demo began
JOBS: Final[tuple[tuple[dict[str, Any], timedelta, float], ...]] = (  # monitor, time between runs, seconds that one takes
    ({"slug": "stock-sync", "name": "Stock sync", "schedule": "1m", "grace_minutes": 2}, timedelta(minutes=1), 4),
    ({"slug": "invoices", "name": "Invoices", "schedule": "1m", "longest_minutes": 5}, timedelta(minutes=1), 19),
    (
        {"slug": "nightly-backup", "name": "Nightly backup", "schedule": "0 2 * * *", "zone": "Europe/Berlin", "grace_minutes": 30,
         "severity": "critical"}, timedelta(days=1), 760,
    ),
)  # fmt: skip
FAILS: Final = "invoices"
SAID: Final = "invoice 20418: payments answered 503, given up after 3 tries"


class Jobs:
    """Those of one environment."""

    def __init__(self, environment: Environment, dice: random.Random) -> None:
        self.dice, self.next_at = dice, 0.0
        self.known: dict[str, Monitor] = {}
        for fields, every, seconds in JOBS:
            monitor = Monitor.objects.filter(environment=environment, slug=fields["slug"]).first()
            if monitor is None:
                monitor = Monitor(environment=environment, **fields)
                with transaction.atomic():  # half of its past would look like a job that fell silent
                    save_monitor(None, monitor)
                    self.tell_past(monitor, every, seconds)
            self.known[monitor.slug] = monitor
        monitor = Monitor(environment=environment, slug="weekly-report", name="Weekly report", schedule="0 6 * * mon")
        if not Monitor.objects.filter(environment=environment, slug=monitor.slug).exists():
            save_monitor(None, monitor)  # it never reports: so is one that was just made

    def tell_past(self, monitor: Monitor, every: timedelta, seconds: float) -> None:
        """All went well before, but for once."""
        now = clock.now()
        last = now - every / 2 if every < timedelta(hours=1) else monitor.timing.next_after(now - every)
        for back in range(PAST, 0, -1):
            well = back != PAST // 2 or monitor.slug != FAILS
            self.run(monitor, seconds, min(now, last - (back - 1) * every + timedelta(seconds=seconds)), is_well=well)

    def step(self, now: float, *, is_well: bool) -> None:
        """Run what is due."""
        if now < self.next_at:
            return
        self.next_at = now + EVERY
        for fields, every, seconds in JOBS:
            if every < timedelta(hours=1):
                slug = fields["slug"]
                self.run(self.known[slug], seconds, clock.now(), is_well=is_well or slug != FAILS)

    def run(self, monitor: Monitor, seconds: float, at: datetime, *, is_well: bool) -> None:
        """One run, told when it ends."""
        took = int(1000 * seconds * self.dice.uniform(0.7, 1.4))
        outcome, code, said = (Outcome.OK, 0, "") if is_well else (Outcome.FAILED, 1, SAID)
        try:
            take_check_in(monitor.pk, Report(outcome, code, said, took), at)
        except (Monitor.DoesNotExist, TooOftenError):
            return  # somebody who tries the demo has deleted it, or restarts it again and again
