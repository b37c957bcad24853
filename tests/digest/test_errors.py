"""What the digest knows of errors: how often each came and in which releases, and when a decision of people is over."""

from datetime import UTC, datetime, timedelta

import pytest

from diagnostics.core import clock
from diagnostics.core.record import Record
from diagnostics.digest.errors import expire_errors, fold_errors
from diagnostics.errors.acts import decide, ignore_until, resolve_until
from diagnostics.errors.states import State, state_of
from diagnostics.models import AccessEvent, ErrorGroup, ErrorHour, IngestBatch
from diagnostics.pipeline.errors import DISTINCT, summarise_errors
from tests.factories import make_environment, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
PRINT = "00000000000000f1"


@pytest.fixture
def environment():
    return make_environment()


@pytest.fixture
def at(monkeypatch):
    """Sets the clock."""

    def put(**after):
        monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(**after))

    put()
    return put


def record(moment=NOON, release="1.0", fingerprint=PRINT):
    ns = clock.to_ns(moment)
    return Record(ns, ns, body="payment 1 failed", severity_number=17, release=release, fingerprint=fingerprint)


@pytest.fixture
def see(environment):
    """Records come in, in one request, and are digested."""

    def send(*records):
        batch = IngestBatch(id=1, environment=environment, findings={"errors": summarise_errors(list(records))})
        fold_errors([batch])
        return ErrorGroup.objects.get(environment=environment, fingerprint=records[0].fingerprint)

    return send


def minutes_of(error):
    return {
        (hour, place): count
        for hour, minutes in error.hours.values_list("hour__hour", "minutes")
        for place, count in enumerate(minutes)
        if count
    }


def test_records_are_counted_by_minute_and_hours_add_up(at, see):
    error = see(record(), record(NOON - timedelta(seconds=31)), record(NOON - timedelta(hours=2)), record())
    assert minutes_of(error) == {(12, 0): 2, (11, 59): 1, (10, 0): 1}
    see(record(NOON + timedelta(minutes=3)), record())
    assert minutes_of(error) == {(12, 0): 3, (12, 3): 1, (11, 59): 1, (10, 0): 1}
    assert sum(ErrorHour.objects.values_list("total", flat=True)) == 6
    assert ErrorGroup.objects.get().records == 6


def test_a_batch_that_an_older_version_wrote_counts_where_its_last_record_came(at, environment):
    last = clock.to_ns(NOON) // 1000
    row = [PRINT, "shop", "E", "title", "1.0", 5, last - 60_000_000, last]
    fold_errors([IngestBatch(id=1, environment=environment, findings={"errors": [row]})])
    error = ErrorGroup.objects.get()
    assert (minutes_of(error), error.releases) == ({(12, 0): 5}, ["1.0"])


def test_an_error_is_fatal_once_a_record_of_it_was(at, see, environment):
    fatal = record()
    fatal.severity_number = 21
    assert see(record()).is_fatal is False
    assert see(record(), fatal, record()).is_fatal is True
    assert see(record()).is_fatal is True
    row = summarise_errors([record()])[0]
    fold_errors([IngestBatch(id=1, environment=environment, findings={"errors": [row[:9]]})])
    assert ErrorGroup.objects.get().is_fatal is True


def test_errors_beyond_those_told_apart_are_counted_nowhere(at, environment, monkeypatch):
    assert len(summarise_errors([record(fingerprint=f"{number:016x}") for number in range(DISTINCT + 9)])) == DISTINCT
    monkeypatch.setattr("diagnostics.digest.errors.KNOWN", 0)
    fold_errors([IngestBatch(id=1, environment=environment, findings={"errors": summarise_errors([record()])})])
    assert not ErrorHour.objects.exists()


def test_releases_are_kept_the_last_found_first_and_only_the_newest(at, see):
    see(record(release="1.0"), record(release="1.1"), record(release=""))
    assert see(record(release="1.0")).releases == ["1.1", "1.0"]
    error = see(*(record(release=f"2.{number}") for number in range(110)))
    assert error.releases == [f"2.{number}" for number in range(109, 9, -1)]
    assert see(record(release="2.15")).releases == error.releases


def test_what_was_resolved_comes_back_with_the_next_record(at, see, environment):
    see(record())
    person = make_user()
    decide(person, environment, [PRINT], resolve_until())
    assert see(record()).resolved_at is not None  # it was under way
    at(minutes=1)
    error = see(record(NOON + timedelta(minutes=1)))
    assert (error.resolved_at, error.decided_by, error.news) == (None, None, "regression")
    assert state_of(error, clock.now()) == State.REGRESSION


def test_what_was_resolved_in_the_next_release_comes_back_in_another_one_alone(at, see, environment):
    see(record(release="1.0"))
    decide(make_user(), environment, [PRINT], resolve_until(awaits_release=True))
    at(minutes=1)
    later = NOON + timedelta(minutes=1)
    error = see(record(later, release="1.0"), record(later, release=""))
    assert (error.resolved_at, error.news) == (NOON, "")
    error = see(record(later, release="1.1"))
    assert (error.resolved_at, error.awaits_release, error.news) == (None, False, "regression")


def test_of_many_releases_side_by_side_none_counts_as_another(at, see, environment):
    for number in range(40):
        see(record(release=f"{number}.0"))
    decide(make_user(), environment, [PRINT], resolve_until(awaits_release=True))
    at(minutes=1)
    later = NOON + timedelta(minutes=1)
    assert see(record(later, release="3.0")).resolved_at == NOON
    assert see(record(later, release="40.0")).news == "regression"


def test_what_tells_no_release_cannot_wait_for_another(at, see, environment):
    see(record(release=""))
    for _ in range(2):
        decide(make_user(), environment, [PRINT], resolve_until(awaits_release=True))
    assert AccessEvent.objects.filter(action="error.resolve").count() == 1
    at(minutes=1)
    assert see(record(NOON + timedelta(minutes=1), release="")).news == "regression"


def test_history_that_is_imported_opens_nothing_again(at, see, environment):
    see(record(NOON - timedelta(days=40)))
    decide(make_user(), environment, [PRINT], resolve_until())
    error = see(record(NOON - timedelta(days=10)))
    assert (error.resolved_at, error.news) == (NOON, "")


def test_what_was_resolved_in_the_next_release_and_was_away_for_long_comes_back_in_any(at, see, environment):
    see(record())
    decide(make_user(), environment, [PRINT], resolve_until(awaits_release=True))
    at(days=15)
    error = see(record(NOON + timedelta(days=15)))
    assert (error.resolved_at, error.awaits_release, error.news) == (None, False, "regression")


def test_what_is_ignored_is_no_news_until_its_time_is_over(at, see, environment):
    see(record())
    decide(make_user(), environment, [PRINT], ignore_until(NOON + timedelta(hours=1)))
    at(minutes=59)
    error = see(record(NOON + timedelta(minutes=59), release="9.9"))
    assert (error.news, state_of(error, clock.now())) == ("", State.IGNORED)
    at(minutes=61)
    assert state_of(error, clock.now()) != State.IGNORED
    error = see(record(NOON + timedelta(minutes=61)))
    assert (error.news, error.ignored_at, error.ignored_until) == ("regression", None, None)


def test_what_is_ignored_until_another_release_comes_back_in_it_and_is_not_away_before(at, see, environment):
    see(record(release="1.0"))
    decide(make_user(), environment, [PRINT], ignore_until(awaits_release=True))
    at(days=20)
    error = see(record(NOON + timedelta(days=20), release="1.0"))
    assert (error.news, error.ignored_at) == ("", NOON)
    error = see(record(NOON + timedelta(days=20), release="1.1"))
    assert (error.news, error.ignored_at, error.awaits_release) == ("regression", None, False)


def test_hours_go_with_the_records_and_with_the_error(at, see, environment):
    error = see(record(), *(record(NOON - timedelta(days=3, hours=number)) for number in range(3)))
    expire_errors(environment, NOON - timedelta(days=2))
    assert minutes_of(error) == {(12, 0): 1}
    at(days=100)
    expire_errors(environment, NOON + timedelta(days=2))
    assert not ErrorHour.objects.exists()
