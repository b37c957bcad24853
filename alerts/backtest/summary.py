"""What a backtest found, as JSON for its page: counts, firings with their messages, neighbours, a chart's numbers."""

from typing import Any, Final

from alerts.backtest.incidents import Told
from alerts.backtest.replay import Replay, Tally
from alerts.evaluation.samples import DAY

SHOWN_FIRINGS: Final = 100
SHOWN_SERIES: Final = 10
WEEK: Final = 7


def summarise(replay: Replay, days: int) -> dict[str, Any]:
    """The result of a replay that is over."""
    own = replay.tallies[0]
    drawn = drawn_series(replay, own)
    begins = data_since(replay)
    is_short = begins - replay.since >= DAY
    length = replay.until - begins if is_short else days * DAY
    return {
        **summarise_tally(own, length),
        "data_since": begins if is_short else None,
        "watched": len(replay.drawing.values),
        "neighbours": [
            {
                "limit": variant.limit,
                "label": variant.label,
                "is_own": variant.is_own,
                **numbers(tally, length),
                "spans": [[one.series, one.first, one.last] for one in tally.firings[:SHOWN_FIRINGS]],
            }
            for variant, tally in sorted(
                zip(replay.variants, replay.tallies, strict=True), key=lambda pair: pair[0].limit
            )
        ],
        "drawing": {
            "series": drawn,
            "step": replay.drawing.step,
            "values": replay.drawing.values.get(drawn, {}),
            "bands": replay.drawing.bands.get(drawn, {}),
            "spans": [[one.first, one.last or replay.until] for one in own.firings if one.series == drawn],
        },
    }


def data_since(replay: Replay) -> int:
    """The first minute of which there is something to look at, to the step of the chart: where nothing was sent yet,
    nothing could have fired."""
    buckets = [bucket for values in replay.drawing.values.values() for bucket in values]
    return replay.since + min(buckets, default=0) * replay.drawing.step


def summarise_tally(tally: Tally, length: int) -> dict[str, Any]:
    """What one variant would have told in so many minutes: how often, when, in which words."""
    telling = [one for one in tally.firings if one.told != Told.JOINS]
    return {
        **numbers(tally, length),
        "firings": [
            [one.series, one.first, one.last, one.peak, one.message, one.told] for one in telling[-SHOWN_FIRINGS:][::-1]
        ],
        "told": len(telling),
        "first": telling[0].first if telling else None,
        "last": max((one.first for one in telling), default=None),
        "series": sorted(tally.by_series.items(), key=lambda item: (-item[1], item[0]))[:SHOWN_SERIES],
    }


def numbers(tally: Tally, length: int) -> dict[str, Any]:
    """How often, how long. Less than a day says nothing of a week."""
    return {
        "count": tally.count,
        "fired": tally.fired,
        "a_week": round(tally.count * WEEK * DAY / length, 1) if length >= DAY else None,
        "minutes": tally.minutes,
        "longest": tally.longest,
    }


def drawn_series(replay: Replay, own: Tally) -> str:
    """The one that fired most, else the one that has the most to show."""
    drawn = replay.drawing.values
    fired = [(count, name) for name, count in own.by_series.items() if name in drawn]
    if fired:
        return max(fired)[1]
    return max(drawn, key=lambda name: len(drawn[name]), default="")
