"""Keys, people and roles in the admin: shown once, given only by who holds as much, each written down."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from diagnostics.core.access import held_perms
from diagnostics.core.credentials import digest_of
from diagnostics.core.permissions import ROLES, Perm
from diagnostics.environments import grant_role, role_group_name
from diagnostics.ingest.keys import find_holder
from diagnostics.models import AccessEvent, Environment, EnvironmentGroupGrant, EnvironmentUserGrant, IngestKey
from diagnostics.privacy.pseudonyms import open_key
from diagnostics.tokens import find_token, issue_token
from tests.admin.forms import errors_of, fields_of, send
from tests.people import make_person, sign_in
from tests.views.reading import Page


def written(action):
    return list(AccessEvent.objects.filter(action=action).order_by("id"))


def test_the_text_of_a_key_is_shown_once_and_kept_as_a_hash(world, admin, manager):
    address = reverse("admin:diagnostics_ingestkey_add")
    made = send(admin, address, environment=str(world.environment.pk), name="checkout")
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    text = Page(made.content.decode()).all("pre", id="new-key")[0].text
    key = IngestKey.objects.get(name="checkout")
    assert bytes(key.digest) == digest_of(text)
    assert find_holder(text).environment.id == world.environment.pk
    for later in ("changelist", "change", "history"):
        arguments = [] if later == "changelist" else [key.pk]
        page = admin.get(reverse(f"admin:diagnostics_ingestkey_{later}", args=arguments)).content.decode()
        assert text not in page
        assert later == "history" or key.prefix in page
    (event,) = written("key.create")
    assert (event.actor, event.environment) == (manager, world.environment)
    assert text not in f"{event.subject}{event.detail}"


def test_a_key_keeps_its_environment_and_secret_and_is_revoked_for_good(world, other, admin):
    change = reverse("admin:diagnostics_ingestkey_change", args=[world.key.pk])
    send(admin, change, name="renamed", environment=str(other.environment.pk), prefix="dk_other", revoked_at="")
    key = IngestKey.objects.get(pk=world.key.pk)
    assert (key.name, key.environment, key.prefix) == ("renamed", world.environment, world.key.prefix)
    several = {"action": "revoke", "_selected_action": [world.key.pk, other.key.pk]}
    admin.post(reverse("admin:diagnostics_ingestkey_changelist"), several)
    assert find_holder(world.key_text) is None
    assert find_holder(other.key_text) is not None
    assert [event.subject for event in written("key.revoke")] == [f"ingest key {key.pk} {key}"]


def test_no_key_is_made_for_another_environment(world, other, admin):
    address = reverse("admin:diagnostics_ingestkey_add")
    before = IngestKey.objects.count()
    assert "environment" in errors_of(send(admin, address, environment=str(other.environment.pk), name="x"))
    assert IngestKey.objects.count() == before


def roles_field(world):
    return f"roles_{world.environment.pk}"


def test_a_manager_gives_and_takes_roles_that_hold_no_more_than_theirs(world, admin, manager):
    person = make_person(world.environment, "viewer")
    grant_role(person, world.environment, "privacy-officer")
    address = reverse("admin:auth_user_change", args=[person.pk])
    assert send(admin, address, **{roles_field(world): ["on-call", "environment-admin"]}).status_code == 302
    assert set(person.groups.values_list("name", flat=True)) == {
        role_group_name(world.environment, role) for role in ("on-call", "environment-admin", "privacy-officer")
    }
    assert Perm.ERASE_DATA in held_perms(person, world.environment)  # neither given nor taken by a manager
    assert [event.subject for event in written("access.grant")] == [f"{person} environment-admin", f"{person} on-call"]
    assert [event.subject for event in written("access.withdraw")] == [f"{person} viewer"]
    assert {event.actor for event in AccessEvent.objects.filter(action__startswith="access.")} == {manager}


def test_a_manager_cannot_make_a_privacy_officer_of_anybody_also_not_of_themselves(world, admin, manager):
    for person in (make_person(), manager):
        send(
            admin,
            reverse("admin:auth_user_change", args=[person.pk]),
            **{roles_field(world): ["environment-admin", "privacy-officer"]},
        )
        assert Perm.ERASE_DATA not in held_perms(person, world.environment)
    assert not [event for event in written("access.grant") if "privacy" in event.subject]


def test_who_manages_access_alone_can_give_only_what_they_hold(world):
    clerk, person = make_person(), make_person()
    permission = Permission.objects.get(codename=Perm.MANAGE_ACCESS, content_type__model="environment")
    EnvironmentUserGrant.objects.create(user=clerk, permission=permission, content_object=world.environment)
    send(sign_in(clerk), reverse("admin:auth_user_change", args=[person.pk]), **{roles_field(world): list(ROLES)})
    assert held_perms(person, world.environment) == set()


def test_accounts_are_a_superusers_matter(world, admin, superuser, manager):
    person = make_person(world.environment, "viewer", email="old@example.com")
    address = reverse("admin:auth_user_change", args=[person.pk])
    values = {"username": "taken", "email": "new@example.com", "is_superuser": "on", "is_active": "", "password": "x"}
    send(admin, address, **values)
    same = User.objects.get(pk=person.pk)
    assert (same.username, same.email, same.is_superuser, same.is_active, same.password) == (
        person.username, "old@example.com", False, True, person.password,
    )  # fmt: skip
    assert admin.get(reverse("admin:auth_user_add")).status_code == 403
    for target in (person, manager):
        assert admin.get(reverse("admin:auth_user_password_change", args=[target.pk])).status_code == 404
        fields = {"password1": "another fine pass", "password2": "another fine pass"}
        assert admin.post(reverse("admin:auth_user_password_change", args=[target.pk]), fields).status_code == 404
    assert User.objects.get(pk=person.pk).check_password("correct horse battery")
    assert send(superuser, address, email="new@example.com").status_code == 302
    assert User.objects.get(pk=person.pk).email == "new@example.com"
    assert written("account.change")[-1].detail == {"fields": ["email"]}


def test_a_superuser_is_seen_and_not_changed_by_a_manager(world, admin):
    boss = make_person(is_superuser=True)
    address = reverse("admin:auth_user_change", args=[boss.pk])
    assert admin.get(address).status_code == 200
    assert admin.post(address, {roles_field(world): ["viewer"]}).status_code == 403
    assert not boss.groups.exists()


def test_roles_of_other_environments_are_not_shown_nor_touched(world, other, admin, superuser):
    person = make_person(world.environment, "viewer")
    grant_role(person, other.environment, "developer")
    listed = admin.get(reverse("admin:auth_user_changelist")).content.decode()
    assert f"{world.slug}:viewer" in listed
    assert other.slug not in listed
    address = reverse("admin:auth_user_change", args=[person.pk])
    page = admin.get(address)
    assert other.environment.name not in page.content.decode()
    send(admin, address, **{roles_field(world): [], roles_field(other): ["viewer", "environment-admin"]})
    assert held_perms(person, world.environment) == set()
    assert held_perms(person, other.environment) == set(ROLES["developer"])
    assert set(fields_of(superuser.get(address))) >= {roles_field(world), roles_field(other)}
    assert other.slug in superuser.get(reverse("admin:auth_user_changelist")).content.decode()


def test_what_was_done_is_shown_of_ones_own_environments_and_cannot_be_changed(world, other, admin, superuser):
    world.furnish()
    listed = admin.get(reverse("admin:diagnostics_accessevent_changelist")).content.decode()
    assert "event of shop-one" in listed
    assert "event of shop-two" not in listed
    event = AccessEvent.objects.filter(environment=world.environment).first()
    for client in (admin, superuser):
        change = reverse("admin:diagnostics_accessevent_change", args=[event.pk])
        assert client.get(change).status_code == 200
        assert client.post(change, {"subject": "nothing happened"}).status_code == 403
        assert (
            client.post(reverse("admin:diagnostics_accessevent_delete", args=[event.pk]), {"post": "yes"}).status_code
            == 403
        )
    assert AccessEvent.objects.get(pk=event.pk).subject == event.subject


def test_a_superuser_makes_environments_that_are_ready_and_a_manager_changes_their_own(world, other, admin, superuser):
    add = reverse("admin:diagnostics_environment_add")
    assert admin.get(add).status_code == 403
    assert "slug" in errors_of(send(superuser, add, name="New", slug="Not Good"))
    assert send(superuser, add, name="New", slug="new").status_code == 302
    made = Environment.objects.get(slug="new")
    assert len(open_key(made.pseudonym_key)) == 32
    assert EnvironmentGroupGrant.objects.filter(content_object=made).exists()
    assert made.alert_rules.exists()
    assert made.targets.exists()
    change = reverse("admin:diagnostics_environment_change", args=[world.environment.pk])
    assert send(admin, change, retention_days="7", slug="stolen").status_code == 302
    world.environment.refresh_from_db()
    assert (world.environment.retention_days, world.environment.slug) == (7, "shop-one")
    assert "retention_days" in errors_of(send(admin, change, retention_days="0"))
    assert written("environment.change")[0].detail == {
        "before": {"retention_days": 30}, "after": {"retention_days": 7},
    }  # fmt: skip
    theirs = reverse("admin:diagnostics_environment_change", args=[other.environment.pk])
    assert admin.post(theirs, {"name": "Mine"}).status_code in (302, 403, 404)
    assert Environment.objects.get(pk=other.environment.pk).name != "Mine"


def test_a_superuser_revokes_anybodys_token_and_reads_none(world, superuser, admin):
    token, text = issue_token(make_person(), "theirs")
    listing = reverse("admin:diagnostics_apitoken_changelist")
    assert admin.get(listing).status_code == 403
    assert text not in superuser.get(listing).content.decode()
    assert find_token(text)
    superuser.post(listing, {"action": "revoke", "_selected_action": [token.pk]})
    assert find_token(text) is None
    assert len(written("token.revoke")) == 1


@pytest.mark.parametrize("role", ["viewer", "support"])
def test_who_manages_nothing_finds_no_admin(role, world):
    client = sign_in(make_person(world.environment, role, is_staff=True))
    assert client.get(reverse("admin:index"), follow=True).status_code == 404
