"""Last step: the template of each record, from its redacted body, and how often each template came."""

from collections.abc import Iterable
from typing import Any

from diagnostics.core.record import Record
from diagnostics.detection.templates.catalogue import Catalogue, Known
from diagnostics.pipeline.summarise import MINUTE_NS

Tallies = dict[tuple[int, int, str], list[Any]]


def mine_templates(records: Iterable[Record], catalogue: Catalogue) -> dict[str, Any]:
    """Names each record's template; returns what IngestBatch.templates stores.

    counts: [template, minute since 1970, release, service, worst severity, records]
    news: [template, service, text, template that it was joined to or null, whether others were joined to it]
    """
    tallies: Tallies = {}
    number_of = catalogue.number_of
    for record in records:
        if not record.body or record.body.isspace():
            continue
        number = record.template_id = number_of(record.service_name, record.body)
        key = (number, record.timestamp_ns // MINUTE_NS, record.release)
        tally = tallies.get(key)
        if tally is None:
            tallies[key] = [record.service_name, record.severity_number, 1]
        else:
            tally[2] += 1
            if record.severity_number > tally[1]:
                tally[1] = record.severity_number
    news = [write_news(known) for known in catalogue.take_news()]
    return {"counts": [[*key, *tally] for key, tally in tallies.items()], **({"news": news} if news else {})}


def write_news(known: Known) -> list[Any]:
    """As JSON has it."""
    return [known.number, known.service, " ".join(known.tokens), known.merged_into, known.is_joined]


def read_news(row: list[Any]) -> Known:
    """From JSON."""
    number, service, text, merged_into, is_joined = row
    return Known(number, service, tuple(text.split(" ")), merged_into, is_joined)
