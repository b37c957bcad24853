"""Rules tried on a service's week with the backtest's own state machine: what is promised is what will be."""

from collections.abc import Sequence
from typing import Any, Final

from alerts.backtest.replay import Replay, Tally
from alerts.backtest.variants import Variant, limit_of, variant
from alerts.models import AlertRule
from alerts.suggestions.week import Week

SHOWN: Final = 100  # firings that the evidence keeps


def try_rule(rule: AlertRule, week: Week) -> Tally:
    """One rule of the service."""
    return try_variants([variant(rule, limit_of(rule), is_own=True)], week)[0]


def try_limits(rule: AlertRule, limits: Sequence[float], week: Week) -> list[Tally]:
    """The same rule with each of these limits."""
    return try_variants([variant(rule, limit, is_own=number == 0) for number, limit in enumerate(limits)], week)


def try_variants(variants: Sequence[Variant], week: Week) -> list[Tally]:
    """Minute by minute, as a backtest of the same days does."""
    replay = Replay(variants, week.since, week.until, explain=lambda *_: "")
    for minute in range(week.since - replay.memory, week.until):
        replay.advance(minute, week.rows.get(minute, []))
    replay.finish()
    return replay.tallies


def firings_of(tally: Tally) -> list[list[Any]]:
    """[first minute, last or None, highest value], the newest of them."""
    return [[one.first, one.last, round(one.peak, 4)] for one in tally.firings[-SHOWN:]]


def covers(tally: Tally, since: int, until: int) -> bool:
    """Whether it fired at some time within."""
    return any(one.first <= until and (one.last is None or one.last >= since) for one in tally.firings)
