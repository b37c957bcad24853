"""Formats of log lines. Each reads one line into the fields of a plain JSON record, or says that it is not its own (None).

combined   nginx and Apache: common, combined, with the host in front (vhost_combined), with more behind; the request time where
           it comes first there
json       one JSON object a line
syslog     RFC 5424 and RFC 3164, also with the time as RFC 3339 (as rsyslog writes files)
python     the usual formats of Python's logging, and gunicorn's
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

Fields = dict[str, Any]
ReadLine = Callable[[str, datetime], Fields | None]

COMBINED: Final = re.compile(
    r"(?:\S{1,255}:\d{1,5} )?(?P<client>\S{1,100}) \S{1,200} (?P<user>\S{1,200}) \[(?P<time>[^\]]{10,40})\] "
    r'"(?:(?P<method>[A-Z]{1,16}) (?P<target>\S.{0,4000}?)(?: HTTP/\d(?:\.\d)?)?|(?P<other>[^"]{0,4000}))" (?P<status>\d{3}) '
    r"(?P<size>\d{1,15}|-)"
    r'(?: "(?P<referer>(?:[^"\\]|\\.){0,4000})" "(?P<agent>(?:[^"\\]|\\.){0,2000})")?(?: "?(?P<seconds>\d{1,6}\.\d{1,6})"?)?'
    r"(?: .{0,2000})?"
)
SYSLOG_5424: Final = re.compile(
    r"<(?P<priority>\d{1,3})>1 (?P<time>\S{1,40}) (?P<host>\S{1,255}) (?P<app>\S{1,48}) (?P<pid>\S{1,128}) (?P<id>\S{1,32}) "
    r'(?P<data>-|(?:\[(?:[^\]"\\]|"(?:[^"\\]|\\.)*"|\\.)*\])+) ?(?P<text>.*)',
    re.DOTALL,
)
SYSLOG_3164: Final = re.compile(
    r"(?:<(?P<priority>\d{1,3})>)?(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{8,24}) (?P<host>\S{1,255}) "
    r"(?P<app>[^\s:\[]{1,100})(?:\[(?P<pid>\d{1,10})\])?: ?(?P<text>.*)",
    re.DOTALL,
)
PARAMETER: Final = re.compile(r' ([^\s="\]]{1,32})="((?:[^"\\]|\\.)*)"', re.DOTALL)
ELEMENT: Final = re.compile(r'\[(?P<name>[^\s=\]"]{1,64})(?P<rest>(?:[^\]"\\]|"(?:[^"\\]|\\.)*"|\\.)*)\]', re.DOTALL)
ESCAPED: Final = re.compile(r'\\(["\\\]])')
LEVEL: Final = r"(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)"
STAMP: Final = (
    r"\[?(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?)\]?(?: \[\d{1,10}\])?"
)
PYTHON: Final = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rf"{STAMP}[\s:-]+\[?{LEVEL}\]?[\s:-]+"
        r"\[?(?P<logger>[\w.]{1,200})\]?(?:\s*[:-]\s+)(?P<text>.*)",
        rf"{STAMP} - (?P<logger>[\w.]{{1,200}}) - {LEVEL} - (?P<text>.*)",
        rf"{STAMP}[\s:-]+\[?{LEVEL}\]?[\s:-]+(?P<text>.*)",
        rf"{LEVEL}:(?P<logger>[\w.]{{1,200}}):(?P<text>.*)",
    )
)
# RFC 5424: emergency, alert, critical, error, warning, notice, informational, debug.
SYSLOG_LEVELS: Final = (24, 22, 21, 17, 13, 10, 9, 5)


def read_combined(line: str, now: datetime) -> Fields | None:
    """An access log's line; its level follows from the status."""
    match = COMBINED.fullmatch(line.rstrip())
    if match is None:
        return None
    found = match.groupdict()
    try:
        moment = datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z")
    except ValueError:
        return None
    status = int(found["status"])
    path = (found["target"] or "").partition("?")[0]
    request = f"{found['method']} {found['target']}" if found["method"] else found["other"]
    fields: Fields = {
        "timestamp": moment.isoformat(),
        "severity_number": 17 if status >= 500 else 13 if status >= 400 else 9,
        "message": f"{request} {status}",
        "http.response.status_code": status,
        "client.address": found["client"],
        "http.request.method": found["method"],
        "url.path": path,
        "user_agent.original": found["agent"],
        "user_id": None if found["user"] == "-" else found["user"],
        "http.response.body.size": None if found["size"] == "-" else int(found["size"]),
        "http.request.header.referer": None if found["referer"] in (None, "-", "") else found["referer"],
        "duration_ms": float(found["seconds"]) * 1000 if found["seconds"] else None,
    }
    return {name: value for name, value in fields.items() if value not in (None, "")}


def read_json(line: str, now: datetime) -> Fields | None:
    """An object; its fields are understood as those of the plain JSON address."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def read_syslog(line: str, now: datetime) -> Fields | None:
    """Either RFC; 3164 knows no year: it is the last one in which the date is not in the future."""
    match = SYSLOG_5424.fullmatch(line)
    if match is not None:
        moment = None if match["time"] == "-" else match["time"]
    else:
        match = SYSLOG_3164.fullmatch(line)
        if match is None:
            return None
        moment = match["time"] if match["time"][0].isdigit() else read_short_time(match["time"], now)
    fields: Fields = {
        **read_structured(match.groupdict()),
        "timestamp": moment,
        "service": None if match["app"] == "-" else match["app"],
        "host.name": None if match["host"] == "-" else match["host"],
        "process.pid": None if match["pid"] in (None, "-") else match["pid"],
        "message": match["text"].removeprefix("\ufeff"),
        "severity_number": SYSLOG_LEVELS[int(match["priority"]) % 8] if match["priority"] else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def read_structured(found: dict[str, str | None]) -> Fields:
    """Message id and structured data of RFC 5424 as attributes: `syslog.origin.ip`. An element's name may end in the number of
    whoever has made it up, which says nothing."""
    fields: Fields = {} if found.get("id") in (None, "-") else {"syslog.msgid": found["id"]}
    for element in ELEMENT.finditer(found.get("data") or ""):
        name = element["name"].partition("@")[0]
        for parameter, value in PARAMETER.findall(element["rest"]):
            fields[f"syslog.{name}.{parameter}"] = ESCAPED.sub(r"\1", value)
    return fields


def read_short_time(text: str, now: datetime) -> str | None:
    """'Jan  2 03:04:05' as RFC 3339."""
    for year in (now.year, now.year - 1):
        try:
            moment = datetime.strptime(f"{year} {text}", "%Y %b %d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            continue  # the 29th of February
        if moment <= now + timedelta(days=1):
            return moment.isoformat()
    return None


def read_python(line: str, now: datetime) -> Fields | None:
    """'time level logger: text', 'time - logger - level - text', 'level:logger:text'."""
    for pattern in PYTHON:
        match = pattern.fullmatch(line)
        if match is not None:
            found = match.groupdict()
            fields = {
                "timestamp": (found.get("time") or "").replace(" +", "+").replace(" -", "-"),
                "level": found["level"],
                "logger": found.get("logger"),
                "message": found["text"],
            }
            return {name: value for name, value in fields.items() if value}
    return None


LINE_FORMATS: Final[dict[str, ReadLine]] = {
    "combined": read_combined,
    "json": read_json,
    "syslog": read_syslog,
    "python": read_python,
}


def detect(lines: Iterable[str], now: datetime) -> str | None:
    """The format that reads most of these lines; None when none reads any."""
    sample = list(lines)
    counts = {name: sum(read(line, now) is not None for line in sample) for name, read in LINE_FORMATS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else None
