"""What nobody acknowledges within a target's time is told further: to the target's escalation, or to the target again."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from django.db.models import DateTimeField, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from alerts.delivery.plan import plan_escalation
from alerts.delivery.silencing import hush_of, rule_named
from alerts.incidents.history import add_event
from alerts.models import Incident, IncidentEvent, Notification, Target

MOST: Final = 5  # times that nobody answers a target about one incident: then silence is the answer
Action, State = Notification.Action, Notification.State
MINUTE: Final = Value(timedelta(minutes=1), output_field=DurationField())
BEGAN: Final = Coalesce("incident__reopened_at", "incident__opened_at")


def waiting_news(by: datetime | None = None) -> "QuerySet[Notification]":
    """The newest that a target was told of an incident which nobody has acknowledged, with `answer_by`: until when somebody
    has to. What could not be told counts as told: nobody will answer it either. `by`: only where that time is over then."""
    news = Notification.objects.filter(action__in=(Action.TRIGGER, Action.UPDATE))
    told = (
        Q(state__in=(State.SENT, State.FAILED)) | Q(state=State.PENDING, attempts__gt=0) | Q(told_by__state=State.SENT)
    )
    newer = news.exclude(state=State.SUPPRESSED, told_by=None).filter(
        incident=OuterRef("incident"), target=OuterRef("target"), created_at__gt=OuterRef("created_at")
    )
    told_at = Coalesce("sent_at", "told_by__sent_at", "created_at")
    answer_by = ExpressionWrapper(told_at + F("target__answer_minutes") * MINUTE, output_field=DateTimeField())
    open_news = news.filter(
        told, ~Exists(newer), incident__state=Incident.State.TRIGGERED, target__answer_minutes__isnull=False,
        unanswered_at=None, created_at__gte=BEGAN,
    )  # fmt: skip
    rows = open_news.select_related("target__escalation").annotate(answer_by=answer_by).order_by("answer_by", "pk")
    return rows if by is None else rows.filter(answer_by__lte=by)


def unanswered_news(now: datetime) -> "QuerySet[Notification]":
    """Those whose time is over; while an incident is snoozed, or flaps and looks well, nobody has to answer."""
    rests = Q(incident__snoozed_until__gt=now) | Q(incident__settles_at__isnull=False)
    return waiting_news(by=now).exclude(rests)


def call_further(incident: Incident, now: datetime) -> None:
    """Tell those who come next, and say so in the history. What is silenced waits; a target that did not answer so often is
    left alone."""
    rows = [row for row in unanswered_news(now).filter(incident=incident) if not is_hushed(row, incident, now)]
    if not rows:
        return
    ignored = times_unanswered(incident)
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(unanswered_at=now)
    text = " ".join(describe(row, ignored[row.target_id]) for row in rows)
    event = add_event(incident, IncidentEvent.Kind.UNANSWERED, None, text, now)
    for row in rows:  # a target to which several lead has one row of the event
        if ignored[row.target_id] < MOST:
            plan_escalation(incident, event, rule_named(incident, row.rule_name), next_of(row.target), now)


def is_hushed(row: Notification, incident: Incident, now: datetime) -> bool:
    """Whether a silence or a mute holds for it."""
    return hush_of(incident, rule_named(incident, row.rule_name), now) is not None


def times_unanswered(incident: Incident) -> "Counter[int]":
    """Target id -> how often nobody answered it since the incident last opened."""
    rows = incident.notifications.filter(unanswered_at__isnull=False, created_at__gte=incident.began_at)
    return Counter(rows.values_list("target_id", flat=True))


def next_of(target: Target) -> Target:
    """Who is told when nobody answered it."""
    return target.escalation or target


def describe(row: Notification, times: int) -> str:
    """'Nobody acknowledged what Pager was told within 10 min: Ops lead is told.'"""
    target = row.target
    then = f"{target.escalation.name} is told" if target.escalation else "it is told again"
    if times >= MOST:
        then = f"that was the {times + 1}th time, and it is left alone"
    return f"Nobody acknowledged what {target.name} was told within {target.answer_minutes} min: {then}."


def next_calls(incident: Incident) -> list[Notification]:
    """What happens next if nobody acknowledges; for the incident's page."""
    return list(waiting_news().filter(incident=incident)[:10])
