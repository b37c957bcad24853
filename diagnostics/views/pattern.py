"""One pattern: how often it came, since when, in which releases, where else, and an example."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from diagnostics.charts import Chart, Line, Marker, draw_bars
from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.detection.templates.ids import read_id, write_id
from diagnostics.digest.rollups import moment_of
from diagnostics.models import Environment, Event, LogRecord, Template
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.search.patterns import Span, read_series, span_of
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.patterns import DEFAULT_RANGE
from diagnostics.views.times import offer_times, time_or_default


@environment_page(Perm.VIEW_LOGS)
def pattern(request: PageRequest, reference: str) -> HttpResponse:
    """One template: how often, since when, in which releases, and an example."""
    environment = request.environment
    template = find_template(environment, reference)
    if template.merged_into is not None:
        return redirect("pattern", environment.slug, write_id(template.merged_into))
    now = clock.now()
    time, wrong = time_or_default(request.GET.dict(), DEFAULT_RANGE, now)
    times = offer_times(time, {}, DEFAULT_RANGE, now)
    span = span_of(time.since, time.until)
    counts = read_series(environment, span, [template.template_id])[template.template_id]
    context = {
        "page": "patterns",
        "template": template,
        "times": times,
        "error": wrong,
        "counted": sum(counts),
        "chart": draw_counts(environment, template, span, counts, times.words),
        "releases": releases_of(template),
        "twins": twins_of(template),
        "joined": list(Template.objects.filter(environment=environment, merged_into=template.template_id)[:20]),
        "example": find_example(template),
    }
    return render(request, "diagnostics/pattern.html", context)


def find_template(environment: Environment, reference: str) -> Template:
    """The template at an address; the caller has checked the environment."""
    try:
        number = read_id(reference)
    except ValueError:
        raise Http404("This is no pattern's address.") from None
    template = Template.objects.filter(environment=environment, template_id=number).first()
    if template is None:
        raise Http404("This pattern is not known yet, or its retention is over.")
    return template


def draw_counts(environment: Environment, template: Template, span: Span, counts: list[int], words: str) -> Chart:
    """Bars that lead to their records, with the deploys of its service."""
    address, records = reverse("logs", args=[environment.slug]), {"template": template.reference}
    urls = [
        f"{address}?{urlencode({**records, 'since': moment.isoformat(), 'until': (moment + span.step).isoformat()})}"
        for moment in span.times
    ]
    events = Event.objects.filter(environment=environment, service_name=template.service_name[:200])
    deploys = events.changes().between(span.times[0])
    markers = [Marker(event.timestamp, event.title) for event in deploys[:20]]
    lines = [Line("records", counts)]
    return draw_bars(
        f"Records in {words}", span.times, span.step, lines, markers=markers, urls=urls, size="is-tall", now=span.until
    )


def releases_of(template: Template) -> list[tuple[str, datetime]]:
    """(release, when it was last seen with this template), the newest first."""
    found = sorted(template.releases.items(), key=lambda item: (-int(item[1]), item[0]))
    return [(name, moment_of(int(minute))) for name, minute in found]


def twins_of(template: Template) -> list[Template]:
    """The same words in other services."""
    same = Template.objects.filter(environment=template.environment_id, text=template.text, merged_into=None)
    return list(same.exclude(pk=template.pk).order_by("-records")[:20]) if template.text != Template.ERASED else []


def find_example(template: Template) -> LogRecord | None:
    """The newest record, as redaction left it; none when it was erased or the search takes too long."""
    rows = LogRecord.objects.filter(
        environment_id=template.environment_id,
        timestamp__gte=template.last_seen,
        timestamp__lt=template.last_seen + timedelta(minutes=1),
        template_id__in=[template.template_id, *Template.names_of(template.template_id)],
    )
    try:
        with search_limits():
            return rows.order_by(*LogRecord.NEWEST_FIRST).first()
    except SearchTooSlowError:
        return None
