"""What asking for permission costs: at most two statements a request, with many people, groups and environments."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostics.core import access, clock
from diagnostics.core.permissions import Perm
from diagnostics.grants import environment_permissions
from diagnostics.models import Environment, EnvironmentGroupGrant, EnvironmentUserGrant
from tests.api.calling import Caller
from tests.people import sign_in

pytestmark = pytest.mark.django_db
PEOPLE, GROUPS, ENVIRONMENTS = 10_000, 500, 200
GRANT_TABLES = ("diagnostics_environmentusergrant", "diagnostics_environmentgroupgrant")


@pytest.fixture
def crowd():
    """Many of everything; somebody in 50 groups, which open 100 environments, with grants of their own that ended."""
    environments = Environment.objects.bulk_create(
        Environment(slug=f"env-{number}", name=f"Env {number}", pseudonym_key=b"k" * 32)
        for number in range(ENVIRONMENTS)
    )
    groups = Group.objects.bulk_create(Group(name=f"group {number}") for number in range(GROUPS))
    people = User.objects.bulk_create(User(username=f"person-{number}") for number in range(PEOPLE))
    perms = list(environment_permissions().values())
    EnvironmentGroupGrant.objects.bulk_create(
        EnvironmentGroupGrant(
            group=group, content_object=environments[(number * 2 + step) % ENVIRONMENTS], permission=perm
        )
        for number, group in enumerate(groups)
        for step in range(2)
        for perm in perms
    )
    User.groups.through.objects.bulk_create(
        User.groups.through(user=person, group=groups[(number + step) % GROUPS])
        for number, person in enumerate(people)
        for step in range(3)
    )
    somebody = people[0]
    somebody.groups.add(*groups[:50])
    EnvironmentUserGrant.objects.bulk_create(
        EnvironmentUserGrant(
            user=person,
            content_object=environments[-1],
            permission=perms[0],
            expires_at=clock.now() - timedelta(hours=1),
        )
        for person in people[:2000]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return somebody, environments


def asked(queries):
    """Statements that read grants."""
    return [query["sql"] for query in queries if any(table in query["sql"] for table in GRANT_TABLES)]


def test_each_question_is_one_statement_and_a_list_is_cut_by_a_subquery(crowd):
    person, environments = crowd
    first = environments[0]
    questions = {
        "has_perm": lambda: access.has_perm(person, first, Perm.VIEW_LOGS),
        "held_perms": lambda: access.held_perms(person, first),
        "perms_anywhere": lambda: access.perms_anywhere(person),
        "perms_by_environment": lambda: access.perms_by_environment(person, environments),
        "access_environment": lambda: access.access_environment(person, first.slug, Perm.VIEW_LOGS),
        "visible_environments": lambda: list(access.visible_environments(person, Perm.VIEW_LOGS)),
        "visible": lambda: list(access.visible(Environment.objects.all(), person, Perm.VIEW_LOGS, "pk")),
    }
    for name, ask in questions.items():
        with CaptureQueriesContext(connection) as queries:
            assert ask(), name
        assert len(queries) == 1, name
        assert len(queries[0]["sql"]) < 8000, f"{name}: ids came through Python"
    found = list(access.visible_environments(person, Perm.VIEW_LOGS))
    assert len(found) == 100
    assert len({place.pk for place in found}) == 100
    assert environments[-1] not in found  # an ended grant


def is_check(sql):
    """Statements that only ask for permission: they read one environment by its slug, or the grants alone."""
    begins = sql[: sql.index(" FROM ")]
    reads_grants = any(table in begins for table in GRANT_TABLES)
    by_slug = '"diagnostics_environment"."slug" =' in sql
    return reads_grants or by_slug or begins.startswith("SELECT 1 ")


def test_a_page_asks_at_most_twice_beyond_its_frame(crowd):
    """Once for the page itself, once for what the person may do there; the frame's list of environments and counts of the
    inbox are data, cut by the same subquery."""
    person, environments = crowd
    client = sign_in(person)
    for name in (
        "overview", "logs", "errors", "live", "sessions", "journeys", "snapshots", "traces", "views", "incidents",
    ):  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name, args=[environments[0].slug])).status_code == 200
        checks = [sql for sql in asked(queries) if is_check(sql)]
        assert 0 < len(checks) <= 2, (name, checks)


def test_the_api_asks_at_most_twice(crowd):
    caller = Caller(crowd[0])
    for address in (
        "logs?environment=env-0",
        "errors",
        "traces?environment=env-0",
        "views",
        "sessions",
        "journeys",
        "snapshots",
        "incidents",
        "rules",
        "targets",
        "environments",
    ):
        with CaptureQueriesContext(connection) as queries:
            assert caller.client.get(f"/api/v1/{address}").status_code == 200
        assert 0 < len(asked(queries)) <= 2, (address, asked(queries))
