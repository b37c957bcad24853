"""In the admin, too, what is forbidden and what is missing look alike: to somebody who may do everything, elsewhere."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse

from diagnostics.models import AccessEvent, ApiToken, LogRecord, Span
from diagnostics.tokens import issue_token
from tests.guards.doors import undone
from tests.guards.matrix import MODELS

pytestmark = pytest.mark.django_db
MISSING = 987_654_321
PEOPLE = (User,)  # everybody who manages access sees all of them: that is how roles are given
ROWS = {
    ApiToken: lambda scene: issue_token(scene.people["superuser"], "somebody's")[0],
    AccessEvent: lambda scene: scene.world.change,
    LogRecord: lambda scene: scene.world.record,
    Span: lambda scene: scene.world.span,
}


def row_of(model, scene):
    """One that the neighbour may not see."""
    return ROWS[model](scene) if model in ROWS else MODELS[model._meta.label_lower.replace(".", "_")][2](scene.world)


def test_every_registered_model_answers_alike_for_what_is_forbidden_and_what_is_missing(scene):
    client = scene.bare_clients["neighbour"]
    for model in admin.site._registry:
        if model in PEOPLE:
            continue
        there = row_of(model, scene).pk
        for view in ("history", "delete", "change"):
            for method in ("get", "post"):
                answers = []
                for key in (there, MISSING):
                    with undone():
                        answer = getattr(client, method)(
                            reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_{view}", args=[key])
                        )
                    answers.append((answer.status_code, answer.get("Location", "").replace(str(key), "")))
                said = f"{method} {view} of {model._meta.label}: {answers}"
                assert answers[0] == answers[1], said
                assert answers[0][0] in (302, 403, 404), said
