"""Forgets templates that were not seen within the environment's retention."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from diagnostics.models import Environment, Template, TemplateHour
from diagnostics.storage.expiring import delete_some


def expire_templates(environment: Environment, before: datetime) -> bool:
    """Old hours, templates last seen before, and the names of such that they had by joining; so many of each at a time.
    Whether there may be more."""
    rows = Template.objects.filter(environment=environment)
    roots = rows.filter(template_id=OuterRef("merged_into"))
    more = [
        delete_some(TemplateHour.objects.filter(environment=environment, hour__lt=before)),
        delete_some(rows.filter(merged_into=None, last_seen__lt=before)),
        delete_some(rows.filter(~Exists(roots), merged_into__isnull=False)),
    ]
    return any(more)
