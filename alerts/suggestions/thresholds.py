"""A limit of its own for a service: clearly above what it usually shows, tried on its week, and better than what is there.

Two reasons make one worth proposing: a rule of the environment that cries too often about this service, or none that would
notice when it is far beyond its own usual.
"""

from dataclasses import dataclass
from typing import Any, Final

from alerts.backtest.replay import Tally
from alerts.backtest.variants import figures, write_limit
from alerts.models import AlertRule, Suggestion
from alerts.suggestions.acknowledged import Span, spans_of
from alerts.suggestions.draft import draft_rule, set_limit, values_of_draft
from alerts.suggestions.found import DAYS, MOST_A_WEEK, Found
from alerts.suggestions.present import FIXED, Present, Tried, look_at_present
from alerts.suggestions.trial import covers, firings_of, try_limits
from alerts.suggestions.usual import Usual, find_usual, lane_of
from alerts.suggestions.week import Week

Condition = AlertRule.Condition
Signal = AlertRule.Signal

HEADROOM: Final = 1.5  # times the high end of the usual, at least
ABOVE_MEDIAN: Final = 2.0
STEPS: Final = (
    1.0,
    1.25,
    1.6,
    2.0,
    2.5,
    3.2,
    4.0,
    6.0,
)  # of the lowest limit that would do; the first that fits is taken
NOISY: Final = 4  # incidents a week about one service, from which a rule is said to cry too often
BLIND: Final = 3.0  # times the limit that is proposed: a rule so far off notices nothing
MOST_SHARE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Form:
    """A signal for which a fixed limit makes sense. `least`: no lower limit; `floor`: events within these."""

    signal: str
    condition: str
    least: float
    floor: tuple[int, int]


FORMS: Final = (
    Form(Signal.STATUS_5XX, Condition.SHARE, 0.01, (20, 1_000)),
    Form(Signal.ERRORS, Condition.SHARE, 0.01, (20, 1_000)),
    Form(Signal.ERRORS, Condition.THRESHOLD, 5.0, (1, 1)),
    Form(Signal.LATENCY_P95, Condition.THRESHOLD, 100.0, (10, 500)),
)


@dataclass(slots=True)
class Choice:
    """The limit that was taken, and those that were tried."""

    rule: AlertRule
    limits: list[float]
    tallies: list[Tally]
    number: int

    @property
    def tally(self) -> Tally:
        """What it would have done."""
        return self.tallies[self.number]


def propose_thresholds(rules: list[AlertRule], week: Week) -> list[Found]:
    """At most one for a signal."""
    lane = lane_of(week)
    found: dict[str, Found] = {}
    seen: dict[str, Present] = {}
    for form in FORMS if lane is not None else ():
        if form.signal in found:
            continue
        present = seen.get(form.signal) or look_at_present(rules, form.signal, week)
        seen[form.signal] = present
        if not is_worth_trying(present, form):
            continue
        assert lane is not None
        like = present.noisiest.rule if present.noisiest else None
        rule = draft_rule(form.signal, form.condition, week.service_name, like)
        usual = find_usual(rule, week, lane, *form.floor)
        if usual is not None and (one := judge(form, rule, usual, present, week)) is not None:
            found[form.signal] = one
    return list(found.values())


def is_worth_trying(present: Present, form: Form) -> bool:
    """Whether anything could come of it: one cries, or there is room between. A rule of this service alone is tuned, not
    replaced."""
    if present.has_own:
        return False
    noisiest = present.noisiest
    return (noisiest is not None and noisiest.count >= NOISY) or not present.is_watched_closer


def judge(form: Form, rule: AlertRule, usual: Usual, present: Present, week: Week) -> Found | None:
    """The lowest limit that keeps quiet, if it is better than what is there."""
    if rule.condition == Condition.SHARE:
        rule.minimum_count, rule.minimum_sample = 5, usual.floor
    elif rule.signal == Signal.LATENCY_P95:
        rule.minimum_count = usual.floor
    choice = choose(form, rule, usual, week)
    if choice is None:
        return None
    acknowledged = spans_of([one.rule for one in present.tried], week)
    noisy = [one for one in present.tried if one.count >= NOISY and one.count > choice.tally.count]
    if noisy and all(covers(choice.tally, *span) for span in acknowledged):
        return found_of(choice, usual, present, noisy, acknowledged, week, "quieter")
    if noisy or present.is_watched_closer or not is_blind(choice, present):
        return None
    reason = "closer" if present.tried else "nobody"
    return found_of(choice, usual, present, [], acknowledged, week, reason)


def choose(form: Form, rule: AlertRule, usual: Usual, week: Week) -> Choice | None:
    """Limits from the lowest that is clearly above the usual on; the first that would have been quiet."""
    start = max(usual.high * HEADROOM, usual.median * ABOVE_MEDIAN, form.least)
    most = MOST_SHARE if rule.condition == Condition.SHARE else float("inf")
    limits = sorted({limit for step in STEPS if (limit := figures(start * step)) <= most})
    if not limits:
        return None
    set_limit(rule, limits[0])
    tallies = try_limits(rule, limits, week)
    quiet = [number for number, tally in enumerate(tallies) if tally.count <= MOST_A_WEEK]
    if not quiet:
        return None
    # The trial moved the recovery along with the limit: so does the rule that is proposed.
    recover = rule.recover_threshold or 0.0
    rule.recover_threshold = recover * limits[quiet[0]] / limits[0]
    rule.threshold = limits[quiet[0]]
    return Choice(rule, limits, tallies, quiet[0])


def is_blind(choice: Choice, present: Present) -> bool:
    """Whether every fixed limit there is lies far above."""
    same = [one.rule for one in present.tried if one.rule.condition in FIXED]
    alike = [rule for rule in same if rule.condition == choice.rule.condition]
    return len(alike) == len(same) and all(rule.threshold >= BLIND * choice.rule.threshold for rule in alike)


def found_of(
    choice: Choice,
    usual: Usual,
    present: Present,
    noisy: list[Tried],
    acknowledged: list[Span],
    week: Week,
    reason: str,
) -> Found:
    """With all of the evidence."""
    replaced = [one.rule for one in noisy]
    targets = sorted({pk for rule in replaced[:1] for pk in rule.targets.values_list("pk", flat=True)})
    evidence: dict[str, Any] = {
        "reason": reason,
        "days": DAYS,
        "since": week.since,
        "until": week.until,
        "windows": usual.windows,
        "median": usual.median,
        "high": usual.high,
        "peak": usual.peak,
        "count": choice.tally.count,
        "firings": firings_of(choice.tally),
        "present": [one.tell(is_replaced=one in noisy) for one in present.tried],
        "before": max((one.count for one in noisy), default=0),
        "spans": firings_of(max(noisy, key=lambda one: one.count).tally) if noisy else [],
        "neighbours": [
            [limit, write_limit(choice.rule, limit), tally.count, number == choice.number]
            for number, (limit, tally) in enumerate(zip(choice.limits, choice.tallies, strict=True))
        ],
        "acknowledged": len(acknowledged),
        "hours": usual.hours,
    }
    saved = max((one.count for one in noisy), default=0) - choice.tally.count
    return Found(
        Suggestion.Kind.THRESHOLD,
        choice.rule.signal,
        {
            "values": values_of_draft(choice.rule),
            "targets": targets,
            "leaves": sorted(rule.pk for rule in replaced),
        },
        evidence,
        weight=float(max(saved, 0)) or 0.5,
        service_name=week.service_name,
    )
