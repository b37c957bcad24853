"""Journeys grow by what batches bring, in whatever order that comes and however many batches it is."""

from datetime import UTC, datetime
from itertools import permutations
from types import SimpleNamespace

import pytest

from diagnostics.core import clock
from diagnostics.environments import create_environment
from diagnostics.pipeline.journey_parts import FIELDS, SESSIONS_KEPT, STEPS_KEPT, USERS_KEPT
from diagnostics.pipeline.parts import write_parts
from sessions_app.journey_fold import expire_journeys, fold_journeys
from sessions_app.models import Journey
from tests.factories import make_environment

pytestmark = pytest.mark.django_db


def part(**changes):
    known = {
        "journey_id": "j1", "user_key": "", "first_us": 2_000_000, "last_us": 3_000_000, "records": 2, "spans": 0,
        "warnings": 1, "errors": 0, "crashed": False, "services": ["web"], "release": "", "session_ids": [],
        "user_keys": [], "steps": {}, "last_step": [], "completed_us": 0, "failed": False,
    } | changes  # fmt: skip
    return [known[name] for name in FIELDS]


def fold(environment, *batches):
    fold_journeys([SimpleNamespace(environment_id=environment.pk, journeys=write_parts(parts)) for parts in batches])


BATCHES = [
    [part(user_keys=["jane"], session_ids=["s1"], services=["web", "api"], steps={"cart": [0, 2_000_000]},
          last_step=[1, 2_000_000, "cart"])],
    [part(first_us=1_000_000, errors=3, crashed=True, failed=True, user_keys=["joe"], session_ids=["s1", "s2"],
          steps={"it's \"said\"": [1, 1_000_000], "cart": [0, 1_500_000]}, last_step=[1, 1_500_000, "cart"])],
    [part(last_us=9_000_000, release="7", services=["mailer"], completed_us=8_000_000,
          steps={"pay": [0, 8_000_000]}, last_step=[1, 8_000_000, "pay"]), part(journey_id="j2", spans=4)],
    [part(completed_us=7_000_000, last_step=[0, 8_500_000, "said at the end"], steps={"said at the end": [1, 8_500_000]})],
]  # fmt: skip


def told(environment):
    found = Journey.objects.get(environment=environment, journey_id="j1")
    return {
        **{name: getattr(found, name) for name in (
            "started_at", "last_seen_at", "completed_at", "records", "warnings", "errors", "crashed", "failed", "release",
            "steps", "last_step", "path", "services",
        )},
        "user_keys": sorted(found.user_keys), "session_ids": sorted(found.session_ids),
    }  # fmt: skip


def test_a_journey_is_the_same_whatever_the_order_and_the_digest():
    together = create_environment("together")
    fold(together, *BATCHES)
    wanted = told(together)
    assert (wanted["records"], wanted["errors"], wanted["crashed"], wanted["failed"]) == (8, 3, True, True)
    assert (wanted["started_at"], wanted["last_seen_at"]) == (at(1), at(9))
    assert wanted["completed_at"] == at(7)
    assert wanted["path"] == ["cart", "pay"]
    assert wanted["steps"]["cart"] == [0, 1_500_000]
    assert wanted["last_step"] == [1, 8_000_000, "pay"]
    assert (wanted["user_keys"], wanted["session_ids"]) == (["jane", "joe"], ["s1", "s2"])
    assert (wanted["services"], wanted["release"]) == (["api", "mailer", "web"], "7")
    assert Journey.objects.get(environment=together, journey_id="j2").spans == 4
    for order in permutations(BATCHES):
        apart = make_environment()
        for batch in order:
            fold(apart, batch)
        assert told(apart) == wanted


def at(second):
    return datetime.fromtimestamp(second, UTC)


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_kept_is_bounded_whoever_adds(at_once):
    environment = make_environment()
    batches = [
        [part(steps={f"e-{number:02}": [0, number]}, session_ids=[f"s-{number:02}"], user_keys=[f"u-{number:02}"])]
        for number in range(60)
    ]
    batches.append([part(steps={"said": [1, 0]})])
    for group in [batches] if at_once else [[batch] for batch in batches]:
        fold(environment, *group)
    found = Journey.objects.get(environment=environment)
    assert found.path == [f"e-{number:02}" for number in range(STEPS_KEPT)]
    assert found.session_ids == [f"s-{number:02}" for number in range(60 - SESSIONS_KEPT, 60)]
    assert found.user_keys == [f"u-{number:02}" for number in range(60 - USERS_KEPT, 60)]


def test_who_comes_again_stands_among_the_last():
    environment = make_environment()
    for name in [*(f"s-{number:02}" for number in range(SESSIONS_KEPT)), "s-new"]:
        fold(environment, [part(session_ids=[name])])
    assert Journey.objects.get(environment=environment).session_ids[0] == "s-01"


def test_retention_takes_those_without_a_sign_of_life():
    environment, other = make_environment(), make_environment()
    for each in (environment, other):
        fold(each, [part(last_us=5_000_000), part(journey_id="young", last_us=clock.now_ns() // 1000)])
    assert not expire_journeys(environment, at(6))
    assert [journey.journey_id for journey in Journey.objects.filter(environment=environment)] == ["young"]
    assert Journey.objects.filter(environment=other).count() == 2
