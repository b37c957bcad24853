"""The overview of an environment: a sentence first, then golden signals, then where the trouble is."""

from collections.abc import Iterable
from math import log10
from typing import Any, Final, NamedTuple

from django.db.models import Q, Sum
from django.db.models.functions import Greatest
from django.http import HttpResponse
from django.shortcuts import render

from diagnostics.charts import Chart, Line, Marker, draw_bars, draw_lines, write_number
from diagnostics.core import clock
from diagnostics.core.histogram import merge
from diagnostics.core.options import plugins
from diagnostics.core.permissions import Perm
from diagnostics.digest.series_names import what_is_full
from diagnostics.errors.states import State, in_states
from diagnostics.geo import GeoStatus, read_status
from diagnostics.models import Environment, ErrorGroup, Event, IngestBatch, QuotaRefusal
from diagnostics.search.earlier import Course, Earlier, courses_of, read_earlier
from diagnostics.search.golden import Golden, Sums, read_golden
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.held import held_here
from diagnostics.views.times import offer_times, time_or_default

DEFAULT_RANGE = "1h"
FEW_REQUESTS, FEW_RECORDS = 20, 50  # of so few, a share says half of what it seems to
NEW_ERRORS = 5  # the newest are named
SERVICES = 50  # the most troubled are drawn; a name may be anything, and there may be a thousand
REFUSED_KEYS: Final = 3  # named where a quota was used up
FASTEST, SLOWEST = 10, 60  # seconds until it is drawn again: a long time changes slowly, and costs more


class Signal(NamedTuple):
    """How a golden signal is shown."""

    name: str
    title: str
    of: str  # beside its figure
    line: str
    unit: str
    tone: str = ""


class Drawn(NamedTuple):
    """What is shown of it; `before`: its figure of an earlier time."""

    title: str
    figure: str
    of: str
    chart: Chart
    before: str = ""


SIGNALS: Final = (
    Signal("requests", "Requests", "a minute", "requests a minute", ""),
    Signal("failed", "Failed", "of requests", "failed", "%", "tone-bad"),
    Signal("p95", "Slowest 5%", "p95", "p95", "ms", "tone-warn"),
)


@environment_page(Perm.VIEW_LOGS)
def overview(request: PageRequest) -> HttpResponse:
    """One environment now."""
    environment = request.environment
    now = clock.now()
    time, wrong = time_or_default(request.GET.dict(), DEFAULT_RANGE, now)
    golden = read_golden(environment, time.since, time.until)
    deploys = read_deploys(environment, golden)
    context: dict[str, Any] = {
        "page": "overview",
        "times": offer_times(time, {}, DEFAULT_RANGE, now),
        "error": wrong,
        "golden": golden,
        "full": what_is_full(environment),
        "deploys": deploys,
    }
    markers = [Marker(event.timestamp, event.title) for event in deploys]
    for contribute in plugins("OVERVIEW"):  # (request, since, until) -> context
        added = contribute(request, golden.since, golden.until)
        markers += added.pop("markers", [])
        context |= added
    earlier = read_earlier(environment, golden)
    context |= {"charts": draw_charts(golden, earlier, markers), "earlier": earlier}
    ranked = rank_services(golden, context.get("incidents", []))
    shown = ranked if request.GET.get("services") == "all" else ranked[:SERVICES]
    highest = max((step.counts["errors"] for steps in golden.series.values() for step in steps), default=0)
    context["services"] = [draw_service(golden, service, highest) for service in shown]
    context["services_more"] = len(ranked) - len(shown)
    context["refresh_seconds"] = max(FASTEST, min(int(golden.step.total_seconds()) // 6, SLOWEST))
    context["new_errors"] = read_new_errors(environment, golden)
    context["geo"] = read_geo(request)
    context["refused"] = read_refused(request, golden)
    context["is_empty"] = not golden.total.counts["records"] and not golden.total.counts["requests"]
    if context["is_empty"]:
        context["ever"] = IngestBatch.objects.filter(environment=environment).exists()
    name = "diagnostics/parts/overview.html" if request.headers.get("HX-Request") else "diagnostics/overview.html"
    return render(request, name, context)


def read_geo(request: PageRequest) -> GeoStatus | None:
    """What is wrong with the regions, for who can mend it."""
    status = read_status()
    if not (status.problem or status.is_old):
        return None
    return status if Perm.MANAGE_ENVIRONMENT in held_here(request, request.environment) else None


def read_refused(request: PageRequest, golden: Golden) -> dict[str, Any]:
    """What quotas refused in the hours that the time shown touches; and with which keys it came, the most first, for who can
    change their quotas."""
    first = golden.since.replace(minute=0, second=0, microsecond=0)
    rows = QuotaRefusal.objects.filter(environment=request.environment, hour__gte=first, hour__lt=golden.until)
    found = rows.aggregate(requests=Sum("requests"), records=Sum("records"))
    sums: dict[str, Any] = {name: number or 0 for name, number in found.items()}
    if any(sums.values()) and Perm.MANAGE_ENVIRONMENT in held_here(request, request.environment):
        ranked = (
            rows.values_list("ingest_key_id").annotate(refused=Sum("requests") + Sum("records")).order_by("-refused")
        )
        most = [pk for pk, _ in ranked[:REFUSED_KEYS]]
        known = request.environment.ingest_keys.in_bulk(most)
        sums["keys"] = [known[pk] for pk in most if pk in known]  # others are gone
    return sums


def read_deploys(environment: Environment, golden: Golden) -> list[Event]:
    """Deploys and other changes in the time shown, newest first."""
    events = Event.objects.filter(environment=environment).changes().between(golden.since, golden.until)
    return list(events[:20])


def read_new_errors(environment: Environment, golden: Golden) -> list[tuple[ErrorGroup, State]]:
    """Errors that were news in the time shown and of which nobody has decided, the newest first."""
    rows = ErrorGroup.objects.filter(
        Q(noticed_at__gte=golden.since) | Q(came_back_at__gte=golden.since),
        environment=environment,
        last_seen__gte=golden.since,
    )
    found = in_states(rows, "open", golden.until)
    newest = found.order_by(Greatest("noticed_at", "came_back_at").desc(nulls_last=True), "-pk")
    return [(error, State(error.standing)) for error in newest[:NEW_ERRORS]]


def draw_charts(golden: Golden, earlier: Earlier | None, markers: list[Marker]) -> list[Drawn]:
    """Each golden signal, beside the same of an earlier time where that is known."""
    now, total = courses_of(golden), golden.total.counts
    drawn = [draw_signal(signal, golden, now[signal.name], earlier, markers) for signal in SIGNALS]
    records = draw_records(golden, markers)
    return [*drawn, Drawn("Records", f"{total['records']:,}", f"{total['errors']:,} errors", records)]


def draw_signal(
    signal: Signal, golden: Golden, course: Course, earlier: Earlier | None, markers: list[Marker]
) -> Drawn:
    """One of them."""
    lines, before = [Line(signal.line, course.values, signal.tone)], ""
    if earlier is not None and (was := earlier.courses[signal.name]).figure is not None:
        lines.append(Line(earlier.name, was.values, "tone-before"))
        before = f"{write_number(was.figure, signal.unit)} {earlier.name}"
    chart = draw_lines(
        signal.line.capitalize(), golden.times, golden.step, lines, unit=signal.unit, markers=markers, now=golden.until
    )
    figure = "—" if course.figure is None else write_number(course.figure, signal.unit)
    return Drawn(signal.title, figure, signal.of, chart, before)


def draw_records(
    golden: Golden, markers: list[Marker], size: str = "", urls: list[str] | None = None, level: str = ""
) -> Chart:
    """Records by severity, stacked; of a level and worse alone where one is named."""

    def rest(sums: Sums) -> int:
        return sums.counts["records"] - sums.counts["warnings"] - sums.counts["errors"]

    stacked = [
        Line("other", [rest(sums) for sums in golden.steps]),
        Line("warnings", [sums.counts["warnings"] for sums in golden.steps], "tone-warn"),
        Line("errors", [sums.counts["errors"] for sums in golden.steps], "tone-bad"),
    ]
    if level == "fatal":
        stacked = [Line("fatal", [sums.counts["fatals"] for sums in golden.steps], "tone-bad")]
    elif level in ("warn", "error"):
        stacked = stacked[1 if level == "warn" else 2 :]
    return draw_bars(
        "Records", golden.times, golden.step, stacked, markers=markers, size=size, urls=urls or [], now=golden.until
    )


def rank_services(golden: Golden, incidents: Iterable[Any]) -> list[tuple[str, Any]]:
    """Services, each with its open incident, the most troubled first: those with one, of `incidents` that the person may see,
    the worst of them first, then by what fails, then by how many times as slow they have become."""
    open_of = worst_of_each(incidents)

    def place(item: tuple[str, Sums]) -> tuple[Any, ...]:
        name, sums = item
        rank = open_of[name].rank if name in open_of else -1
        return -rank, -round(trouble(sums)), -round(slowness(golden.series[name])), -trouble(sums), name

    return [(name, open_of.get(name)) for name, _ in sorted(golden.services.items(), key=place)]


def draw_service(golden: Golden, ranked: tuple[str, Any], highest: float) -> dict[str, Any]:
    """A row of the list; all are drawn to one scale."""
    name, incident = ranked
    errors = Line("errors", [step.counts["errors"] for step in golden.series[name]], "tone-bad")
    chart = draw_bars(
        f"Errors of {name}", golden.times, golden.step, [errors], size="is-low", now=golden.until, highest=highest
    )
    return {"name": name, "sums": golden.services[name], "incident": incident, "chart": chart}


def worst_of_each(incidents: Iterable[Any]) -> dict[str, Any]:
    """By service, the open incident of the highest `rank`; the first of equals."""
    found: dict[str, Any] = {}
    for incident in incidents:
        name = incident.service_name
        if name and (name not in found or incident.rank > found[name].rank):
            found[name] = incident
    return found


def trouble(sums: Sums) -> float:
    """How much a service needs a look: the shares that fail, believed the more the more there is to take them of, and how
    many errors there are: one of one is less than seventy of a thousand."""
    counts = sums.counts
    failing = counts["failures"] / (counts["requests"] + FEW_REQUESTS) * 100
    erring = counts["errors"] / (counts["records"] + FEW_RECORDS) * 10
    return failing + erring + log10(1 + counts["errors"])


def slowness(steps: list[Sums]) -> float:
    """How many times as slow (p95) the last sixth of the time is as what was before it; 1 where either is not known."""
    cut = len(steps) - max(len(steps) // 6, 1)
    before = Sums(latency=merge(*(step.latency for step in steps[:cut]))).p95
    now = Sums(latency=merge(*(step.latency for step in steps[cut:]))).p95
    return max(now / before, 1.0) if now and before else 1.0
