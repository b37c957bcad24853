"""The list of errors: what stands in it, how it is cut, sorted and paged."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.environments import grant_role
from diagnostics.errors.listing import LOOKED_AT
from diagnostics.models import ErrorGroup, ErrorHour, MinuteRollup
from tests.people import client_with, make_person, sign_in
from tests.views.errors.pages import HOSTILE, cells, keep, names
from tests.views.reading import read
from tests.world import begin_world, count_error, make_error, make_record, make_world


def test_errors_stand_with_their_counts_and_are_sorted(environment, look):
    now = clock.now()
    make_error(environment, "often", 30, first_seen=now - timedelta(hours=3), last_seen=now - timedelta(minutes=2))
    make_error(environment, "lately", 2, first_seen=now - timedelta(hours=5), last_seen=now)
    make_error(environment, "of old", 9, first_seen=now - timedelta(days=9), last_seen=now - timedelta(days=2))
    page = look()
    assert names(page) == ["lately", "often"]
    assert cells(page, "Records") == ["2", "30"]
    assert names(look(sort="first")) == names(look(sort="count")) == ["often", "lately"]
    assert names(look(sort="count", range="7d")) == ["often", "of old", "lately"]
    assert names(look(range="nonsense", sort="x", state="y")) == ["lately", "often"]


def test_the_list_is_cut_by_state_service_release_and_words(environment, look):
    now = clock.now()
    make_error(environment, "payment * failed", error_type="Declined", service_name="pay", releases=["2.1", "2.0"])
    make_error(environment, "cart is empty", resolved_at=now)
    make_error(environment, "be quiet", ignored_at=now, ignored_until=now + timedelta(hours=1))
    back = make_error(environment, "it is back", noticed_at=now - timedelta(days=9), came_back_at=now)
    page = look()
    assert set(names(page)) == {"Declined", "it is back"}
    tabs = [element.text for element in page.all("a") if element.attributes["href"].startswith("?state=") or
            element.attributes["href"] == "?"]  # fmt: skip
    assert {"Open 2", "Came back 1", "Ignored 1", "Resolved 1", "All 4"} <= set(tabs)
    assert names(look(state="resolved")) == ["cart is empty"]
    assert names(look(state="ignored")) == ["be quiet"]
    assert names(look(state="regression")) == names(look(q=back.fingerprint)) == ["it is back"]
    assert names(look(service="pay")) == names(look(release="2.0")) == names(look(q="PAYMENT failed")) == ["Declined"]
    assert names(look(q="100%_")) == []
    assert "No errors match" in look(q="nothing").text
    assert "3 errors" not in page.text


def test_an_environment_without_errors_says_what_to_do_and_one_without_open_ones_says_so(environment, look):
    assert "No errors yet" in look().text
    make_error(environment, resolved_at=clock.now())
    assert "No open errors" in look().text
    assert "No errors match" in look(state="ignored").text


def test_errors_of_other_environments_are_not_shown(environment, look, show):
    other = make_world("shop-two").error
    assert names(look(state="all")) == []
    assert client_with(environment, "viewer").get(
        reverse("error", args=[environment.slug, other.fingerprint])
    ).status_code == 404  # fmt: skip


@pytest.mark.parametrize("sort", ["last", "first", "count"])
def test_many_errors_are_read_page_by_page_without_gaps(environment, viewer, sort):
    for number in range(120):
        make_error(environment, f"error {number:03d}", number % 7)
    found, following = [], f"?sort={sort}"
    while following:
        page = read(viewer.get(reverse("errors", args=[environment.slug]) + following))
        found += names(page)
        following = next(iter(page.links("More")), "")
    assert len(found) == len(set(found)) == 120


def test_a_cursor_that_was_not_given_out_is_named(look):
    for sort in ("last", "count"):
        assert "not one that was given out" in look(sort=sort, cursor="nonsense").text


def make_many(environment, number):
    """Errors that came each minute of this hour."""
    now = clock.now()
    made = ErrorGroup.objects.bulk_create(
        ErrorGroup(
            environment=environment, fingerprint=f"f{place:015x}", title=f"many {place}", first_seen=now, last_seen=now,
            service_name="shop", releases=["1.0"],
        )
        for place in range(number)
    )  # fmt: skip
    hour = now.replace(minute=0, second=0, microsecond=0)
    ErrorHour.objects.bulk_create(
        ErrorHour(environment=environment, error=error, hour=hour, minutes=[1] * 60, total=60) for error in made
    )
    connection.check_constraints()  # now: pages set a time limit, which would hold for this at the end of the test


def test_ten_thousand_errors_cost_as_many_statements_as_ten(environment):
    few, many = environment, begin_world("shop-many").environment
    person = make_person(few, "viewer")
    grant_role(person, many, "viewer")
    make_many(few, 10)
    make_many(many, 10_000)
    client = sign_in(person)

    def statements(of, sort):
        """Of a second look: the first one notes where the person went last."""
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse("errors", args=[of.slug]), query_params={"sort": sort}).status_code == 200
        return len(queries)

    for sort in ("last", "count"):
        assert statements(few, sort) == statements(many, sort) < 30


def test_users_are_counted_in_the_newest_records_and_said_to_be_at_least_so_many(environment, look, monkeypatch):
    error = make_error(environment, records=3)
    for user in ("a", "b"):
        keep(error, user_key=user)
    assert cells(look(), "Users") == ["2+"]  # a third record was counted and is not here
    keep(error, user_key="")
    assert cells(look(), "Users") == ["2"]
    monkeypatch.setattr("diagnostics.errors.listing.SECONDS", 0.2)
    monkeypatch.setattr("diagnostics.errors.listing.PEOPLE", "SELECT pg_sleep(9), %s, %s, %s, %s::text[]")
    assert cells(look(), "Users") == ["—"]
    assert LOOKED_AT > 1000


def test_hostile_words_are_shown_as_they_are(environment, look, show):
    error = make_error(
        environment, HOSTILE, error_type=HOSTILE, service_name=HOSTILE, release=HOSTILE, first_release=HOSTILE,
        releases=[HOSTILE, "x" * 300],
    )  # fmt: skip
    keep(error, service_name=HOSTILE, release=HOSTILE, browser=HOSTILE, http_route=HOSTILE)
    for page in (look(), show(error)):
        assert "[U+202E]evil" in page.text
        assert "\u202e" not in page.text
        assert not [element for element in page.all("script") if "alert" in element.text]


def test_the_overview_names_what_is_new(environment, viewer):
    make_error(environment, error_type="Declined")
    make_error(environment, error_type="Quiet", ignored_at=clock.now(), awaits_release=True)
    make_error(environment, error_type="Usual", noticed_at=clock.now() - timedelta(hours=3))
    make_record(environment)
    MinuteRollup.objects.create(
        environment=environment, minute=clock.floor_minute(clock.now()), source="log", records=1, updated_at=clock.now()
    )
    page = read(viewer.get(reverse("overview", args=[environment.slug])))
    assert page.links("Declined")
    assert not page.links("Quiet")
    assert not page.links("Usual")


def test_counts_of_a_short_time_are_to_the_minute(environment, look):
    now = clock.now()
    error = make_error(environment, "of two hours", 0, last_seen=now)
    count_error(error, now, 1)
    for hours in (1, 2):
        count_error(error, now - timedelta(hours=hours, minutes=5), 10)
    assert cells(look(range="1h"), "Records") == ["1"]
    assert cells(look(range="1h", sort="count"), "Records") == ["1"]
    assert cells(look(range="6h"), "Records") == ["21"]


def test_of_a_time_that_is_over_only_what_came_in_it_is_shown(environment, look, show):
    day = clock.now().replace(hour=2, minute=0, second=0, microsecond=0) - timedelta(days=1)
    night = {"since": f"{day:%Y-%m-%d}T02:05:00Z", "until": f"{day:%Y-%m-%d}T02:20:00Z"}
    lasting = make_error(environment, "lasting", 0, first_seen=day - timedelta(days=1), last_seen=clock.now())
    count_error(lasting, day + timedelta(minutes=10), 7)
    ErrorHour.objects.update(minutes=[5] * 10 + [7] + [5] * 49)
    count_error(lasting, clock.now(), 3)
    keep(lasting, timestamp=day + timedelta(minutes=10), user_key="a" * 32)
    keep(lasting, timestamp=clock.now(), user_key="b" * 32)
    make_error(environment, "later", 4, first_seen=day, last_seen=day + timedelta(minutes=40))
    make_error(environment, "earlier", 4, first_seen=day, last_seen=day + timedelta(minutes=2))
    for sort in ("last", "first", "count"):
        page = look(sort=sort, **night)
        assert (names(page), cells(page, "Records"), cells(page, "Users")) == (["lasting"], [str(5 * 14 + 7)], ["1+"])
    (link,) = [link for link in page.links() if lasting.fingerprint in link]
    assert "since=" in link
    page = show(lasting, **night)
    assert "77 records of shop in this time, at least 1 user affected." in " ".join(page.text.split())
    assert page.all("input", name="since", value=f"{day:%Y-%m-%d}T02:05:00")
    assert "until: choose a time after since" in show(lasting, since=night["until"], until=night["since"]).text
    assert names(look(since=night["until"], until=night["since"], state="all")) != []
