"""Every view of the admin, asked by everybody."""

import pytest
from django.urls import reverse

from diagnostics.core.permissions import ADMIN_PERMS, ROLES
from tests.guards.asking import check, client_of, may
from tests.guards.matrix import (
    ADDED_BY_SUPERUSERS,
    ADMIN_ACTS,
    FRAME,
    MODELS,
    NEVER_ADDED,
    NEVER_DELETED,
    NOBODY,
    SUPERUSER,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", sorted(MODELS))
def test_admin(scene, model):
    world, _, people = scene
    see, change, row = MODELS[model]
    for who, person in people.items():
        client = client_of(person, renders=who in ("environment-admin", "neighbour", "anonymous"))
        in_admin = who == "superuser" or who == "neighbour" or bool(set(ADMIN_PERMS) & set(ROLES.get(who, ())))
        listed = client.get(reverse(f"admin:{model}_changelist"))
        sees_list = (
            in_admin
            and who not in ("anonymous", "inactive")
            and (may(who, see) or (who == "neighbour" and see != SUPERUSER))
        )
        check(listed, allowed=sees_list, said=f"{model} list by {who}", world=world)
        if who == "neighbour":
            assert "matrix-one" not in listed.content.decode().lower().replace(" ", "-"), model
        adds = client.get(reverse(f"admin:{model}_add"))
        may_add = (
            sees_list and change != NOBODY and (may(who, change) or who == "neighbour") and model not in NEVER_ADDED
        )
        may_add = (
            who == "superuser" and model not in NEVER_ADDED and change != NOBODY
            if model in ADDED_BY_SUPERUSERS
            else may_add
        )
        check(adds, allowed=may_add, said=f"{model} add by {who}", world=world)
        if row is None:
            continue
        pk = row(world).pk
        shown = client.get(reverse(f"admin:{model}_change", args=[pk]))
        redirected = shown.status_code == 302  # Django: no such row here
        allowed = in_admin and may(who, see)
        if allowed:
            assert shown.status_code == 200, f"{model} row by {who}: {shown.status_code}"
        else:
            assert redirected or shown.status_code in (403, 404), f"{model} row by {who}: {shown.status_code}"
        deletes = client.get(reverse(f"admin:{model}_delete", args=[pk]))
        may_delete = allowed and change != NOBODY and may(who, change) and model not in NEVER_DELETED
        assert (deletes.status_code == 200) == may_delete, f"{model} delete by {who}: {deletes.status_code}"


@pytest.mark.parametrize("name", sorted(FRAME - {"admin:logout", "admin:login"}))
def test_the_admin_itself_is_closed_to_who_manages_nothing(scene, name):
    world, _, people = scene
    arguments = {"admin:view_on_site": [1, 1], "admin:app_list": ["alerts"]}.get(name, [])
    for who in ("anonymous", "inactive", "stranger", "viewer"):
        check(
            client_of(people[who]).get(reverse(name, args=arguments)),
            allowed=False,
            said=f"{name} by {who}",
            world=world,
        )


@pytest.mark.parametrize("name", sorted(ADMIN_ACTS))
def test_acts_in_the_admin(scene, name):
    world, _, people = scene
    needed, arguments = ADMIN_ACTS[name]
    for who, person in people.items():
        if name.endswith("password_change"):
            arguments = lambda w: {"id": people["stranger"].pk}  # noqa: E731
        response = client_of(person).get(reverse(name, kwargs=arguments(world)))
        check(response, allowed=may(who, needed), said=f"{name} by {who}", world=world)
