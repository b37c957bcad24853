"""A fourth labelled set: the logs of a varied world, written line by line, with as many harmless look-alikes as private things."""

import re
from random import Random
from typing import Any, Final

from benchmarks.redaction.corpus import Case
from benchmarks.redaction.worlds import abroad, clean_infra, clean_web, infra, money, morning, night, people, web
from benchmarks.redaction.worlds.made import HARMLESS, PRIVATE, SHIFTS
from benchmarks.redaction.worlds.web import Line

Lines = dict[str, list[Line]]
MARK: Final = re.compile("«([a-z0-9_]+)(#[0-9])?(?:\\|([a-z0-9+]+))?»|‹(.*?)›", re.DOTALL)
PRIVATE_LINES: Final = web.LINES | infra.LINES | money.LINES | people.LINES
CLEAN_LINES: Final = clean_web.LINES | clean_infra.LINES
LEVELS: Final = ["DEBUG", "INFO", "INFO", "INFO", "WARN", "ERROR"]


class Filler:
    """Puts made values where a line has marks, and remembers what must go and what must stay."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.private: list[tuple[str, str]] = []
        self.keep: list[tuple[str, str]] = []
        self.same: dict[str, str] = {}

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.fill(name): self.fill(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.fill(part) for part in value]
        if not isinstance(value, str):
            return value
        text = MARK.sub(self.put, value)
        return int(text.removeprefix("int:")) if text.startswith("int:") else text

    def put(self, mark: re.Match[str]) -> str:
        kind, number, shift, kept = mark.groups()
        if kind is None:
            text = re.sub("=([a-z0-9_]+)", self.harmless, kept) if kept.startswith("=") else kept
            self.keep.append(("kept", text))
            return text
        category, make = PRIVATE[kind]
        text = self.same.setdefault(kind + number, make(self.random)) if number else make(self.random)
        for one in (shift or "").split("+"):
            text = SHIFTS[one](text) if one else text
        self.private += [(category, line) for line in lines_of(category, text)]
        return text

    def harmless(self, mark: re.Match[str]) -> str:
        return HARMLESS[mark[1]](self.random)


def lines_of(category: str, text: str) -> list[str]:
    """What must go of a value: of a key block its inner lines, of a name its words, else all of it."""
    if category == "pem":
        return [line for line in re.split(r"\n|\\+n|%0A", text) if line and not line.startswith("-----")]
    return text.split() if category == "name" else [text]


def make_world(seed: int, each: int = 1) -> list[Case]:
    """Every line with values made from the seed; a clean line's every text must stay as it is."""
    return make_lines(seed, each, PRIVATE_LINES, CLEAN_LINES)


def make_night(seed: int, each: int = 1) -> list[Case]:
    """The same of the fifth set."""
    return make_lines(seed, each, night.PRIVATE_LINES, night.CLEAN_LINES)


def make_morning(seed: int, each: int = 1) -> list[Case]:
    """The same of the sixth."""
    return make_lines(seed, each, morning.PRIVATE_LINES, morning.CLEAN_LINES)


def make_abroad(seed: int, each: int = 1) -> list[Case]:
    """The same of the seventh."""
    return make_lines(seed, each, abroad.PRIVATE_LINES, abroad.CLEAN_LINES)


def make_lines(seed: int, each: int, private: Lines, clean: Lines) -> list[Case]:
    random = Random(seed)
    lines = [(logger, line, True) for logger, line in all_of(private)] + [
        (logger, line, False) for logger, line in all_of(clean)
    ]
    return [make_case(random, logger, line, private=hides) for logger, line, hides in lines for _ in range(each)]


def all_of(lines: dict[str, list[Line]]) -> list[tuple[str, Line]]:
    return [(logger, line) for logger, some in lines.items() for line in some]


def make_case(random: Random, logger: str, line: Line, *, private: bool) -> Case:
    message, attributes = (line, {}) if isinstance(line, str) else line
    filler = Filler(random)
    record = {
        "timestamp": f"2026-0{random.randint(1, 9)}-{random.randint(10, 28)}T{random.randint(10, 23)}:{random.randint(10, 59)}:{random.randint(10, 59)}.{random.randint(100, 999)}Z",
        "level": random.choice(LEVELS),
        "logger": logger,
        "message": filler.fill(message),
        "attributes": filler.fill(attributes),
    }
    keep = filler.keep if private else [("line", text) for text in texts_of([record["message"], record["attributes"]])]
    assert private == bool(filler.private), line
    return Case(record, filler.private, keep)


def texts_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts_of(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts_of(part)]
    return [str(value)]
