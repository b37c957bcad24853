"""Errors that nobody has seen before, and errors that came back: told once each.

The digest marks them as news in its transaction; the evaluation that tells of them takes the mark away in its own. So
each is told exactly once, whoever is killed in between.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from alerts.evaluation.health import Finding, apart
from alerts.evaluation.settle import settle
from alerts.evaluation.state_machine import State
from alerts.incidents.resolved_errors import fingerprint_of
from alerts.incidents.transitions import Opening, open_incident, show_anew
from alerts.models import AlertRule, RuleState
from diagnostics.errors.states import is_ignored
from diagnostics.models import ErrorGroup

AT_ONCE: Final = 2_000  # told of in one evaluation; what is left waits for the next
EACH: Final = 5  # of one service told one by one; more together
ALONE: Final = 50  # of all services; more, and each service's are told together
NAMED: Final = 3  # of those told together
ASKED_FOR: Final = 200  # of those told together, whose records the incident shows
WORDS: Final = 120  # characters of an error's own words in a sentence
MANY: Final = "many"

Signal = AlertRule.Signal
News = ErrorGroup.News
States = dict[int, dict[str, RuleState]]


def evaluate_first_seen(
    environment_id: int, rules: Iterable[AlertRule], states: States, health: dict[int, Finding], now: datetime
) -> bool:
    """Tell the news, follow what was told; whether anything fires."""
    news = list(ErrorGroup.objects.filter(environment_id=environment_id).exclude(news="").order_by("pk")[:AT_ONCE])
    active = False
    for rule in rules:
        with apart([rule], health), transaction.atomic():
            known = states.get(rule.pk, {})
            follow(rule, environment_id, known, now)
            for groups in in_parts(wanted_by(rule, news)):
                tell(rule, groups, known, now)
            active |= any(row.state == State.FIRING for row in known.values())
    forget(news)
    return active


def forget(news: Sequence[ErrorGroup]) -> None:
    """Told; it is no news any more. Locked in the order in which digests lock, so that neither stops the other."""
    if news:
        rows = ErrorGroup.objects.filter(pk__in=[group.pk for group in news])
        list(rows.select_for_update().order_by("fingerprint").values_list("pk"))
        rows.update(news=News.NONE)


def wanted_by(rule: AlertRule, news: Sequence[ErrorGroup]) -> list[ErrorGroup]:
    """News that the rule is about."""
    kind = News.REGRESSION if rule.signal == Signal.REGRESSIONS else News.NEW
    return [group for group in news if group.news == kind and not rule.leaves_out(group.service_name)]


def in_parts(groups: Sequence[ErrorGroup]) -> list[list[ErrorGroup]]:
    """Each by itself; where a service has many at once, or there are many in all, a service's together."""
    each = EACH if len(groups) <= ALONE else 1
    services: dict[str, list[ErrorGroup]] = defaultdict(list)
    for group in groups:
        services[group.service_name].append(group)
    parts: list[list[ErrorGroup]] = []
    for found in services.values():
        parts += [[group] for group in found] if len(found) <= each else [found]
    return parts


def tell(rule: AlertRule, groups: Sequence[ErrorGroup], known: dict[str, RuleState], now: datetime) -> None:
    """Open an incident, or find that one is open. An error that comes back once more is told once more: in between a
    person had resolved or ignored it, whether or not its incident has ended by now."""
    first, name = groups[0], series_of(groups)
    row = known.get(name) or RuleState(rule=rule, series=name)
    known[name] = row
    opening = Opening(
        rule=rule,
        series=name,
        service_name=first.service_name,
        http_route="",
        title=f"{rule.name}: {subject_of(rule, groups)}"[:300],
        summary=write_news(rule, groups),
        value=float(len(groups)),
        now=now,
        fingerprints=tuple(group.fingerprint for group in groups[:ASKED_FOR]),
        begins=min(begins_of(group) for group in groups),
    )
    if row.incident is not None and row.state == State.FIRING and len(groups) == 1:
        show_anew(row.incident, opening)
    row.incident = open_incident(opening)
    row.state, row.since, row.healthy_since, row.value, row.evaluated_at = State.FIRING, now, None, len(groups), now
    row.save()


def series_of(groups: Sequence[ErrorGroup]) -> str:
    """The series' name; many together have one for all."""
    return f"{groups[0].service_name} {groups[0].fingerprint if len(groups) == 1 else MANY}".strip()


def begins_of(group: ErrorGroup) -> datetime:
    """The first of its records that are news."""
    return group.first_seen if group.news == News.NEW else group.last_seen


def follow(rule: AlertRule, environment_id: int, known: dict[str, RuleState], now: datetime) -> None:
    """What was told is over when the error has not come again for as long as the rule says."""
    firing = {name: row for name, row in known.items() if row.state == State.FIRING}
    if not firing:
        return
    prints = [fingerprint_of(name) for name in firing]
    groups = ErrorGroup.objects.filter(environment_id=environment_id, fingerprint__in=prints)
    known_errors = {group.fingerprint: group for group in groups}
    lately = now - timedelta(minutes=rule.window_minutes)
    for name, row in firing.items():
        group = known_errors.get(fingerprint_of(name))
        decided = decision_on(group, now)
        is_well = group is None or bool(decided) or group.last_seen < lately
        settle(rule, row, now, is_well=is_well, because=decided or "It was not seen again for long enough.")


def decision_on(group: ErrorGroup | None, now: datetime) -> str:
    """What a person has said of it and still holds; empty for nothing. One that is resolved in the next release may go on
    coming until then."""
    if group is None:
        return ""
    if group.resolved_at is not None:
        return "Its error is resolved."
    return "Its error is ignored." if is_ignored(group, now) else ""


def subject_of(rule: AlertRule, groups: Sequence[ErrorGroup]) -> str:
    """'checkout: PaymentDeclined'."""
    service = groups[0].service_name or rule.environment.name
    return f"{service}: {name_of(groups[0]) if len(groups) == 1 else f'{len(groups):,} at once'}"


def name_of(group: ErrorGroup) -> str:
    """Its type, or its words."""
    return (group.error_type or group.title or "an error without words")[:WORDS]


def write_news(rule: AlertRule, groups: Sequence[ErrorGroup]) -> str:
    """The sentence; without a number of records where that is not known."""
    first = groups[0]
    service = first.service_name or rule.environment.name
    if len(groups) > 1:
        verb = "came back" if rule.signal == Signal.REGRESSIONS else "were never seen before"
        return f"{service}: {len(groups):,} errors {verb}, such as {'; '.join(name_of(one) for one in groups[:NAMED])}."
    words = first.title[:WORDS]
    text = f": {words}" if first.error_type and words else ""
    verb = "came back" if rule.signal == Signal.REGRESSIONS else "was never seen before"
    release = f" in release {first.release}" if first.release else ""
    if not first.records:
        return f"{service}: {name_of(first)}{text} {verb}{release}."
    times = f"{first.records:,} record{'' if first.records == 1 else 's'}"
    if rule.signal == Signal.REGRESSIONS:  # they are of all its releases
        return f"{service}: {name_of(first)}{text} {verb}{release}; {times} since it was first seen."
    return f"{service}: {name_of(first)}{text} {verb}; {times}{release}."
