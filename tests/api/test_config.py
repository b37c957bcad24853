"""The document over the API: what each may see and change of it, and that it reaches nothing of the server."""

import pytest

from alerts.as_code.document import MOST_BYTES
from alerts.models import AlertRule, Target
from tests.api.calling import caller_with

pytestmark = pytest.mark.django_db
RULE = "rules:\n- {slug: from-git, name: From git, signal: errors, threshold: 7}\n"


@pytest.fixture
def address(world):
    return f"/api/v1/environments/{world.slug}/config"


def post(caller, address, text, content_type="application/yaml", **params):
    query = "&".join(f"{name}={value}" for name, value in params.items())
    return caller.client.post(f"{address}?{query}", text, content_type=content_type)


def test_each_gets_the_sections_that_they_may_change(world, address, admin):
    developer = caller_with(world.environment, "developer").get(address)
    assert developer["Content-Type"].startswith("application/yaml")
    text = developer.content.decode()
    assert "rules:" in text
    assert "monitors:" in text
    assert "targets:\n" not in text
    assert "policy:" not in text
    whole = admin.get(address).content.decode()
    assert all(f"\n{name}:" in whole for name in ("targets", "rules", "monitors", "policy"))


def test_a_dry_run_then_the_change(world, address, admin):
    would = post(admin, address, RULE, dry_run=1)
    assert would.json()["dry_run"] is True
    (step,) = would.json()["changes"]
    assert (step["kind"], step["name"], step["verb"]) == ("rule", "from-git", "create")
    assert not AlertRule.objects.filter(slug="from-git").exists()
    assert post(admin, address, RULE, content_type="text/plain").json()["changes"] == [step]
    assert AlertRule.objects.get(slug="from-git").threshold == 7
    assert post(admin, address, RULE).json()["changes"] == []


def test_sections_need_their_permission(world, address):
    developer = caller_with(world.environment, "developer")
    for section in ("targets: []", "policy: {}"):
        answer = post(developer, address, section)
        assert answer.status_code == 400
        assert "needs manage_" in answer.content.decode()


@pytest.mark.parametrize("role", ["viewer", "support", "privacy-officer"])
def test_others_and_strangers_find_nothing(world, address, role):
    for caller in (caller_with(world.environment, role), caller_with(None, "")):
        assert caller.get(address).status_code == 404
        assert post(caller, address, RULE).status_code == 404
    assert not AlertRule.objects.filter(slug="from-git").exists()


def test_the_server_s_environment_and_files_are_out_of_reach(world, address, admin):
    for reference in ("{env: SECRET_KEY}", "{file: /etc/passwd}"):
        text = f"targets:\n- {{name: x, kind: webhook, secrets: {{signing_key: {reference}}}}}"
        answer = post(admin, address, text)
        assert answer.status_code == 400
        assert "over the API only `keep`" in answer.content.decode()
    assert not Target.objects.filter(name="x").exists()


@pytest.mark.parametrize(
    ("text", "status"), [(b"\xff\xfe", 400), (b"a: [", 400), (b"#" * (MOST_BYTES + 1), 400), (b"", 400)]
)
def test_bad_documents_are_refused(world, address, admin, text, status):
    assert post(admin, address, text).status_code == status
    assert post(admin, address, RULE, content_type="application/json").status_code == 415
    assert post(admin, address, RULE, dry_run="maybe").status_code == 400
