"""The schema says what there is: the same addresses and methods as the router knows."""

import re

import pytest
from django.urls import get_resolver, reverse

from tests.people import make_person, sign_in


@pytest.fixture
def schema(db):
    answer = sign_in(make_person()).get(reverse("api-schema"), {"format": "json"})
    assert answer.status_code == 200
    return answer.json()


def addresses(resolver, before=""):
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern, route)
        else:
            yield route, pattern


def plain(route):
    """'^rules/(?P<pk>[0-9]+)$' and 'logs/<str:reference>' as the schema writes them."""
    route = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", route.replace("^", "").replace("$", "").replace("\\Z", ""))
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def methods_of(pattern):
    view = pattern.callback
    actions = getattr(view, "actions", None)
    names = actions or [name for name in ("get", "post", "put", "patch", "delete") if hasattr(view.cls, name)]
    return {name for name in names if name not in ("head", "options")}


def test_it_lists_each_address_once_with_its_methods(schema):
    known = {}
    for route, pattern in addresses(get_resolver()):
        address = plain(route)
        if address.startswith("/api/v1/") and not address.endswith("/"):
            known[re.sub(r"\{pk\}", "{id}", address)] = methods_of(pattern)
    listed = {address: set(methods) for address, methods in schema["paths"].items()}
    assert listed == known
    assert len(known) >= 12


def test_it_asks_for_a_token_or_a_session_and_names_what_is_write_only(schema):
    assert schema["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    for address, methods in schema["paths"].items():
        for name, method in methods.items():
            is_told = (address, name) == ("/api/v1/events", "post") or address.startswith("/api/v1/checkins/")
            scheme = "ingestKey" if is_told else "token"
            assert {scheme: []} in method["security"], (address, name)
    assert "secrets" not in schema["components"]["schemas"]["Target"]["properties"]
    assert "secrets" in schema["components"]["schemas"]["TargetRequest"]["properties"]
    found = {parameter["name"] for parameter in schema["paths"]["/api/v1/logs"]["get"]["parameters"]}
    assert {"environment", "q", "since", "until", "range", "cursor", "limit", "service", "level", "journey"} <= found


def test_its_page_loads_nothing_from_elsewhere(db):
    text = sign_in(make_person()).get(reverse("api-docs")).content.decode()
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", text)
    assert f'href="{reverse("home")}"' in text
