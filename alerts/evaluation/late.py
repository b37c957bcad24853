"""Records that come late: their windows are looked at again, once, and may fire, marked as late.

A digest notes the minutes that the shortest window may no longer hold when it added to them. The next evaluation claims the
notes and steps the same state machine through the windows that such a minute lies in, for each rule whose present window
has left it behind: of a rule of one minute that is any minute that is over. A window that a series has fired for never
fires again, and neither does one from before the rule was made or changed.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from alerts.evaluation.apply import fire_late
from alerts.evaluation.history import History, moment_of, number_of
from alerts.evaluation.judge import judge, timing_of
from alerts.evaluation.samples import Instant, measure
from alerts.evaluation.series import Series, grouping_of
from alerts.evaluation.signals import column_of
from alerts.evaluation.state_machine import SeriesState, State, Transition, step
from alerts.evaluation.step import Outcome, with_usual
from alerts.models import AlertRule, LateMinute, RuleState

logger = logging.getLogger(__name__)

HORIZON: Final = timedelta(hours=6)  # what is older is history that somebody imports, and no alarm
SOONEST: Final = (
    3  # minutes: one that is so old is late for every rule, one that is younger for those of shorter windows
)
LOOKS: Final = 30  # at windows of one length, for one late minute
Condition = AlertRule.Condition
# Late records only add; what looks for too little has nothing to gain from them, and a baseline has moved on.
JUDGED: Final = frozenset({Condition.THRESHOLD.value, Condition.SHARE.value, Condition.CHANGE.value})

Minutes = dict[str, set[int]]  # of each service
States = dict[int, dict[str, RuleState]]


def evaluate_late(
    history: History, rules: Iterable[AlertRule], instant: Instant, states: States, now: datetime
) -> None:
    """Claim what is noted and judge its windows."""
    noted = claim_notes(history.environment_id, now)
    oldest = min((min(minutes) for minutes in noted.values()), default=0)
    rules = [rule for rule in rules if is_judged(rule) and oldest < late_before(rule, instant.end)]
    if not noted or not rules:
        return
    longest = max(rule.window_minutes for rule in rules)
    earlier = history.earlier(instant, oldest - 2 * longest, instant.end)
    for rule in rules:
        known = states.setdefault(rule.pk, {})
        try:
            with transaction.atomic():
                for outcome, end in find_late(rule, earlier, instant.end, noted, known):
                    fire_late(rule, outcome, known, end, now)
        except Exception:  # one rule that cannot be evaluated must not stop the others
            logger.exception("rule %d cannot be evaluated for late records", rule.pk)


def is_judged(rule: AlertRule) -> bool:
    """Whether late records can make the rule fire."""
    return rule.condition in JUDGED and (rule.condition != Condition.CHANGE or rule.threshold >= 1)


def late_before(rule: AlertRule, present: int) -> int:
    """What is older has left the rule's present window, or is late for every rule."""
    return present - min(rule.window_minutes, SOONEST)


def claim_notes(environment_id: int, now: datetime) -> Minutes:
    """Minutes that nobody has looked at again yet; the caller's lock lets one evaluation at a time do so."""
    notes = LateMinute.objects.filter(environment_id=environment_id, evaluated_at=None)
    found: Minutes = defaultdict(set)
    for minute, service in notes.filter(minute__gte=now - HORIZON).values_list("minute", "service_name"):
        found[service].add(number_of(minute))
    if found:
        notes.update(evaluated_at=now)
    return found


def find_late(
    rule: AlertRule, earlier: Instant, present: int, noted: Minutes, states: dict[str, RuleState]
) -> Iterator[tuple[Outcome, int]]:
    """Series that fire in a window that is over, with the window's end."""
    before = late_before(rule, present)
    noted = {service: {minute for minute in minutes if minute < before} for service, minutes in noted.items()}
    for series in earlier.stretch.lanes[grouping_of(rule)]:
        if not earlier.wants(rule, series):
            continue
        minutes = noted.get(series.service_name, set()) if series.service_name else set().union(*noted.values())
        row = states.get(series.name)
        if not minutes or (row is not None and row.state == State.FIRING):
            continue
        found = walk(rule, earlier, series, window_ends(rule, minutes, present))
        if found is not None and not has_fired(row, found[1] - rule.window_minutes, found[1]):
            yield found


def window_ends(rule: AlertRule, minutes: set[int], present: int) -> list[int]:
    """Ends of the windows that hold one of these minutes and are not the present one; where the rule waits, also of
    those that lead up to them and follow."""
    length, wait = rule.window_minutes, -(-rule.for_seconds // 60)
    stride = max(1, length // LOOKS)
    first = number_of(rule.updated_at)
    ends = {end for minute in minutes for end in range(minute + 1 - wait, minute + length + 1 + wait, stride)}
    return sorted(end for end in ends if first < end < present)


def walk(rule: AlertRule, earlier: Instant, series: Series, ends: list[int]) -> tuple[Outcome, int] | None:
    """Step through the windows; the first outcome that fires."""
    lane, timing = earlier.stretch.lanes[grouping_of(rule)][series], timing_of(rule)
    state = SeriesState(State.OK, moment_of(ends[0])) if ends else None
    for end in ends:
        assert state is not None
        sample = measure(lane, column_of(rule), end - rule.window_minutes, end)
        if rule.condition == Condition.CHANGE:
            sample = with_usual(rule, earlier.at(end), series, sample, None)
        verdict = judge(rule, sample)
        state, transition = step(state, verdict, timing, moment_of(end))
        if transition == Transition.FIRES:
            return Outcome(series, sample, verdict, None, state, transition), end
    return None


def has_fired(row: RuleState | None, since: int, until: int) -> bool:
    """Whether the series has fired for a window that overlaps this one."""
    return row is not None and any(first < until and since < last for first, last in row.fired)
