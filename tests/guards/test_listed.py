"""Every address, model of the admin, socket and ingest address stands in the matrix."""

from django.contrib import admin
from django.urls import get_resolver

from diagnostics.ingest.routes import ROUTES
from diagnostics.live.sockets import SOCKETS
from tests.guards.matrix import ADMIN_ACTS, API, API_LISTS, FORMS, FRAME, KEYED, MODELS, PAGES, PROVEN, REVEAL, SIGN_OUT


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
    listed = {*PAGES, *REVEAL, *SIGN_OUT, *FORMS, *KEYED, *PROVEN, *API, *API_LISTS, *FRAME, *ADMIN_ACTS}
    for model in MODELS:
        listed |= {f"admin:{model}_{view}" for view in ("changelist", "add", "history", "delete", "change")}
    assert {without_slash(name) for name in all_names()} == listed


def test_every_model_of_the_admin_is_listed():
    assert {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry} == set(MODELS)


def test_every_socket_and_ingest_address_is_listed():
    assert [pattern.name for pattern in SOCKETS] == ["live-socket"]  # test_sockets asks everybody
    assert sorted(ROUTES) == [
        "/api/v1/logs", "/elastic/_bulk", "/loki/api/v1/push", "/otlp/v1/logs", "/otlp/v1/traces", "/v1/logs", "/v1/traces",
    ]  # fmt: skip
