"""The overview: what it says of an environment that is empty, quiet, busy or in trouble."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.incidents.transitions import resolve_incident
from alerts.models import AlertRule, Incident
from diagnostics.core import clock
from diagnostics.core.histogram import bucket_of
from diagnostics.environments import create_environment, grant_role
from diagnostics.models import Environment, Event, IngestBatch, MinuteRollup
from tests.people import client_with, make_person, sign_in
from tests.views.reading import read
from tests.world import make_error


@pytest.fixture
def quiet(db):
    return create_environment("quiet")


def look(environment, role="viewer", **params):
    return read(client_with(environment, role).get(reverse("overview", args=[environment.slug]), query_params=params))


def roll(environment, ago, **fields):
    minute = clock.floor_minute(clock.now()) - timedelta(minutes=ago)
    values = {"source": "log", "service_name": "web", **fields}
    return MinuteRollup.objects.create(environment=environment, minute=minute, **values)


def test_an_empty_environment_says_how_to_send_a_first_record(quiet):
    page = look(quiet)
    assert "waiting for its first record" in page.text
    assert "http://testserver/api/v1/logs" in page.text
    assert page.links("make one") == []
    assert look(quiet, "environment-admin").links("make one") == [reverse("admin:diagnostics_ingestkey_changelist")]


def test_an_environment_that_fell_silent_says_so(quiet):
    IngestBatch.objects.create(id=1, environment=quiet, received_at=clock.now(), wire_format="json")
    assert "Nothing arrived in this time" in look(quiet).text


def test_figures_stand_for_the_chosen_time(quiet):
    roll(quiet, 1, records=10, errors=4, requests=120, failures=3, latency={str(bucket_of(250)): 120})
    roll(quiet, 90, records=1000, service_name="old")
    page = look(quiet)
    figures = [" ".join(element.text.split()) for element in page.all("div", class_="figure")]
    per_minute = float(figures[0].removesuffix(" a minute"))
    assert 60 <= per_minute <= 120  # of the one to two minutes since something came, not of an hour
    assert figures[1] == "2.5% of requests"
    assert "2.5% of requests failed in this time." in page.text
    assert figures[2].startswith("25")
    assert figures[3] == "10 4 errors"
    assert "old" not in page.text
    assert "old" in look(quiet, range="6h").text
    assert "1,010" in look(quiet, range="6h").text
    assert "old" not in look(quiet, range="an hour or so").text  # what is not known is the usual


def test_services_stand_in_the_order_of_their_trouble(quiet):
    roll(quiet, 1, service_name="calm", records=500)
    roll(quiet, 1, service_name="burning", records=10, errors=9, requests=10, failures=9)
    roll(quiet, 1, service_name="warm", records=100, errors=10)
    page = look(quiet)
    named = [element.text for element in page.all("a", class_="row-link")]
    assert named == ["burning", "warm", "calm"]
    assert f"{reverse('logs', args=['quiet'])}?service=burning&level=error&range=1h" in page.links("9")


def test_one_error_of_one_record_is_less_than_many_of_many(quiet):
    roll(quiet, 1, service_name="once", records=1, errors=1)
    roll(quiet, 1, service_name="often", records=3000, errors=70)
    assert [element.text for element in look(quiet).all("a", class_="row-link")] == ["often", "once"]


def test_the_worst_open_incident_decides_among_services(world):
    roll(world.environment, 1, service_name="shop", records=100, errors=90)
    roll(world.environment, 1, service_name="checkout", records=100)
    another(world, "warning", 5, service_name="checkout")
    another(world, "critical", 30, service_name="checkout")
    assert world.incident.severity != "critical"
    assert [element.text for element in look(world.environment).all("a", class_="row-link")] == ["checkout", "shop"]


def test_the_sentence_says_how_it_stands_by_now(world):
    for ago in (3, 1):
        roll(world.environment, ago, service_name="shop", records=20, errors=12)
    started = clock.now() - timedelta(minutes=8)
    said_at = (clock.now() - timedelta(minutes=4)).isoformat()  # when its severity rose
    Incident.objects.filter(pk=world.incident.pk).update(
        started_at=started, value=3, peak_value=21, context={"said_at": said_at}
    )
    text = " ".join(look(world.environment).text.split())
    assert "15 errors. That was 4 min ago: 24 errors by now, now 3, highest 21. Since 8 min ago." in text
    Incident.objects.filter(pk=world.incident.pk).update(started_at=clock.now() - timedelta(minutes=4))
    assert "highest 21. Since" not in " ".join(look(world.environment).text.split())
    Incident.objects.filter(pk=world.incident.pk).update(started_at=started)
    error = make_error(world.environment, "new", 19)
    AlertRule.objects.filter(pk=world.rule.pk).update(condition="first_seen")
    Incident.objects.filter(pk=world.incident.pk).update(
        context={"fingerprints": [error.fingerprint], "said_at": said_at}
    )
    assert "That was 4 min ago: 19 records by now. Since 8 min ago." in " ".join(look(world.environment).text.split())
    AlertRule.objects.filter(pk=world.rule.pk).update(condition="absence")
    assert "15 errors. Since 8 min ago." in " ".join(look(world.environment).text.split())


def test_counts_have_their_thousands_set_apart_everywhere(quiet):
    roll(quiet, 1, records=5000, errors=1234, requests=4321)
    page = look(quiet)
    assert [element.text for element in page.all("td", data_label="Requests")] == ["4,321"]
    assert page.links("1,234")
    assert "1,234 errors" in page.text


def test_a_service_with_an_open_incident_comes_first_for_who_may_see_incidents(world):
    roll(world.environment, 1, service_name="burning", records=10, errors=9)
    roll(world.environment, 1, service_name=world.incident.service_name, records=500)
    address = reverse("incident", args=[world.slug, world.incident.pk])

    def listed(role):
        page = look(world.environment, role)
        names = [element.text for element in page.all("a", class_="row-link")]
        return names, address in page.links("incident")

    assert listed("viewer") == ([world.incident.service_name, "burning"], True)
    assert listed("privacy-officer") == (["burning", world.incident.service_name], False)


def test_among_services_that_fail_alike_the_one_that_became_slower_comes_first(quiet):
    for ago in (40, 1):
        roll(quiet, ago, service_name="as ever", requests=90, failures=0, latency={str(bucket_of(200)): 90})
    for ago, took in ((40, 200), (1, 900)):
        roll(quiet, ago, service_name="slower", requests=90, failures=0, latency={str(bucket_of(took)): 90})
    roll(quiet, 1, service_name="as quick", requests=90, failures=0)
    roll(quiet, 1, service_name="a hair worse", records=1000, requests=1000, failures=1)
    roll(quiet, 1, service_name="failing", records=100, requests=100, failures=9)
    named = [element.text for element in look(quiet).all("a", class_="row-link")]
    assert named == ["failing", "slower", "a hair worse", "as ever", "as quick"]


def test_a_minute_that_is_not_over_draws_no_fall(quiet):
    roll(quiet, 2, requests=100)
    roll(quiet, 1, requests=100)
    roll(quiet, 0, requests=1)
    line = look(quiet).all("path", class_="line")[0].attributes["d"]
    ends = {point.split()[1] for point in line.replace("M", "L").split("L")[-2:]}
    assert ends == {"6.0"}


def test_an_open_incident_is_the_first_sentence_and_a_resolved_one_is_not(world):
    roll(world.environment, 1, records=5)
    address = reverse("incident", args=[world.slug, world.incident.pk])
    page = look(world.environment)
    assert "1 open incident. 15 errors." in " ".join(page.text.split())
    assert address in page.links("Open it")
    resolve_incident(world.incident, None)
    assert "No open incidents." in look(world.environment).text


def another(world, severity, minutes, **fields):
    """An open incident that began so many minutes ago."""
    began = clock.now() - timedelta(minutes=minutes)
    key = f"{severity} {minutes}"
    return Incident.objects.create(
        environment=world.environment, rule=world.rule, rule_name="r", dedup_key=key, severity=severity, title=key,
        summary=f"{key} ago.", started_at=began, opened_at=began + timedelta(minutes=1), **fields,
    )  # fmt: skip


def test_what_nobody_has_yet_is_named_first_then_the_worst_then_the_oldest(world):
    roll(world.environment, 1, records=5)
    person = make_person(world.environment, "on-call")
    oldest = another(world, "critical", 30)
    another(world, "critical", 20)
    another(world, "critical", 2, state="acknowledged")
    another(world, "critical", 3, assigned_to=person)
    another(world, "warning", 1)
    page = look(world.environment)
    assert "5 open incidents. critical 30 ago. Since 30 min ago." in " ".join(page.text.split())
    assert reverse("incident", args=[world.slug, oldest.pk]) in page.links("Open it")
    shown = [
        link.text
        for link in page.all("a")
        if link.text.split(" ")[-1].isdecimal() and "incidents/" in link.attributes["href"]
    ]
    assert [" ".join(text.split()[-2:]) for text in shown] == [
        "critical 30", "critical 20", "warning 1", "critical 3", "critical 2",
    ]  # fmt: skip
    assert "20 min ago" in page.text


def test_of_equally_bad_ones_that_is_named_first_which_hits_the_most(world):
    roll(world.environment, 1, records=5)
    now = clock.now()
    for minutes, fields in (
        (1, {}),
        (2, {"context": {"users": 3, "sessions": 9, "looked_at": 200}}),
        (3, {"context": {"users": 14, "sessions": 1, "looked_at": 20}}),
        (4, {"context": {"users": 3, "sessions": 10, "looked_at": 20}}),
        (5, {"context": {"looked_at": 21}}),
        (6, {"context": {"users": 99}, "settles_at": now, "flapping_since": now}),
        (7, {"kind": "storm"}),
    ):
        another(world, "critical", minutes, **fields)
    another(world, "error", 50, context={"users": 100})
    page = look(world.environment)
    shown = [" ".join(link.text.split()[-2:]) for link in page.all("a") if link.text.split(" ")[-1].isdecimal()]
    assert shown == [
        "critical 7", "critical 3", "critical 4", "critical 2", "critical 5", "critical 1", "critical 6", "error 50",
    ]  # fmt: skip


def test_the_sentence_says_that_the_first_of_them_is_well_by_now(world):
    roll(world.environment, 1, records=5)
    now = clock.now()
    another(world, "critical", 6, flapping_since=now, settles_at=now + timedelta(minutes=12))
    text = " ".join(look(world.environment).text.split())
    assert f"Well since {now - timedelta(minutes=3):%H:%M}, told as over at {now + timedelta(minutes=12):%H:%M}" in text


def test_all_open_incidents_are_counted_though_some_are_listed(world):
    roll(world.environment, 1, records=5)
    for number in range(23):
        another(world, "error", number + 1)
    assert "23 open incidents." in " ".join(look(world.environment).text.split())


def test_who_may_not_see_incidents_is_told_nothing_of_them(world):
    roll(world.environment, 1, records=5)
    page = look(world.environment, "privacy-officer")
    assert world.incident.title not in page.html
    assert "15 errors." not in page.text


def test_deploys_are_named_and_first_sightings_are_not(quiet):
    roll(quiet, 1, records=5)
    for number, title in enumerate(("web 1.2 deployed", "web first seen with 1.1")):
        Event.objects.create(
            environment=quiet,
            timestamp=clock.now(),
            kind="deploy",
            title=title,
            release=str(number),
            service_name="web",
        )
    text = look(quiet).html
    assert "web 1.2 deployed" in text
    assert "first seen with" not in text


def test_the_part_that_refreshes_is_the_page_without_its_frame(world):
    roll(world.environment, 1, records=5)
    client = client_with(world.environment, "viewer")
    part = client.get(reverse("overview", args=[world.slug]), headers={"HX-Request": "true"}).content.decode()
    assert "open incident" in part
    assert "<html" not in part
    assert "hx-trigger" not in part


def test_home_leads_to_production_first_and_to_help_when_there_is_nothing(world, quiet):
    person = make_person(quiet, "viewer")
    assert sign_in(person).get(reverse("home")).url == reverse("overview", args=["quiet"])
    grant_role(person, world.environment, "viewer")
    assert sign_in(person).get(reverse("home")).url == reverse("overview", args=[world.slug])
    page = read(sign_in(make_person()).get(reverse("home")))
    assert "No environment is open to you yet" in page.text
    assert world.environment.name not in page.text


def test_a_services_p95_leads_to_its_slowest_traces_for_who_may_see_them(quiet):
    roll(quiet, 1, service_name="slow one", records=10, requests=10, latency={str(bucket_of(250)): 10})
    address = f"{reverse('traces', args=['quiet'])}?service=slow%20one&sort=slowest&range=6h"
    assert address in look(quiet, "developer", range="6h").links()
    assert address not in look(quiet, "viewer", range="6h").links()
    Environment.objects.update(tracing_enabled=False)
    assert address not in look(quiet, "developer", range="6h").links()


def test_of_many_services_the_most_troubled_are_drawn_and_all_on_request(quiet):
    MinuteRollup.objects.bulk_create(
        MinuteRollup(
            environment=quiet, minute=clock.floor_minute(clock.now()), source="log", service_name=f"s-{number:03}",
            records=100, errors=number,
        )
        for number in range(60)
    )  # fmt: skip
    page = look(quiet)
    named = [element.text for element in page.all("a", class_="row-link")]
    assert (len(named), named[0], named[-1]) == (50, "s-059", "s-010")
    assert "10 more, less troubled." in page.text
    assert page.links("Show all") == ["?services=all&range=1h"]
    page = look(quiet, services="all")
    assert len(page.all("a", class_="row-link")) == 60
    assert "less troubled" not in page.text


@pytest.mark.parametrize(("time", "seconds"), [("1h", 10), ("6h", 50), ("30d", 60)])
def test_a_long_time_is_drawn_again_less_often(quiet, time, seconds):
    (overview,) = look(quiet, range=time).all("div", id="overview")
    assert overview.attributes["hx-trigger"] == f"every {seconds}s"


WEEK, DAY = 7 * 24 * 60, 24 * 60


def notes(page):
    return [" ".join(one.text.split()) for one in page.all("span", class_="right soft") if "before" in one.text]


def test_the_same_time_a_week_before_stands_beside_the_figures(quiet):
    for ago, requests, failures in ((5, 120, 3), (WEEK + 5, 600, 60), (DAY + 5, 60, 60)):
        roll(quiet, ago, requests=requests, failures=failures, latency={str(bucket_of(250)): requests})
    page = look(quiet)
    rate, failed, p95 = notes(page)
    assert 85 <= float(rate.removesuffix(" a week before")) <= 125  # of the five to seven minutes since something came
    assert failed == "10% a week before"
    assert p95.startswith("25")
    assert "failed 2.5% · a week before 10%" in page.html
    assert "tone-before" in page.html


def test_without_a_week_it_is_the_day_before_and_without_that_nothing(quiet):
    roll(quiet, 5, requests=120)
    assert notes(look(quiet)) == []
    assert "tone-before" not in look(quiet).html
    other = create_environment("other")
    roll(other, 5, requests=120)
    roll(other, DAY + 5, requests=60, failures=6)
    assert notes(look(other))[1] == "10% the day before"
    roll(other, 10 * DAY, requests=60)  # of two days: the day before is a part of them
    assert notes(look(other, range="7d")) == ["<0.1 a week before", "0% a week before"]
    assert notes(look(other, range="30d")) == []
