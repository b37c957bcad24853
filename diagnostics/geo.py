"""The IP-to-region database of this installation: where it lies, what it is, how it is put in place and taken up.

A file in MMDB format that the operator brings; nothing is asked outside. A new file is noticed without a restart.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final

import maxminddb

from diagnostics.core import clock
from diagnostics.core.errors import BadInput
from diagnostics.core.options import option
from diagnostics.pipeline.context import Locate, locate_nowhere
from diagnostics.pipeline.enrich.geo import open_locator, read_region

MOST_BYTES: Final = 2 * 1024**3
OLD: Final = timedelta(days=180)  # addresses move: an older file tells wrong regions
TRIED: Final = (
    "1.1.1.1",
    "8.8.8.8",
    "9.9.9.9",
    "193.0.6.139",
    "200.160.2.3",
    "2001:4860:4860::8888",
    "2001:67c:2e8:22::c100:68b",
)


@dataclass(frozen=True, slots=True)
class GeoStatus:
    """What there is."""

    path: str
    problem: str = ""  # empty: it works
    kind: str = ""
    built_at: datetime | None = None

    @property
    def is_old(self) -> bool:
        """Whether it should be replaced."""
        return self.built_at is not None and clock.now() - self.built_at > OLD

    @property
    def attribution(self) -> str:
        """What the licence of a known free database asks for."""
        return "IP geolocation by DB-IP (db-ip.com)" if self.kind.startswith("DBIP") else ""


def database_path() -> Path:
    """Where the file lies, or would lie."""
    return Path(option("GEO_DATABASE"))


def present_locator() -> Locate:
    """The function from address to region; a file that was replaced is opened anew."""
    path = database_path()
    try:
        found = path.stat()
    except OSError:
        return locate_nowhere
    return cached_locator(str(path), found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=1)
def cached_locator(path: str, _changed: int, _size: int) -> Locate:
    """One for each version of the file."""
    return open_locator(path)


def read_status() -> GeoStatus:
    """For commands and pages."""
    path = database_path()
    if not path.is_file():
        return GeoStatus(str(path), "no IP-to-country file is installed")
    return inspect(path)


def inspect(path: Path) -> GeoStatus:
    """What a file is, from its own description."""
    try:
        with maxminddb.open_database(str(path)) as reader:
            about = reader.metadata()
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        return GeoStatus(str(path), f"not a database in MMDB format ({type(error).__name__})")
    return GeoStatus(str(path), "", about.database_type, datetime.fromtimestamp(about.build_epoch, UTC))


def install(source: Path) -> GeoStatus:
    """Check the file and put it in place in one step; BadInput says what is wrong with it."""
    if not source.is_file():
        raise BadInput(f"{source}: there is no such file")
    if source.stat().st_size > MOST_BYTES:
        raise BadInput(f"{source}: larger than 2 GiB; use a country or city database, not one of every address")
    status = inspect(source)
    if status.problem:
        raise BadInput(f"{source}: {status.problem}; unpack it first if it ends in .gz or .tar.gz")
    if not knows_countries(source):
        raise BadInput(f"{source}: a database of type {status.kind or 'unknown'}, which tells no countries")
    target = database_path()
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, beside)
    beside.replace(target)
    return read_status()


def knows_countries(path: Path) -> bool:
    """Whether any of a few well-known addresses, or of the first networks in the file, has a country."""
    with maxminddb.open_database(str(path)) as reader:
        for address in TRIED:
            if ":" in address and reader.metadata().ip_version == 4:
                continue
            if read_region(reader.get(address))[0]:
                return True
        networks = iter(reader)
        return any(read_region(entry)[0] for _, (_network, entry) in zip(range(1000), networks, strict=False))
