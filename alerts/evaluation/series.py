"""Whose signal it is: a service, one of its routes or releases, a message pattern, or the environment as a whole."""

from typing import Final, NamedTuple

from alerts.models import AlertRule

GroupBy = AlertRule.GroupBy
TEMPLATE: Final = "template"  # the grouping of rules that watch message patterns: each is a series of its own
# As plain texts: a member of an enumeration is slow to find, and a backtest asks for each minute of three months.
OF_TEMPLATES: Final = AlertRule.Signal.TEMPLATE_RECORDS.value
BY_NOTHING: Final = GroupBy.NOTHING.value
BY_SERVICE: Final = GroupBy.SERVICE.value
BY_ROUTE: Final = GroupBy.ROUTE.value
BY_RELEASE: Final = GroupBy.RELEASE.value


class Series(NamedTuple):
    """Empty parts mean all."""

    service_name: str = ""
    http_route: str = ""
    release: str = ""
    template: str = ""

    @property
    def name(self) -> str:
        """As stored and shown: 'shop', 'shop /pay', 'shop 2.4.1'."""
        return " ".join(filter(None, self))


ALL = Series()


def series_named(name: str) -> Series:
    """The series of a stored name, where nothing but the name is left of it."""
    service, _, route = name.partition(" ")
    return Series(service, route)


def group_series(group_by: str, whole: Series) -> Series:
    """The series that a rollup row belongs to under a grouping."""
    if group_by == BY_SERVICE:
        return Series(whole.service_name)
    if group_by == BY_ROUTE:
        return Series(whole.service_name, whole.http_route)
    if group_by == BY_RELEASE:
        return Series(whole.service_name, "", whole.release)
    return ALL


def grouping_of(rule: AlertRule) -> str:
    """The rule's grouping; a rule of one service never looks at the environment as a whole."""
    if rule.signal == OF_TEMPLATES:
        return TEMPLATE
    group_by = rule.group_by
    return BY_SERVICE if group_by == BY_NOTHING and rule.service_name else group_by
