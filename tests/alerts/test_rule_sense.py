"""A rule that makes no sense is refused with the way out; one that makes sense is told in a sentence."""

import pytest
from django.core.exceptions import ValidationError

from alerts.evaluation.describe import describe_rule
from alerts.models import AlertRule

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"signal": "latency_p95", "condition": "share"}, "condition", "choose 'is at least a fixed value'"),
        ({"signal": "requests", "condition": "share"}, "condition", "choose failed requests"),
        ({"signal": "latency_p95", "condition": "absence"}, "condition", "choose 'Requests'"),
        ({"signal": "errors", "condition": "first_seen"}, "condition", "choose one of them"),
        ({"signal": "new_errors", "condition": "threshold"}, "condition", "choose the condition 'is seen'"),
        ({"signal": "status_5xx", "condition": "share", "threshold": 5}, "threshold", "for 5% write 0.05"),
        ({"condition": "share", "threshold": 1.5}, "threshold", "1.5 is 150%: for 1.5% write 0.015"),
        ({"condition": "share", "threshold": 150}, "threshold", "at most 1 (100%): for 5% write 0.05"),
        ({"condition": "share", "threshold": 0}, "threshold", "write 0.01 for 1%"),
        ({"condition": "below", "threshold": 0}, "threshold", "write 1 to hear when nothing comes"),
        ({"signal": "latency_p95", "condition": "below", "threshold": 0}, "threshold", "never fire"),
        ({"threshold": 0, "minimum_count": 0}, "threshold", "write 1 to hear of any"),
        ({"signal": "latency_p95", "threshold": 0}, "threshold", "always fire"),
        ({"condition": "baseline", "threshold": 4}, "threshold", "use 0.5"),
        ({"condition": "change", "threshold": 1}, "threshold", "use 2"),
        ({"threshold": float("nan")}, "threshold", "finite"),
        ({"threshold": 5, "recover_threshold": 9}, "recover_threshold", "use 5 or less"),
        ({"condition": "below", "threshold": 5, "recover_threshold": 3}, "recover_threshold", "use 5 or more"),
        ({"signal": "matches"}, "query", "a query line, a pattern, or both"),
        ({"signal": "matches", "query": 'an "open'}, "query", "quotation mark"),
        ({"signal": "matches", "query": "user:42"}, "query", "search for one person in Logs"),
        ({"signal": "matches", "query": "boom -user:42"}, "query", "search for one person in Logs"),
        ({"signal": "matches", "query": "order:42"}, "query", "write @order:42"),
        ({"signal": "matches", "pattern": "("}, "pattern", "missing )"),
        ({"signal": "errors", "pattern": "x"}, "pattern", "choose that signal"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_the_way_out(environment, fields, field, words):
    given = {"signal": "errors", "condition": "threshold", "threshold": 0.5, **fields}
    rule = AlertRule(environment=environment, slug="r", name="R", **given)
    with pytest.raises(ValidationError) as refused:
        rule.full_clean()
    assert words in " ".join(refused.value.message_dict[field])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"signal": "errors", "threshold": 15, "window_minutes": 3},
            "Fires when a service has at least 15 errors in 3 min.",
        ),
        (
            {"signal": "status_5xx", "condition": "share", "threshold": 0.05, "minimum_count": 8, "minimum_sample": 20},
            "Fires when a service has at least 5% 5xx of requests in 5 min, on at least 8 5xx responses and 20 requests.",
        ),
        (
            {
                "signal": "latency_p95",
                "threshold": 1500,
                "group_by": "route",
                "for_seconds": 120,
                "service_name": "web",
            },
            "Fires when a route of web has a p95 of at least 1.5 s in 5 min, for 2 min.",
        ),
        (
            {"signal": "requests", "condition": "change", "threshold": 0.5, "compare_to": "last_week"},
            "Fires when a service has at most 0.5 times as many requests in 5 min as at the same time a week ago.",
        ),
        (
            {"signal": "latency_p99", "condition": "change", "threshold": 3, "compare_to": "yesterday"},
            "Fires when a service has a p99 in 5 min of at least 3 times that of the same time yesterday.",
        ),
        (
            {"signal": "requests", "condition": "below", "threshold": 5},
            "Fires when a service has fewer than 5 requests in 5 min.",
        ),
        (
            {"signal": "records", "condition": "absence", "window_minutes": 10},
            "Fires when a service has sent no records for 10 min, though it did before.",
        ),
        (
            {"signal": "matches", "query": "boom", "threshold": 1, "group_by": "nothing"},
            "Fires when the environment has any records that match boom in 5 min.",
        ),
        (
            {"signal": "warnings", "condition": "change", "threshold": 3, "minimum_count": 50},
            "Fires when a service has at least 3 times as many records of level warn and worse in 5 min as is usual (the median "
            "of the last two hours), on at least 50 records of level warn and worse.",
        ),
        (
            {
                "signal": "template_records",
                "condition": "baseline",
                "threshold": 0.6,
                "level": "warn",
                "minimum_count": 20,
            },
            "Fires when a message pattern with records of level warn or worse has a number of records unlike what it usually "
            "does at this time (score 0.6 or more), on at least 20 records.",
        ),
        (
            {
                "signal": "template_records",
                "condition": "absence",
                "template": "00ff00ff00ff00ff",
                "window_minutes": 30,
            },
            "Fires when the pattern 00ff00ff00ff00ff has not come for 30 min, though it did before.",
        ),
        (
            {"signal": "new_templates", "condition": "first_seen", "service_name": "web"},
            "Fires when web has a message pattern never seen before, of level warn or worse.",
        ),
    ],
)
def test_a_rule_says_what_it_does_in_a_sentence(fields, sentence):
    assert describe_rule(AlertRule(**fields)) == sentence
