"""What became of the journeys of a time: how many ended in which way, how long that took, and where the others stopped."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate
from typing import Any, Final

from django.db.models import Aggregate, Count, DurationField, F, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from sessions_app.models import Journey
from sessions_app.outcomes import Aims, Outcome

COUNTED: Final = 20_000  # of the newest: the page costs the same however many there are
STOPS: Final = 5


class Quantile(Aggregate):
    """The value below which a share of all lies."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()

    def __init__(self, expression: Any, share: float, **extra: Any) -> None:
        super().__init__(expression, share=f"{share:g}", **extra)


@dataclass(frozen=True, slots=True)
class Ended:
    """One way of ending."""

    outcome: str
    count: int
    share: float
    before: float = 0.0  # the shares that come before it on the bar

    @property
    def x(self) -> float:
        """Where its part of the bar begins, of 1000."""
        return self.before * 1000

    @property
    def width(self) -> float:
        """Of its part, of 1000."""
        return self.share * 1000


@dataclass(frozen=True, slots=True)
class Funnel:
    """The figures above the list. `took`: of those that ended well, where that is known; else of all."""

    total: int = 0
    failed: int = 0
    crashed: int = 0
    median: timedelta | None = None
    p95: timedelta | None = None
    ended: list[Ended] = field(default_factory=list)
    stops: list[tuple[str, int]] = field(default_factory=list)  # (last step, how many did not get further)

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are counted."""
        return self.total == COUNTED

    @property
    def counted(self) -> int:
        """How many are, then."""
        return COUNTED


def read_funnel(rows: "QuerySet[Journey]", aims: Aims) -> Funnel:
    """Of the newest of these journeys."""
    newest = rows.order_by("-last_seen_at").annotate(
        length=F("completed_at" if aims.are_known else "last_seen_at") - F("started_at")
    )
    outcomes = list(Outcome) if aims.are_known else []
    figures = newest[:COUNTED].aggregate(
        total=Count("pk"),
        failed_ones=Count("pk", filter=Q(failed=True)),
        crashed_ones=Count("pk", filter=Q(crashed=True)),
        median=Quantile("length", 0.5),
        p95=Quantile("length", 0.95),
        **{outcome.name: Count("pk", filter=aims.condition_of(outcome)) for outcome in outcomes},
    )
    total = figures["total"]
    ended = put_side_by_side({outcome: figures[outcome.name] for outcome in outcomes}, total)
    return Funnel(
        total, figures["failed_ones"], figures["crashed_ones"], figures["median"], figures["p95"], ended,
        read_stops(rows, aims) if aims.are_known else [],
    )  # fmt: skip


def put_side_by_side(counts: dict[Outcome, int], total: int) -> list[Ended]:
    """Each with its share and its place on the bar."""
    shares = {outcome: count / max(total, 1) for outcome, count in counts.items()}
    before = [0.0, *accumulate(shares.values())]
    return [Ended(one, counts[one], shares[one], begins) for one, begins in zip(shares, before, strict=False)]


def read_stops(rows: "QuerySet[Journey]", aims: Aims) -> list[tuple[str, int]]:
    """Where those of the same journeys that failed or were abandoned came last."""
    newest = rows.order_by("-last_seen_at").values("pk")[:COUNTED]
    lost = Journey.objects.filter(
        aims.condition_of(Outcome.FAILED) | aims.condition_of(Outcome.ABANDONED), pk__in=newest
    )
    steps = lost.annotate(step=KeyTextTransform("2", "last_step")).filter(step__isnull=False).values("step")
    counted = steps.annotate(count=Count("pk")).order_by("-count", "step")
    return list(counted.values_list("step", "count")[:STOPS])
