"""A rule's form that a pattern's page leads to, filled in."""

from typing import Any, Final

from django.http import HttpRequest
from django.utils.text import slugify

from alerts.admin.rule_defaults import beginning_of
from alerts.models import AlertRule
from alerts.rule_words import find_template
from diagnostics.core.access import has_perm, visible_environments
from diagnostics.core.permissions import Perm

Signal = AlertRule.Signal
NAME_CHARS: Final = 90
SLUG_CHARS: Final = 50


def begin_with_template(request: HttpRequest) -> dict[str, Any]:
    """Values of a new rule about the pattern that the address names; nothing where the person may not see it."""
    slug = request.GET.get("environment", "")
    environment = visible_environments(request.user, Perm.MANAGE_RULES).filter(slug=slug).first()
    if environment is None or not has_perm(request.user, environment, Perm.VIEW_LOGS):
        return {}
    template = find_template(environment, request.GET.get("template", ""))
    if template is None:
        return {}
    words = template.text.replace("<*>", "…")
    return {
        **beginning_of(Signal.TEMPLATE_RECORDS),
        "environment": environment.pk,
        "template": template.reference,
        "name": f"Pattern: {words}"[:NAME_CHARS],
        "slug": slugify(f"pattern {words}")[:SLUG_CHARS] or "pattern",
    }
