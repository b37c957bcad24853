"""`manage.py provision`: an environment with a key, and a person with a role and a token, for scripts."""

import json
import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, transaction

from diagnostics.core.permissions import ROLES
from diagnostics.environments import find_or_create_environment, grant_role
from diagnostics.ingest.keys import issue_key
from diagnostics.models import Environment
from diagnostics.privacy.audit import record_event
from diagnostics.tokens import issue_token


class Command(BaseCommand):
    help = "Create or find an environment and issue an ingest key; with --user also a person, a role and an API token."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the environment: small letters, digits, dashes")
        parser.add_argument("--kind", choices=Environment.Kind.values, default=Environment.Kind.DEVELOPMENT)
        parser.add_argument("--user", metavar="NAME", help="create or find this person")
        parser.add_argument("--role", choices=list(ROLES), default="viewer", help="of the person in the environment")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **flags: Any) -> None:
        try:
            with transaction.atomic():
                found = provision(flags["slug"], flags["kind"], flags["user"], flags["role"])
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        except OperationalError as error:
            raise CommandError("The database does not answer: run `make up`, or set DATABASE_URL.") from error
        if flags["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write("\n".join(f"{name:>12}  {value}" for name, value in found.items() if value))


def provision(slug: str, kind: str, name: str | None, role: str) -> dict[str, str | None]:
    """Everything asked for. The password is only known for a person who was made now."""
    environment = find_or_create_environment(slug, kind)
    _, ingest_key = issue_key(environment, "provisioned")
    record_event(None, "key.create", "provisioned", environment)
    found: dict[str, str | None] = {
        "environment": environment.slug, "ingest_key": ingest_key, "user": None, "password": None, "api_token": None,
    }  # fmt: skip
    if name:
        users = get_user_model().objects
        user = users.filter(username=name).first()
        if user is None:
            found["password"] = secrets.token_urlsafe(12)
            user = users.create_user(name, password=found["password"])
        grant_role(user, environment, role)
        record_event(None, "access.grant", f"{name} {role}", environment)
        token, found["api_token"] = issue_token(user, "provisioned")
        record_event(None, "token.create", f"token {token} of {name}")
        found["user"] = name
    return found
