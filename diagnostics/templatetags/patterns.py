"""`{{ text|pattern }}`: a template's text with what varies set apart."""

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from diagnostics.detection.templates.mask import WILD
from diagnostics.templatetags.shell import visible

register = template.Library()
GAP = format_html('<span class="wild" title="varies">{}</span>', WILD)


@register.filter
def pattern(text: str) -> SafeString:
    """Every part escaped, what cannot be seen made visible."""
    parts = [conditional_escape(visible(part)) for part in text.split(WILD)]
    return mark_safe(GAP.join(parts))  # noqa: S308  escaped one line above
