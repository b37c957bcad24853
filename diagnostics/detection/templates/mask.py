"""The long look at a line: everything that can be told to vary from the line alone becomes `<*>`.

One pattern. No alternative has a second way to match the same text, and every look ahead is bounded, so the time is
linear in the line. It runs in Python's own engine: RE2 is as safe, and slower when called from Python for short lines.
"""

import re
from typing import Final

WILD: Final = "<*>"
TOKENS: Final = 100  # kept of a line
MORE: Final = "…"  # stands for the others

STARTS: Final = r'(?=["<0-9+\-a-fA-F])'  # of any alternative: asked first, it halves the time
HEX: Final = "[0-9a-fA-F]"
# Quoted text varies, but an access log's quoted request is the message itself.
QUOTED: Final = r'"(?!(?:GET|POST|PUT|HEAD|DELETE|PATCH|OPTIONS)\b)[^"\n]{0,200}"'
UUID: Final = rf"{HEX}{{8}}-(?:{HEX}{{4}}-){{3}}{HEX}{{12}}"
ADDRESS: Final = r"(?<!\.)\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.])"
# Letters and digits of a hexadecimal id; a word of the letters alone (`decade`) is a word.
MIXED: Final = rf"(?={HEX}{{0,128}}[a-fA-F]){HEX}{{6,128}}\b"
IDS: Final = rf"(?<!\w)(?={HEX}{{0,128}}\d)(?:{UUID}|0x{HEX}+|{MIXED}|{ADDRESS})"
NUMBER: Final = r"(?:(?<![A-Za-z0-9)\]])[-+])?\d+(?:[.:,]\d+)*"  # the dash of `eu-1` is no sign
UNIT: Final = r"(?:[ ]?(?:[KMGT]i?B|bytes?|B|ns|us|µs|ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?|days?)(?!\w))?"  # 1.2 MB, 12 ms
# A number with its unit, and the same once more for people: "1536 bytes (1.5 KB)", "<1 sec".
QUANTITY: Final = rf"(?=[-+<0-9])(?:<(?=\d))?{NUMBER}{UNIT}(?:[ ]\({NUMBER}{UNIT}\))?"

VARIES: Final = re.compile(f"{STARTS}(?:{QUOTED}|{IDS}|{QUANTITY})")


def mask_line(line: str) -> tuple[str, ...]:
    """The line's tokens, what varies as `<*>`."""
    tokens = VARIES.sub(WILD, line).split()
    return tuple(tokens) if len(tokens) <= TOKENS else (*tokens[:TOKENS], MORE)
