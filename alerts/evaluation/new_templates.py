"""Message patterns that nobody has seen before: told once each, of a service together.

The digest marks them as news when they get their row; the evaluation that tells of them takes the mark away in its own
transaction. A service is quiet for its first day, in which everything is new. What comes while the incident of a service
is open joins it, so that a deploy which brings forty new warnings is one incident.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, Min, OuterRef

from alerts.evaluation.first_seen import States
from alerts.evaluation.health import Finding, apart
from alerts.evaluation.settle import settle
from alerts.evaluation.state_machine import State
from alerts.evaluation.template_rows import cut
from alerts.evaluation.templates import lowest_level
from alerts.incidents.transitions import Opening, open_incident
from alerts.models import AlertRule, Incident, RuleState
from diagnostics.core.severity import WARN
from diagnostics.models import Template

LEARNING: Final = timedelta(days=1)  # of a service: what it says on its first day is not told
NEWS_WITHIN: Final = timedelta(hours=6)  # what came earlier by its own clock is history that somebody imports
WAITS: Final = timedelta(hours=1)  # for its text, which may be in a later batch
AT_ONCE: Final = 2_000  # told of in one evaluation; what is left waits for the next
NAMED: Final = 3  # of those told together


def evaluate_new_templates(
    environment_id: int, rules: Iterable[AlertRule], states: States, health: dict[int, Finding], now: datetime
) -> bool:
    """Tell the news, follow what was told; whether anything fires."""
    rows = read_news(environment_id)
    ready = [template for template in rows if template.text and template.records]
    news = without_learning(environment_id, ready) if ready else []
    active = False
    for rule in rules:
        with apart([rule], health), transaction.atomic():
            known = states.setdefault(rule.pk, {})
            follow(rule, known, now)
            for templates in by_service(wanted_by(rule, news)):
                tell(rule, templates, known, now)
            active |= any(row.state == State.FIRING for row in known.values())
    done = [each.pk for each in rows if (each.text and each.records) or each.created_at < now - WAITS]
    Template.objects.filter(pk__in=done).update(is_news=False)
    return active


def read_news(environment_id: int) -> list[Template]:
    """What has just got its row. One that a digest is adding to is left for the evaluation that this digest rings for:
    nobody waits here."""
    rows = Template.objects.filter(environment_id=environment_id, is_news=True)
    return list(rows.select_for_update(skip_locked=True).order_by("template_id")[:AT_ONCE])


def has_news(environment_id: int) -> bool:
    """Whether there is one of a level that anybody is told of by default."""
    return Template.objects.filter(environment_id=environment_id, is_news=True, severity_number__gte=WARN).exists()


def without_learning(environment_id: int, templates: Sequence[Template]) -> list[Template]:
    """Without what services say on their first day, what somebody imports, and names of what was known before."""
    everything = Template.objects.filter(environment_id=environment_id)
    services = {template.service_name for template in templates}
    rows = everything.filter(service_name__in=services).order_by().values("service_name")
    since = dict(rows.annotate(since=Min("created_at")).values_list("service_name", "since"))
    older = everything.filter(merged_into=OuterRef("template_id"), created_at__lt=OuterRef("created_at"))
    joined = everything.filter(Exists(older), pk__in=[template.pk for template in templates])
    known = set(joined.values_list("pk", flat=True))
    return [
        template
        for template in templates
        if template.merged_into is None
        and template.pk not in known
        and template.text != Template.ERASED
        and template.created_at - since[template.service_name] >= LEARNING
        and template.last_seen >= template.created_at - NEWS_WITHIN
    ]


def wanted_by(rule: AlertRule, news: Sequence[Template]) -> list[Template]:
    """News that the rule is about."""
    lowest = lowest_level(rule)
    return [
        template
        for template in news
        if template.severity_number >= lowest and not rule.leaves_out(template.service_name)
    ]


def by_service(templates: Iterable[Template]) -> list[list[Template]]:
    """Those of each service, the most frequent first."""
    services: dict[str, list[Template]] = defaultdict(list)
    for template in sorted(templates, key=lambda template: (-template.records, template.template_id)):
        services[template.service_name].append(template)
    return list(services.values())


def tell(rule: AlertRule, templates: Sequence[Template], known: dict[str, RuleState], now: datetime) -> None:
    """Open an incident, or add to the one of the service that is open."""
    first, name = templates[0], series_of(templates)
    row = known.get(name) or RuleState(rule=rule, series=name)
    row.incident = open_incident(
        Opening(
            rule=rule,
            series=name,
            service_name=first.service_name,
            http_route="",
            title=f"{rule.name}: {subject_of(rule, templates)}"[:300],
            summary=write_news(rule, templates),
            value=float(len(templates)),
            now=now,
            templates=tuple(template.template_id for template in templates),
            begins=min(template.first_seen for template in templates),
            joins=open_incident_of(first.service_name, known),
        )
    )
    known[name] = row
    row.state, row.since, row.healthy_since = State.FIRING, now, None
    row.value, row.evaluated_at = float(len(templates)), now
    row.save()


def series_of(templates: Sequence[Template]) -> str:
    """Several that are told together are one series, with the name of the most frequent."""
    return f"{templates[0].service_name} {templates[0].reference}".strip()


def open_incident_of(service: str, known: dict[str, RuleState]) -> Incident | None:
    """The incident of this rule that new patterns of the service have opened."""
    for name, row in known.items():
        if row.state == State.FIRING and name.rpartition(" ")[0] == service and row.incident and row.incident.is_open:
            return row.incident
    return None


def follow(rule: AlertRule, known: dict[str, RuleState], now: datetime) -> None:
    """News is over by itself: a pattern that stays is no news any more."""
    lately = now - timedelta(minutes=rule.window_minutes)
    for row in known.values():
        if row.state == State.FIRING:
            settle(rule, row, now, is_well=row.since < lately, because="No further pattern was new for long enough.")


def subject_of(rule: AlertRule, templates: Sequence[Template]) -> str:
    """'checkout: retry of <*> failed'."""
    service = templates[0].service_name or rule.environment.name
    return f"{service}: {cut(templates[0].text) if len(templates) == 1 else f'{len(templates):,} at once'}"


def write_news(rule: AlertRule, templates: Sequence[Template]) -> str:
    """The sentence; without a number of records where that is not known."""
    first = templates[0]
    service = first.service_name or rule.environment.name
    if len(templates) > 1:
        named = "; ".join(f"“{cut(template.text)}”" for template in templates[:NAMED])
        return f"{service}: {len(templates):,} patterns were never seen before, such as {named}."
    times = f"; {first.records:,} record{'' if first.records == 1 else 's'}" if first.records else ""
    newest = max(first.releases, key=lambda name: int(first.releases[name]), default="")
    release = f" in release {newest}" if newest else ""
    return f"{service}: “{cut(first.text)}” ({first.severity}) was never seen before{times}{release}."
