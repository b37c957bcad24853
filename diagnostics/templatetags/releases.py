"""Template tags of releases: where they lead, and what is said of them."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse

from diagnostics.core.figures import percent
from diagnostics.detection.comparison import Change, Standing
from diagnostics.releases.compared import Figures
from diagnostics.releases.words import SHAPES, WORDS, per_thousand, say, say_short, why_against

register = template.Library()


@register.simple_tag
def release_url(slug: str, service: str, release: str) -> str:
    """The page of one release of a service. Names may hold anything, so that they are parameters."""
    return f"{reverse('release', args=[slug])}?{urlencode({'service': service, 'release': release})}"


@register.inclusion_tag("diagnostics/parts/verdict.html")
def verdict_mark(standing: Standing) -> dict[str, str]:
    """A verdict by word and shape."""
    return {"key": standing.value, "word": WORDS[standing], "shape": SHAPES[standing]}


@register.filter
def said(change: Change) -> str:
    """A change of a figure as a clause."""
    return say(change)


@register.filter
def said_short(change: Change) -> str:
    """The same with an arrow."""
    return say_short(change)


@register.filter
def why(figures: Figures) -> str:
    """What is to be said of the release that it is compared with."""
    return why_against(figures.arrival, figures.against)


@register.filter
def thousandth(share: float | None) -> str:
    """A share as so many of a thousand."""
    return "—" if share is None else per_thousand(share)


@register.filter
def share_of(share: float) -> str:
    """A share that is never said to be all where it is not."""
    return "over 99.9%" if 0.9995 <= share < 1 else percent(share)
