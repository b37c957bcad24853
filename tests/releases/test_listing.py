"""The list of releases: which there are, in which order, what is counted of each, and against what it is compared."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diagnostics.core import clock
from diagnostics.core.cursor import read_cursor, write_cursor
from diagnostics.core.permissions import Perm
from diagnostics.events import Told, note_event
from diagnostics.models import Event, SeriesName
from diagnostics.pipeline.context import EnvironmentContext
from diagnostics.releases.arrivals import Arrival, Asked
from diagnostics.releases.listing import read_listing
from diagnostics.releases.sums import SAMPLED, Stretch
from diagnostics.search.golden import read_golden, step_for
from tests.factories import make_environment
from tests.releases.telling import deploy, tell
from tests.world import make_error, make_session

pytestmark = pytest.mark.django_db
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def environment():
    return make_environment()


def read(environment, days=7, asked=None, held=(), **how):
    now = clock.now()
    return read_listing(environment, held, now - timedelta(days=days), now, asked or Asked(), **how)


def named(listing):
    return [(row.arrival.release, row.arrival.service) for row in listing.rows]


def told(environment, release, ago):
    """As a pipeline tells of a deploy."""
    context = EnvironmentContext(environment.pk, environment.slug, b"k" * 32)
    return note_event(context, Told("deploy", "", "checkout", release, clock.now() - ago))


def only(environment, release, **how):
    return next(row for row in read(environment, **how).rows if row.arrival.release == release)


def test_the_newest_comes_first_with_the_one_before_it(environment):
    deploy(environment)
    tell(environment, "9", 30 * MINUTE, "pay", "log", records=5)
    listing = read(environment)
    assert named(listing) == [("9", "pay"), ("2.4.1", "checkout"), ("2.4.0", "checkout")]
    assert [row.arrival.before for row in listing.rows] == ["", "2.4.0", ""]
    assert [row.arrival.is_first for row in listing.rows] == [True, False, True]
    assert listing.services == ("checkout", "pay")


def test_a_release_is_judged_by_its_first_day_against_the_one_before(environment):
    deploy(environment)
    verdict = only(environment, "2.4.1").figures.verdict
    assert verdict.standing == "worse"
    assert [(change.signal, change.before, change.after) for change in verdict.changes] == [("failed", 0.002, 0.031)]
    assert only(environment, "2.4.0").figures.verdict.standing == "not_compared"


def test_what_came_after_its_first_day_is_counted_and_not_compared(environment):
    deploy(environment, hours=50, new=(1000, 2))
    tell(environment, "2.4.1", HOUR, requests=1000, failures=900)
    row = only(environment, "2.4.1")
    assert row.counts["failures"] == 902
    assert row.figures.verdict.standing == "same"


def test_the_one_before_is_asked_of_its_last_day_alone(environment):
    tell(environment, "2.4.0", 60 * HOUR, requests=1000, failures=900)
    tell(environment, "2.4.0", 5 * HOUR, requests=1000, failures=2)
    tell(environment, "2.4.1", 2 * HOUR, requests=1000, failures=31)
    assert only(environment, "2.4.1").figures.verdict.changes[0].before == 0.002


def trouble_at(environment, minutes, **fields):
    """2.4.0 for hours, 2.4.1 for so many minutes and bad, 2.4.2 an hour ago: not so bad, and far from what is usual."""
    tell(environment, "2.4.0", 9 * HOUR, requests=1000, failures=7)
    tell(environment, "2.4.1", HOUR + minutes * MINUTE, requests=1000, failures=702)
    tell(environment, "2.4.2", HOUR, requests=1000, **fields)


def compared(environment, release="2.4.2"):
    figures = only(environment, release).figures
    return figures.verdict.standing, figures.against.release, figures.against.why


@pytest.mark.parametrize(("minutes", "why"), [(2, "brief"), (300, "bad")])
def test_what_stayed_for_minutes_or_did_badly_itself_is_no_measure(environment, minutes, why):
    trouble_at(environment, minutes, failures=97)
    assert compared(environment) == ("worse", "2.4.0", why)
    assert only(environment, "2.4.2").figures.verdict.changes[0].before == 0.007
    assert compared(environment, "2.4.1") == ("worse", "2.4.0", "")


def test_as_good_as_before_the_trouble_is_about_the_same(environment):
    trouble_at(environment, 2, failures=7)
    assert compared(environment) == ("same", "2.4.0", "brief")


def test_where_none_stayed_for_long_it_is_the_one_before(environment):
    tell(environment, "1", 90 * MINUTE, requests=1000, failures=700)
    tell(environment, "2", 85 * MINUTE, requests=1000, failures=100)
    assert compared(environment, "2") == ("better", "1", "brief")


def test_what_is_told_of_again_stays_as_long(environment):
    tell(environment, "1", 3 * HOUR, requests=1000, failures=7)
    told(environment, "1", 70 * MINUTE)
    tell(environment, "2", 30 * MINUTE, requests=1000, failures=7)
    assert compared(environment, "2") == ("same", "1", "")


def test_a_new_error_that_is_fatal_makes_it_worse_while_nobody_ignores_it(environment):
    deploy(environment, old=(1000, 100), new=(1000, 2))
    assert compared(environment, "2.4.1")[0] == "better"
    error = make_error(environment, service_name="checkout", first_release="2.4.1", is_fatal=True)
    verdict = only(environment, "2.4.1").figures.verdict
    assert (verdict.standing, verdict.telling[0].signal, verdict.telling[0].after) == ("worse", "fatal", 1)
    assert only(environment, "2.4.0").figures.verdict.standing == "not_compared"
    error.ignored_at = clock.now()
    error.save()
    assert compared(environment, "2.4.1")[0] == "better"


def test_a_row_is_of_the_time_shown_alone_as_the_overview_is(environment):
    for ago in reversed(range(120)):
        tell(environment, "1", ago * MINUTE, requests=1, records=2, errors=1, source="log")
    now = clock.now()
    for since, until in (
        (now - 15 * MINUTE, now), (now - 70 * MINUTE, now - 60 * MINUTE), (now - 100 * MINUTE, now), (now - DAY, now),
    ):  # fmt: skip
        row = read_listing(environment, (), since, until).rows[0]
        golden = read_golden(environment, since, until)
        assert row.counts == golden.total.counts
        begun = step_for(until - since)  # the time begins with a step
        assert row.counts["requests"] <= (until - since + begun) / MINUTE + 1 or until - since == DAY


def test_low_traffic_is_too_little_to_tell(environment):
    deploy(environment, old=(10, 0), new=(10, 3))
    assert only(environment, "2.4.1").figures.verdict.standing == "too_little"


def test_requests_are_counted_once_where_records_and_spans_tell_of_them(environment):
    tell(environment, "1", HOUR, source="log", records=40, errors=4, requests=30, failures=1)
    tell(environment, "1", HOUR, source="span", requests=30, failures=2)
    row = only(environment, "1")
    assert (row.counts["requests"], row.counts["failures"], row.counts["records"]) == (30, 2, 40)
    assert row.figures.sums.failure_share == pytest.approx(2 / 30)
    assert row.error_share == 0.1


def test_p95_is_read_from_minutes_spread_over_the_time(environment):
    for minute in range(3):
        tell(environment, "1", HOUR + minute * MINUTE, requests=100, ms={100: 90, 900: 10})
    assert only(environment, "1").figures.p95 == pytest.approx(900, rel=0.03)


@pytest.mark.parametrize("length", [MINUTE, HOUR, DAY, timedelta(days=7), timedelta(days=30), timedelta(days=400)])
def test_a_stretch_is_read_from_a_bounded_number_of_minutes_that_meet_every_minute_of_an_hour(length):
    now = clock.now()
    every = Stretch("s", "r", now - length, now).step // MINUTE
    assert length / MINUTE / every <= SAMPLED
    assert len({number * every % 60 for number in range(60)}) == 60


def test_who_carries_the_traffic_now_is_the_present_one(environment):
    tell(environment, "1", 5 * HOUR, requests=10)
    tell(environment, "1", 2 * MINUTE, requests=30)
    tell(environment, "2", 3 * HOUR, requests=10)
    tell(environment, "2", 2 * MINUTE, requests=70)
    tell(environment, "3", 2 * HOUR, requests=10)
    rows = {row.arrival.release: (row.presence.value, row.share) for row in read(environment).rows}
    assert rows == {"1": ("beside", 0.3), "2": ("present", 0.7), "3": ("replaced", 0.0)}


def test_a_release_that_has_only_come_is_asked_of_the_minutes_since(environment):
    tell(environment, "1", 8 * MINUTE, requests=900)
    tell(environment, "2", 4 * MINUTE, requests=10)
    tell(environment, "2", 2 * MINUTE, requests=50)
    assert only(environment, "2").share == 1
    assert only(environment, "1").presence == "replaced"


def test_records_without_a_release_share_but_are_no_release(environment):
    tell(environment, "1", 2 * HOUR, requests=10)
    tell(environment, "1", 2 * MINUTE, requests=25)
    tell(environment, "", 2 * MINUTE, requests=75)
    row = only(environment, "1")
    assert (row.presence, row.share) == ("present", 0.25)
    assert named(read(environment)) == [("1", "checkout")]


def test_a_quiet_service_and_a_deploy_that_nothing_was_heard_of_say_so(environment):
    tell(environment, "1", 2 * HOUR, requests=10)
    told(environment, "2", HOUR)
    rows = {row.arrival.release: row.presence.value for row in read(environment).rows}
    assert rows == {"1": "quiet", "2": "unheard"}


def test_a_release_that_people_went_back_to_has_come_again(environment):
    tell(environment, "1", 9 * HOUR, requests=1000, failures=2)
    tell(environment, "2", 6 * HOUR, requests=1000, failures=500)
    told(environment, "1", 2 * HOUR)
    tell(environment, "1", HOUR, requests=1000, failures=2)
    row = read(environment).rows[0]
    assert (row.arrival.release, row.arrival.before) == ("1", "2")
    assert row.figures.verdict.standing == "better"
    assert row.counts["requests"] == 1000  # since it came again


def test_what_came_before_the_time_is_listed_where_it_was_heard_in_it(environment):
    for release, ago in (("old", 20), ("gone", 20), ("later", 1)):
        title = f"checkout deployed {release}"
        Event.objects.create(
            environment=environment, timestamp=clock.now() - timedelta(days=ago), kind="deploy",
            service_name="checkout", release=release, title=title,
        )  # fmt: skip
    tell(environment, "old", 30 * HOUR, requests=3)
    tell(environment, "nameless", 3 * HOUR, "pay", requests=3)
    Event.objects.filter(release="nameless").delete()
    listing = read(environment, days=2)
    assert named(listing) == [("later", "checkout"), ("old", "checkout"), ("nameless", "pay")]
    assert listing.rows[-1].arrival.came is None
    assert [row.figures.verdict.standing for row in listing.rows[1:]] == ["not_compared", "not_compared"]


def test_a_time_in_the_past_knows_nothing_of_what_came_later(environment):
    tell(environment, "1", 50 * HOUR, requests=5)
    tell(environment, "2", 2 * HOUR, requests=5)
    now = clock.now()
    listing = read_listing(environment, (), now - 3 * DAY, now - DAY)
    assert named(listing) == [("1", "checkout")]


def test_the_list_is_cut_to_a_service_and_to_a_release(environment):
    deploy(environment)
    deploy(environment, service="pay")
    assert len(read(environment, asked=Asked("pay")).rows) == 2
    assert named(read(environment, asked=Asked("pay", "2.4.1"))) == [("2.4.1", "pay")]
    assert len(read(environment, asked=Asked(release="2.4.1")).rows) == 2
    assert read(environment, asked=Asked("nobody")).rows == []


def test_pages_follow_without_gaps_and_a_bad_cursor_is_named(environment):
    for number in range(7):
        tell(environment, f"1.{number}", (8 - number) * HOUR, requests=5)
    found, cursor = [], ""
    while True:
        listing = read(environment, cursor=cursor, size=3)
        found += [row.arrival.release for row in listing.rows]
        cursor = listing.next_cursor
        if not cursor:
            break
    assert found == [f"1.{number}" for number in reversed(range(7))]
    for bad in ("x", "bnVsbA", "WzFd", "é"):
        with pytest.raises(ValueError, match="cursor"):
            read(environment, cursor=bad)


@pytest.mark.parametrize("name", ["a/b c", "é\u202e", "'\"<>", "%2F&=?#", "\U0001f600", "x" * 200])
def test_a_cursor_holds_any_name(name):
    place = Arrival(name, name, clock.now()).place
    assert tuple(read_cursor(write_cursor(*place), datetime, str, str)) == place


def test_new_errors_are_those_first_seen_with_it(environment):
    deploy(environment)
    make_error(environment, "new", service_name="checkout", first_release="2.4.1")
    make_error(environment, "old", service_name="checkout", first_release="2.4.0", release="2.4.1")
    make_error(environment, "elsewhere", service_name="pay", first_release="2.4.1")
    assert only(environment, "2.4.1").new_errors == 1


def test_sessions_are_told_to_who_may_see_them(environment):
    deploy(environment)
    for number in range(4):
        make_session(
            environment, session_id=f"s{number}", release="2.4.1", services=["web", "checkout"], crashed=number == 0
        )
    make_session(environment, session_id="other", release="2.4.1", services=["web"])
    make_session(environment, session_id="older", release="2.4.0", services=["checkout"])
    fared = only(environment, "2.4.1", held={Perm.VIEW_SESSIONS}).more["sessions"]
    assert (fared.sessions, fared.crashed, fared.crash_free) == (4, 1, 0.75)
    assert only(environment, "2.4.1", held={Perm.VIEW_LOGS}).more == {}


def test_a_session_counts_for_each_release_that_it_touched_and_its_crash_for_the_one_that_told_of_it(environment):
    deploy(environment)
    deploy(environment, service="web")
    touched = {"checkout": {"2.4.1": {}}, "web": {"2.4.1": {}}}
    crashed = touched | {"checkout": {"2.4.1": {"errors": True, "crashed": True}}}
    make_session(environment, session_id="s1", services=["checkout", "web"], release="1.9", releases=touched)
    make_session(
        environment, session_id="s2", services=["checkout", "web"], release="1.9", releases=crashed, crashed=True
    )
    rows = {row.arrival.name: row.more["sessions"] for row in read(environment, held={Perm.VIEW_SESSIONS}).rows}
    checkout, web = rows["checkout", "2.4.1"], rows["web", "2.4.1"]
    assert (checkout.sessions, checkout.crashed, checkout.troubled) == (2, 1, 1)
    assert (web.sessions, web.crashed, web.troubled) == (2, 0, 0)


def test_other_environments_are_not_counted(environment):
    deploy(environment)
    other = make_environment()
    deploy(other, new=(1000, 0))
    make_error(other, service_name="checkout", first_release="2.4.1")
    make_session(other, release="2.4.1", services=["checkout"])
    row = only(environment, "2.4.1", held={Perm.VIEW_SESSIONS})
    assert (row.counts["failures"], row.new_errors, row.more["sessions"]) == (31, 0, None)


def test_twenty_releases_cost_as_many_statements_as_two(environment):
    deploy(environment)
    with CaptureQueriesContext(connection) as few:
        read(environment, held={Perm.VIEW_SESSIONS})
    for number in range(20):
        deploy(environment, service=f"service-{number}")
    with CaptureQueriesContext(connection) as many:
        read(environment, held={Perm.VIEW_SESSIONS})
    assert len(many) == len(few)


def test_names_without_room_are_left_out(environment):
    tell(environment, "1", HOUR, requests=5)
    SeriesName.objects.create(environment=environment, kind="full", name="release", seen_at=clock.now())
    assert named(read(environment)) == [("1", "checkout")]
