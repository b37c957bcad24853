"""The level that a bare line tells of: as JSON, logfmt and klog write it, else a word where loggers put it, at its beginning."""

import re
from typing import Any, Final

import orjson

from diagnostics.core import severity
from diagnostics.ingest.formats.native import find_severity

READ: Final = 300  # characters in which a level is looked for
JSON_LINE: Final = 16_384  # characters of a line that is read as JSON
KLOG: Final = re.compile(r"([IWEF])\d{4} \d\d:\d\d:\d\d")
LOGFMT: Final = re.compile(
    r'(?:^|[\s{,])(?:level|lvl|severity|loglevel|log\.level|log_level)="?([A-Za-z]{1,13}\d?)"?(?=[\s,}]|$)'
)
WORD: Final = "trace|debug|info|notice|warn|warning|error|fatal|critical"
STAMP: Final = r"(?:\d[\w:.,+/-]{3,40}|[A-Z][a-z]{2} [ \d]\d)"
# First the word, behind nothing but times and brackets. A sentence may hold such a word anywhere else.
BEGINS: Final = re.compile(
    rf"(?:\W{{0,3}}{STAMP}\W{{1,3}}){{0,3}}(?:\[[^\]]{{1,40}}\]\s{{1,3}}){{0,2}}\W{{0,3}}(?i:({WORD}))(?=[\]\s:|>),;.!]|$)"
)
# Behind a time, loggers also put hosts, threads and their own name before it; there it is in capitals.
BEHIND: Final = re.compile(rf"\W{{0,3}}{STAMP}\s+(?:\S{{1,60}}\s+){{0,4}}\W?({WORD.upper()})\b")


def level_in(line: str) -> int | None:
    """A severity number, or None where the line tells none."""
    if line.startswith("{"):
        return level_in_json(line)
    head = line[:READ]
    if match := KLOG.match(head) or LOGFMT.search(head):
        return severity.parse_severity(match[1])
    match = BEGINS.match(head) or BEHIND.match(head)
    return severity.parse_severity(match[1]) if match else None


def level_in_json(line: str) -> int | None:
    """Under the names that plain JSON knows."""
    try:
        found: Any = orjson.loads(line) if len(line) <= JSON_LINE else None
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return None
    named = find_severity(found) if isinstance(found, dict) else None
    return named[1] if named else None
