"""The whole product as processes of its own, on a database of its own, for tests that look from outside."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from project.settings.embedded import BASE_DIR
from project.up.options import Options
from project.up.ports import free_port
from project.up.product import make_environment, manage, serve_web, wait_for_web
from project.up.supervisor import Child, Supervisor
from tests.databases.template import address_of, copy_template, drop_copy

SECRET_KEY = "only for tests: long enough to be taken, worth nothing to anybody else"


@dataclass
class Product:
    """A running product; `url` has no slash at its end."""

    url: str
    env: dict[str, str]
    options: Options
    supervisor: Supervisor
    port: int
    log: Path
    children: dict[str, Child] = field(default_factory=dict)
    provisioned: dict[str, dict[str, str]] = field(default_factory=dict)

    def manage(self, *words: str) -> str:
        """Run a management command; what it printed."""
        done = subprocess.run(
            [sys.executable, BASE_DIR / "manage.py", *words], env=self.env, cwd=BASE_DIR, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def provision(self, slug: str, role: str = "environment-admin", kind: str = "production") -> dict[str, str]:
        """An environment with a key, and a person of that role in it."""
        if slug not in self.provisioned:
            printed = self.manage(
                "provision", slug, "--kind", kind, "--user", f"{role}-{slug}", "--role", role, "--json"
            )
            self.provisioned[slug] = json.loads(printed)
        return self.provisioned[slug]

    def provision_ahead(self, *slugs: str, role: str = "environment-admin") -> None:
        """Several, as `provision` makes them: starting the command takes longer than what it does."""
        script = f"""
from django.core.management import call_command
for slug in {slugs!r}:
    call_command("provision", slug, kind="production", user=f"{role}-{{slug}}", role="{role}", json=True)
"""
        for line in self.manage("shell", "-v", "0", "-c", script).splitlines():
            found = json.loads(line)
            self.provisioned[found["environment"]] = found


@contextmanager
def running_product(
    folder: Path, *, database: str, worker: bool = True, web_processes: int = 1, **settings: str
) -> Iterator[Product]:
    """Set up a migrated database, start web and worker; stop them and drop the database afterwards."""
    copy_template(database)
    port = free_port()
    options = Options(base=BASE_DIR, data=folder / "data", demo=False, web_processes=web_processes)
    os_env = {
        "DATABASE_URL": address_of(database),
        "SECRET_KEY": SECRET_KEY,
        "DEMO": "0",
        "HTTPS": "0",
        "DELIVERY_ALLOWED_NETWORKS": "127.0.0.0/8",
        "DELIVERY_ALLOW_HTTP": "1",
        **settings,
    }
    env = {**make_environment(options, port), **os_env}
    supervisor = Supervisor(output=None)
    product = Product(f"http://127.0.0.1:{port}", env, options, supervisor, port, folder / "product.log")
    try:
        product.manage("setup")
        commands = [manage(options, env, "qcluster", name="worker")] if worker else []
        for command in (*commands, serve_web(options, port, env)):
            product.children[command.name] = supervisor.add(replace(command, log=product.log))
        wait_for_web("127.0.0.1", port, supervisor)
        yield product
    finally:
        supervisor.stop_all()
        drop_copy(database)
