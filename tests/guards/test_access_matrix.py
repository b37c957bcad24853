"""Every address and socket, asked by everybody: who may not, learns nothing. A new address that is not listed here fails."""

from unittest.mock import patch

import pytest
from asgiref.sync import sync_to_async
from django.contrib import admin
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import get_resolver, reverse

from diagnostics.core.permissions import ADMIN_PERMS, ROLES, Perm
from diagnostics.ingest.routes import ROUTES
from diagnostics.live.sockets import SOCKETS
from tests.factories import ingest_client, make_user
from tests.world import make_people, make_world

pytestmark = pytest.mark.django_db

OPEN, SIGNED_IN, SUPERUSER, NOBODY = "open", "signed in", "superuser", "nobody"
SESSION = {"session_id": "s-1"}

# name -> (who, method, arguments from the world)
PAGES = {
    "livez": (OPEN, "get", lambda w: {}),
    "readyz": (OPEN, "get", lambda w: {}),
    "login": (OPEN, "get", lambda w: {}),
    "home": (SIGNED_IN, "get", lambda w: {}),
    "preferences": (SIGNED_IN, "post", lambda w: {}),
    "account": (SIGNED_IN, "get", lambda w: {}),
    "password": (SIGNED_IN, "get", lambda w: {}),
    "inbox": (SIGNED_IN, "get", lambda w: {}),
    "inbox-read": (SIGNED_IN, "post", lambda w: {}),
    "api-schema": (SIGNED_IN, "get", lambda w: {}),
    "api-docs": (SIGNED_IN, "get", lambda w: {}),
    "token-revoke": (NOBODY, "post", lambda w: {"pk": 0}),
    "overview": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug}),
    "logs": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug}),
    "log-detail": (Perm.VIEW_LOGS, "get", lambda w: {"slug": w.slug, "reference": w.record.reference}),
    "live": (Perm.STREAM_LOGS, "get", lambda w: {"slug": w.slug}),
    "live-refill": (Perm.STREAM_LOGS, "get", lambda w: {"slug": w.slug}),
    "trace": (Perm.VIEW_TRACES, "get", lambda w: {"slug": w.slug, "trace_id": w.span.trace_id.hex}),
    "incidents": (Perm.VIEW_INCIDENTS, "get", lambda w: {"slug": w.slug}),
    "incident": (Perm.VIEW_INCIDENTS, "get", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "incident-acknowledge": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "incident-resolve": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"slug": w.slug, "pk": w.incident.pk}),
    "sessions": (Perm.VIEW_SESSIONS, "get", lambda w: {"slug": w.slug}),
    "session": (Perm.VIEW_SESSIONS, "get", lambda w: {"slug": w.slug, **SESSION}),
}
# Whoever holds one of two permissions may reveal something; what, has a test of its own.
REVEAL = {
    "log-reveal": (
        {Perm.VIEW_STACK_TRACES, Perm.VIEW_RESTRICTED},
        lambda w: {"slug": w.slug, "reference": w.record.reference},
    )
}
SIGN_OUT = {"logout"}
# Answered to ingest keys alone, like the ingest addresses.
KEYED = {"elastic": {}, "elastic-rest": {"rest": "_license"}}

# Single rows and acts of the API: name -> (permission, method, arguments).
API = {
    "api-log-list": (Perm.VIEW_LOGS, "get", lambda w: {}),
    "api-log-detail": (Perm.VIEW_LOGS, "get", lambda w: {"reference": w.record.reference}),
    "api-environment-detail": (None, "get", lambda w: {"slug": w.slug}),
    "api-session-detail": (Perm.VIEW_SESSIONS, "get", lambda w: {"pk": w.session.pk}),
    "api-incident-detail": (Perm.VIEW_INCIDENTS, "get", lambda w: {"pk": w.incident.pk}),
    "api-incident-acknowledge": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.incident.pk}),
    "api-incident-resolve": (Perm.RESPOND_INCIDENTS, "post", lambda w: {"pk": w.incident.pk}),
    "api-rule-detail": (Perm.VIEW_INCIDENTS, "get", lambda w: {"pk": w.rule.pk}),
    "api-target-detail": (Perm.MANAGE_TARGETS, "get", lambda w: {"pk": w.target.pk}),
}
# Changes through the same addresses as above.
API_CHANGES = {
    "api-rule-detail": (Perm.MANAGE_RULES, lambda w: {"pk": w.rule.pk}),
    "api-target-detail": (Perm.MANAGE_TARGETS, lambda w: {"pk": w.target.pk}),
}
# Lists of the API are open to all who are signed in, and hold only rows of their environments.
API_LISTS = {
    "api-environment-list": None,
    "api-session-list": Perm.VIEW_SESSIONS,
    "api-incident-list": Perm.VIEW_INCIDENTS,
    "api-rule-list": Perm.VIEW_INCIDENTS,
    "api-target-list": Perm.MANAGE_TARGETS,
}

# Admin: model -> (see, change, row). None: superusers only; NOBODY: not at all.
MODELS = {
    "diagnostics_environment": (Perm.MANAGE_ENVIRONMENT, Perm.MANAGE_ENVIRONMENT, lambda w: w.environment),
    "diagnostics_ingestkey": (Perm.MANAGE_ENVIRONMENT, Perm.MANAGE_ENVIRONMENT, lambda w: w.key),
    "diagnostics_logrecord": (Perm.VIEW_LOGS, NOBODY, None),
    "diagnostics_span": (Perm.VIEW_TRACES, NOBODY, None),
    "diagnostics_accessevent": (Perm.MANAGE_ACCESS, NOBODY, None),
    "diagnostics_apitoken": (SUPERUSER, SUPERUSER, None),
    "auth_user": (Perm.MANAGE_ACCESS, Perm.MANAGE_ACCESS, None),
    "alerts_alertrule": (Perm.MANAGE_RULES, Perm.MANAGE_RULES, lambda w: w.rule),
    "alerts_target": (Perm.MANAGE_TARGETS, Perm.MANAGE_TARGETS, lambda w: w.target),
    "alerts_silence": (Perm.RESPOND_INCIDENTS, Perm.RESPOND_INCIDENTS, lambda w: w.silence),
    "alerts_incident": (Perm.VIEW_INCIDENTS, NOBODY, lambda w: w.incident),
    "alerts_notification": (Perm.VIEW_INCIDENTS, NOBODY, lambda w: w.notification),
    "sessions_app_logsession": (Perm.VIEW_SESSIONS, NOBODY, lambda w: w.session),
}
ADDED_BY_SUPERUSERS = {"diagnostics_environment", "auth_user"}
NEVER_ADDED = {"diagnostics_apitoken"}
NEVER_DELETED = {"diagnostics_environment", "diagnostics_ingestkey", "diagnostics_apitoken", "auth_user"}
# Of the admin's frame: they show nothing of any environment, to those whom the admin is open to.
FRAME = {
    "admin:index", "admin:login", "admin:logout", "admin:password_change", "admin:password_change_done",
    "admin:autocomplete", "admin:jsi18n", "admin:view_on_site", "admin:app_list", "admin:search",
}  # fmt: skip
ADMIN_ACTS = {
    "admin:alerts_target_send_test": (Perm.MANAGE_TARGETS, lambda w: {"object_id": w.target.pk}),
    "admin:auth_user_password_change": (SUPERUSER, lambda w: {"id": 1}),
}


def all_names(resolver=None, namespaces=()):
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            own = (pattern.namespace,) if pattern.namespace else ()
            yield from all_names(pattern, (*namespaces, *own))
        elif pattern.name:
            yield ":".join([*namespaces, pattern.name])


def without_slash(name):
    return name.replace("-slash", "")


def test_every_address_is_listed():
    listed = {*PAGES, *REVEAL, *SIGN_OUT, *KEYED, *API, *API_LISTS, *FRAME, *ADMIN_ACTS}
    for model in MODELS:
        listed |= {f"admin:{model}_{view}" for view in ("changelist", "add", "history", "delete", "change")}
    assert {without_slash(name) for name in all_names()} == listed


def test_every_model_of_the_admin_is_listed():
    assert {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry} == set(MODELS)


def test_every_socket_and_ingest_address_is_listed():
    assert [pattern.name for pattern in SOCKETS] == ["live-socket"]  # tests/live asks everybody
    assert sorted(ROUTES) == [
        "/api/v1/logs", "/elastic/_bulk", "/loki/api/v1/push", "/otlp/v1/logs", "/otlp/v1/traces", "/v1/logs", "/v1/traces",
    ]  # fmt: skip


INGEST = [*ROUTES, "/elastic/some-index/_bulk", "/api/1/envelope/", "/api/1/store/"]


@pytest.mark.parametrize("address", INGEST)
async def test_ingest_addresses_want_an_ingest_key_and_nothing_else(address, transactional_db):
    person = await sync_to_async(make_user)(is_superuser=True)
    client = Client()
    await sync_to_async(client.force_login)(person)
    async with ingest_client() as asking:
        asking.cookies.set("sessionid", client.cookies["sessionid"].value)
        answer = await asking.post(address, content=b"{}")
        assert answer.status_code in (401, 403)


@pytest.fixture
def scene():
    world, other = make_world("matrix-one"), make_world("matrix-two")
    return world, other, make_people(world, other)


class BareClient(Client):
    """Asks without drawing the admin's pages, which are slow to draw: whether one gets in is known before."""

    def request(self, **request):
        with patch.object(SimpleTemplateResponse, "rendered_content", ""):
            return super().request(**request)


def client_of(person, *, renders=True):
    client = Client() if renders else BareClient()
    if person is not None:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def may(name, needed):
    """Whether the person of this name is meant to get in."""
    if needed == OPEN:
        return True
    if name in ("anonymous", "inactive") or needed == NOBODY:
        return False
    if needed == SIGNED_IN or name == "superuser":
        return True
    if needed == SUPERUSER:
        return False
    wanted = needed if isinstance(needed, (set, frozenset)) else {needed}
    return bool(wanted & set(ROLES.get(name, ())))


def check(response, *, allowed, said, world):
    """In, or out without learning anything."""
    to_login = response.status_code == 302 and "/login/" in response.get("Location", "")
    if allowed:
        assert response.status_code < 400, f"{said}: {response.status_code}"
        assert not to_login, said
    else:
        assert to_login or response.status_code in (401, 403, 404), f"{said}: {response.status_code}"
        assert world.slug not in response.content.decode().replace(response.wsgi_request.path, ""), said


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages(scene, name):
    world, _, people = scene
    needed, method, arguments = PAGES[name]
    for who, person in people.items():
        response = getattr(client_of(person), method)(reverse(name, kwargs=arguments(world)))
        if name == "readyz":
            assert response.status_code in (200, 503)
            continue
        allowed = may(who, needed) and needed != NOBODY
        check(response, allowed=allowed, said=f"{name} by {who}", world=world)


@pytest.mark.parametrize("name", sorted(REVEAL))
def test_revealing(scene, name):
    world, _, people = scene
    needed, arguments = REVEAL[name]
    for who, person in people.items():
        response = client_of(person).post(reverse(name, kwargs=arguments(world)))
        # The page needs view_logs, the fields one of two permissions.
        allowed = may(who, Perm.VIEW_LOGS) and may(who, needed)
        check(response, allowed=allowed, said=f"{name} by {who}", world=world)
        text = response.content.decode()
        assert ("secret frame" in text) == (allowed and may(who, Perm.VIEW_STACK_TRACES))
        assert ("restricted value" in text) == (allowed and may(who, Perm.VIEW_RESTRICTED))


def slash_twin(name):
    """'api-rule-detail' -> 'api-rule-slash-detail', 'api-log-list' -> 'api-log-list-slash'."""
    if name.startswith("api-log-"):
        return f"{name}-slash"
    kind, row, view = name.split("-", 2)
    return f"{kind}-{row}-slash-{view}"


@pytest.mark.parametrize("name", sorted(API))
def test_rows_and_acts_of_the_api(scene, name):
    world, _, people = scene
    needed, method, arguments = API[name]
    for twin in (name, slash_twin(name)):
        address = reverse(twin, kwargs=arguments(world)) + f"?environment={world.slug}"
        for who, person in people.items():
            response = getattr(client_of(person), method)(address, content_type="application/json")
            allowed = may(who, needed) if needed else who in ROLES or who == "superuser"
            check(response, allowed=allowed, said=f"{twin} by {who}", world=world)


@pytest.mark.parametrize("name", sorted(API_CHANGES))
@pytest.mark.parametrize("method", ["patch", "delete"])
def test_changes_through_the_api(scene, name, method):
    world, _, people = scene
    needed, arguments = API_CHANGES[name]
    address = reverse(name, kwargs=arguments(world))
    for who, person in people.items():
        if may(who, needed) and method == "delete":
            continue  # the row would be gone for the others
        response = getattr(client_of(person), method)(address, data={}, content_type="application/json")
        check(response, allowed=may(who, needed), said=f"{method} {name} by {who}", world=world)


@pytest.mark.parametrize("name", sorted(API_LISTS))
def test_lists_of_the_api(scene, name):
    world, other, people = scene
    for who, person in people.items():
        response = client_of(person).get(reverse(name))
        if who in ("anonymous", "inactive"):
            assert response.status_code == 401
            continue
        needed = API_LISTS[name]
        sees = may(who, needed) if needed else who in ROLES or who == "superuser"
        assert response.status_code == 200
        text = response.content.decode()
        assert (world.slug in text) == sees, f"{name} by {who}"
        assert (other.slug in text) == (who in ("neighbour", "superuser")), f"{name} by {who}"


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


@pytest.mark.parametrize("name", sorted(KEYED))
def test_what_shippers_ask_is_answered_to_keys_alone(scene, name):
    world, _, people = scene
    for who in ("anonymous", "environment-admin", "superuser"):
        check(
            client_of(people[who]).get(reverse(name, kwargs=KEYED[name])),
            allowed=False,
            said=f"{name} by {who}",
            world=world,
        )
    answer = Client(headers={"Authorization": f"Bearer {world.key_text}"}).get(reverse(name, kwargs=KEYED[name]))
    assert answer.status_code == 200
