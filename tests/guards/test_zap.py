"""What a scanner would try, without a network: redirects, hosts, frames, cookies, mass assignment, ids of others."""

import pytest
from django.test import Client
from django.urls import reverse

from alerts.models import AlertRule, Incident, Target
from diagnostics.environments import grant_role
from diagnostics.models import ApiToken
from tests.api.calling import Caller
from tests.people import make_person, sign_in
from tests.world import make_world

pytestmark = pytest.mark.django_db
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\t//evil.example",
    "javascript:alert(1)",
    "http:evil",
]
REDIRECTS = {
    "login": ("get", "next", {}),
    "preferences": ("post", "next", {"theme": "dark"}),
    "logout": ("post", "next", {}),
}


@pytest.fixture
def world():
    return make_world("shop-one")


@pytest.fixture
def other():
    return make_world("shop-two")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_answer_leads_elsewhere(world, target):
    for name, (method, field, values) in REDIRECTS.items():
        client = sign_in(make_person(world.environment, "viewer"))
        answer = getattr(client, method)(reverse(name), {field: target, **values})
        assert "evil" not in answer.get("Location", ""), name
        assert not answer.get("Location", "").startswith("javascript"), name
    boss = sign_in(make_person(world.environment, "environment-admin"))
    answer = boss.post(reverse("audit-revert", args=[world.change.pk]), {"next": target})
    assert "evil" not in answer["Location"]


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "evil.example:80"]
)
def test_no_answer_believes_a_foreign_host(world, host):
    for address in ("/login/", "/api/v1/environments", f"/e/{world.slug}/", "/admin/"):
        answer = Client(headers={"Host": host}).get(address)
        assert answer.status_code == 400, address
    forwarded = Client(headers={"X-Forwarded-Host": host}).get("/login/")
    assert forwarded.status_code == 200
    assert "evil" not in forwarded.content.decode()


def test_every_kind_of_answer_refuses_frames_and_sniffing(world):
    client = sign_in(make_person(is_superuser=True))
    for address in (
        "/login/",
        "/",
        f"/e/{world.slug}/",
        "/admin/",
        "/api/v1/environments",
        "/api/docs/",
        "/e/nowhere/",
        "/livez",
    ):
        answer = client.get(address)
        if address == "/livez":  # answered before everything else, with one word
            continue
        assert answer["X-Frame-Options"] == "DENY", address
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], address
        assert answer["X-Content-Type-Options"] == "nosniff", address
        assert "Server" not in answer
        assert "X-Powered-By" not in answer


def test_forms_want_their_token(world):
    boss = make_person(world.environment, "environment-admin")
    client = sign_in(boss, enforce_csrf_checks=True)
    for name, arguments in (
        ("access-give", [world.slug]), ("access-take", [world.slug]), ("audit-revert", [world.change.pk]), ("account", []),
        ("log-reveal", [world.slug, world.record.reference]), ("preferences", []), ("inbox-read", []),
    ):  # fmt: skip
        assert client.post(reverse(name, args=arguments)).status_code == 403, name
    answer = client.post("/api/v1/tokens", {"name": "x"}, content_type="application/json")
    assert answer.status_code == 403


READ_ONLY = {
    "rules": {
        "id": 10**9,
        "builtin": True,
        "created_at": "2001-01-01T00:00:00Z",
        "environment": "shop-two",
        "environment_id": 1,
    },
    "targets": {
        "id": 10**9,
        "failing_since": "2001-01-01T00:00:00Z",
        "environment": "shop-two",
        "environment_id": 1,
        "kind": "inbox",
    },
}


@pytest.mark.parametrize("kind", READ_ONLY)
def test_no_field_is_set_that_is_not_offered(world, other, kind):
    person = make_person(world.environment, "environment-admin")
    grant_role(person, other.environment, "environment-admin")  # of both: a row is moved by nobody
    row = world.rule if kind == "rules" else world.target
    model = AlertRule if kind == "rules" else Target
    before = model.objects.filter(pk=row.pk).values().get()
    answer = Caller(person).patch(f"/api/v1/{kind}/{row.pk}", READ_ONLY[kind])
    assert answer.status_code in (200, 400), answer.content
    after = model.objects.filter(pk=row.pk).values().get()
    for name in ("id", "environment_id", "builtin", "created_at", "kind", "failing_since"):
        assert before.get(name) == after.get(name), name


def test_a_token_is_made_for_its_maker_whatever_is_sent(world):
    victim, caller = make_person(), Caller(make_person(world.environment, "viewer"))
    body = {"name": "x", "user": victim.pk, "user_id": victim.pk, "expires_at": "2099-01-01T00:00:00Z", "digest": "x"}
    assert caller.post("/api/v1/tokens", body).status_code == 201
    made = ApiToken.objects.get(name="x")
    assert made.user == caller.person
    assert made.expires_at.year < 2099
    assert not ApiToken.objects.filter(user=victim).exists()


def test_ids_of_others_in_every_parameter_find_nothing(world, other):
    """Each address of the API and each of its parameters, with what belongs to another environment."""
    caller = Caller(make_person(world.environment, "environment-admin"))
    schema = sign_in(make_person()).get(reverse("api-schema"), {"format": "json"}).json()
    theirs = {
        "id": [other.rule.pk, other.target.pk, other.incident.pk, other.session.pk, other.journey.pk],
        "slug": [other.slug], "environment": [other.slug], "reference": [other.record.reference],
        "session": ["s-1"], "journey": ["j-1"], "rule": [other.rule.pk], "target": [other.target.pk],
    }  # fmt: skip
    own = {world.rule.pk, world.target.pk, world.incident.pk, world.session.pk, world.journey.pk}
    asked = 0
    for address, methods in schema["paths"].items():
        for method, described in methods.items():
            if method != "get":
                continue
            names = [found["name"] for found in described.get("parameters", [])]
            for name in [*names, "environment"]:
                for value in theirs.get(name, [other.slug, other.incident.pk]):
                    if value in own:
                        continue
                    path = address.replace(f"{{{name}}}", str(value))
                    for rest in ("id", "slug", "reference"):
                        path = path.replace(f"{{{rest}}}", str(theirs[rest][0]))
                    answer = caller.get(path, **({} if f"{{{name}}}" in address else {name: value}))
                    asked += 1
                    assert answer.status_code < 500, (path, name, value)
                    text = answer.content.decode()
                    assert f"event of {other.slug}" not in text
                    assert f"({other.slug})" not in text, (path, name, value)
                    assert f"shop of {other.slug}" not in text, (path, name, value)
    assert asked > 50


def test_targets_of_others_cannot_be_put_into_a_rule(world, other):
    caller = Caller(make_person(world.environment, "environment-admin"))
    assert caller.patch(f"/api/v1/rules/{world.rule.pk}", {"targets": [other.target.pk]}).status_code == 400
    assert not world.rule.targets.exists()
    assert Incident.objects.filter(pk=other.incident.pk, state="triggered").exists()
