"""Rules that watch message patterns: how often each comes, and which were never seen before."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.evaluation import templates as watched
from alerts.models import AlertRule, Incident, RuleState
from alerts.models.sense import find_problems
from diagnostics.core import clock
from diagnostics.detection.templates.ids import write_id
from diagnostics.models import Template, TemplateHour

pytestmark = pytest.mark.django_db
KNOWN_FOR = timedelta(days=9)


@pytest.fixture
def make_template(environment, standing):
    """A pattern that is known for days, unless it is news."""

    def make(number, text="retry <*> of <*> failed", service="checkout", level=13, *, is_news=False, **fields):
        created = standing.now if is_news else standing.now - KNOWN_FOR
        given = {
            "first_seen": created,
            "last_seen": standing.now,
            "created_at": created,
            "changed_at": created,
            "records": 1,
        }
        return Template.objects.create(
            environment=environment, template_id=number, text=text, service_name=service, severity_number=level,
            is_news=is_news, **{**given, **fields},
        )  # fmt: skip

    return make


@pytest.fixture
def come(environment, make_rollup):
    """Records of a pattern, so many minutes ago; its service is heard of then, too."""

    def send(number, count, ago=0, service="checkout"):
        minute = clock.floor_minute(clock.now()) - timedelta(minutes=ago)
        hour = minute.replace(minute=0)
        row, _ = TemplateHour.objects.get_or_create(
            environment=environment, template_id=number, hour=hour, defaults={"minutes": [0] * 60, "total": 0}
        )
        row.minutes[minute.minute] += count
        row.save()
        if not environment.rollups_made.get((service, minute)):
            environment.rollups_made[service, minute] = make_rollup(ago=ago, service=service, records=count or 1)

    environment.rollups_made = {}
    return send


@pytest.fixture
def surge(make_rule):
    def make(**fields):
        given = {"name": "Surge", "signal": "template_records", "threshold": 30, "window_minutes": 5, **fields}
        return make_rule(**given)

    return make


def test_each_pattern_is_a_series_and_the_incident_says_what_it_says(surge, make_template, come, evaluate):
    surge()
    make_template(1)
    make_template(2, "order <*> paid", level=9)
    come(1, 40)
    come(2, 5)
    evaluate()
    incident = Incident.objects.get()
    assert incident.title == "Surge: checkout: retry <*> of <*> failed"
    assert incident.summary == "checkout: “retry <*> of <*> failed” came 40 times in 5 min."
    assert incident.context["templates"] == [write_id(1)]
    assert list(RuleState.objects.values_list("series", "state")) == [(f"checkout {write_id(1)}", "firing")]
    evaluate(minutes=6)
    come(2, 5)
    evaluate(minutes=1)
    evaluate(minutes=1)
    assert Incident.objects.get().state == "resolved"


def test_a_pattern_that_surges_against_its_own_past_fires_without_any_number_set(surge, make_template, come, evaluate):
    surge(condition="baseline", threshold=0.6, minimum_count=20, level="warn")
    make_template(1)
    make_template(2, "order <*> paid", level=9)
    for ago in range(59, 0, -1):
        come(1, 1, ago)
    evaluate()
    assert not Incident.objects.exists()
    for _ in range(3):
        evaluate(minutes=1)
        come(1, 60)
        come(2, 500)
        evaluate()
    assert "“retry <*> of <*> failed” came" in Incident.objects.get().summary


def test_a_pattern_that_is_named_is_missed_when_it_stops(surge, make_template, come, evaluate):
    surge(name="Heartbeat", condition="absence", template=write_id(1), window_minutes=5)
    make_template(1, "still alive <*>", level=9)
    make_template(2, "order <*> paid", level=9)
    come(1, 1, 7)
    come(2, 1, 7)
    evaluate()
    assert Incident.objects.get().summary.startswith("checkout: “still alive <*>” did not come for 5 min")
    come(1, 1)
    evaluate(seconds=10)
    evaluate(seconds=10)
    assert Incident.objects.get().state == "resolved"


def test_a_pattern_that_was_joined_to_another_is_watched_under_that_one(surge, make_template, come, evaluate):
    surge(template=write_id(1))
    one = make_template(1, "user anna left")
    make_template(2, "user <*> left")
    come(1, 20)
    evaluate()
    assert not Incident.objects.exists()
    one.merged_into = 2
    one.save()
    TemplateHour.objects.update(template_id=2)
    come(2, 20)
    evaluate(seconds=5)
    assert Incident.objects.get().summary.startswith("checkout: “user <*> left” came 40 times")


def test_patterns_beyond_the_bound_are_counted_together_and_the_rule_says_so(
    surge, make_template, come, evaluate, monkeypatch
):
    monkeypatch.setattr(watched, "WATCHED", 2)
    monkeypatch.setattr("alerts.evaluation.template_rows.WATCHED", 2)
    monkeypatch.setattr("alerts.evaluation.health.WATCHED", 2)
    rule = surge(level="warn")
    named = surge(name="Named", template=write_id(5))
    for number in range(1, 7):
        make_template(number, f"said {number}", level=9 if number == 6 else 13)
        come(number, 20)
    evaluate()
    rule.refresh_from_db()
    assert (rule.health, rule.health_note) == (
        "ok",
        "3 patterns beyond the first 2 are counted together, by service and level.",
    )
    assert Incident.objects.get().summary.startswith("checkout: “(other warn patterns)” came 40 times in 5 min")
    come(5, 20)
    evaluate(seconds=5)
    assert RuleState.objects.get(rule=named).series == f"checkout {write_id(5)}"


def test_no_record_is_read_to_know_how_often_a_pattern_comes_or_that_it_is_new(
    surge, make_rule, make_template, come, evaluate
):
    for number in range(3):
        surge(name=f"Surge {number}", threshold=1000)
    surge(condition="baseline", threshold=0.9, minimum_count=1000)
    make_rule(signal="new_templates", condition="first_seen")
    make_template(1)
    make_template(2, is_news=True, level=9)
    come(1, 40)
    with CaptureQueriesContext(connection) as queries:
        evaluate()
    text = "\n".join(query["sql"] for query in queries)
    assert "diagnostics_log" not in text
    assert "diagnostics_span" not in text
    assert (
        text.count("FROM diagnostics_template_hour") == 2
    )  # the newest minutes, and a day to learn from; for all rules
    with CaptureQueriesContext(connection) as queries:
        evaluate(seconds=5)
    assert "\n".join(query["sql"] for query in queries).count("FROM diagnostics_template_hour") == 1


def test_records_that_come_late_fire_for_their_own_window(surge, make_template, come, evaluate, environment, standing):
    from alerts.models import LateMinute

    rule = surge()
    AlertRule.objects.filter(pk=rule.pk).update(updated_at=standing.now - timedelta(hours=1))
    make_template(1)
    come(1, 1)
    evaluate()
    come(1, 40, 12)
    minute = clock.floor_minute(standing.now) - timedelta(minutes=12)
    LateMinute.objects.create(environment=environment, minute=minute, service_name="checkout", noted_at=standing.now)
    evaluate(seconds=5)
    assert "Late: this was" in Incident.objects.get().summary


# New patterns


@pytest.fixture
def news(make_rule):
    return make_rule(
        name="New pattern", signal="new_templates", condition="first_seen", window_minutes=60, keep_firing_seconds=60
    )


def test_a_new_warning_is_told_once_and_is_no_news_after_an_hour(news, make_template, evaluate):
    make_template(1)
    make_template(2, "disk <*> nearly full", is_news=True, records=3, releases={"2.4.1": 5})
    make_template(3, "order <*> paid", level=9, is_news=True)
    evaluate()
    incident = Incident.objects.get()
    assert incident.title == "New pattern: checkout: disk <*> nearly full"
    assert incident.summary == (
        "checkout: “disk <*> nearly full” (warn) was never seen before; 3 records in release 2.4.1."
    )
    assert not Template.objects.filter(is_news=True).exists()
    evaluate(minutes=30)
    assert Incident.objects.get().state == "triggered"
    evaluate(minutes=31)
    evaluate(minutes=2)
    assert Incident.objects.get().state == "resolved"


def test_a_deploy_that_brings_many_is_one_incident_for_as_long_as_it_is_open(news, make_template, evaluate):
    make_template(1)
    for number in range(2, 42):
        make_template(number, f"part {number} of <*> failed", is_news=True)
    evaluate()
    for number in range(42, 50):
        evaluate(minutes=5)
        make_template(number, f"late part {number} of <*> failed", is_news=True)
    evaluate()
    incident = Incident.objects.get()
    assert incident.summary.startswith("checkout: 40 patterns were never seen before, such as “part 2 of <*> failed”; ")
    assert incident.evidence.count() == 9


def test_a_service_is_quiet_on_its_first_day(news, make_template, evaluate, standing):
    make_template(1, service="old")
    make_template(2, "hello", service="young", is_news=True)
    evaluate()
    standing.advance(hours=25)
    make_template(3, "again", service="young", is_news=True)
    evaluate()
    assert [incident.service_name for incident in Incident.objects.all()] == ["young"]
    assert "“again”" in Incident.objects.get().summary


def test_history_that_is_imported_and_names_of_what_was_known_are_no_news(news, make_template, evaluate, standing):
    make_template(1, "user anna left", merged_into=2)
    make_template(2, "user <*> left", is_news=True)
    make_template(3, "from last year", is_news=True, last_seen=standing.now - timedelta(days=300))
    make_template(4, "[erased]", is_news=True)
    evaluate()
    assert not Incident.objects.exists()


def test_news_wait_for_their_text(news, make_template, evaluate):
    make_template(1)
    row = make_template(2, "", is_news=True)
    evaluate()
    assert not Incident.objects.exists()
    row.text = "disk <*> nearly full"
    row.save()
    evaluate(seconds=3)
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"template": "zzz"}, "template", "16 digits that stand after 'template:'"),
        ({"condition": "absence"}, "template", "name the one that must come"),
        ({"condition": "share", "template": "00ff"}, "condition", "has no share"),
        ({"condition": "first_seen"}, "condition", "can be 'seen'"),
        ({"template": "00ff", "level": "warn"}, "level", "whatever its level"),
        ({"signal": "errors", "level": "warn"}, "level", "Only message patterns"),
        ({"signal": "new_templates", "condition": "first_seen", "template": "00ff"}, "template", "has no id yet"),
        ({"signal": "new_templates"}, "condition", "choose the condition 'is seen'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_way_out(fields, field, said):
    rule = AlertRule(**{"signal": "template_records", **fields})
    assert said in find_problems(rule)[field]
