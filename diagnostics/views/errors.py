"""The errors of an environment: which are new, which came back, which come most, and what people decided of them."""

from collections.abc import Collection
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from diagnostics.core import clock
from diagnostics.core.permissions import Perm
from diagnostics.errors.listing import (
    SORTS,
    Listing,
    Wanted,
    read_listing,
    releases_of,
    seen_since,
    services_of,
)
from diagnostics.errors.states import SHOWN
from diagnostics.models import Environment, ErrorGroup
from diagnostics.search.page import SearchTooSlowError
from diagnostics.search.patterns import Span, span_of
from diagnostics.templatetags.shell import visible
from diagnostics.views.decorators import PageRequest, environment_page
from diagnostics.views.held import held_here
from diagnostics.views.sparks import draw_spark
from diagnostics.views.times import offer_times, time_or_default

DEFAULT_RANGE: Final = "24h"
DEFAULTS: Final = {"state": "open", "sort": "last", "whose": "", "range": DEFAULT_RANGE}
WHOSE: Final = {"": "Everybody's", "me": "Mine", "nobody": "Nobody's"}
CHOICES: Final[dict[str, Collection[str]]] = {"state": SHOWN, "sort": SORTS, "whose": WHOSE}
FILTERS: Final = ("q", "service", "release", "first_release", "whose", "state", "sort")
TABS: Final = {
    "open": "Open", "new": "New", "regression": "Came back", "ignored": "Ignored", "resolved": "Resolved", "all": "All",
}  # fmt: skip
ORDERS: Final = {"last": "Last seen", "first": "First seen", "count": "Most frequent"}
LENGTHS: Final = ((1, "1 hour"), (24, "1 day"), (24 * 7, "1 week"), (24 * 28, "4 weeks"))  # hours


@environment_page(Perm.VIEW_LOGS)
def errors(request: PageRequest) -> HttpResponse:
    """The list; everything that it shows is in its address."""
    environment, now = request.environment, clock.now()
    time, wrong = time_or_default(request.GET.dict(), DEFAULT_RANGE, now)
    chosen = read_wanted(request.GET)
    wanted = {**chosen, **time.params()}
    span = span_of(time.since, time.until, coarse=True)
    context: dict[str, Any] = {
        "page": "errors",
        "wanted": wanted,
        "default_range": DEFAULT_RANGE,  # an error's page chooses its own time where none was chosen
        "times": offer_times(time, without_defaults(chosen), DEFAULT_RANGE, now),
        "error": wrong,
        **choices(environment, span, wanted),
    }
    try:
        asked = Wanted(
            wanted["state"], wanted["service"], wanted["release"], wanted["q"],
            ended=not time.is_open, first_release=wanted["first_release"], whose=whose_of(request, wanted["whose"]),
        )  # fmt: skip
        cursor = request.GET.get("cursor", "")
        listing = read_listing(environment, span, asked, wanted["sort"], cursor, now)
    except (ValueError, SearchTooSlowError) as error:
        listing = Listing([], "", dict.fromkeys(SHOWN, 0))
        context["error"] = str(error)
    context |= {
        "rows": [(row, draw_spark(str(row.error), row.counts, span, "tone-bad")) for row in listing.rows],
        "tabs": [(name, label, listing.tabs[name], address(wanted, state=name)) for name, label in TABS.items()],
        "any_release": address(wanted, first_release="") if wanted["first_release"] else "",
        "more": address(wanted, cursor=listing.next_cursor) if listing.next_cursor else "",
        "may_decide": Perm.RESPOND_INCIDENTS in held_here(request, environment),
        "is_empty": not listing.rows and not ErrorGroup.objects.filter(environment=environment).exists(),
    }
    return render(request, "diagnostics/errors.html", context)


def read_wanted(params: QueryDict) -> dict[str, str]:
    """The filters of an address; what is unknown is as if it were not there."""
    wanted = {name: params.get(name, "").strip()[:200].replace("\0", "") for name in FILTERS}
    for name, known in CHOICES.items():
        wanted[name] = wanted[name] if wanted[name] in known else DEFAULTS[name]
    return wanted


def whose_of(request: PageRequest, whose: str) -> int | None:
    """As the list is cut by it."""
    return {"me": request.user.pk, "nobody": 0}.get(whose)


def address(wanted: dict[str, str], **changes: str) -> str:
    """The list with some parameters changed; what is as it is without being said is not said."""
    return "?" + urlencode(without_defaults({**wanted, **changes}))


def without_defaults(params: dict[str, str]) -> dict[str, str]:
    """What an address has to say."""
    return {name: text for name, text in params.items() if text and text != DEFAULTS.get(name)}


def choices(environment: Environment, span: Span, wanted: dict[str, str]) -> dict[str, Any]:
    """What the list can be cut to and ordered by. What holds signs that cannot be seen cannot be an option's value."""
    rows = seen_since(environment, span.times[0])
    found = {"services": services_of(rows), "releases": releases_of(rows)}
    for name, value in (("services", wanted["service"]), ("releases", wanted["release"])):
        if value and value not in found[name]:
            found[name].insert(0, value)
        found[name] = [text for text in found[name] if visible(text) == text]
    return {
        **found,
        "sorts": [(name, label, address(wanted, sort=name)) for name, label in ORDERS.items()],
        "lengths": LENGTHS,
        "whose": WHOSE,
        "here": urlencode(wanted),
    }
