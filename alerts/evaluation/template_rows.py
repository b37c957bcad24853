"""Reads message patterns for rules: which there are, how often they came, what they say. Never a record."""

from collections.abc import Iterator
from typing import Final

from alerts.evaluation.series import TEMPLATE, Series
from alerts.evaluation.stretch import Row
from alerts.evaluation.templates import NO_TEMPLATES, WATCHED, Templates, named_by, watches_all
from alerts.models import AlertRule
from diagnostics.core.severity import band_of
from diagnostics.detection.templates.ids import read_id, write_id
from diagnostics.models import Template
from diagnostics.search.templates import read_counts

WORDS: Final = 160  # characters of a pattern in a sentence
COLUMN: Final = AlertRule.Signal.TEMPLATE_RECORDS.value


def find_templates(environment_id: int, rules: list[AlertRule]) -> Templates:
    """The patterns that these rules watch: one statement, or none where no rule watches any."""
    named, is_all = named_by(rules), any(watches_all(rule) for rule in rules)
    if not named and not is_all:
        return NO_TEMPLATES
    rows = list(
        Template.objects.filter(environment_id=environment_id)
        .order_by("created_at", "template_id")
        .values_list("template_id", "merged_into", "service_name", "severity_number")
    )
    roots = {number: root for number, root, _, _ in rows if root is not None}
    wanted = {roots.get(number, number) for number in named}
    return place(
        [(number, service, level) for number, root, service, level in rows if root is None], roots, wanted, is_all
    )


def place(rows: list[tuple[int, str, int]], roots: dict[int, int], wanted: set[int], is_all: bool) -> Templates:
    """A series for each that is named and, where all are watched, for those that came first."""
    places: dict[int, Series] = {}
    levels: dict[Series, int] = {}
    folded = 0
    for rank, (number, service, level) in enumerate(rows):
        if number in wanted or (is_all and rank < WATCHED):
            series = Series(service, template=write_id(number))
        elif is_all:
            folded += 1
            series = Series(service, template=f"(other {band_of(level)} patterns)")
        else:
            continue
        places[number] = series
        levels[series] = max(levels.get(series, 0), level)
    return Templates(places, roots, levels, folded)


def read_template_rows(environment_id: int, templates: Templates, since: int, until: int) -> Iterator[Row]:
    """How often the watched patterns came in [since, until), as rows that carry nothing else."""
    for number, minute, count in read_counts(environment_id, since, until, list(templates.places)):
        yield Row(minute, TEMPLATE, templates.places[number], {COLUMN: count})


def words_of(rule: AlertRule, series: Series) -> str:
    """What the pattern of a series says, cut; nothing for other series. Looked up when something fires."""
    rows = Template.objects.filter(environment_id=rule.environment_id, template_id__in=ids_of(series))
    text = rows.values_list("text", flat=True).first() if series.template else ""
    return cut(text or series.template)


def ids_of(series: Series) -> tuple[int, ...]:
    """The pattern that a series is; none for other series, and for patterns that are counted together."""
    try:
        return (read_id(series.template),)
    except ValueError:
        return ()


def cut(text: str) -> str:
    """At most so many characters."""
    return text if len(text) <= WORDS else f"{text[: WORDS - 1]}…"
