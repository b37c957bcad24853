"""An environment's minutes in a worker's memory: loaded once, then only what is new or has changed is read.

What is kept is a copy; every process may have one and lose it. Two statements an evaluation, however many rules: the
newest minutes, and the notes of older ones that late records have changed.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from alerts.evaluation.baselines import Baselines
from alerts.evaluation.samples import BACK, USUAL_MINUTES, Instant, Past
from alerts.evaluation.series import TEMPLATE, Series, grouping_of
from alerts.evaluation.signals import matches_column
from alerts.evaluation.stretch import Row, Stretch
from alerts.evaluation.template_rows import find_templates, read_template_rows
from alerts.evaluation.templates import NO_TEMPLATES
from alerts.models import AlertRule, LateMinute, MatchCount
from diagnostics.core import clock
from diagnostics.models import MinuteRollup

RECENT_MINUTES: Final = 5  # always read anew: a digest may still be adding to them
SETTLE: Final = timedelta(seconds=15)  # a minute is over when so much more time has passed: records travel
LAG: Final = 2  # minutes more until a baseline learns a minute for good; it is looked at before
NOTES_AGAIN: Final = timedelta(minutes=3)  # notes of other digests may be committed out of order
ENVIRONMENTS: Final = 200  # kept at a time

CHUNK: Final = 2_000


def read_rows(environment_id: int, since: int, until: int, service_name: str = "") -> Iterator[Row]:
    """Rollups of an environment (of one service) in [since, until)."""
    names = ("minute", "source", "service_name", "http_route", "release", "latency", *MinuteRollup.COUNTS)
    rows = MinuteRollup.objects.filter(
        environment_id=environment_id, minute__gte=moment_of(since), minute__lt=moment_of(until)
    )
    if service_name:
        rows = rows.filter(service_name=service_name)
    values = rows.values_list(*names)
    for minute, source, service, route, release, latency, *counts in values.iterator(CHUNK):
        named = {name: count for name, count in zip(MinuteRollup.COUNTS, counts, strict=True) if count}
        if "errors" in named:  # the sum holds warnings alone, the signal what is worse, too
            named["warnings"] = named.get("warnings", 0) + named["errors"]
        yield Row(number_of(minute), source, Series(service, route, release), named, latency)


def read_matches(environment_id: int, since: int, until: int) -> Iterator[Row]:
    """Matches of rules in [since, until), as rows that carry nothing else."""
    rows = MatchCount.objects.filter(
        rule__environment_id=environment_id, minute__gte=moment_of(since), minute__lt=moment_of(until)
    ).values_list("minute", "rule_id", "service_name", "http_route", "release", "count")
    for minute, rule_id, service, route, release, count in rows.iterator(CHUNK):
        series = Series(service, route, release)
        yield Row(number_of(minute), "match", series, {matches_column(rule_id): count})


class History:
    """One environment's stretches, kept up to date."""

    def __init__(self, environment_id: int) -> None:
        self.environment_id = environment_id
        self.shape: tuple[frozenset[str], bool, int] | None = None
        self.stretches: dict[int, Stretch] = {}  # by minutes back: 0 is the present
        self.until: dict[int, int] = {}  # the minute after the last one loaded, of each
        self.read_at: datetime | None = None
        self.baselines = Baselines(lag=LAG)
        self.templates = NO_TEMPLATES

    def instant(self, rules: Iterable[AlertRule], now: datetime) -> Instant:
        """The environment as it is now, for these rules."""
        rules = list(rules)
        shape = shape_of(rules)
        if shape != self.shape:
            self.shape, self.stretches, self.until = shape, {}, {}
        self.find_templates(rules)
        end = number_of(now) + 1
        changed = self.changed_since_read(now)
        present = self.stretch(0, end, changed)
        pasts = {
            compare: Past(back, self.stretch(back, end, changed))
            for compare, back in BACK.items()
            if any(rule.compare_to == compare and rule.condition == AlertRule.Condition.CHANGE for rule in rules)
        }
        return Instant(present, end, number_of(now - SETTLE), pasts, self.templates)

    def find_templates(self, rules: list[AlertRule]) -> None:
        """The message patterns that these rules watch. Where one is counted elsewhere by now (it was joined to another, or
        found room), what is in memory is counted anew."""
        before, self.templates = self.templates, find_templates(self.environment_id, rules)
        if self.templates.has_moved(before):
            self.stretches, self.until = {}, {}

    def earlier(self, instant: Instant, since: int, until: int) -> Instant:
        """The same environment as far back as `since`: what is in memory where that reaches, else read for this once."""
        assert self.shape is not None
        if since >= until - self.shape[2]:
            return instant
        stretch = Stretch(self.shape[0])
        stretch.put(self.read(since - USUAL_MINUTES, until))
        return Instant(stretch, instant.end, instant.whole_end, instant.pasts, instant.templates)

    def changed_since_read(self, now: datetime) -> int | None:
        """The oldest minute that late records have changed since the last reading, if any has."""
        before, self.read_at = self.read_at, now
        if before is None:
            return None
        notes = LateMinute.objects.filter(environment_id=self.environment_id, noted_at__gte=before - NOTES_AGAIN)
        oldest = notes.order_by("minute").values_list("minute", flat=True).first()
        return None if oldest is None else number_of(oldest)

    def stretch(self, back: int, end: int, changed: int | None) -> Stretch:
        """The stretch so many minutes back, its newest minutes read anew."""
        assert self.shape is not None
        until = end - back
        since = until - self.shape[2]
        found, loaded = self.stretches.get(back), self.until.get(back, 0)
        if found is None or loaded < since:
            found = self.stretches[back] = Stretch(self.shape[0])
            start = since
        else:
            start = min(loaded, until) - (RECENT_MINUTES if back == 0 else 1)
            start = max(start if changed is None else min(start, changed), since)
            found.cut_before(since)
            found.cut_from(start)
        found.put(self.read(start, until))
        self.until[back] = until
        return found

    def read(self, since: int, until: int) -> list[Row]:
        """Sums; matches and message patterns where a rule counts any."""
        assert self.shape is not None
        rows = list(read_rows(self.environment_id, since, until))
        if self.shape[1]:
            rows += read_matches(self.environment_id, since, until)
        rows += read_template_rows(self.environment_id, self.templates, since, until)
        return rows


def shape_of(rules: list[AlertRule]) -> tuple[frozenset[str], bool, int]:
    """(groupings, whether matches are counted, minutes) that these rules look at."""
    longest = max((rule.window_minutes for rule in rules), default=1)
    matches = any(rule.signal == AlertRule.Signal.MATCHES for rule in rules)
    groupings = {grouping_of(rule) for rule in rules}
    if TEMPLATE in groupings:
        groupings.add(AlertRule.GroupBy.SERVICE)  # whether anything is heard of a pattern's service
    return frozenset(groupings), matches, longest + max(USUAL_MINUTES, longest)


def number_of(moment: datetime) -> int:
    """The number of the moment's minute since 1970."""
    return clock.minute_of(clock.to_ns(moment))


def moment_of(minute: int) -> datetime:
    """The start of a minute."""
    return datetime.fromtimestamp(minute * 60, UTC)


KEPT: OrderedDict[int, History] = OrderedDict()


def history_of(environment_id: int) -> History:
    """The environment's history in this process."""
    found = KEPT.pop(environment_id, None) or History(environment_id)
    KEPT[environment_id] = found
    while len(KEPT) > ENVIRONMENTS:
        KEPT.popitem(last=False)
    return found
