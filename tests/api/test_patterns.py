"""Patterns over the API: cut by service, level, words and age."""

from datetime import timedelta

import pytest

from diagnostics.core import clock
from diagnostics.models import Template
from tests.api.calling import every
from tests.world import make_record, make_template


def test_patterns_are_cut_by_what_is_asked_for(world, admin):
    Template.objects.all().delete()
    old = clock.now() - timedelta(days=3)
    make_template(world.environment, "order <*> paid", severity_number=9, first_seen=old, releases={"1": 5, "2": 9})
    root = make_template(world.environment, "order <*> lost", service_name="cart")
    make_template(world.environment, "order 1 lost", merged_into=root.template_id)

    def listed(**params):
        return sorted(row["text"] for row in every(admin, "/api/v1/patterns", **params))

    assert listed() == ["order <*> lost", "order <*> paid"]
    assert listed(service="cart") == listed(level="warn") == listed(q="LOST") == ["order <*> lost"]
    assert listed(new_since=(clock.now() - timedelta(days=1)).isoformat()) == ["order <*> lost"]
    assert admin.get("/api/v1/patterns", environment="elsewhere").status_code == 404
    row = next(row for row in every(admin, "/api/v1/patterns") if row["text"] == "order <*> paid")
    assert (row["severity"], row["releases"]) == ("info", ["2", "1"])


@pytest.mark.parametrize(("name", "value"), [("level", "loud"), ("new_since", "yesterday")])
def test_what_cannot_be_understood_is_named(world, admin, name, value):
    answer = admin.get("/api/v1/patterns", **{name: value})
    assert answer.status_code == 400
    assert name in answer.json()


def test_records_tell_their_template_and_are_found_by_it(world, admin):
    template = make_template(world.environment, "order <*> paid")
    make_record(world.environment, body="order 17 paid", template_id=template.template_id, has_restricted=False)
    found = admin.get("/api/v1/logs", environment=world.slug, template=template.reference).json()["results"]
    assert [(row["body"], row["template"]) for row in found] == [("order 17 paid", template.reference)]
    assert admin.get("/api/v1/logs", environment=world.slug, template="nonsense").status_code == 400
