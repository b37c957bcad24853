"""Forgets templates that were not seen within the environment's retention."""

from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from diagnostics.models import Environment, Template, TemplateHour

BATCH: Final = 5000  # rows of one statement


def expire_templates(environment: Environment, before: datetime) -> None:
    """Old hours, templates last seen before, and the names of such that they had by joining."""
    delete_in_batches(TemplateHour.objects.filter(environment=environment, hour__lt=before))
    rows = Template.objects.filter(environment=environment)
    delete_in_batches(rows.filter(merged_into=None, last_seen__lt=before))
    roots = Template.objects.filter(environment=environment, template_id=OuterRef("merged_into"))
    delete_in_batches(rows.filter(~Exists(roots), merged_into__isnull=False))


def delete_in_batches(rows: QuerySet[Any]) -> None:
    """However many there are: no statement locks, or keeps others waiting for, more than a batch of them."""
    while chosen := list(rows.values_list("pk", flat=True)[:BATCH]):
        rows.filter(pk__in=chosen).delete()  # and only what still is old
