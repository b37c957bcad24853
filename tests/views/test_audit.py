"""The audit page: filtered, exported safely, verified, put back."""

import ast
import csv
import io

import orjson
import pytest
from django.apps import apps
from django.conf import settings
from django.urls import reverse

from alerts.changes import save_rule
from alerts.models import AlertRule
from diagnostics.models import AccessEvent, PrivacyJob
from diagnostics.privacy.audit import ACTION_KINDS, record_event
from diagnostics.privacy.changes import kind_of
from tests.people import client_with, make_person, sign_in
from tests.views.reading import read
from tests.world import make_world

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://evil.example")']


@pytest.fixture
def world(db):
    return make_world("shop-one")


@pytest.fixture
def other(db):
    return make_world("shop-two")


@pytest.fixture
def boss(world):
    return make_person(world.environment, "environment-admin")


@pytest.fixture
def client(boss):
    return sign_in(boss)


def look(client, world, **params):
    return client.get(reverse("audit", args=[world.slug]), params)


def subjects(answer):
    return [event.subject for event, _ in answer.context["events"]]


def exported(client, world, **params):
    answer = look(client, world, **params)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    return b"".join(answer.streaming_content)


def test_it_finds_by_who_what_words_and_time(world, boss, client):
    record_event(boss, "reveal", "record xyz", world.environment)
    record_event(None, "key.create", "key one", world.environment)
    record_event(None, "key.revoke", "key one", world.environment)
    assert subjects(look(client, world, actor=boss.username)) == ["record xyz"]
    assert subjects(look(client, world, action="key")) == ["key one", "key one"]
    assert [event.action for event, _ in look(client, world, action="key.revoke").context["events"]] == ["key.revoke"]
    assert subjects(look(client, world, q="XYZ")) == ["record xyz"]
    assert subjects(look(client, world, since="2099-01-01")) == []
    assert "not a time" in read(look(client, world, since="yesterday")).text
    assert "no place" in read(look(client, world, before="x")).text


def test_it_shows_its_own_environment_alone_and_everything_to_superusers(world, other, client, superuser):
    record_event(None, "sign-in", "of nobody's environment")
    assert "event of shop-one" in subjects(look(client, world))
    assert "event of shop-two" not in subjects(look(client, world))
    everything = subjects(superuser.get(reverse("audit-everywhere")))
    assert {"event of shop-one", "event of shop-two", "of nobody's environment"} <= set(everything)
    assert client.get(reverse("audit-everywhere")).status_code == 404


def test_pages_go_back_without_gaps(world, client, monkeypatch):
    from diagnostics.views import audit

    monkeypatch.setattr(audit, "PAGE", 3)
    for number in range(7):
        record_event(None, "test", f"n{number}", world.environment)
    found, before = [], ""
    while before != "" or not found:
        answer = look(client, world, q="n", action="test", before=before)
        found += [subject for subject in subjects(answer) if subject.startswith("n")]
        before = answer.context["next"]
    assert found == [f"n{number}" for number in reversed(range(7))]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_spreadsheet_runs_what_it_exports(world, client, formula):
    record_event(None, "test", formula, world.environment, typed=formula)
    rows = list(csv.DictReader(io.StringIO(exported(client, world, format="csv").decode(), newline="")))
    row = next(row for row in rows if row["action"] == "test" and formula in row["subject"])
    assert row["subject"] == f"'{formula}"
    for cell in [cell for row in rows for cell in row.values()]:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell


def test_an_export_holds_what_the_page_would_show_and_is_written_down_first(world, other, client, boss):
    lines = [orjson.loads(line) for line in exported(client, world, format="json", action="test").splitlines()]
    assert [line["subject"] for line in lines] == ["event of shop-one"]
    assert lines[0]["digest"]
    event = AccessEvent.objects.get(action="audit.export")
    assert (event.actor, event.environment, event.detail) == (
        boss, world.environment, {"filters": {"action": "test"}},
    )  # fmt: skip
    assert "shop-two" not in exported(client, world, format="csv").decode()


def test_exporting_asks_who_is_there_when_the_last_proof_is_old(world, client, settings):
    settings.SUDO_SECONDS = 0
    assert look(client, world, format="csv").status_code == 302
    assert not AccessEvent.objects.filter(action="audit.export").exists()


def test_it_says_whether_the_trail_is_whole(world, client):
    assert "The trail is whole" in read(look(client, world, verify=1)).text
    AccessEvent.objects.filter(sequence=None).delete()
    from tests.privacy.test_chain import behind_the_back

    behind_the_back("DELETE FROM diagnostics_accessevent WHERE sequence = 2")
    assert "event 2 was removed" in read(look(client, world, verify=1)).text


def test_before_and_after_are_shown_and_put_back(world, boss, client):
    world.rule.threshold = 33
    save_rule(boss, world.rule)
    text = read(look(client, world)).text
    assert "10.0" in text
    assert "33.0" in text
    event = AccessEvent.objects.filter(action="rule.change").latest("id")
    answer = client.post(reverse("audit-revert", args=[event.pk]), {"next": "/account/"})
    assert answer.url == "/account/"
    assert AlertRule.objects.get(pk=world.rule.pk).threshold == 10
    assert client.post(reverse("audit-revert", args=[event.pk]), {"next": "//evil.example"}).url == reverse("home")


def test_who_may_change_the_row_puts_it_back_and_nobody_else(world, other):
    address = reverse("audit-revert", args=[world.change.pk])
    for role, status in (("developer", 302), ("viewer", 404), ("privacy-officer", 404)):
        assert client_with(world.environment, role).post(address).status_code == status, role
    assert client_with(other.environment, "environment-admin").post(address).status_code == 404
    assert client_with(world.environment, "environment-admin").get(address).status_code == 405


# Rows that are called so where no annotation says what they are.
ROWS = {"form.instance": AlertRule, "rule": AlertRule}
# Actions that are put together elsewhere, by the place: what they begin with.
PUT_TOGETHER = {
    "diagnostics/privacy/jobs.py": PrivacyJob.Kind.values,
    "diagnostics/privacy/changes.py": [],  # of tracked rows: below
    "diagnostics/admin/grants.py": ["access"],
    "alerts/changes.py": ["rule", "target", "silence"],
    "sessions_app/snapshots/by_hand.py": ["snapshot"],
    "project/sign_in/trail.py": ["factor"],
}


def calls(*names):
    """(file, call, annotations of the arguments around it) of each call of these functions."""
    for app in ("diagnostics", "alerts", "sessions_app", "project"):
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            for around in ast.walk(ast.parse(path.read_text())):
                if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
                    known = {each.arg: ast.unparse(each.annotation) for each in around.args.args if each.annotation}
                    for call in ast.walk(around):
                        if isinstance(call, ast.Call) and ast.unparse(call.func) in names:
                            yield str(path.relative_to(settings.BASE_DIR)), call, known


def beginnings(node):
    """What an action may begin with, as far as the code spells it out; None where it does not."""
    if isinstance(node, ast.IfExp):
        return [found for each in (node.body, node.orelse) for found in beginnings(each) or [None]]
    first = node.values[0] if isinstance(node, ast.JoinedStr) else node
    return [first.value.split(".")[0]] if isinstance(first, ast.Constant) else None


def models_of(row, known):
    """What a tracked row may be a row of."""
    models = {model.__name__: model for model in apps.get_models()}
    name = ast.unparse(row)
    if known.get(name) in models:
        return [models[known[name]]]
    if name in ROWS:
        return [ROWS[name]]
    assert name == "row", f"say in ROWS what {name} is a row of"
    return [apps.get_model(label) for label in settings.DIAGNOSTICS["CHANGES"]]  # of whatever can be put back


def test_every_kind_that_is_written_down_can_be_chosen():
    written = set()
    for path, call, _ in calls("record_event"):
        action = (
            call.args[1] if len(call.args) > 1 else next(each.value for each in call.keywords if each.arg == "action")
        )
        found = beginnings(action)
        assert found or path in PUT_TOGETHER, f"{path}:{call.lineno}: say in PUT_TOGETHER what its actions begin with"
        written |= set(found or PUT_TOGETHER[path])
    for _, call, known in calls("tracked_change", "record_change"):
        kinds = [each.value for each in call.args[2:3] if isinstance(each, ast.Constant)]
        written |= set(kinds or map(kind_of, models_of(call.args[1], known)))
    assert {"monitor", "view", "policy", "key", "environment", "erase", "suggestion"} <= written
    assert written <= set(ACTION_KINDS)
    assert set(ACTION_KINDS) <= written  # none is offered that nothing writes
