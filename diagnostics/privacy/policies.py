"""Policies: read from what people write, checked, and compiled to what the pipeline takes along."""

import re
from functools import lru_cache
from typing import Final

from django.core.exceptions import ValidationError

from diagnostics.core.access import Person
from diagnostics.models import Environment, PrivacyPolicy
from diagnostics.pipeline import aliases
from diagnostics.pipeline.policy import DETECTORS, Action, KeyRule, Pattern, Policy, make_endings
from diagnostics.pipeline.policy.patterns import UnsafePatternError, check_pattern
from diagnostics.pipeline.policy.way import PERSONAL
from diagnostics.pipeline.policy.wildcards import NAME_CHARS
from diagnostics.privacy.changes import tracked_change
from diagnostics.privacy.endings import read_endings

MOST_KEYS: Final = 200
MOST_PATTERNS: Final = 20
STARS: Final = 4  # in a name
PATTERN_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,29}")
TAKEN: Final = frozenset({*DETECTORS, "password", "secret", "token", "masked", "restricted", "pseudonym", "unscanned"})


def ensure_policy(environment: Environment) -> None:
    """Each environment has its row, so that there is something to edit."""
    PrivacyPolicy.objects.get_or_create(environment=environment)


def save_policy(actor: Person, row: PrivacyPolicy) -> None:
    """Save it, with what it was before in the access event; senders' keys are believed for some seconds more."""
    with tracked_change(actor, row, "policy"):
        row.save()


def policy_of(environment: Environment) -> Policy | None:
    """The compiled policy; None where nothing is different, which costs nothing."""
    row = PrivacyPolicy.objects.filter(environment=environment).first()
    if row is None:
        return None
    policy = compile_policy(row)
    return None if policy.is_default else policy


def compile_policy(row: PrivacyPolicy) -> Policy:
    """The same object for the same words, so that what it remembers lasts."""
    return build_policy(
        tuple(sorted(row.detectors_off)), row.keys, row.patterns, row.journey, row.restrict_address, row.restrict_agent,
        row.journey_ends,
    )  # fmt: skip


@lru_cache(maxsize=256)
def build_policy(
    off: tuple[str, ...],
    keys: str,
    patterns: str,
    journey: str,
    restrict_address: bool,
    restrict_agent: bool,
    endings: str = "",
) -> Policy:
    """From checked words."""
    return Policy(
        off=frozenset(off) & frozenset(DETECTORS),
        keys=tuple(read_keys(keys)),
        patterns=tuple(read_patterns(patterns)),
        journey=journey.strip(),
        endings=make_endings(read_endings(lines_of(endings))),
        restrict_address=restrict_address,
        restrict_agent=restrict_agent,
    )


def read_keys(text: str) -> list[KeyRule]:
    """ValidationError names the line and the way out."""
    found = [read_key(number, line) for number, line in lines_of(text)]
    if len(found) > MOST_KEYS:
        raise ValidationError(f"{len(found)} lines; at most {MOST_KEYS}. One line with “*” can stand for many names.")
    return found


def read_key(number: int, line: str) -> KeyRule:
    """One line."""
    word, _, name = line.replace(":", " ", 1).partition(" ")
    name = name.strip()
    actions = ", ".join(Action)
    if word.lower() not in set(Action):
        raise ValidationError(f"line {number}: begin with one of {actions}")
    if not name or len(name) > NAME_CHARS or any(sign.isspace() for sign in name):
        raise ValidationError(f"line {number}: name one attribute, without blanks, at most {NAME_CHARS} characters")
    if name.count("*") > STARS or not name.strip("*."):
        raise ValidationError(f"line {number}: a name needs letters, and at most {STARS} stars")
    action = Action(word.lower())
    if action in (Action.ALLOW, Action.MASK, Action.PSEUDONYMISE) and aliases.LIFTS.get(name, "") in PERSONAL:
        raise ValidationError(
            f"line {number}: {name} always becomes a pseudonym, a network or a device; you can restrict it (kept beside "
            "that, encrypted) or drop it"
        )
    return KeyRule(action, name)


def read_patterns(text: str) -> list[Pattern]:
    """The same for patterns."""
    found = [read_pattern(number, line) for number, line in lines_of(text)]
    names = [item.name for item in found]
    if len(found) > MOST_PATTERNS:
        raise ValidationError(f"{len(found)} patterns; at most {MOST_PATTERNS}. “|” joins several into one.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ValidationError(f"there are two patterns called {twice}; a marker must say which one it was")
    return found


def read_pattern(number: int, line: str) -> Pattern:
    """One line."""
    name, colon, pattern = line.partition(":")
    name, pattern = name.strip(), pattern.strip()
    if not colon or PATTERN_NAME.fullmatch(name) is None:
        raise ValidationError(f"line {number}: write “name: pattern”, the name in small letters, digits and dashes")
    if name in TAKEN:
        raise ValidationError(f"line {number}: [{name}] is a marker of ours; choose another name")
    try:
        check_pattern(name, pattern)
    except UnsafePatternError as error:
        raise ValidationError(f"line {number}, {name}: {error}") from error
    return Pattern(name, pattern)


def lines_of(text: str) -> list[tuple[int, str]]:
    """(number, line) without blank lines and remarks."""
    numbered = enumerate((line.strip() for line in text.splitlines()), 1)
    return [(number, line) for number, line in numbered if line and not line.startswith("#")]
