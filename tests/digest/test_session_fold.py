"""Sessions grow by what batches bring."""

from types import SimpleNamespace

import pytest

from diagnostics.environments import create_environment
from diagnostics.pipeline.parts import write_parts
from diagnostics.pipeline.session_parts import FIELDS
from sessions_app.fold import fold_sessions
from sessions_app.models import LogSession
from sessions_app.touched import KEPT


def part(**changes):
    known = {
        "session_id": "s1", "user_key": "", "first_us": 2_000_000, "last_us": 3_000_000, "records": 2, "spans": 0,
        "warnings": 1, "errors": 0, "crashed": False, "services": ["web"], "release": "", "geo_country": "",
        "geo_region": "", "device_type": "", "browser": "", "os": "", "releases": {},
    } | changes  # fmt: skip
    return [known[name] for name in FIELDS]


ERRORS, CRASHED = {"errors": True}, {"errors": True, "crashed": True}


def fold(environment, *batches):
    fold_sessions([SimpleNamespace(environment_id=environment.pk, sessions=write_parts(parts)) for parts in batches])


@pytest.mark.django_db
def test_a_second_batch_adds_and_keeps_what_it_does_not_know():
    environment = create_environment("folded")
    first = part(user_key="u", browser='Fire"fox\\ 128', services=["web", "api"])
    second = part(first_us=1_000_000, last_us=9_000_000, errors=3, crashed=True, services=["shop", "web"], os="Linux")
    fold(environment, [first])
    fold(environment, [second, part(session_id="s2")])
    session = LogSession.objects.get(session_id="s1")
    assert (session.records, session.warnings, session.errors, session.crashed) == (4, 2, 3, True)
    assert (session.started_at.timestamp(), session.last_seen_at.timestamp()) == (1.0, 9.0)
    assert session.services == ["api", "shop", "web"]
    assert (session.user_key, session.browser, session.os) == ("u", 'Fire"fox\\ 128', "Linux")
    assert LogSession.objects.get(session_id="s2").services == ["web"]
    fold(environment, [part(services=["api"])])
    assert LogSession.objects.get(session_id="s1").services == ["api", "shop", "web"]


@pytest.mark.django_db
def test_batches_of_one_digest_add_up_as_those_of_several():
    together, apart = create_environment("together"), create_environment("apart")
    batches = [
        [part(user_key="u", services=["web", "api"]), part(session_id="s2", release="1")],
        [part(first_us=1_000_000, last_us=9_000_000, errors=3, crashed=True, services=["shop"], os="Linux")],
        [part(records=5, services=["api"], browser="Firefox"), part(session_id="s2", release="", spans=4)],
    ]
    fold(together, *batches)
    for parts in batches:
        fold(apart, parts)
    fields = [name for name in FIELDS if name not in ("first_us", "last_us")] + ["started_at", "last_seen_at"]
    found = [
        list(LogSession.objects.filter(environment=one).order_by("session_id").values(*fields))
        for one in (together, apart)
    ]
    assert found[0] == found[1]
    assert (found[0][0]["records"], found[0][0]["services"], found[0][0]["os"]) == (9, ["api", "shop", "web"], "Linux")
    assert (found[0][1]["release"], found[0][1]["spans"]) == ("1", 4)


@pytest.mark.django_db
def test_each_release_is_kept_with_the_worst_that_befell_the_session_in_it():
    together, apart = create_environment("together"), create_environment("apart")
    batches = [
        [part(releases={"web": {"1": 0}, "pay": {"7": 0}})],
        [part(releases={"web": {"1": 1, "2": 0}, "pay": {"7": 2}})],
        [part(releases={"web": {"1": 0}, "pay": {"7": 1}})],
    ]
    fold(together, *batches)
    for parts in batches:
        fold(apart, parts)
    for environment in (together, apart):
        found = LogSession.objects.get(environment=environment)
        assert found.releases == {"pay": {"7": CRASHED}, "web": {"1": ERRORS, "2": {}}}


@pytest.mark.django_db
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_trouble_that_names_no_release_is_of_all_that_its_service_has_in_the_session(order):
    together, apart = create_environment("together"), create_environment("apart")
    batches = [[part(releases={"web": {"1": 0}, "pay": {"7": 0}})], [part(releases={"web": {"": 2}})]]
    batches = [batches[number] for number in order]
    fold(together, *batches)
    for parts in batches:
        fold(apart, parts)
    for environment in (together, apart):
        found = LogSession.objects.get(environment=environment)
        assert found.releases == {"web": {"": CRASHED, "1": CRASHED}, "pay": {"7": {}}}
        assert [one["release"] for one in found.named_releases] == ["7", "1"]


@pytest.mark.django_db
def test_of_many_releases_those_with_trouble_are_kept():
    environment = create_environment("many")
    fold(environment, [part(releases={"web": {f"1.{number:02}": 0 for number in range(KEPT)}})])
    fold(environment, [part(releases={"web": {"9": 1}, "pay": {"9": 2}})])
    kept = LogSession.objects.get().releases
    assert len(kept["web"]) == KEPT - 1
    assert (kept["pay"], kept["web"]["9"]) == ({"9": CRASHED}, ERRORS)
    fold(environment, [part(session_id="s2", releases={"web": {str(number): number == 30 for number in range(40)}})])
    assert len(LogSession.objects.get(session_id="s2").releases["web"]) == KEPT
    assert LogSession.objects.get(session_id="s2").releases["web"]["30"] == ERRORS


@pytest.mark.django_db
def test_a_batch_that_an_older_version_wrote_says_nothing_of_releases():
    environment = create_environment("older")
    fold(environment, [part(release="1")[:-1]], [part(release="1", releases={"web": {"1": 1}})], [part()[:-1]])
    session = LogSession.objects.get()
    assert (session.records, session.releases) == (6, {"web": {"1": ERRORS}})
