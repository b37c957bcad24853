"""What a search finds, counted by a field's values: the table that stands in the place of the records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from diagnostics.charts import Chart
from diagnostics.models import Environment, Template
from diagnostics.search.filters import LogFilters
from diagnostics.search.groups import FIELDS, ORDERS, Group, Groups, read_by, read_groups
from diagnostics.search.query import OPEN
from diagnostics.search.terms import write_name
from diagnostics.views.addresses import address_of, with_term
from diagnostics.views.sparks import draw_spark

NAMES: Final = ("by", "order")  # of the address
HEADINGS: Final = {"records": "Records", "errors": "Errors", "slowest": "Slowest 5%"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the value as it is shown, its chart, and the addresses of its records and of all others."""

    group: Group
    words: str
    share: float
    chart: Chart
    with_it: str
    without_it: str


def count_by(environment: Environment, filters: LogFilters, params: dict[str, str]) -> dict[str, Any]:
    """The context of the table, or of the form that asks for it; what is wrong with the field stands beside that."""
    kept = {name: value for name, value in params.items() if name not in (*NAMES, "cursor")}
    context: dict[str, Any] = {"fields": FIELDS, "kept": kept, "typed": params.get("by", "")}
    try:
        by = read_by(context["typed"]) if context["typed"] else ""
    except ValueError as error:
        return {"count": context | {"problem": str(error)}}
    if by:
        order = params.get("order", "")
        context |= table_of(environment, filters, by, order if order in ORDERS else "records", kept)
    return {"count": context}


def table_of(
    environment: Environment, filters: LogFilters, by: str, order: str, kept: dict[str, str]
) -> dict[str, Any]:
    """Its rows, and the ways to order them; SearchTooSlowError."""
    groups = read_groups(environment, filters, by, order)
    words = texts_of(environment, groups) if by == "template" else {}
    name = write_name(by[1:]) if by.startswith("@") else by
    return {
        "groups": groups,
        "name": name,
        "rows": [row_of(group, groups, kept, words) for group in groups.groups],
        "orders": [
            (each, HEADINGS[each], address_of({**kept, "by": name, "order": each}), each == order)
            for each in ORDERS
            if each != "slowest" or groups.is_timed
        ],
        "back": address_of(kept),
        "none": with_term(kept, f"-{name}:*") if by.startswith("@") or by in OPEN else "",
    }


def row_of(group: Group, groups: Groups, kept: dict[str, str], words: Mapping[str, str]) -> Row:
    """One line."""
    shown = words.get(group.value) or group.value
    with_it, without_it = (with_term(kept, sign + group.term) if group.term else "" for sign in ("", "-"))
    chart = draw_spark(shown, group.counts, groups.span)
    return Row(group, shown, group.records / max(groups.records, 1), chart, with_it, without_it)


def texts_of(environment: Environment, groups: Groups) -> dict[str, str]:
    """What the templates say, by their references."""
    numbers = [int(group.value, 16) for group in groups.groups]
    found = Template.objects.filter(environment=environment, template_id__in=numbers).exclude(text="")
    return {template.reference: template.text for template in found}
