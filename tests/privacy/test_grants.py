"""Grants that end: they count until their moment, not after, for every way of asking; then they are swept and told of."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from diagnostics.core import access, clock
from diagnostics.core.permissions import PRODUCTION_LEAVES_OUT, ROLES, Perm, role_perms
from diagnostics.environments import create_environment, grant_role, save_environment, withdraw_role
from diagnostics.grants import environment_permissions, expire_grants
from diagnostics.models import AccessEvent, EnvironmentGroupGrant, EnvironmentUserGrant
from tests.factories import make_user
from tests.people import make_person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def environment():
    return create_environment("shop", kind="production")


def answers(person, environment, perm=Perm.VIEW_LOGS):
    """Every way of asking, which must agree."""
    found = {
        access.has_perm(person, environment, perm),
        perm in access.held_perms(person, environment),
        perm in access.perms_anywhere(person),
        environment in access.visible_environments(person, perm),
        environment in access.visible_environments(person),
        person.has_perm(f"diagnostics.{perm}", environment),
    }
    assert len(found) == 1, found
    return found.pop()


def test_a_role_until_a_moment_holds_until_then(environment):
    person, until = make_user(), clock.now() + HOUR
    grant_role(person, environment, "on-call", until, by="boss")
    assert answers(person, environment)
    assert access.held_perms(person, environment) == set(role_perms("on-call", is_production=True))
    with time_machine.travel(until - timedelta(seconds=1), tick=False):
        assert answers(person, environment)
    with time_machine.travel(until, tick=False):
        assert not answers(person, environment)


def test_what_was_granted_last_holds(environment):
    person = make_person(environment, "viewer")
    grant_role(person, environment, "viewer", clock.now() + HOUR)
    assert not person.groups.exists()
    grant_role(person, environment, "viewer", clock.now() + 2 * HOUR)
    assert {row.expires_at > clock.now() + HOUR for row in EnvironmentUserGrant.objects.all()} == {True}
    grant_role(person, environment, "viewer")
    assert not EnvironmentUserGrant.objects.exists()
    assert answers(person, environment)


def test_a_role_that_ends_is_taken_back_early(environment):
    person = make_user()
    for role in ("viewer", "developer"):
        grant_role(person, environment, role, clock.now() + HOUR)
    withdraw_role(person, environment, "developer")
    assert answers(person, environment)
    assert not answers_about_traces(person, environment)
    withdraw_role(person, environment, "viewer")
    assert not answers(person, environment)


def answers_about_traces(person, environment):
    return access.has_perm(person, environment, Perm.VIEW_TRACES)


def test_a_moment_that_has_passed_is_refused(environment):
    person = make_person(environment, "viewer")
    with pytest.raises(ValueError, match="still to come"):
        grant_role(person, environment, "viewer", clock.now())
    assert answers(person, environment)


def test_grants_of_groups_end_too(environment):
    person, group = make_user(), Group.objects.create(name="contractors")
    person.groups.add(group)
    permission = environment_permissions()[Perm.VIEW_LOGS]
    EnvironmentGroupGrant.objects.create(
        group=group, content_object=environment, permission=permission, expires_at=clock.now() + HOUR
    )
    assert answers(person, environment)
    with time_machine.travel(clock.now() + HOUR, tick=False):
        assert not answers(person, environment)
        assert expire_grants() == 1
    assert not EnvironmentGroupGrant.objects.filter(group=group).exists()
    assert AccessEvent.objects.get(action="access.expire").subject == "contractors view_logs"


def test_the_sweep_removes_what_is_over_and_tells_of_each_role(environment):
    person, keeps = make_user("ana"), make_user()
    grant_role(person, environment, "viewer", clock.now() + HOUR)
    grant_role(person, environment, "support", clock.now() + 3 * HOUR)
    grant_role(keeps, environment, "viewer")
    permission = environment_permissions()[Perm.EXPORT_DATA]
    EnvironmentUserGrant.objects.create(
        user=person, content_object=environment, permission=permission, expires_at=clock.now() + HOUR
    )
    assert expire_grants() == 0
    with time_machine.travel(clock.now() + 2 * HOUR, tick=False):
        assert expire_grants() == 1 + len(role_perms("viewer", is_production=True))
        assert expire_grants() == 0
    told = AccessEvent.objects.filter(action="access.expire")
    assert sorted(event.subject for event in told) == ["ana export_data", "ana viewer"]
    assert {(event.actor_name, event.environment) for event in told} == {("system", environment)}
    assert answers(person, environment)
    assert answers(keeps, environment)


def test_ends_cost_no_query_more(environment):
    person = make_user()
    grant_role(person, environment, "viewer", clock.now() + HOUR)
    for ask in (access.has_perm, lambda p, e, _: access.held_perms(p, e)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ask(person, environment, Perm.VIEW_LOGS)
        assert len(queries) == 1


def test_production_is_stricter_and_becomes_so_with_the_kind():
    staging = create_environment("lab", kind="staging")
    people = {role: make_person(staging, role) for role in ROLES}
    for role, person in people.items():
        assert access.held_perms(person, staging) == set(ROLES[role]), role
    staging.kind = "production"
    save_environment(make_user(is_superuser=True), staging)
    for role, person in people.items():
        assert access.held_perms(person, staging) == set(ROLES[role]) - PRODUCTION_LEAVES_OUT.get(role, set()), role
    assert Perm.STREAM_LOGS not in access.held_perms(people["support"], staging)


def test_roles_that_end_follow_the_kind_as_well_and_keep_their_end():
    staging, end = create_environment("lab", kind="staging"), clock.now() + HOUR
    people = {role: make_user() for role in ROLES}
    for role, person in people.items():
        grant_role(person, staging, role, end, by="boss")
    for kind, left_out in (("production", PRODUCTION_LEAVES_OUT), ("staging", {})):
        staging.kind = kind
        save_environment(make_user(is_superuser=True), staging)
        for role, person in people.items():
            assert access.held_perms(person, staging) == set(ROLES[role]) - left_out.get(role, set()), (kind, role)
    rows = EnvironmentUserGrant.objects.filter(content_object=staging)
    assert set(rows.values_list("expires_at", "granted_by")) == {(end, "boss")}


def test_a_role_in_one_environment_opens_no_other(environment):
    lab = create_environment("lab", kind="staging")
    for role in ROLES:
        assert access.held_perms(make_person(lab, role), environment) == set(), role


def test_djangos_own_question_has_the_same_answer(environment):
    """`has_perm` of Django's users, which libraries ask, goes through the same door."""
    person = make_person(environment, "viewer")
    assert person.has_perm("diagnostics.view_logs", environment)
    assert not person.has_perm("diagnostics.view_traces", environment)
    assert not person.has_perm("diagnostics.view_logs")
    assert not person.has_perm("alerts.view_logs", environment)
    assert person.get_all_permissions(environment) == {"diagnostics.view_logs", "diagnostics.view_incidents"}
    person.is_active = False
    assert not person.has_perm("diagnostics.view_logs", environment)
