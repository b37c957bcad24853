"""One check a kind of door: everybody asks, and who may not learns nothing. Each leaves the world as it was."""

import os
from zlib import crc32

from django.urls import reverse

from diagnostics.core.permissions import ROLES, Perm
from tests.guards.asking import OUTSIDERS, askers, check, may, sees_admin, undone, was_refused
from tests.guards.matrix import (
    ADDED_BY_SUPERUSERS,
    ADMIN_ACTS,
    API,
    API_BODIES,
    API_CHANGES,
    API_LISTS,
    FRAME,
    MODELS,
    NEVER_ADDED,
    NEVER_DELETED,
    NOBODY,
    OPEN,
    PAGES,
    REVEAL,
    SUPERUSER,
)

UNSAFE = ("post", "put", "patch", "delete")
OUTSIDE = ("anonymous", *OUTSIDERS)
AT_TWINS = ("anonymous", "stranger", "viewer", "superuser")
JSON = {"content_type": "application/json"}


def check_page(scene, name):
    """A page, with the method that it is for."""
    needed, method, arguments = PAGES[name]
    address = reverse(name, kwargs=arguments(scene.world))
    for who, client in askers(scene.clients, name):
        with undone():
            response = getattr(client, method)(address)
        if name == "readyz":
            assert response.status_code in (200, 503)
            continue
        check(response, allowed=may(who, needed), said=f"{name} by {who}", world=scene.world)


def check_reveal(scene, name):
    """The page needs view_logs, the fields one of two permissions each."""
    needed, arguments = REVEAL[name]
    for who, client in scene.clients.items():
        with undone():
            response = client.post(reverse(name, kwargs=arguments(scene.world)))
        allowed = may(who, Perm.VIEW_LOGS) and may(who, needed)
        check(response, allowed=allowed, said=f"{name} by {who}", world=scene.world)
        text = response.content.decode()
        assert ("secret frame" in text) == (allowed and may(who, Perm.VIEW_STACK_TRACES))
        assert ("restricted value" in text) == (allowed and may(who, Perm.VIEW_RESTRICTED))


def check_api(scene, name):
    """A row or act of the API, with and without a slash at the end: it is one view, so the twin is asked by four people;
    with ALL_DOORS=1 by all."""
    needed, method, arguments = API[name]
    for twin in (name, slash_twin(name)):
        address = reverse(twin, kwargs=arguments(scene.world)) + f"?environment={scene.world.slug}"
        for who, client in askers(scene.clients, twin):
            if twin != name and who not in AT_TWINS and not os.environ.get("ALL_DOORS"):
                continue
            with undone():
                response = getattr(client, method)(
                    address, **({"data": API_BODIES.get(name, {})} if method == "post" else {}), **JSON
                )
            allowed = may(who, needed) if needed else who in ROLES or who == "superuser"
            check(response, allowed=allowed, said=f"{twin} by {who}", world=scene.world)


def slash_twin(name):
    """'api-rule-detail' -> 'api-rule-slash-detail', 'api-log-list' -> 'api-log-list-slash'."""
    if name.startswith(("api-log-", "api-release-", "api-trace-")):
        return f"{name}-slash"
    kind, row, view = name.split("-", 2)
    return f"{kind}-{row}-slash-{view}"


def check_change(scene, name):
    """Changing and deleting a row of the API."""
    needed, arguments = API_CHANGES[name]
    address = reverse(name, kwargs=arguments(scene.world))
    for method in ("patch", "delete"):
        for who, client in askers(scene.clients, name):
            with undone():
                response = getattr(client, method)(address, data={}, **JSON)
            check(response, allowed=may(who, needed), said=f"{method} {name} by {who}", world=scene.world)


def check_list(scene, name):
    """A list of the API: open to who is signed in, with rows of their environments alone."""
    needed = API_LISTS[name]
    for who, client in askers(scene.clients, name):
        response = client.get(reverse(name))
        if who in ("anonymous", "inactive"):
            assert response.status_code == 401, f"{name} by {who}"
            continue
        assert response.status_code == 200, f"{name} by {who}"
        text = response.content.decode()
        sees = needed != NOBODY and (may(who, needed) if needed else who in ROLES or who == "superuser")
        assert (scene.world.slug in text) == sees, f"{name} by {who}"
        sees_other = needed != NOBODY and who in ("neighbour", "superuser")
        assert (scene.other.slug in text) == sees_other, f"{name} by {who}"


def check_model(scene, model, view):
    """A view of a model in the admin."""
    see, change, row = MODELS[model]
    for who, client in askers(scene.bare_clients, f"{model} {view}"):
        listed = sees_admin(who) and who not in ("anonymous", "inactive") and (may(who, see) or is_elsewhere(who, see))
        said = f"{model} {view} by {who}"
        if view == "changelist":
            check(client.get(reverse(f"admin:{model}_changelist")), allowed=listed, said=said, world=scene.world)
        elif view == "add":
            allowed = listed and may_add(who, model, change)
            check(client.get(reverse(f"admin:{model}_add")), allowed=allowed, said=said, world=scene.world)
        elif row is not None:
            response = client.get(reverse(f"admin:{model}_{view}", args=[row(scene.world).pk]))
            allowed = sees_admin(who) and may(who, see)
            if view == "delete":
                allowed = allowed and may(who, change) and model not in NEVER_DELETED
            is_gone = response.status_code == 302  # Django: no such row here
            assert (response.status_code == 200) == allowed, f"{said}: {response.status_code}"
            assert allowed or is_gone or was_refused(response), f"{said}: {response.status_code}"


def is_elsewhere(who, see):
    """Whether the person sees the list for another environment's sake."""
    return who == "neighbour" and see != SUPERUSER


def may_add(who, model, change):
    """Whether the person may open the form of a new row."""
    if model in NEVER_ADDED or change == NOBODY:
        return False
    return who == "superuser" if model in ADDED_BY_SUPERUSERS else may(who, change) or who == "neighbour"


def check_listed_rows(scene, model):
    """What is drawn for somebody of another environment holds nothing of this one."""
    text = scene.clients["neighbour"].get(reverse(f"admin:{model}_changelist")).content.decode().lower()
    assert scene.world.slug not in text.replace(" ", "-"), model


def check_several(scene, model):
    """Acts on chosen rows do nothing to rows of others."""
    _, _, row = MODELS[model]
    found = row(scene.world)
    chosen = {"action": "delete_selected", "_selected_action": [found.pk], "post": "yes"}
    for who in OUTSIDERS:
        with undone():
            scene.bare_clients[who].post(reverse(f"admin:{model}_changelist"), chosen)
            assert type(found)._default_manager.filter(pk=found.pk).exists(), f"{model} by {who}"


def check_frame(scene, name):
    """The admin itself is closed to who manages nothing."""
    arguments = {"admin:view_on_site": [1, 1], "admin:app_list": ["alerts"]}.get(name, [])
    for who in ("anonymous", "inactive", "stranger", "viewer", "expired", "revoked"):
        response = scene.clients[who].get(reverse(name, args=arguments))
        check(response, allowed=False, said=f"{name} by {who}", world=scene.world)


def check_act(scene, name):
    """An act of the admin with an address of its own."""
    needed, arguments = ADMIN_ACTS[name]
    filled = {"id": scene.people["stranger"].pk} if name.endswith("password_change") else arguments(scene.world)
    for who, client in askers(scene.clients, name):
        with undone():
            response = client.get(reverse(name, kwargs=filled))
        check(response, allowed=may(who, needed), said=f"{name} by {who}", world=scene.world)


def check_other_methods(scene, name):
    """Whatever the method, who is outside gets nothing and learns nothing. In each run one outsider tries all methods
    at a door and the others one each; over the doors each does each; with ALL_DOORS=1 at every door."""
    needed, _, arguments = PAGES.get(name) or API[name]
    if needed == OPEN:
        return
    named = f"?environment={scene.world.slug}" if name in API else ""
    address = reverse(name, kwargs=arguments(scene.world)) + named
    number = crc32(name.encode())
    for place, who in enumerate(OUTSIDE):
        is_whole = os.environ.get("ALL_DOORS") or place == number % len(OUTSIDE)
        for method in UNSAFE if is_whole else (UNSAFE[(number + place) % len(UNSAFE)],):
            with undone():
                response = getattr(scene.clients[who], method)(address, data={}, **JSON)
            said = f"{method} {name} by {who}: {response.status_code}"
            assert response.status_code < 500, said
            text = response.content.decode().replace(response.wsgi_request.path, "")
            assert scene.world.slug not in text, said
            if needed not in ("signed in", NOBODY):
                assert was_refused(response) or response.status_code == 405, said


ADMIN_VIEWS = ("changelist", "add", "change", "history", "delete")
DOORS = {
    **{f"page {name}": (check_page, name) for name in PAGES},
    **{f"reveal {name}": (check_reveal, name) for name in REVEAL},
    **{f"api {name}": (check_api, name) for name in API},
    **{f"change {name}": (check_change, name) for name in API_CHANGES},
    **{f"list {name}": (check_list, name) for name in API_LISTS},
    **{f"admin {model} {view}": (check_model, model, view) for model in MODELS for view in ADMIN_VIEWS},
    **{f"rows {model}": (check_listed_rows, model) for model in MODELS},
    **{f"several {model}": (check_several, model) for model, (_, _, row) in MODELS.items() if row is not None},
    **{f"frame {name}": (check_frame, name) for name in sorted(FRAME - {"admin:logout", "admin:login"})},
    **{f"act {name}": (check_act, name) for name in ADMIN_ACTS},
    **{f"methods {name}": (check_other_methods, name) for name in (*PAGES, *API)},
}  # fmt: skip
