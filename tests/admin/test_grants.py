"""Grants to people in the admin: of one's own environments, of what one holds oneself, written down, ending when said."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.core.access import held_perms
from diagnostics.core.permissions import Perm
from diagnostics.environments import grant_role
from diagnostics.models import AccessEvent, EnvironmentUserGrant
from tests.admin.forms import errors_of, send
from tests.factories import make_user
from tests.people import make_person, sign_in

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


def test_nobody_gives_to_themselves_or_beyond_the_end_of_their_own_right(world):
    end = clock.now().replace(microsecond=0) + timedelta(days=2)
    guest = make_user("guest")
    grant_role(guest, world.environment, "environment-admin", end)
    client, ana = sign_in(guest), make_user("ana")
    said = errors_of(send(client, reverse(ADD), **fields(world.environment, guest, "view_traces")))
    assert "Somebody else has to give" in said["__all__"][0]
    later = end + timedelta(days=1)
    for moment in ({}, {"expires_at_0": f"{later:%Y-%m-%d}", "expires_at_1": f"{later:%H:%M:%S}"}):
        said = errors_of(send(client, reverse(ADD), **fields(world.environment, ana, "view_traces", **moment)))
        assert "your own role ends" in said["__all__"][0].lower()
    before = {"expires_at_0": f"{end:%Y-%m-%d}", "expires_at_1": f"{end:%H:%M:%S}"}
    assert send(client, reverse(ADD), **fields(world.environment, ana, "view_traces", **before)).status_code == 302
    access = reverse("access-give", args=[world.slug])
    client.post(access, {"person": "guest", "role": "environment-admin", "until": ""})
    client.post(access, {"person": "ana", "role": "environment-admin", "until": ""})
    assert not guest.groups.exists()
    assert not ana.groups.exists()
    grant_role(guest, world.environment, "environment-admin")  # now for good
    client.post(access, {"person": "ana", "role": "viewer", "until": ""})
    assert ana.groups.exists()


def test_nobody_takes_what_they_could_not_give(world, admin):
    person = make_user("ana")
    grant = EnvironmentUserGrant.objects.create(
        user=person, content_object=world.environment, permission=permission("erase_data"), granted_by="boss"
    )
    assert admin.get(reverse("admin:diagnostics_environmentusergrant_delete", args=[grant.pk])).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [grant.pk, world.grant.pk], "post": "yes"}
    assert admin.post(reverse("admin:diagnostics_environmentusergrant_changelist"), chosen).status_code == 403
    assert EnvironmentUserGrant.objects.filter(pk__in=[grant.pk, world.grant.pk]).count() == 2


def test_people_are_narrowed_by_what_the_page_offers_alone_and_their_log_is_no_window(world, other, admin):
    people = reverse("admin:auth_user_changelist")
    for lookup in ("groups=1", "authenticator__isnull=True", "usersession__isnull=False", "environmentusergrant__id=1"):
        assert admin.get(f"{people}?{lookup}").status_code in (302, 400), lookup
    assert admin.get(f"{people}?is_active__exact=1").status_code == 200
    assert admin.get(reverse("admin:auth_user_history", args=[make_user().pk])).status_code == 404


@pytest.mark.parametrize(
    "query", ["expires_at=x", "user=x&content_object=y", "expires_at=2030-01-01+10:00:00&nonsense=1"]
)
def test_a_form_opens_whatever_the_address_says_of_its_fields(admin, query):
    assert admin.get(f"{reverse(ADD)}?{query}").status_code == 200


@pytest.mark.parametrize("query", ["starts_at=x", "ends_at=", "ends_at=2030-01-01T10:00:00Z", "days=x"])
def test_so_does_that_of_silences(admin, query):
    assert admin.get(f"{reverse('admin:alerts_silence_add')}?{query}").status_code == 200


def test_the_kind_of_an_environment_is_a_superusers_matter(world, admin, superuser):
    address = reverse("admin:diagnostics_environment_change", args=[world.environment.pk])
    before, other = world.environment.kind, "staging" if world.environment.kind != "staging" else "development"
    send(admin, address, kind=other)
    world.environment.refresh_from_db()
    assert world.environment.kind == before
    assert send(superuser, address, kind=other).status_code == 302
    world.environment.refresh_from_db()
    assert world.environment.kind == other
    event = AccessEvent.objects.filter(object_ref__contains="nvironment").latest("id")
    admin.post(reverse("audit-revert", args=[event.pk]))
    world.environment.refresh_from_db()
    assert world.environment.kind == other


def test_what_one_holds_until_a_moment_is_given_until_then_at_most(world, admin, manager):
    end = clock.now().replace(microsecond=0) + timedelta(days=2)
    grant_role(manager, world.environment, "privacy-officer", end)
    ana = make_user("ana")
    said = errors_of(send(admin, reverse(ADD), **fields(world.environment, ana, "erase_data")))
    assert "your own role ends" in said["__all__"][0].lower()
    assert send(admin, reverse(ADD), **fields(world.environment, ana, "view_logs")).status_code == 302
    name, address = f"roles_{world.environment.pk}", reverse("admin:auth_user_change", args=[ana.pk])
    said = errors_of(send(admin, address, **{name: ["privacy-officer"]}))
    assert "your own role ends" in said[name][0]
    until = {f"until_{name}_0": f"{end:%Y-%m-%d}", f"until_{name}_1": f"{end:%H:%M:%S}"}
    assert send(admin, address, **{name: ["privacy-officer"], **until}).status_code == 302
    assert Perm.ERASE_DATA in held_perms(ana, world.environment)
    rows = EnvironmentUserGrant.objects.filter(user=ana, permission=permission("erase_data"))
    assert [row.expires_at for row in rows] == [end]
