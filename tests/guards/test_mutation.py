"""The matrix notices when a door is open: take the restriction away, and its check must fail.

A sample in each run; all doors with ALL_DOORS=1 (`make mutation`).
"""

import os
from unittest.mock import patch

import pytest

from diagnostics.ingest import app as ingest_app
from diagnostics.live import gate
from tests.factories import make_user
from tests.guards import doors
from tests.guards.asking import client_of
from tests.guards.matrix import (
    ADMIN_ACTS,
    API,
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
)
from tests.guards.mutation import without_restriction

pytestmark = pytest.mark.django_db
SAFE = {"get"}


def is_restricted(needed):
    """Open to nobody is no restriction to take away: the row is missing for administrators, too."""
    return needed not in (OPEN, NOBODY)


def all_mutations():
    """(check's name, the address's name, methods)."""
    for name, (needed, method, _) in PAGES.items():
        if is_restricted(needed):
            yield f"page {name}", name, {method}
    for name in REVEAL:
        yield f"reveal {name}", name, {"post"}
    for name, (needed, method, _) in API.items():
        if is_restricted(needed):
            yield f"api {name}", name, {method}
    for name in API_CHANGES:
        yield f"change {name}", name, {"patch"}
        yield f"change {name}", name, {"delete"}
    for name, needed in API_LISTS.items():
        if is_restricted(needed):
            yield f"list {name}", name, SAFE
    for model, (_, change, row) in MODELS.items():
        yield f"admin {model} changelist", f"admin:{model}_changelist", SAFE
        if change != NOBODY and model not in NEVER_ADDED:
            yield f"admin {model} add", f"admin:{model}_add", SAFE
        if row is not None:
            yield f"admin {model} change", f"admin:{model}_change", SAFE
            yield f"admin {model} history", f"admin:{model}_history", SAFE
            if change != NOBODY and model not in NEVER_DELETED:
                yield f"admin {model} delete", f"admin:{model}_delete", SAFE
                yield f"several {model}", f"admin:{model}_changelist", {"post"}
    for name in sorted(FRAME & {"admin:index", "admin:app_list"}):
        yield f"frame {name}", name, SAFE
    for name in ADMIN_ACTS:
        yield f"act {name}", name, SAFE


MUTATIONS = sorted((check, name, tuple(sorted(methods))) for check, name, methods in all_mutations())
EVERY = 1 if os.environ.get("ALL_DOORS") else 12
AT_ONCE = 20
FIRST = {check.split()[0]: (check, *rest) for check, *rest in reversed(MUTATIONS)}  # of each kind of door
CHOSEN = sorted({*MUTATIONS[::EVERY], *FIRST.values()})


def survives(scene, settings, check, name, methods):
    """Whether the check does not notice."""
    ask, *arguments = doors.DOORS[check]
    with without_restriction(settings, name, methods):
        scene.clients = {who: client_of(person) for who, person in scene.people.items()}
        scene.bare_clients = {who: client_of(person, renders=False) for who, person in scene.people.items()}
        try:
            ask(scene, *arguments)
        except AssertionError:
            return False
    return True


@pytest.mark.parametrize("start", range(0, len(CHOSEN), AT_ONCE))
def test_an_open_door_is_noticed(scene, settings, start):
    make_user("whoever", is_superuser=True)
    survived = [mutation for mutation in CHOSEN[start : start + AT_ONCE] if survives(scene, settings, *mutation)]
    assert survived == []


def test_every_kind_of_door_is_among_the_sample():
    assert {check.split()[0] for check, _, _ in CHOSEN} >= {"page", "api", "admin", "list"} or EVERY == 1
    assert len(MUTATIONS) > 100


def test_a_closed_door_passes(scene, settings):
    """The middleware itself breaks nothing: with no door open, the same check holds."""
    make_user("whoever", is_superuser=True)
    assert survives(scene, settings, "page logs", "no such door", ("get",))


@pytest.mark.django_db(transaction=True)
async def test_an_open_socket_is_noticed(transactional_db):
    from tests.guards.test_sockets import everybody_asks

    def admit_all(person, session, slug):
        environment = gate.Environment.objects.get(slug=slug)
        return gate.Viewer(0, "", environment.pk, slug, ())

    with patch("diagnostics.live.consumers.admit", admit_all), pytest.raises(AssertionError):
        await everybody_asks()


@pytest.mark.django_db(transaction=True)
async def test_an_open_ingest_address_is_noticed(transactional_db):
    from tests.guards.test_ingest import anybody_sends

    with patch.object(ingest_app, "cached_holder", lambda text: (True, "anybody")), pytest.raises(AssertionError):
        await anybody_sends("/api/v1/logs")
