"""`manage.py setup`: make a migrated database ready; run by `up` at each start."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from diagnostics.environments import find_or_create_environment, furnish, grant_role
from diagnostics.ingest.keys import issue_key
from diagnostics.models import Environment
from diagnostics.storage.partitions import ensure_partitions
from project.schedules import ensure_schedules
from project.settings.env import read_bool
from project.up.lock import read_note, write_note

FIRST = (("production", Environment.Kind.PRODUCTION), ("staging", Environment.Kind.STAGING))


class Command(BaseCommand):
    help = "Partitions, schedules, roles; on the first run also environments, an administrator and an ingest key."

    def handle(self, *args: Any, **flags: Any) -> None:
        ensure_partitions()
        ensure_schedules()
        for environment in Environment.objects.all():
            furnish(environment)
        if get_user_model()._default_manager.exists():
            forget_password()
        else:
            self.first_run()

    def first_run(self) -> None:
        """An administrator with a random password, environments, and a key; kept where only the owner reads."""
        wanted = FIRST if read_bool("DEMO", default=True) else FIRST[:1]
        environments = [find_or_create_environment(slug, kind) for slug, kind in wanted]
        password = secrets.token_urlsafe(12)
        admin = get_user_model().objects.create_superuser("admin", password=password)
        keys = {}
        for environment in environments:
            grant_role(admin, environment, "environment-admin")
            keys[environment.slug] = issue_key(environment, "first key")[1]
        first = environments[0].slug
        path = settings.DATA_DIR / "credentials.json"
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        note = {
            "username": "admin",
            "password": password,
            "environment": first,
            "ingest_key": keys[first],
            "keys": keys,
            "demo": read_bool("DEMO", default=True),  # whether made-up traffic may be sent here, ever
        }
        write_note(path, {**read_note(path), **note})
        self.stdout.write(f"made the administrator 'admin'; the password is in {path}")


def forget_password() -> None:
    """The first password is kept, and printed, only as long as it is the password."""
    path = settings.DATA_DIR / "credentials.json"
    note = read_note(path)
    if "password" not in note:
        return
    user = get_user_model()._default_manager.filter(username=note.get("username")).first()
    if user is None or not user.check_password(note["password"]):
        del note["password"]
        write_note(path, note)
