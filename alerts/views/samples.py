"""Sample records of an incident: frozen when it fired, with the reason that their exceptions give while they are there."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from alerts.models import Incident
from diagnostics.core.reference import read_reference
from diagnostics.errors.words import headline_of
from diagnostics.models import LogRecord


def read_samples(found: Incident) -> list[dict[str, Any]]:
    """Each as it is kept, with `headline`. The reason is read from the record and kept nowhere else: what is erased there
    is gone here."""
    headlines = read_headlines(found)
    return [{**sample, "headline": headlines.get(str(sample["reference"]), "")} for sample in found.samples]


def read_headlines(found: Incident) -> dict[str, str]:
    """By the record's reference."""
    places = [place for sample in found.samples if (place := read_reference(str(sample["reference"])))]
    if not places:
        return {}
    wanted = reduce(or_, (Q(timestamp=place.timestamp, pk=place.id) for place in places))
    rows = LogRecord.objects.filter(wanted, environment_id=found.environment_id)
    return {record.reference: headline_of(record) for record in rows}
