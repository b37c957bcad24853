"""Names that senders choose: bounded, the excess counted together and said so, nothing lost but the name."""

from datetime import timedelta

import pytest

from diagnostics.core import clock
from diagnostics.digest import series_names
from diagnostics.digest.rollups import fold_rollups
from diagnostics.digest.series_names import LIMITS, OTHER, bound_series, expire_names, what_is_full
from diagnostics.models import IngestBatch, MinuteRollup, SeriesName
from tests.factories import make_environment

pytestmark = pytest.mark.django_db
MINUTE = 29_000_000


@pytest.fixture
def environment():
    series_names.KNOWN.clear()
    return make_environment()


def batch_of(environment, *series, matches=()):
    sums = [[MINUTE, "log", *one, [1, 0, 0, 0, 0, 0, 0, 0, 0], {}] for one in series]
    findings = {"matches": [[1, MINUTE, *one, 1] for one in matches]}
    return IngestBatch(id=1, environment=environment, sums=sums, findings=findings)


def fold(environment, *series):
    batch = batch_of(environment, *series)
    bound_series([batch])
    fold_rollups([batch])


def test_a_hundred_thousand_services_become_a_thousand_and_other(environment):
    fold(environment, *((f"service-{number:06}", "", "") for number in range(100_000)))
    rows = MinuteRollup.objects.filter(environment=environment)
    assert rows.count() == LIMITS["service"] + 1
    assert rows.get(service_name=OTHER).records == 100_000 - LIMITS["service"]
    assert what_is_full(environment) == ["More than 1,000 services were named; the rest is counted as “other”."]


def test_who_was_there_first_keeps_its_place_and_another_environment_has_its_own(environment, monkeypatch):
    monkeypatch.setitem(LIMITS, "service", 2)
    fold(environment, ("a", "", ""), ("b", "", ""))
    fold(environment, ("c", "", ""), ("a", "", ""))
    other = make_environment()
    fold(other, ("c", "", ""))
    names = MinuteRollup.objects.order_by("service_name").values_list("environment", "service_name", "records")
    assert list(names.filter(environment=environment)) == [
        (environment.pk, "a", 2), (environment.pk, "b", 1), (environment.pk, OTHER, 1),
    ]  # fmt: skip
    assert list(names.filter(environment=other)) == [(other.pk, "c", 1)]
    assert what_is_full(other) == []


def test_routes_and_releases_are_bounded_too_and_a_service_without_place_has_none(environment, monkeypatch):
    monkeypatch.setitem(LIMITS, "service", 1)
    monkeypatch.setitem(LIMITS, "route", 1)
    monkeypatch.setitem(LIMITS, "release", 1)
    fold(environment, ("a", "/x", "1"), ("a", "/y", "2"), ("b", "/x", "1"))
    rows = MinuteRollup.objects.filter(environment=environment)
    assert sorted(rows.values_list("service_name", "http_route", "release")) == [
        ("a", "/x", "1"), ("a", OTHER, OTHER), (OTHER, "", ""),
    ]  # fmt: skip
    assert len(what_is_full(environment)) == 3


def test_matches_have_the_same_names_as_sums(environment, monkeypatch):
    monkeypatch.setitem(LIMITS, "service", 1)
    batch = batch_of(environment, ("a", "", ""), matches=[("a", "", ""), ("b", "/x", "")])
    bound_series([batch])
    assert [row[2:5] for row in batch.findings["matches"]] == [["a", "", ""], [OTHER, "", ""]]


def test_who_was_not_seen_for_a_week_gives_up_its_place(environment, monkeypatch):
    monkeypatch.setitem(LIMITS, "service", 1)
    fold(environment, ("a", "", ""))
    SeriesName.objects.update(seen_at=clock.now() - timedelta(days=8))
    expire_names(environment, clock.now() - timedelta(days=30))
    fold(environment, ("b", "", ""))
    assert MinuteRollup.objects.filter(service_name="b").exists()


def test_what_is_known_costs_no_statement(environment, django_assert_num_queries, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        bound_series([batch_of(environment, ("a", "/x", "1"))])
    with django_assert_num_queries(0):
        bound_series([batch_of(environment, ("a", "/x", "1"))])


def test_a_flood_of_names_without_room_asks_the_database_now_and_then(
    environment, monkeypatch, django_assert_num_queries, django_capture_on_commit_callbacks
):
    monkeypatch.setitem(LIMITS, "service", 1)
    with django_capture_on_commit_callbacks(execute=True):
        bound_series([batch_of(environment, ("a", "", ""), ("b", "", ""))])
    with django_assert_num_queries(0):
        for number in range(100):
            bound_series([batch_of(environment, (f"c{number}", "", ""))])


def test_a_name_in_daily_use_keeps_its_place_beside_ever_new_ones(
    environment, monkeypatch, django_capture_on_commit_callbacks
):
    start = clock.now()
    for turn in range(8 * 24 * 2):  # a new release each half hour, so that something is always asked for
        now = start + timedelta(minutes=30 * turn)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        with django_capture_on_commit_callbacks(execute=True):
            bound_series([batch_of(environment, ("shop", "/cart", f"r{turn}"))])
    expire_names(environment, now - timedelta(days=30))
    assert set(SeriesName.objects.exclude(kind="release").values_list("name", flat=True)) == {"shop", "/cart"}
