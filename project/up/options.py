"""What the person asked for, by environment variables and flags."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """All that `up` needs to know; paths are absolute."""

    base: Path  # the clone
    data: Path
    host: str = "127.0.0.1"
    port: int | None = None
    demo: bool = True
    services_only: bool = False
    database_url: str = ""
    redis_url: str = ""
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
