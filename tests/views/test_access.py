"""The access page: who may do what, through which grant and until when; roles given and taken."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.core.access import held_perms
from diagnostics.core.permissions import ROLES, Perm, role_perms
from diagnostics.environments import create_environment, grant_role
from diagnostics.grants import environment_permissions
from diagnostics.models import AccessEvent, EnvironmentGroupGrant, EnvironmentUserGrant
from diagnostics.privacy.held_by import explain_holders, holders, holders_of
from tests.factories import make_user
from tests.people import make_person, sign_in
from tests.views.reading import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment():
    return create_environment("shop", kind="production")


@pytest.fixture
def boss(environment):
    return make_person(environment, "environment-admin", username="boss")


@pytest.fixture
def client(boss):
    return sign_in(boss)


def page(client, environment, **params):
    answer = client.get(reverse("access", args=[environment.slug]), params)
    assert answer.status_code == 200
    return answer


def everybody(environment):
    """People with every kind of grant, and some whose grants are over or switched off."""
    now, perms = clock.now(), environment_permissions()
    people = {role: make_person(environment, role) for role in ROLES}
    people["for an hour"] = make_user()
    grant_role(people["for an hour"], environment, "developer", now + timedelta(hours=1))
    people["single"] = make_user()
    single = {"content_object": environment, "permission": perms["view_traces"]}
    EnvironmentUserGrant.objects.create(user=people["single"], **single)
    people["over"] = make_user()
    EnvironmentUserGrant.objects.create(user=people["over"], expires_at=now - timedelta(seconds=1), **single)
    people["grouped"] = make_user()
    group = Group.objects.create(name="contractors")
    EnvironmentGroupGrant.objects.create(group=group, **single)
    people["grouped"].groups.add(group)
    people["inactive"] = make_person(environment, "on-call", is_active=False)
    people["superuser"] = make_user(is_superuser=True)
    people["elsewhere"] = make_person(create_environment("lab"), "environment-admin")
    return people


def test_what_it_explains_is_what_the_door_decides(environment):
    """The page's words and core.access, person by person and permission by permission."""
    people = everybody(environment)
    explained = {holder.person.pk: set(holder.ways) for holder in explain_holders(environment, people.values())}
    for name, person in people.items():
        assert explained[person.pk] == held_perms(person, environment), name
    listed = set(holders(environment))
    assert listed == {person for person in people.values() if held_perms(person, environment)}
    for perm in Perm:
        wanted = {person for person in people.values() if perm in held_perms(person, environment)}
        assert set(holders_of(environment, perm)) == wanted, perm


def test_it_says_through_which_grant_and_until_when(client, environment):
    person, until = make_user("ana"), clock.now() + timedelta(days=2)
    grant_role(person, environment, "viewer")
    grant_role(person, environment, "developer", until, by="boss")
    text = read(page(client, environment, person="ana")).text
    assert "role viewer" in text
    assert f"role developer by boss until {until:%Y-%m-%d %H:%M:%S} UTC" in text
    lines = {name: ways for name, _, ways in page(client, environment, person="ana").context["checked"]["lines"]}
    assert sorted(way.name for way in lines["view_logs"]) == ["developer", "viewer"]
    assert lines["erase_data"] == []


def test_it_answers_for_who_is_unknown_or_switched_off(client, environment):
    make_person(environment, "on-call", username="gone", is_active=False)
    assert "switched off" in read(page(client, environment, person="gone")).text
    assert "There is no account “<b>x”" in read(page(client, environment, person="<b>x")).text


def test_people_are_cut_to_a_permission_and_to_pages(client, environment, monkeypatch):
    from diagnostics.views import access

    monkeypatch.setattr(access, "PAGE", 2)
    for name in ("ana", "ben", "cem"):
        make_person(environment, "developer", username=name)
    make_person(environment, "viewer", username="abe")
    first = page(client, environment, perm="view_stack_traces")
    assert [holder.person.username for holder in first.context["holders"]] == ["ana", "ben"]
    second = page(client, environment, perm="view_stack_traces", after=first.context["next"])
    assert [holder.person.username for holder in second.context["holders"]] == ["boss", "cem"]
    assert second.context["next"] == ""


def test_a_page_costs_the_same_however_many_people(client, environment):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page(client, environment)
        return len(queries)

    page(client, environment)  # a first visit also notes whose navigation to go on with
    few = cost()
    for _ in range(20):
        grant_role(make_user(), environment, "viewer")
    assert cost() == few


def test_the_matrix_shows_what_production_leaves_out(client, environment):
    rows = {
        row["name"]: dict(zip(ROLES, row["cells"], strict=True)) for row in page(client, environment).context["roles"]
    }
    assert rows["stream_logs"]["support"] == "left out"
    assert rows["stream_logs"]["developer"] == "yes"
    for role in ROLES:
        held = {name for name, cells in rows.items() if cells[role] == "yes"}
        assert held == {perm.value for perm in role_perms(role, is_production=True)}


def give(client, environment, name="access-give", **fields):
    return client.post(reverse(name, args=[environment.slug]), fields)


def test_a_role_is_given_until_a_day_and_taken_back_each_written_down(client, boss, environment):
    person, day = make_user("ana"), (clock.now() + timedelta(days=3)).date()
    give(client, environment, person="ana", role="on-call", until=day.isoformat())
    (end,) = set(EnvironmentUserGrant.objects.filter(user=person).values_list("expires_at", flat=True))
    assert end.isoformat() == f"{day}T23:59:59+00:00"
    give(client, environment, person="ana", role="viewer")
    give(client, environment, "access-take", person="ana", role="on-call")
    assert held_perms(person, environment) == set(role_perms("viewer", is_production=True))
    told = AccessEvent.objects.filter(actor=boss, action__startswith="access.").order_by("id")
    assert [(event.action, event.subject, event.detail.get("expires_at")) for event in told] == [
        ("access.grant", "ana on-call", end.isoformat()),
        ("access.grant", "ana viewer", None),
        ("access.withdraw", "ana on-call", None),
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"person": "nobody"}, "no active account"),
        ({"person": "gone"}, "no active account"),
        ({"role": "king"}, "no more than yours"),
        ({"role": "privacy-officer"}, "no more than yours"),
        ({"person": "root"}, "superuser's matter"),
        ({"until": "tomorrow"}, "write a day"),
        ({"until": "2001-01-01"}, "still to come"),
    ],
)
def test_what_cannot_be_given_is_refused_in_words(client, environment, fields, said):
    make_user("ana")
    make_user("gone", is_active=False)
    make_user("root", is_superuser=True)
    give(client, environment, **{"person": "ana", "role": "viewer", **fields})
    assert said in read(page(client, environment)).text
    assert not AccessEvent.objects.filter(action="access.grant").exists()
    assert not EnvironmentUserGrant.objects.exists()


def test_a_right_that_ends_is_not_handed_on_beyond_its_end(client, boss, environment):
    ana, group, perms = make_user("ana"), Group.objects.create(name="officers"), environment_permissions()
    end = clock.now() + timedelta(days=2, hours=1)
    grant_role(boss, environment, "privacy-officer", end)
    later, before = ((end + timedelta(days=days)).date().isoformat() for days in (2, -1))
    for until in ("", later):
        give(client, environment, person="ana", role="privacy-officer", until=until)
        said = read(page(client, environment)).text
        assert f"your own role ends at {end:%Y-%m-%d %H:%M} UTC" in said
        assert not held_perms(ana, environment)
    assert "Not given" in said
    give(client, environment, person="ana", role="developer", until="")  # what boss holds for good
    assert held_perms(ana, environment) == set(role_perms("developer", is_production=True))
    give(client, environment, person="ana", role="privacy-officer", until=before)
    assert Perm.ERASE_DATA in held_perms(ana, environment)
    boss.groups.add(group)  # by whom the latest end of each counts
    for name in ("export_data", "erase_data"):
        EnvironmentGroupGrant.objects.create(group=group, content_object=environment, permission=perms[name])
    give(client, environment, person="ana", role="privacy-officer", until="")
    assert ana.groups.filter(name="shop:privacy-officer").exists()


def test_giving_asks_who_is_there_when_the_last_proof_is_old(client, environment, settings):
    settings.SUDO_SECONDS = 0
    make_user("ana")
    answer = give(client, environment, person="ana", role="viewer")
    assert answer.status_code == 302
    assert reverse("access", args=[environment.slug]) in answer.url.replace("%2F", "/")
    assert not AccessEvent.objects.filter(action="access.grant").exists()
