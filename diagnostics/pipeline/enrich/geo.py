"""Country and region from an offline database in MMDB format. Absent or broken: the fields stay empty, and it is said."""

import logging
from functools import lru_cache
from typing import Any

import maxminddb

from diagnostics.pipeline.context import Locate, Region, locate_nowhere

logger = logging.getLogger(__name__)


def open_locator(path: str) -> Locate:
    """A function from address to region; it reads the file through memory mapping and remembers answers."""
    if not path:
        return locate_nowhere
    try:
        reader = maxminddb.open_database(path)
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        logger.warning("GEO_DATABASE cannot be read (%s); regions stay empty.", type(error).__name__)
        return locate_nowhere

    @lru_cache(maxsize=8_192)
    def locate(address: str) -> Region:
        try:
            return read_region(reader.get(address))
        except (ValueError, maxminddb.InvalidDatabaseError):
            return "", ""

    return locate


def read_region(entry: Any) -> Region:
    """Country and region codes in the layouts that free databases use."""
    if not isinstance(entry, dict):
        return "", ""
    country = entry.get("country") or entry.get("country_code") or ""
    if isinstance(country, dict):
        country = country.get("iso_code", "")
    parts = entry.get("subdivisions")
    region = parts[0].get("iso_code", "") if isinstance(parts, list) and parts and isinstance(parts[0], dict) else ""
    region = region or entry.get("region_code") or entry.get("state1") or ""
    return str(country)[:2].upper(), str(region)[:60]
