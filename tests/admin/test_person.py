"""From a session in the admin to all that is held about its person, for whoever may export it."""

import pytest
from django.urls import reverse

from diagnostics.environments import grant_role
from diagnostics.models import AccessEvent
from tests.people import client_with, make_person, sign_in
from tests.world import make_session, make_world

pytestmark = pytest.mark.django_db
JANE, JOE = "1" * 32, "2" * 32
LIST = reverse("admin:sessions_app_logsession_changelist")


@pytest.fixture
def world(db):
    return make_world("person-one", kind="staging")


@pytest.fixture
def officer(world):
    return client_with(world.environment, "privacy-officer")


def choose(client, *sessions):
    return client.post(LIST, {"action": "person", "_selected_action": [row.pk for row in sessions]}, follow=True)


def test_it_leads_to_what_is_held_and_on_to_export_and_erasure(world, officer):
    mine = [make_session(world.environment, session_id=name, user_key=JANE) for name in ("a", "b")]
    page = choose(officer, *mine).text
    assert "Held in" in page
    assert "2 sessions will be gone for good" in page
    assert reverse("privacy-erase", args=[world.slug]) in page
    assert f'name="keys" value="{JANE}"' in page
    assert AccessEvent.objects.filter(action="search.user", environment=world.environment).count() == 1


def test_several_people_or_nobody_lead_nowhere(world, officer):
    jane = make_session(world.environment, session_id="a", user_key=JANE)
    joe = make_session(world.environment, session_id="b", user_key=JOE)
    nobody = make_session(world.environment, session_id="c", user_key="")
    for chosen in ((jane, joe), (nobody,)):
        page = choose(officer, *chosen).text
        assert "Choose sessions of one person" in page
        assert "Held in" not in page


def test_who_may_not_export_is_not_offered_it_and_gets_nothing(world):
    mine = make_session(world.environment, session_id="a", user_key=JANE)
    on_call = client_with(world.environment, "on-call")
    assert "Export or erase" not in on_call.get(LIST).text
    assert "Held in" not in choose(on_call, mine).text


def test_elsewhere_it_may_be_offered_but_is_refused(world):
    other = make_world("person-two", kind="staging")
    theirs = make_session(other.environment, session_id="a", user_key=JANE)
    person = make_person(world.environment, "privacy-officer")
    grant_role(person, other.environment, "support")
    page = choose(sign_in(person), theirs).text
    assert "needs the permission" in page
    assert "Held in" not in page
