"""What the person asked for, by environment variables and flags."""

import os
from dataclasses import dataclass
from pathlib import Path

MOST_BY_DEFAULT = 4  # web processes; each takes some 150 MB


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
    web_processes: int = 1


def default_processes() -> int:
    """Web processes where nothing is said: one a core that we may use, within reason."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_BY_DEFAULT)
