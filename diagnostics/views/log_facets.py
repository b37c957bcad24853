"""What stands beside the records that a search finds: bars over time, and levels, services and statuses to choose by."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from diagnostics.charts import Chart
from diagnostics.core import clock
from diagnostics.core.severity import BANDS
from diagnostics.models import Environment, LogRecord
from diagnostics.privacy.pseudonyms import keys_of
from diagnostics.search.filters import LogFilters, band_of_level
from diagnostics.search.golden import Golden, Sums, read_golden
from diagnostics.search.histogram import FEW, Counted, count_records, is_summed
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.search.people import resolve_user
from diagnostics.search.query import NAMES, without_field
from diagnostics.views.addresses import address_of
from diagnostics.views.overview import draw_records, trouble


def describe(environment: Environment, filters: LogFilters, given: dict[str, str]) -> dict[str, Any]:
    """The histogram and the facets: from sums where these know, else counted."""
    until = filters.until or clock.now()
    service = filters.fields.get("service", "")
    with search_limits():
        golden = read_golden(environment, filters.since or until, until, service, latency=False)
        everything = read_golden(environment, golden.since, until, latency=False) if service else golden
    params = {name: value for name, value in given.items() if name != "cursor"}
    counted = count(environment, filters, golden)
    return {
        "filters": filters,
        "chart": draw_histogram(counted.golden if counted else golden, filters, params),
        "chart_is_rough": counted is None and not is_summed(filters),
        "facets": facets_of(golden, everything, counted, filters, params),
        "completions": complete(everything.services),
        "chips": [
            (name, value, address(params, **{name: None, "q": None}))
            for name, value in filters.fields.items()
            if name in params
        ],
        "params": params,
        "more": urlencode(params),
    }


def complete(services: Iterable[str]) -> list[str]:
    """What the query line offers while somebody types."""
    plain = sorted(name for name in services if re.fullmatch(r'[^\s"*]+', name))
    names = [f"{name}:" for name in sorted(set(NAMES.values()))]
    examples = ["status:5xx", "status:>=500", "duration:>1s", "duration:<=250ms"]
    return [
        *names,
        *(f"level:{band}" for band in reversed(BANDS)),
        *examples,
        *(f"service:{name}" for name in plain[:50]),
    ]


def count(environment: Environment, filters: LogFilters, golden: Golden) -> Counted | None:
    """What the search finds, counted; None where sums know it, or where counting takes too long."""
    if is_summed(filters) and golden.total.counts["records"] > FEW:
        return None
    rows = LogRecord.objects.filter(environment_id=environment.pk)
    with suppress(SearchTooSlowError):
        return count_records(rows, resolve_user(filters, keys_of(environment)), golden)
    return None


def draw_histogram(golden: Golden, filters: LogFilters, params: dict[str, str]) -> Chart:
    """Each bar leads to its own time. A level leaves out the parts of the stack that are below it."""
    urls = [
        address(params, since=moment.isoformat(), until=(moment + golden.step).isoformat()) for moment in golden.times
    ]
    level = filters.fields.get("level")
    return draw_records(golden, [], urls=urls, level=band_of_level(level) if level else "")


def facets_of(
    golden: Golden, everything: Golden, counted: Counted | None, filters: LogFilters, params: dict[str, str]
) -> list[dict[str, Any]]:
    """Levels, services and statuses to choose by, with counts: levels of what is chosen, services of everything or, where
    they were counted, of what is found."""
    by_level: Mapping[str, int] = at_least(counted.bands) if counted else count_levels(golden.total)
    by_status: Mapping[str, int] = counted.statuses if counted else {}
    levels = [facet("level", band, by_level.get(band), filters, params) for band in reversed(BANDS)]
    ranked = sorted(everything.services.items(), key=lambda item: (-trouble(item[1]), item[0]))[:15]
    by_service = {name: count_found(sums, filters) for name, sums in ranked}
    chosen = filters.fields.get("service")
    if counted and not (chosen and is_summed(filters)):
        found = {name: sums.counts["records"] for name, sums in counted.golden.services.items()}
        by_service = {name: found.get(name, 0) for name in by_service if name == chosen or not chosen}
    services = [facet("service", name, by_service.get(name), filters, params) for name, _ in ranked if name]
    statuses = [facet("status", name, by_status.get(name), filters, params) for name in ("5xx", "4xx", "2xx")]
    return [
        {"title": "Level, at least", "entries": levels},
        {"title": "Service", "entries": services},
        {"title": "Status", "entries": statuses},
    ]


def at_least(bands: Mapping[str, int]) -> dict[str, int]:
    """Records of a level and worse."""
    return {band: sum(bands[each] for each in BANDS[number:]) for number, band in enumerate(BANDS)}


def count_levels(sums: Sums) -> dict[str, int]:
    """Records of a level and worse, for the levels that sums tell apart: below warn, only all of them together."""
    counts = sums.counts
    bad = counts["warnings"] + counts["errors"]
    return {"fatal": counts["fatals"], "error": counts["errors"], "warn": bad, BANDS[0]: counts["records"]}


def count_found(sums: Sums, filters: LogFilters) -> int | None:
    """Records of the level asked for; None where sums do not tell."""
    level = filters.fields.get("level")
    return count_levels(sums).get(band_of_level(level)) if level else sums.counts["records"]


def facet(name: str, value: str, count: int | None, filters: LogFilters, params: dict[str, str]) -> dict[str, Any]:
    """One line: choosing it adds the field, in the place of another value that is asked for; choosing it again takes it away."""
    is_chosen = filters.fields.get(name) == value
    line = without_field(params.get("q", ""), name)
    return {
        "value": value,
        "count": count,
        "is_chosen": is_chosen,
        "url": address(params, **{name: None if is_chosen else value, "q": line or None}),
    }


def address(params: dict[str, str], **changes: str | None) -> str:
    """The page's address with some parameters changed (None removes)."""
    return address_of({**params, **changes})
