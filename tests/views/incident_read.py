"""An incident's pages as tests read them."""

from django.urls import reverse

from alerts.incidents.transitions import Opening, open_incident
from alerts.models import AlertRule
from diagnostics.core import clock
from tests.views.reading import read


def look(world, client, name="incident", **params):
    args = [world.slug] if name in ("ledger", "incidents") else [world.slug, world.incident.pk]
    return read(client.get(reverse(name, args=args), query_params=params))


def words(page):
    return " ".join(page.text.split())


def second_rule(world, severity="warning", **fields):
    """Another rule shows the same incident."""
    rule = AlertRule.objects.create(
        environment=world.environment, slug="second", name="Second", signal="failures", severity=severity, **fields
    )
    opening = Opening(rule, "shop", "shop", "", "Second: shop", "shop: failed 13.3%.", 0.133, clock.now())
    assert open_incident(opening).pk == world.incident.pk
    return rule
