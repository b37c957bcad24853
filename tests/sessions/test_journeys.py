"""The pages of journeys: found by any id, of this environment only; what became of them; one from its beginning."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.models import LogRecord
from diagnostics.templatetags.shell import length_of
from sessions_app import funnel
from sessions_app.models import Journey
from sessions_app.outcomes import Aims, Outcome
from sessions_app.scope import scope_of_journey
from tests.people import ask_page, client_with
from tests.sessions.test_pages import IDS
from tests.views.reading import read
from tests.world import begin_world, make_journey, make_record, make_session, make_span

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(db):
    return begin_world("shop-one")


@pytest.fixture
def environment(world):
    Journey.objects.all().delete()
    return world.environment


@pytest.fixture
def support(world):
    return client_with(world.environment, "support")


def look(client, world, **params):
    return read(ask_page(client, reverse("journeys", args=[world.slug]), **params))


def say_ends(environment, text="event:order.placed", minutes=30):
    policy = environment.privacy_policy
    policy.journey_ends, policy.journey_minutes = text, minutes
    policy.save()


def listed(client, world, **params):
    links = str(look(client, world, range="7d", **params).links())
    return {row.journey_id for row in Journey.objects.all() if f"/journeys/{row.journey_id}/" in links}


def test_a_journey_of_any_id_is_listed_found_and_opened(environment, world, support):
    for journey_id in IDS:
        make_journey(environment, journey_id=journey_id)
        record = make_record(
            environment, journey_id=journey_id, body="what it did", session_id="", has_restricted=False
        )
        address = reverse("journey", args=[world.slug, journey_id])
        assert address in look(support, world, journey=journey_id).links()
        page = read(support.get(address))
        assert "what it did" in page.text
        assert page.all("div", id=f"r{record.reference}")
        detail = read(support.get(reverse("log-detail", args=[world.slug, record.reference])))
        assert f"{address}?at={record.reference}#r{record.reference}" in detail.links("Journey")


def test_another_environments_journey_of_the_same_id_is_neither_listed_nor_opened(environment, world, support):
    other = begin_world("shop-two")
    make_journey(environment)
    make_journey(other.environment, journey_id="only-there")
    make_record(other.environment, journey_id="only-there", has_restricted=False)
    make_record(other.environment, journey_id="j-1", body="done elsewhere", has_restricted=False)
    assert "done elsewhere" not in read(support.get(reverse("journey", args=[world.slug, "j-1"]))).text
    assert support.get(reverse("journey", args=[world.slug, "only-there"])).status_code == 404
    assert support.get(reverse("journey", args=[other.slug, "j-1"])).status_code == 404
    assert "only-there" not in look(support, world).text


def test_a_journey_that_was_never_counted_leads_to_its_timeline(environment, world, support):
    make_record(environment, journey_id="old & rare", has_restricted=False)
    answer = support.get(reverse("journey", args=[world.slug, "old & rare"]))
    assert answer["Location"] == f"{reverse('timeline', args=[world.slug])}?journey=old+%26+rare&range=30d"


def test_the_list_is_cut_by_user_service_and_trouble(environment, world, support):
    make_journey(environment, journey_id="hers", user_keys=["a" * 32, "b" * 32], failed=False, errors=0)
    make_journey(environment, journey_id="theirs", services=["shop", "db"])
    make_journey(environment, journey_id="crash", crashed=True)
    assert listed(support, world) == {"hers", "theirs", "crash"}
    assert listed(support, world, user="b" * 32) == {"hers"}
    assert listed(support, world, service="db") == {"theirs"}
    assert listed(support, world, show="errors") == {"theirs", "crash"}
    assert listed(support, world, show="crashed") == {"crash"}
    assert listed(support, world, show="crashed", user="b" * 32) == set()


@pytest.fixture
def ended(environment):
    """One of each outcome; among the completed one on which something went wrong."""
    now = clock.now()
    sound = {"failed": False, "errors": 0}
    make_journey(environment, journey_id="good", completed_at=now - MINUTE, **sound)
    make_journey(environment, journey_id="bumpy", completed_at=now - 3 * MINUTE)
    make_journey(environment, journey_id="bad")
    make_journey(environment, journey_id="open", **sound)
    began = now - 40 * MINUTE
    make_journey(environment, journey_id="left", started_at=began, last_seen_at=now - 31 * MINUTE, **sound)


OUTCOMES = {
    "completed": {"good", "bumpy"}, "failed": {"bad"}, "under way": {"open"}, "abandoned": {"left"},
}  # fmt: skip


def test_each_journey_has_one_outcome_in_the_list_and_by_itself(environment, world, support, ended):
    say_ends(environment)
    aims = Aims.of(environment)
    for outcome, names in OUTCOMES.items():
        assert listed(support, world, outcome=outcome) == names
        assert {row.journey_id for row in Journey.objects.all() if aims.outcome_of(row) == outcome} == names
        for name in names:
            assert outcome in read(support.get(reverse("journey", args=[world.slug, name]))).all("h1")[0].text or (
                outcome in read(support.get(reverse("journey", args=[world.slug, name]))).text
            )
    assert set(OUTCOMES) == set(Outcome)
    say_ends(environment, minutes=60)
    assert listed(support, world, outcome="abandoned") == set()
    assert listed(support, world, outcome="under way") == {"open", "left"}


def test_where_nothing_is_said_to_end_one_nothing_is_claimed(environment, world, support, ended):
    for text in ("", "# not yet\n \n"):
        say_ends(environment, text)
        page = look(support, world, range="7d")
        assert not {"completed", "abandoned", "under way"} & set(page.text.split())
        assert "abandoned" not in page.text
        assert listed(support, world, outcome="completed") == listed(support, world)
        assert "Completed" not in read(support.get(reverse("journey", args=[world.slug, "good"]))).text


def test_the_figures_add_up_and_say_how_long_and_where_it_stopped(environment, ended):
    say_ends(environment)
    found = funnel.read_funnel(Journey.objects.filter(environment=environment), Aims.of(environment))
    assert {end.outcome: end.count for end in found.ended} == {name: len(rows) for name, rows in OUTCOMES.items()}
    assert sum(end.share for end in found.ended) == pytest.approx(1)
    assert (found.ended[1].x, found.ended[1].width) == (pytest.approx(400), pytest.approx(200))
    assert found.median.total_seconds() == pytest.approx(180, abs=1)  # between 4 and 2 minutes
    assert found.p95.total_seconds() == pytest.approx(234, abs=1)
    assert found.stops == [("POST /pay", 2)]
    assert not found.is_cut


def test_without_ends_the_figures_are_those_of_all(environment, ended):
    found = funnel.read_funnel(Journey.objects.filter(environment=environment), Aims.of(environment))
    assert (found.total, found.failed, found.crashed, found.ended, found.stops) == (5, 2, 0, [], [])
    assert found.median.total_seconds() == pytest.approx(300, abs=1)


def test_only_the_newest_are_counted_and_the_page_says_so(environment, world, support, ended, monkeypatch):
    monkeypatch.setattr(funnel, "COUNTED", 3)
    say_ends(environment)
    found = funnel.read_funnel(Journey.objects.filter(environment=environment), Aims.of(environment))
    assert (found.total, found.is_cut) == (3, True)
    assert "older ones are not counted here" in look(support, world, range="7d").text


def test_pages_of_the_list_follow_each_other(environment, world, support):
    now = clock.now()
    for number in range(61):
        make_journey(environment, journey_id=f"n{number:02}", last_seen_at=now)
    first = look(support, world, range="6h", service="shop")
    (older,) = first.links("Older")
    second = read(support.get(reverse("journeys", args=[world.slug]) + older))
    seen = [element.attributes["href"] for page in (first, second) for element in page.all("a", class_="row-link mono")]
    assert (len(seen), len(set(seen))) == (61, 61)
    assert "cursor: not one" in look(support, world, cursor="mine").all("p", role="alert")[0].text


def test_an_empty_list_says_what_to_do_in_the_attributes_own_name(environment, world, support):
    assert "journey.id" in look(support, world).text
    policy = environment.privacy_policy
    policy.journey = "order.id"
    policy.save()
    page = look(support, world)
    assert "order.id" in page.text
    assert not page.links("Name it in the privacy policy")
    boss = client_with(environment, "environment-admin")
    assert look(boss, world).links("Name it in the privacy policy")
    assert "take a filter away" in look(support, world, service="nothing").text


def test_the_page_of_one_joins_sessions_services_and_users(environment, world, support):
    now = clock.now()
    for number in range(2):
        make_session(environment, session_id=f"way-{number}", user_key=f"{number}" * 32, started_at=now - 5 * MINUTE)
        make_record(environment, journey_id="way", session_id=f"way-{number}", body=f"step {number}", severity_number=9,
                    service_name=f"service-{number}", has_restricted=False)  # fmt: skip
    make_record(environment, journey_id="other", session_id="way-0", body="not of it", has_restricted=False)
    make_span(environment, journey_id="way", name="a span of it", service_name="spanning")
    make_journey(
        environment, journey_id="way", session_ids=["way-0", "way-1"], user_keys=["0" * 32, "1" * 32],
        steps={"b": [0, 2], "a": [0, 1], "said": [1, 0]}, last_step=[1, 9, "far"],
    )  # fmt: skip
    address = reverse("journey", args=[world.slug, "way"])
    page = read(support.get(address))
    assert "a → b → … → far" in " ".join(page.text.split())
    for number in range(2):
        assert reverse("session", args=[world.slug, f"way-{number}"]) in page.links()
        assert f"step {number}" in page.text
        assert f"{reverse('journeys', args=[world.slug])}?user={str(number) * 32}&range=30d" in page.links()
    assert "not of it" not in page.text
    assert "a span of it" not in page.text
    assert "a span of it" in read(client_with(environment, "developer").get(address)).text


@pytest.mark.parametrize(
    ("steps", "last", "wanted"),
    [
        ([], [], []),
        (["a"], [1, 9, "a"], ["a"]),
        (["a", "b"], [1, 9, "z"], ["a", "b", "…", "z"]),
        (list("abcdef"), [1, 9, "f"], list("abcdef")),
        (list("abcdefgh"), [1, 9, "h"], ["a", "b", "c", "d", "… 3 more", "h"]),
    ],
)
def test_a_path_is_short_enough_for_a_line(steps, last, wanted):
    journey = Journey(steps={name: [0, at] for at, name in enumerate(steps)}, last_step=last)
    assert journey.short_path == wanted


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 ms"), (-1, "0 ms"), (0.34, "340 ms"), (2.44, "2.4 s"), (59.9, "59.9 s"), (61, "1 min")]
)
def test_short_lengths_are_told_apart(seconds, said):
    assert length_of(timedelta(seconds=seconds)) == said


def test_records_of_a_journey_are_found_by_its_index(environment):
    journey = make_journey(environment, journey_id="rare")
    LogRecord.objects.bulk_create(
        LogRecord(id=number + 10**13, environment_id=environment.pk, timestamp=journey.last_seen_at, severity_number=9,
                  observed_timestamp=journey.last_seen_at, batch_id=1, journey_id="" if number % 3 else f"j-{number}")
        for number in range(3000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE diagnostics_log")
    plan = LogRecord.objects.filter(scope_of_journey(journey).rows).explain()
    assert "journey_id_timestamp_idx" in plan or "_journey" in plan, plan


def test_of_a_time_that_is_over_those_that_were_under_way_are_listed(environment, world, support):
    now = clock.now().replace(microsecond=0)
    for name, began, ended in (("before", 9, 8), ("within", 6, 5), ("around", 9, 1), ("after", 2, 1)):
        make_journey(
            environment,
            journey_id=name,
            started_at=now - timedelta(hours=began),
            last_seen_at=now - timedelta(hours=ended),
        )
    time = {"since": (now - timedelta(hours=7)).isoformat(), "until": (now - timedelta(hours=4)).isoformat()}
    page = look(support, world, **time)
    assert "2 journeys" in page.text
    found = {name for name in ("before", "within", "around", "after") if f"/journeys/{name}/" in str(page.links())}
    assert found == {"within", "around"}
    assert "until: choose a time after since" in look(support, world, since=time["until"], until=time["since"]).text
