"""Services that a rule leaves out: neither live nor late does it look at them, and what fires about them ends."""

import pytest
from django.core.exceptions import ValidationError

from alerts.evaluation.describe import describe_rule
from alerts.evaluation.run import evaluate_environment
from alerts.models import AlertRule, Incident, RuleState

pytestmark = pytest.mark.django_db


def firing(rule):
    return set(RuleState.objects.filter(rule=rule, state="firing").values_list("series", flat=True))


def test_a_rule_leaves_out_the_services_that_it_names(environment, standing, make_rule, make_rollup):
    rule = make_rule(except_services="quiet, other one")
    for service in ("web", "quiet", "other one"):
        make_rollup(service=service, errors=50)
    evaluate_environment(environment.pk)
    assert firing(rule) == {"web"}


@pytest.mark.parametrize("condition", ["threshold", "absence"])
def test_what_fires_about_a_service_that_is_left_out_from_now_on_ends(
    environment, standing, make_rule, make_rollup, condition
):
    rule = make_rule(condition=condition, window_minutes=3)
    make_rollup(service="web", ago=8 if condition == "absence" else 0, errors=50)
    evaluate_environment(environment.pk)
    assert firing(rule) == {"web"}
    rule.except_services = "web"
    rule.save()
    for _ in range(12):
        standing.advance(minutes=1)
        make_rollup(service="web" if condition == "threshold" else "other", errors=50)
        evaluate_environment(environment.pk)
    assert "web" not in firing(rule)
    assert Incident.objects.get(service_name="web").state == "resolved"


def test_the_sentence_names_them():
    assert "a service (but not a and b)" in describe_rule(AlertRule(signal="errors", except_services="b, a"))


@pytest.mark.parametrize(
    ("fields", "said"), [({"service_name": "web"}, "no other"), ({"group_by": "nothing"}, "each service")]
)
def test_leaving_out_needs_something_to_leave(environment, fields, said):
    rule = AlertRule(environment=environment, slug="x", name="x", signal="errors", except_services="a", **fields)
    with pytest.raises(ValidationError, match=said):
        rule.full_clean()
