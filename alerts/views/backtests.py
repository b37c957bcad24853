"""A backtest's page: how far it is, what it found; cancelling it; taking a neighbour's limit over."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from alerts.backtest.incidents import Told
from alerts.backtest.jobs import CHOICES, NotPossibleError, cancel_backtest, request_backtest, rule_of
from alerts.backtest.news import write_gaps
from alerts.backtest.variants import write_limit
from alerts.changes import save_rule
from alerts.evaluation.describe import describe_rule
from alerts.evaluation.history import moment_of
from alerts.evaluation.signals import QUANTILES
from alerts.models import AlertRule, Backtest
from alerts.rule_words import words_for
from diagnostics.charts import Chart, Line, Marker, draw_bars, draw_lines
from diagnostics.core.access import access_row
from diagnostics.core.permissions import Perm
from diagnostics.views.decorators import PageRequest, environment_page

SHOWN: Final = 50


@environment_page(Perm.MANAGE_RULES)
def backtests(request: PageRequest) -> HttpResponse:
    """The last ones."""
    rows = Backtest.objects.filter(environment=request.environment).select_related("requested_by")[:SHOWN]
    return render(request, "alerts/backtests.html", {"page": "rules", "rows": rows})


@environment_page(Perm.MANAGE_RULES)
def backtest(request: PageRequest, pk: str) -> HttpResponse:
    """One; htmx asks for the part that moves."""
    found = find_backtest(request, pk)
    rule = rule_of(found)
    context: dict[str, Any] = {
        "page": "rules", "backtest": found, "rule": rule, "sentence": describe_rule(rule, words_for(request.user, rule)),
        "choices": CHOICES,
    }  # fmt: skip
    if found.state == Backtest.State.DONE:
        context |= result_context(found, rule)
    part = request.headers.get("HX-Request") == "true"
    return render(request, "alerts/parts/backtest.html" if part else "alerts/backtest.html", context)


def find_backtest(request: PageRequest, pk: str) -> Backtest:
    """Of this environment, or missing."""
    rows = Backtest.objects.filter(environment=request.environment).select_related("rule", "environment")
    return access_row(rows, request.user, Perm.MANAGE_RULES, pk=pk)


def result_context(found: Backtest, rule: AlertRule) -> dict[str, Any]:
    """What the page says of a result."""
    result = found.result
    return {
        "result": result,
        "firings": [
            {
                "series": series or found.environment.name,
                "first": moment_of(first),
                "last": moment_of(last) if last is not None else None,
                "lasted": timedelta(minutes=(last if last is not None else found.until) - first),
                "title": message.partition("\n")[0],
                "text": message.partition("\n")[2],
                "returns": Told.RETURNS in told,
            }
            for series, first, last, _, message, *told in result["firings"]
        ],
        "first": moment_or_none(result["first"]),
        "last": moment_or_none(result["last"]),
        "data_since": moment_or_none(result.get("data_since")),
        "longest": timedelta(minutes=result["longest"]),
        "chart": draw(found, rule),
        "what_is_new": "pattern" if rule.signal == AlertRule.Signal.NEW_TEMPLATES else "error",
        "caveat": write_gaps(rule, found.days) if "news" in result else "",
    }


def moment_or_none(minute: int | None) -> datetime | None:
    """A minute's start."""
    return None if minute is None else moment_of(minute)


def draw(found: Backtest, rule: AlertRule) -> Chart | None:
    """The series that fired most, with what was expected and when it fired."""
    drawing = found.result["drawing"]
    values = {int(bucket): value for bucket, value in drawing["values"].items()}
    if not values:
        return None
    step = drawing["step"]
    count = -(-(found.until - found.since) // step)
    times = [moment_of(found.since + number * step) for number in range(count)]
    if "news" in found.result:
        counts = Line("never seen before", [values.get(number) for number in range(count)], "tone-bad")
        return draw_bars(
            f"{found.environment.name}, {found.days} days", times, timedelta(minutes=step), [counts], size="is-tall"
        )
    bands = {int(bucket): band for bucket, band in drawing["bands"].items()}
    lines = [Line(drawing["series"] or found.environment.name, [values.get(number) for number in range(count)])]
    if bands:
        lines.append(Line("highest expected", [bands[n][1] if n in bands else None for n in range(count)], "tone-warn"))
    markers = [Marker(moment_of(first), "would have fired", moment_of(last)) for first, last in drawing["spans"]]
    unit = "ms" if rule.signal in QUANTILES else "%" if rule.condition == AlertRule.Condition.SHARE else ""
    fixed = (AlertRule.Condition.THRESHOLD, AlertRule.Condition.SHARE, AlertRule.Condition.BELOW)
    limit = rule.threshold if rule.condition in fixed else None
    title = f"{drawing['series'] or found.environment.name}, {found.days} days"
    return draw_lines(
        title, times, timedelta(minutes=step), lines, unit=unit, markers=markers, limit=limit, size="is-tall"
    )


@environment_page(Perm.MANAGE_RULES)
@require_POST
def backtest_again(request: PageRequest, pk: str) -> HttpResponse:
    """The same rule over another time, or with another limit."""
    found = find_backtest(request, pk)
    rule = rule_of(found)
    days = request.POST.get("days", str(found.days))
    if days not in map(str, CHOICES):
        raise Http404("There is no such choice of days.")
    set_limit(rule, request.POST.get("limit", ""), found)
    try:
        again = request_backtest(rule, int(days), request.user)
    except NotPossibleError as error:
        messages.error(request, str(error))
        return redirect("backtest", request.environment.slug, found.pk)
    return redirect("backtest", request.environment.slug, again.pk)


@environment_page(Perm.MANAGE_RULES)
@require_POST
def backtest_cancel(request: PageRequest, pk: str) -> HttpResponse:
    """Stop it."""
    found = find_backtest(request, pk)
    cancel_backtest(found)
    return redirect("backtest", request.environment.slug, found.pk)


@environment_page(Perm.MANAGE_RULES)
@require_POST
def backtest_take(request: PageRequest, pk: str) -> HttpResponse:
    """Give the saved rule the limit of a neighbour."""
    found = find_backtest(request, pk)
    rule = AlertRule.objects.filter(environment=request.environment, pk=found.rule_id or 0).first()
    if rule is None:
        messages.error(request, "This rule is not saved yet: save it in the admin, with the limit that you like.")
        return redirect("backtest", request.environment.slug, found.pk)
    set_limit(rule, request.POST.get("limit", ""), found)
    save_rule(request.user, rule)
    limit = float(rule.window_minutes if rule.condition == AlertRule.Condition.ABSENCE else rule.threshold)
    messages.success(request, f"{rule.name} now fires at {write_limit(rule, limit)}.")
    return redirect("backtest", request.environment.slug, found.pk)


def set_limit(rule: AlertRule, text: str, found: Backtest) -> None:
    """One of the limits that this backtest tried, and no other."""
    tried = {str(one["limit"]): one["limit"] for one in found.result.get("neighbours", [])}
    if not text:
        return
    if text not in tried:
        raise Http404("This limit was not tried.")
    limit = float(tried[text])
    if rule.condition == AlertRule.Condition.ABSENCE:
        rule.window_minutes = int(limit)
        return
    if rule.recover_threshold is not None and rule.threshold:
        rule.recover_threshold = rule.recover_threshold * limit / rule.threshold
    rule.threshold = limit
