"""Making a new PostgreSQL cluster. One that was interrupted half-way is made again."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from project.up import processes
from project.up.errors import ServiceError
from project.up.place import Place
from project.up.processes import Command

MAKE_SECONDS = 120


def ensure_cluster(place: Place, owner: str, *, secret_file: Path, durable: bool) -> str:
    """The owner's password; makes the cluster where there is none."""
    if not (place.cluster / "PG_VERSION").exists():
        secret_file.unlink(missing_ok=True)
        secret_file.touch(mode=0o600)
        secret_file.write_text(secrets.token_urlsafe(24))
        make_cluster(place, owner, secret_file.read_text(), durable=durable)
    try:
        return secret_file.read_text().strip()
    except FileNotFoundError:
        raise ServiceError(
            f"{secret_file} is missing: it holds the password of the data in {place.cluster}. "
            "Bring it back, or move that folder away to start empty."
        ) from None


def make_cluster(place: Place, owner: str, password: str, *, durable: bool) -> None:
    """Run initdb beside the final place and move the result there: a cluster is whole or absent."""
    draft = place.home / "cluster.new"
    shutil.rmtree(draft, ignore_errors=True)
    with tempfile.NamedTemporaryFile("w", dir=place.home) as password_file:
        password_file.write(password)
        password_file.flush()
        if place.user:
            os.fchown(password_file.fileno(), pwd.getpwnam(place.user).pw_uid, -1)
        words: list[str | Path] = [
            place.install / "bin" / "initdb", "-D", draft, "-U", owner, "--pwfile", password_file.name,
            "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C", "--no-instructions",
            # Sorted by code point as C is, but with capitals of all letters: searches do not regard case.
            "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
        ]  # fmt: skip
        env = {**os.environ, "LC_ALL": "C"}
        command = Command("initdb", words if durable else [*words, "--no-sync"], env, place.user, Path("/"))
        run_initdb(command)
    draft.rename(place.cluster)


def run_initdb(command: Command) -> None:
    """Run it to its end; its words when it fails."""
    process = processes.start(command)
    try:
        output, _ = process.communicate(timeout=MAKE_SECONDS)
    except subprocess.TimeoutExpired:
        processes.kill_group(process.pid)
        output, _ = process.communicate()
    if process.returncode != 0:
        raise ServiceError(f"PostgreSQL could not make its data folder:\n{output.decode(errors='replace')}")
