"""The patterns of an environment: what its records say, without what varies, and how often."""

from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.core.severity import BANDS, lowest_of
from diagnostics.models import Template
from diagnostics.search.patterns import Pattern, fill_counts, read_patterns, span_of
from diagnostics.templatetags.shell import visible
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.sparks import draw_spark
from diagnostics.views.times import offer_times, time_or_default

DEFAULT_RANGE: Final = "24h"
SHOWN: Final = 50  # patterns on one page
SORTS: Final = {"count": "Most frequent", "new": "Newest", "last": "Last seen", "level": "Worst first"}
NEW: Final = {"": "All", "deploy": "New since the last deploy", "24h": "New in the last 24 h"}
FILTERS: Final = ("q", "service", "level", "new", "sort")


@environment_page(Perm.VIEW_LOGS)
def patterns(request: PageRequest) -> HttpResponse:
    """The list; everything that it shows is in its address."""
    wanted, now = read_wanted(request), clock.now()
    time, wrong = time_or_default(request.GET.dict(), DEFAULT_RANGE, now)
    everything = read_patterns(request.environment, time.since, time.until)
    found = sort_patterns([pattern for pattern in everything if is_wanted(pattern, wanted)], wanted["sort"])
    number = read_number(request.GET.get("page", "1"))
    page = found[(number - 1) * SHOWN : number * SHOWN]
    span = span_of(time.since, time.until, coarse=True)
    fill_counts(request.environment, span, page)
    params = {**{name: value for name, value in wanted.items() if value}, **time.params()}
    context = {
        "page": "patterns",
        "wanted": wanted,
        "times": offer_times(time, params, DEFAULT_RANGE, now),
        "error": wrong,
        "sorts": [(name, label, "?" + urlencode({**params, "sort": name})) for name, label in SORTS.items()],
        "kinds": [(name, label, "?" + urlencode({**params, "new": name})) for name, label in NEW.items()],
        "services": services_of(everything),
        "levels": BANDS[::-1],
        # Without a tone: a pattern's level is the worst ever seen, not that of every record counted here.
        "rows": [(pattern, draw_spark(pattern.template.text, pattern.counts, span)) for pattern in page],
        "number": len(found),
        "is_empty": not Template.objects.filter(environment=request.environment).exists(),
        "previous": "?" + urlencode({**params, "page": number - 1}) if number > 1 else "",
        "next": "?" + urlencode({**params, "page": number + 1}) if len(found) > number * SHOWN else "",
    }
    return render(request, "diagnostics/patterns.html", context)


def read_wanted(request: PageRequest) -> dict[str, str]:
    """The filters of the address; what is unknown is as if it were not there."""
    wanted = {name: request.GET.get(name, "").strip()[:200] for name in FILTERS}
    known = (("sort", SORTS, "count"), ("new", NEW, ""), ("level", BANDS, ""))
    for name, values, otherwise in known:
        wanted[name] = wanted[name] if wanted[name] in values else otherwise
    return wanted


def services_of(found: list[Pattern]) -> list[str]:
    """Services to choose from; a name that holds what cannot be seen cannot be an option's value."""
    names = {pattern.template.service_name for pattern in found} - {""}
    return sorted(name for name in names if visible(name) == name)


def read_number(text: str) -> int:
    """A page's number, from 1."""
    return max(1, int(text)) if text.isdecimal() and len(text) < 5 else 1


def is_wanted(pattern: Pattern, wanted: dict[str, str]) -> bool:
    """Whether the filters let a pattern through."""
    template = pattern.template
    return (
        (not wanted["service"] or template.service_name == wanted["service"])
        and (not wanted["level"] or template.severity_number >= lowest_of(wanted["level"]))
        and wanted["q"].lower() in template.text.lower()
        and (wanted["new"] != "deploy" or pattern.deployed is not None)
        and (wanted["new"] != "24h" or pattern.is_new_today)
    )


def sort_patterns(found: list[Pattern], sort: str) -> list[Pattern]:
    """In the order asked for; the most frequent first among equals."""
    if sort == "new":
        return sorted(found, key=lambda pattern: pattern.template.first_seen, reverse=True)
    if sort == "last":
        return sorted(found, key=lambda pattern: pattern.template.last_seen, reverse=True)
    if sort == "level":
        return sorted(found, key=lambda pattern: -pattern.template.severity_number)
    return found
