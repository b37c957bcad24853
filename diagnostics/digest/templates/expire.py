"""Forgets templates that were not seen within the environment's retention."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from diagnostics.models import Environment, Template, TemplateHour


def expire_templates(environment: Environment, before: datetime) -> None:
    """Old hours, templates last seen before, and the names of such that they had by joining."""
    TemplateHour.objects.filter(environment=environment, hour__lt=before).delete()
    rows = Template.objects.filter(environment=environment)
    rows.filter(merged_into=None, last_seen__lt=before).delete()
    roots = Template.objects.filter(environment=environment, template_id=OuterRef("merged_into"))
    rows.filter(~Exists(roots), merged_into__isnull=False).delete()
