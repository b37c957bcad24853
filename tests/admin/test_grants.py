"""Grants to people in the admin: of one's own environments, of what one holds oneself, written down, ending when said."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.core.access import held_perms
from diagnostics.core.permissions import Perm
from diagnostics.models import AccessEvent, EnvironmentUserGrant
from tests.admin.forms import errors_of, send
from tests.factories import make_user
from tests.people import make_person

ADD = "admin:diagnostics_environmentusergrant_add"
CHANGE = "admin:diagnostics_environmentusergrant_change"


def permission(name):
    return Permission.objects.get(codename=name, content_type__model="environment")


def fields(environment, person, name, **more):
    return {
        "content_object": str(environment.pk), "user": str(person.pk), "permission": str(permission(name).pk),
        "expires_at_0": "", "expires_at_1": "", **more,
    }  # fmt: skip


def test_a_single_permission_is_given_until_a_moment(world, admin, manager):
    person = make_user("ana")
    end = clock.now().replace(microsecond=0) + timedelta(days=2)
    answer = send(
        admin, reverse(ADD),
        **fields(world.environment, person, "view_traces", expires_at_0=f"{end:%Y-%m-%d}", expires_at_1=f"{end:%H:%M:%S}"),
    )  # fmt: skip
    assert answer.status_code == 302, errors_of(answer)
    grant = EnvironmentUserGrant.objects.get(user=person)
    assert (grant.expires_at, grant.granted_by) == (end, manager.username)
    assert held_perms(person, world.environment) == {Perm.VIEW_TRACES}
    event = AccessEvent.objects.get(action="access.grant", subject="ana view_traces")
    assert (event.actor, event.environment, event.detail) == (manager, world.environment, {"until": end.isoformat()})
    admin.post(reverse("admin:diagnostics_environmentusergrant_delete", args=[grant.pk]), {"post": "yes"})
    assert held_perms(person, world.environment) == set()
    assert AccessEvent.objects.filter(action="access.withdraw", subject="ana view_traces").count() == 1


def test_nobody_gives_what_they_do_not_hold_nor_elsewhere_nor_into_the_past(world, other, admin):
    person = make_user()
    for name in ("erase_data", "export_data"):
        said = errors_of(send(admin, reverse(ADD), **fields(world.environment, person, name)))
        assert "do not hold" in said["__all__"][0]
    assert "content_object" in errors_of(send(admin, reverse(ADD), **fields(other.environment, person, "view_logs")))
    past = fields(world.environment, person, "view_logs", expires_at_0="2001-01-01", expires_at_1="00:00:00")
    assert "expires_at" in errors_of(send(admin, reverse(ADD), **past))
    foreign = str(Permission.objects.get(codename="add_user").pk)
    wrong = {**fields(world.environment, person, "view_logs"), "permission": foreign}
    assert "permission" in errors_of(send(admin, reverse(ADD), **wrong))
    assert not EnvironmentUserGrant.objects.filter(user=person).exists()


def test_only_the_end_of_a_grant_is_changed_and_only_in_ones_own_environment(world, other, admin):
    send(admin, reverse(CHANGE, args=[world.grant.pk]), permission=str(permission("view_traces").pk),
         expires_at_0="2098-01-01", expires_at_1="00:00:00")  # fmt: skip
    world.grant.refresh_from_db()
    assert (world.grant.permission.codename, world.grant.expires_at.year) == ("view_logs", 2098)
    assert admin.get(reverse(CHANGE, args=[other.grant.pk])).status_code == 302  # no such row here
    listed = admin.get(reverse("admin:diagnostics_environmentusergrant_changelist")).content.decode()
    assert world.grant.user.username in listed
    assert other.grant.user.username not in listed


def test_roles_ticked_with_an_end_end_then(world, admin):
    person = make_person(world.environment, "viewer")
    name, end = f"roles_{world.environment.pk}", clock.now().replace(microsecond=0) + timedelta(days=1)
    address = reverse("admin:auth_user_change", args=[person.pk])
    until = {f"until_{name}_0": f"{end:%Y-%m-%d}", f"until_{name}_1": f"{end:%H:%M:%S}"}
    assert send(admin, address, **{name: ["viewer", "support"]}, **until).status_code == 302
    assert set(EnvironmentUserGrant.objects.filter(user=person).values_list("role", "expires_at")) == {("support", end)}
    assert person.groups.count() == 1
    assert admin.get(address).context["adminform"].form.initial[name] == ["viewer", "support"]
    past = {f"until_{name}_0": "2001-01-01", f"until_{name}_1": "00:00:00"}
    assert f"until_{name}" in errors_of(send(admin, address, **{name: ["developer"]}, **past))


SIDE_DOORS = {
    "alerts_incident": ["samples__icontains", "samples__0__body__contains", "context__icontains"],
    "alerts_target": ["secrets__startswith", "config__icontains"],
    "diagnostics_ingestkey": ["digest__startswith"],
    "diagnostics_environment": ["pseudonym_key__startswith"],
    "diagnostics_logrecord": ["attributes__icontains", "body__startswith"],
    "diagnostics_accessevent": ["detail__icontains", "digest__startswith"],
    "auth_user": ["password__startswith", "api_tokens__digest", "groups__name"],
}


@pytest.mark.parametrize("model", SIDE_DOORS)
def test_no_list_answers_questions_about_columns_that_it_does_not_offer(world, admin, model):
    for lookup in SIDE_DOORS[model]:
        answer = admin.get(reverse(f"admin:{model}_changelist"), {lookup: "a"})
        assert answer.status_code in (302, 400), lookup  # refused, whatever the value
