"""Journeys of a person go with them; of one that others were on, the person alone goes."""

import pytest

from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy.pseudonyms import present_key
from sessions_app.models import Journey
from sessions_app.personal_journeys import STORE
from tests.privacy.test_jobs import erase, export
from tests.world import begin_world, make_journey, make_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment():
    return begin_world("journeys-one").environment


def key_of(environment, user_id):
    return user_key(present_key(environment), user_id)


@pytest.fixture
def planted(environment):
    """Jane's records in two sessions, one of which Joe used as well, and five journeys."""
    jane, joe = key_of(environment, "jane"), key_of(environment, "joe")
    for session_id, key in (("hers", jane), ("both", jane), ("both", joe), ("his", joe)):
        make_record(environment, session_id=session_id, user_key=key, has_restricted=False)
    make_journey(environment, journey_id="own", user_keys=[jane], session_ids=["hers", "unknown"])
    make_journey(
        environment, journey_id="shared", user_keys=[joe, jane], session_ids=["his", "both", "hers"], records=9
    )
    make_journey(environment, journey_id="nameless", session_ids=["hers"])
    make_journey(environment, journey_id="nameless-shared", session_ids=["hers", "others"])
    make_journey(environment, journey_id="his", user_keys=[joe], session_ids=["his", "both"])
    return jane, joe


def test_an_export_holds_ones_own_and_of_shared_ones_only_that_one_was_there(environment, planted):
    _, file = export(environment, "jane")
    rows = {row["journey_id"]: row for row in file["stores"]["journeys"]}
    assert set(rows) == {"own", "shared", "nameless", "nameless-shared"}
    assert rows["own"]["user_keys"] == [planted[0]]
    assert rows["own"]["steps"]
    assert rows["nameless"]["session_ids"] == ["hers"]
    assert rows["shared"] == {"journey_id": "shared", "shared": True, "session_ids": ["hers"]}
    assert rows["nameless-shared"] == {"journey_id": "nameless-shared", "shared": True, "session_ids": ["hers"]}


def test_an_erasure_takes_ones_own_and_the_person_out_of_shared_ones(environment, planted):
    _, joe = planted
    job = erase(environment, "jane")
    assert (job.state, job.left, job.counts["journeys"]) == ("done", {}, 4)
    left = {row.journey_id: row for row in Journey.objects.filter(environment=environment)}
    assert set(left) == {"j-1", "shared", "nameless-shared", "his"}
    assert (left["shared"].user_keys, left["shared"].session_ids, left["shared"].records) == ([joe], ["his", "both"], 9)
    assert left["nameless-shared"].session_ids == ["others"]
    assert left["his"].session_ids == ["his", "both"]


def test_a_session_of_ones_own_goes_from_journeys_that_name_others_alone(environment, planted):
    """The person came without a name, or was pushed out by ten others."""
    _, joe = planted
    make_journey(environment, journey_id="others", user_keys=[joe], session_ids=["his", "hers"])
    _, file = export(environment, "jane")
    rows = {row["journey_id"]: row for row in file["stores"]["journeys"]}
    assert rows["others"] == {"journey_id": "others", "shared": True, "session_ids": ["hers"]}
    job = erase(environment, "jane")
    assert (job.state, job.left) == ("done", {})
    left = Journey.objects.get(environment=environment, journey_id="others")
    assert (left.user_keys, left.session_ids) == ([joe], ["his"])


def test_words_for_steps_go_from_shared_journeys_and_names_stay(environment, planted):
    said = {"JANEMARK asked for her money": [1, 5], "POST /pay": [0, 7]}
    Journey.objects.filter(journey_id="shared").update(steps=said, last_step=[0, 9, "JANEMARK hung up"])
    erase(environment, "jane")
    left = Journey.objects.get(environment=environment, journey_id="shared")
    assert (left.steps, left.last_step) == ({"POST /pay": [0, 7]}, [])
    assert Journey.objects.get(environment=environment, journey_id="his").last_step


def test_another_environments_journeys_stay(environment, planted):
    other = begin_world("journeys-two").environment
    make_journey(other, journey_id="own", user_keys=[planted[0]], session_ids=["hers"])
    erase(environment, "jane")
    assert Journey.objects.filter(environment=other, journey_id="own").exists()


def test_people_are_known_by_their_journeys(environment, planted):
    assert set(STORE.people(environment)) == set(planted)
