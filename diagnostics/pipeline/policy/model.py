"""The compiled policy: small, immutable, and shared by all requests of its environment until it is changed."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from diagnostics.pipeline.policy.endings import Endings
from diagnostics.pipeline.policy.patterns import Replace, compile_pattern
from diagnostics.pipeline.policy.wildcards import compile_names

# Detectors that an environment may switch off -> the markers they leave. Credentials are no matter of taste: always on.
DETECTORS: Final[dict[str, tuple[str, ...]]] = {
    "email": ("email",),
    "phone": ("phone",),
    "card": ("card",),
    "iban": ("iban",),
    "ip": ("ip",),
    "national-id": ("national-id", "ssn"),
    "name": ("name",),
    "address": ("address",),
    "birthdate": ("birthdate",),
}
REMEMBERED: Final = 4_096  # names whose action is known without asking the patterns


class Action(StrEnum):
    """What happens to an attribute that the policy names."""

    ALLOW = "allow"  # kept as it came, not looked at
    MASK = "mask"  # [masked]
    PSEUDONYMISE = "pseudonymise"  # a keyed hash: equal values stay equal
    RESTRICT = "restrict"  # encrypted, into the restricted fields
    DROP = "drop"  # gone without a trace


@dataclass(frozen=True, slots=True)
class KeyRule:
    """One line: an action, and a name in which `*` stands for anything."""

    action: Action
    name: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of the environment's own; what it finds becomes `[name]`."""

    name: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What is different from what every environment does. The first rule that fits a name decides."""

    off: frozenset[str] = frozenset()  # of DETECTORS
    keys: tuple[KeyRule, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    journey: str = ""  # the attribute that carries the journey
    endings: Endings | None = None  # what ends one well; None: nothing is said
    restrict_address: bool = False  # keep the whole client address among the restricted fields
    restrict_agent: bool = False  # the same for the user agent
    kept_markers: frozenset[str] = field(init=False)
    replaces: tuple[Replace, ...] = field(init=False, repr=False, compare=False)
    _fits: tuple[object, ...] = field(init=False, repr=False, compare=False)
    _known: dict[str, Action | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile once."""
        markers = frozenset(marker for name in self.off for marker in DETECTORS[name])
        object.__setattr__(self, "kept_markers", markers)
        object.__setattr__(self, "replaces", tuple(compile_pattern(item.name, item.pattern) for item in self.patterns))
        object.__setattr__(self, "_fits", tuple(compile_names((rule.name,)) for rule in self.keys))
        object.__setattr__(self, "_known", {})

    @property
    def is_default(self) -> bool:
        """Whether it changes nothing."""
        return not (self.journey or self.endings or self.changes_redaction)

    @property
    def changes_redaction(self) -> bool:
        """Whether records must go its own way; naming a journey and its end alone does not ask for that."""
        return bool(self.off or self.keys or self.patterns or self.restrict_address or self.restrict_agent)

    def action_of(self, name: str) -> Action | None:
        """What to do with an attribute; None: what is done everywhere."""
        known = self._known
        try:
            return known[name]
        except KeyError:
            found = next((rule.action for rule, fits in zip(self.keys, self._fits, strict=True) if fits(name)), None)  # type: ignore[operator]
            if len(known) < REMEMBERED:
                known[name] = found
            return found
