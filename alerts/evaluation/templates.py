"""Which message patterns rules watch, each as a series of its own. Pure: looked up once for an evaluation or a backtest.

Rules that name a pattern get that one. For rules that watch every pattern, those that came first have a place each; what
is beyond is counted together, by service and level, and the rule says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from alerts.evaluation.series import Series
from alerts.models import AlertRule
from diagnostics.core.severity import lowest_of
from diagnostics.detection.templates.ids import read_id

WATCHED: Final = 1_000  # patterns of an environment that are series of their own
Signal = AlertRule.Signal


@dataclass(frozen=True, slots=True)
class Templates:
    """`places`: the series that a pattern's records are counted under, by its id. `roots`: what a pattern that was joined
    to another is counted as. `levels`: the worst severity of each series. `folded`: patterns without a series of their own."""

    places: Mapping[int, Series] = field(default_factory=dict)
    roots: Mapping[int, int] = field(default_factory=dict)
    levels: Mapping[Series, int] = field(default_factory=dict)
    folded: int = 0

    def wants(self, rule: AlertRule, series: Series) -> bool:
        """Whether a rule that watches patterns looks at this one."""
        if rule.template:
            return series == self.place_of(rule.template)
        return self.levels.get(series, 0) >= lowest_level(rule)

    def place_of(self, reference: str) -> Series | None:
        """The series of a pattern that a rule names."""
        number = read_id(reference)
        return self.places.get(self.roots.get(number, number))

    def only(self, series: Series) -> "Templates":
        """The patterns that are counted under one series."""
        return Templates({number: place for number, place in self.places.items() if place == series})

    def has_moved(self, before: "Templates") -> bool:
        """Whether a pattern that was counted before is counted elsewhere, or not at all."""
        return any(self.places.get(number) != series for number, series in before.places.items())


NO_TEMPLATES: Final = Templates()


def watches_all(rule: AlertRule) -> bool:
    """Whether it is about every pattern."""
    return rule.signal == Signal.TEMPLATE_RECORDS and not rule.template


def named_by(rules: list[AlertRule]) -> set[int]:
    """Ids that rules name."""
    return {read_id(rule.template) for rule in rules if rule.signal == Signal.TEMPLATE_RECORDS and rule.template}


def lowest_level(rule: AlertRule) -> int:
    """The severity that a pattern's worst record has at least."""
    return lowest_of(
        rule.level or (AlertRule.Level.WARN if rule.signal == Signal.NEW_TEMPLATES else AlertRule.Level.TRACE)
    )
