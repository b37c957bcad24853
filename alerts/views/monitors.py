"""Monitors: the list with how each stands, one with its check-ins, and what people do with it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from alerts.models import CheckIn, Incident, Monitor
from alerts.monitors.changes import pause_monitor, resume_monitor, rotate_ping
from alerts.monitors.schedule import upcoming
from alerts.monitors.spans import MINUTE_MS
from alerts.views.strip import strip_of, strips_of
from diagnostics.charts import Chart, Line, draw_lines
from diagnostics.core import clock
from diagnostics.core.access import access_row, has_perm
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.views.decorators import PageRequest, environment_page

State = Monitor.State
WORST_FIRST: Final = (State.DOWN, State.LATE, State.RUNNING, State.UP, State.NEW, State.PAUSED)
LISTED: Final = 200  # monitors on the page; the worst come first
UPCOMING: Final = 5
INCIDENTS: Final = 5


@environment_page(Perm.VIEW_INCIDENTS)
def monitors(request: PageRequest) -> HttpResponse:
    """All of them, what is down first."""
    now = clock.now()
    rows = list(Monitor.objects.filter(environment=request.environment))
    rows.sort(key=lambda row: (WORST_FIRST.index(State(row.state_at(now))), row.name.lower(), row.pk))
    states = [row.state_at(now) for row in rows]
    shown = rows[:LISTED]
    strips = strips_of(shown)
    context = {
        "page": "monitors",
        "rows": [(row, state, strips[row.pk]) for row, state in zip(shown, states, strict=False)],
        "counts": [(State(name).label, name, states.count(name)) for name in WORST_FIRST if name in states],
        "total": len(rows),
        "now": now,
        "may_change": has_perm(request.user, request.environment, Perm.MANAGE_RULES),
        "address": request.build_absolute_uri("/"),
    }
    return render(request, "alerts/monitors.html", context)


@environment_page(Perm.VIEW_INCIDENTS)
def monitor(request: PageRequest, pk: int) -> HttpResponse:
    """One."""
    found = find_monitor(request, pk, Perm.VIEW_INCIDENTS)
    now, reports = clock.now(), list(found.reports.all())
    may_change = has_perm(request.user, request.environment, Perm.MANAGE_RULES)
    context = {
        "page": "monitors",
        "monitor": found,
        "state": found.state_at(now),
        "state_label": State(found.state_at(now)).label,
        "now": now,
        "reports": reports,
        "strip": strip_of(reports),
        "chart": draw_durations(found, reports),
        "upcoming": next_times(found, now),
        "incidents": incidents_of(request.environment, found),
        "may_change": may_change,
        "crontab": crontab_of(found),
        "address": request.build_absolute_uri("/"),
        "ping": request.build_absolute_uri(reverse("ping", args=[found.ping_id])) if may_change else "",
    }
    response = render(request, "alerts/monitor.html", context)
    if may_change:
        response.headers["Cache-Control"] = "no-store"  # it shows the ping address
    return response


def next_times(found: Monitor, now: datetime) -> list[datetime]:
    """When it will be due; none while nothing is expected."""
    if found.due_at is None:
        return []
    return [found.due_at, *upcoming(found.timing, max(found.due_at, now), UPCOMING - 1)]


def crontab_of(found: Monitor) -> str:
    """What stands before the command in a crontab: the schedule itself, or about as often."""
    if found.is_cron:
        return found.schedule
    minutes = int(found.schedule[:-1]) * {"m": 1, "h": 60, "d": 1440}[found.schedule[-1]]
    if minutes < 60:
        return "* * * * *" if minutes == 1 else f"*/{minutes} * * * *"
    if minutes < 1440:
        return f"0 */{minutes // 60} * * *"
    days = minutes // 1440
    return "0 2 * * *" if days == 1 else "0 2 * * 1" if days == 7 else f"0 2 */{days} * *" if days < 28 else "0 2 1 * *"


def incidents_of(environment: Environment, found: Monitor) -> list[Incident]:
    """The newest that it opened."""
    rows = Incident.objects.filter(environment=environment, service_name=found.slug, rule__signal="check_ins")
    return list(rows.select_related("environment")[:INCIDENTS])


def draw_durations(found: Monitor, reports: Sequence[CheckIn]) -> Chart | None:
    """How long the runs took, in their order; None where that is known of fewer than two."""
    runs = [row for row in reversed(reports) if row.duration_ms is not None and row.outcome != "started"]
    if len(runs) < 2:
        return None
    limit = None if found.longest is None else found.longest / timedelta(milliseconds=1)
    took = [float(row.duration_ms or 0) for row in runs]
    shown = limit if limit is not None and limit < 3 * max(took) else None  # far above, it would flatten the line
    unit, size = (" min", MINUTE_MS) if max(took) >= 2 * MINUTE_MS else ("ms", 1)
    return draw_lines(
        "How long runs took", [row.at for row in runs], timedelta(minutes=1), [Line("run", [ms / size for ms in took])],
        unit=unit, limit=None if shown is None else shown / size, size="is-tall",
    )  # fmt: skip


@environment_page(Perm.MANAGE_RULES)
@require_POST
def monitor_pause(request: PageRequest, pk: int) -> HttpResponse:
    """Expect nothing of it."""
    found = find_monitor(request, pk, Perm.MANAGE_RULES)
    pause_monitor(request.user, found)
    messages.success(request, f"{found.name} is paused: nothing is expected of it, and nobody is told.")
    return redirect("monitor", request.environment.slug, found.pk)


@environment_page(Perm.MANAGE_RULES)
@require_POST
def monitor_resume(request: PageRequest, pk: int) -> HttpResponse:
    """Expect it again."""
    found = find_monitor(request, pk, Perm.MANAGE_RULES)
    resume_monitor(request.user, found)
    messages.success(request, f"{found.name} is expected again from now on.")
    return redirect("monitor", request.environment.slug, found.pk)


@environment_page(Perm.MANAGE_RULES)
@require_POST
def monitor_rotate(request: PageRequest, pk: int) -> HttpResponse:
    """Another ping address."""
    found = find_monitor(request, pk, Perm.MANAGE_RULES)
    rotate_ping(request.user, found)
    messages.success(request, f"{found.name} has a new ping address; the one before works no more.")
    return redirect("monitor", request.environment.slug, found.pk)


def find_monitor(request: PageRequest, pk: int, perm: Perm) -> Monitor:
    """The monitor of this environment, or 404."""
    rows: Any = Monitor.objects.filter(environment=request.environment).select_related("environment")
    found: Monitor = access_row(rows, request.user, perm, pk=pk)
    return found
