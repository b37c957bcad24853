"""Stack traces where they would stand in plain sight: inside other values, under general names, in the text itself.

They belong to the restricted fields. Whoever looks for them asks the cheap questions first: nearly no text holds one.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from diagnostics.core import limits
from diagnostics.pipeline.bounds import cut_text
from diagnostics.pipeline.redact.keys import Kind, classify_name

# Hold a message as often as a trace.
GENERAL: Final = frozenset({"exception", "exc", "@x", "full_message", "error", "err", "errorVerbose"})
TYPES: Final = ("type", "name", "exc_type")  # beside a trace: what was raised
FRAMES: Final = "frames"
PYTHON: Final = "Traceback (most recent call last):"
BODY_NAME: Final = "exception.stacktrace"
FRAME: Final = re.compile(
    r"\s+at .{1,500}(?:\)|:\d{1,7}|:line \d{1,7}|<anonymous>)\s*|\s*\.\.\. \d+ (?:more|common frames omitted).*|\s+--- End of .*|"
    r"\s+File \"[^\"]{1,500}\", line \d+.*|\t\S{1,500}\.go:\d+.*"
)
LEADS: Final = ("During handling of the above", "The above exception was")
GOROUTINE: Final = re.compile(r"goroutine \d+ \[.*\]:\s*")
# The same, for a first look at a whole text; in JSON its lines end in an escape.
GATE: Final = re.compile(
    r"Traceback \(most recent call last\)|(?:\n|\\n)(?:\s{1,16}|\\t)(?:at \S|File \\?\")|\ngoroutine \d|\n\t\S{1,500}\.go:\d"
)
RAISED: Final = re.compile(
    r"(?:Exception in thread \"[^\"\n]{0,200}\" |Uncaught |Caused by: )?((?=[\w.$]*[A-Z.])[^\W\d][\w.$]{0,199})(?::\s|:?$)"
)
JSON_CHARS: Final = limits.MIB  # of a text that is read as JSON
LOOKED_AT: Final = 4 * limits.BODY_CHARS  # of a text that is looked at line by line; what is beyond is not kept anyway
LAST_LINES: Final = 50  # of a trace, among which its exception is looked for: its message may have several


@dataclass(slots=True)
class Apart:
    """What was taken out of a value, by its path, and the error that it names."""

    found: dict[str, Any] = field(default_factory=dict)
    error_type: str = ""


def may_hold_trace(text: str) -> bool:
    """Whether a text has lines that look like frames."""
    return ("\n" in text or "\\n" in text) and GATE.search(text) is not None


def has_frames(text: str) -> bool:
    """Whether it really has: a closer look."""
    return (
        "\n" in text
        and may_hold_trace(text)
        and any(PYTHON in line or FRAME.fullmatch(line) or GOROUTINE.fullmatch(line) for line in text.split("\n"))
    )


def is_trace(name: str, value: Any) -> bool:
    """Whether what stands under a name belongs to the restricted fields."""
    if classify_name(name).kind is Kind.RESTRICTED:
        return True
    return name in GENERAL and type(value) is str and has_frames(value)


def holds_trace(value: Any, depth: int = 0) -> bool:
    """Whether anything inside of a value does."""
    if type(value) is dict:
        return depth < limits.DEPTH and any(
            (type(name) is str and is_trace(name, inner)) or holds_trace(inner, depth + 1)
            for name, inner in value.items()
        )
    return type(value) is list and depth < limits.DEPTH and any(holds_trace(inner, depth + 1) for inner in value)


def part(value: Any, path: str, apart: Apart, sign: str = "", depth: int = 0) -> Any:
    """A copy without the traces; `sign` stands in their place where it is given."""
    if depth >= limits.DEPTH or type(value) not in (dict, list):
        return value
    if type(value) is list:
        return [part(inner, f"{path}.{place}", apart, sign, depth + 1) for place, inner in enumerate(value)]
    kept: dict[Any, Any] = {}
    for name, inner in value.items():
        here = f"{path}.{name}" if path else str(name)
        if type(name) is str and is_trace(name, inner):
            apart.found[here] = inner
            if name == FRAMES or (type(inner) is str and may_hold_trace(inner)):
                apart.error_type = apart.error_type or type_beside(value)
            if sign:
                kept[name] = sign
        else:
            kept[name] = part(inner, here, apart, sign, depth + 1)
    return kept


def type_beside(error: dict[Any, Any]) -> str:
    """What an error's own fields call it."""
    said = [error.get(name) for name in TYPES]
    return next(
        (text for text in said if isinstance(text, str) and (match := RAISED.match(text)) and match[1] == text), ""
    )


def part_body(body: str, apart: Apart) -> str:
    """The text without the traces in it; what was raised stays."""
    if body.startswith("{") and len(body) <= JSON_CHARS:
        try:
            found = orjson.loads(body)
        except (orjson.JSONDecodeError, UnicodeEncodeError):
            found = None
        if holds_trace(found):
            return orjson.dumps(part(found, "", apart)).decode()
    return part_lines(body, apart) if "\n" in body[:LOOKED_AT] else body


def part_lines(body: str, apart: Apart) -> str:
    """Line by line: frames go, with them all that is indented behind a Python traceback's first line, and all behind a
    goroutine's."""
    lines = cut_text(body, LOOKED_AT).split("\n")
    kept: list[str] = []
    first, is_inside = len(lines), False
    for place, line in enumerate(lines):
        if GOROUTINE.fullmatch(line):
            first = min(first, place)
            break
        if PYTHON in line or is_frame(line) or (is_inside and (not line or line[0].isspace())):
            first = min(first, place)
            is_inside = is_inside or PYTHON in line
            continue
        is_inside = False
        if line or first == len(lines):
            kept.append(line)
    if first == len(lines):
        return body
    is_led = first > 0 and PYTHON not in lines[first]  # elsewhere the exception comes before its frames
    apart.found[BODY_NAME] = "\n".join(lines[first - 1 if is_led else first :])
    return "\n".join(kept).strip("\n") or "stack trace"


def is_frame(line: str) -> bool:
    """A frame, or what leads over to the next trace."""
    return FRAME.fullmatch(line) is not None or line.startswith(LEADS)


def raised_in(restricted: dict[str, Any]) -> str:
    """The error that a trace names: Python's in its last line, others' in their first."""
    for trace in restricted.values():
        if type(trace) is str and "\n" in trace and may_hold_trace(trace):
            lines = trace.strip().split("\n")
            asked = reversed(lines[-LAST_LINES:]) if PYTHON in trace else lines[:1]
            return next((match[1] for line in asked if (match := RAISED.match(line))), "")
    return ""
