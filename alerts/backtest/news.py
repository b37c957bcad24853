"""What is seen for the first time, tried on the past.

The digest wrote down when each error and each message pattern was news, so the same is told here, in the same parts, and
joins the same incidents. What is not kept: how many records there were by then, and the gaps between an error's first
record and its last: it is taken to have come all the while, and lasts here as long as it can have lasted at most.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import groupby
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet

from alerts.backtest.drawing import step_of
from alerts.backtest.incidents import Told
from alerts.backtest.replay import Firing, Tally, begin, end, moment_in
from alerts.backtest.summary import summarise_tally
from alerts.evaluation import first_seen, new_templates
from alerts.evaluation.history import moment_of, number_of
from alerts.evaluation.judge import timing_of
from alerts.evaluation.samples import DAY
from alerts.evaluation.state_machine import SeriesState, State, Transition, step
from alerts.models import AlertRule, Backtest
from diagnostics.detection.sample import Verdict
from diagnostics.models import ErrorGroup, Template

Row = TypeVar("Row", bound=Model)
Signal = AlertRule.Signal
MOST: Final = 20_000  # pieces of news; the newest are looked at


@dataclass(slots=True)
class News:
    """What is told at once of a service. `well_from`: when it looks well, as far as is known."""

    minute: int
    service: str
    series: str
    title: str
    sentence: str
    count: int
    well_from: datetime


@dataclass(slots=True)
class Trial:
    """What the rule would have told. `times`: minutes of all news, for a chart."""

    tally: Tally = field(default_factory=Tally)
    times: list[int] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=dict)  # series that fire -> the minute in which it is over
    queue: list[tuple[int, str]] = field(default_factory=list)  # the same, the next one first; some are out of date


def try_news(rule: AlertRule, since: int, until: int) -> Trial:
    """All of the past at once: it is small."""
    trial = Trial()
    read = templates_told if rule.signal == Signal.NEW_TEMPLATES else errors_told
    for news in read(rule, since, until):
        trial.times += [news.minute] * news.count
        settle(trial, news.minute)
        note(trial, rule, news, until)
    settle(trial, until)
    for firing in trial.tally.open.values():
        trial.tally.longest = max(trial.tally.longest, until - firing.first)
        trial.tally.minutes += until - firing.first
    return trial


def note(trial: Trial, rule: AlertRule, news: News, until: int) -> None:
    """It is told, or belongs to what was told."""
    tally = trial.tally
    told = tally.incidents.begin(news.series, news.service, news.minute, joins_any=rule.signal == Signal.NEW_TEMPLATES)
    if news.series not in tally.open:
        message = f"{news.title}\n{news.sentence}"
        begin(tally, Firing(news.series, news.minute, None, float(news.count), message, told))
    trial.ends[news.series] = over_at(rule, news, until)
    heappush(trial.queue, (trial.ends[news.series], news.series))


def settle(trial: Trial, minute: int) -> None:
    """What is over by now ends, in its order."""
    while trial.queue and trial.queue[0][0] < minute:
        at, name = heappop(trial.queue)
        if trial.ends.get(name) == at:
            del trial.ends[name]
            trial.tally.minutes += at - trial.tally.open[name].first
            trial.tally.incidents.end(name, at)
            end(trial.tally, name, at)


def over_at(rule: AlertRule, news: News, until: int) -> int:
    """The minute in which the state machine resolves it; `until` if it still fires then. Until it looks well, nothing
    moves."""
    state, timing = SeriesState(State.FIRING, moment_in(news.minute)), timing_of(rule)
    verdict = Verdict(is_bad=False, is_well=True, measured=float(news.count))
    for minute in range(max(news.minute + 1, number_of(news.well_from)), until):
        now = moment_in(minute)
        if now > news.well_from:
            state, transition = step(state, verdict, timing, now)
            if transition == Transition.RESOLVES:
                return minute
    return until


def errors_told(rule: AlertRule, since: int, until: int) -> Iterator[News]:
    """Errors by the minute in which they were news, each by itself, or many of a service together."""
    name_of = "came_back_at" if rule.signal == Signal.REGRESSIONS else "noticed_at"
    rows = newest(ErrorGroup.objects.filter(environment_id=rule.environment_id), name_of, since, until)
    window = timedelta(minutes=rule.window_minutes)
    for minute, groups in groupby(rows, lambda group: number_of(getattr(group, name_of))):
        wanted = [as_told(group, rule) for group in groups if not rule.leaves_out(group.service_name)]
        for part in first_seen.in_parts(wanted):
            name = first_seen.series_of(part)
            last = moment_in(minute) if len(part) > 1 else part[0].last_seen + window
            title = f"{rule.name}: {first_seen.subject_of(rule, part)}"[:300]
            yield News(minute, part[0].service_name, name, title, first_seen.write_news(rule, part), len(part), last)


def as_told(group: ErrorGroup, rule: AlertRule) -> ErrorGroup:
    """As far as it was known then; not saved."""
    group.records = 0
    group.release = "" if rule.signal == Signal.REGRESSIONS else group.first_release
    return group


def templates_told(rule: AlertRule, since: int, until: int) -> Iterator[News]:
    """Message patterns by the minute in which they were news, those of a service together."""
    rows = Template.objects.filter(environment_id=rule.environment_id).exclude(text="")
    known = new_templates.without_learning(rule.environment_id, newest(rows, "created_at", since, until))
    for template in known:
        template.records, template.releases = 0, {}
    window = timedelta(minutes=rule.window_minutes)
    for minute, found in groupby(known, lambda template: number_of(template.created_at)):
        for part in new_templates.by_service(new_templates.wanted_by(rule, list(found))):
            title = f"{rule.name}: {new_templates.subject_of(rule, part)}"[:300]
            sentence, name = new_templates.write_news(rule, part), new_templates.series_of(part)
            yield News(minute, part[0].service_name, name, title, sentence, len(part), moment_in(minute) + window)


def newest(rows: "QuerySet[Row]", name: str, since: int, until: int) -> list[Row]:
    """Rows of the time, the oldest first."""
    wanted = rows.filter(**{f"{name}__gte": moment_of(since), f"{name}__lt": moment_of(until)})
    return list(wanted.order_by(f"-{name}", "-pk")[:MOST])[::-1]


def summarise_news(trial: Trial, backtest: Backtest) -> dict[str, Any]:
    """The result, as that of rules with limits has it; there are no neighbours."""
    step_minutes = step_of(backtest.since, backtest.until)
    values = Counter((minute - backtest.since) // step_minutes for minute in trial.times)
    opened = [one for one in trial.tally.firings if one.told == Told.OPENS]
    drawing = {
        "series": "", "step": step_minutes, "values": values, "bands": {},
        "spans": [[one.first, one.last or backtest.until] for one in opened],
    }  # fmt: skip
    told = summarise_tally(trial.tally, backtest.days * DAY)
    return {**told, "watched": len(trial.times), "news": len(trial.times), "neighbours": [], "drawing": drawing}


def write_gaps(rule: AlertRule, days: int) -> str:
    """What is not kept of what was news, in words."""
    if rule.signal == Signal.NEW_TEMPLATES:
        kept = rule.environment.retention_days
        forgotten = f" Patterns that were not seen for {kept} days are forgotten." if kept < days else ""
        return f"How many records there were by then is not kept.{forgotten}"
    last = " Of an error that came back several times, the last time is known."
    return (
        "How many records there were by then is not kept. An error is taken to have come all the while from its first record "
        "to its last, so it is over here as late as it can have been."
        f"{last if rule.signal == Signal.REGRESSIONS else ''}"
    )
