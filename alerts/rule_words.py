"""What the message pattern says that a rule names, for who may see records."""

from collections.abc import Iterable

from alerts.evaluation.template_rows import cut
from alerts.models import AlertRule
from diagnostics.core.access import Person, has_perm, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.detection.templates.ids import read_id
from diagnostics.models import Environment, Template


def words_for(person: Person, rule: AlertRule) -> str:
    """What the pattern says that the rule names, for who may see records; else nothing."""
    if rule.signal != AlertRule.Signal.TEMPLATE_RECORDS or not rule.template or rule.environment_id is None:
        return ""
    found = (
        find_template(rule.environment, rule.template) if has_perm(person, rule.environment, Perm.VIEW_LOGS) else None
    )
    return cut(found.text) if found else ""


def tell_words(person: Person, rules: Iterable[AlertRule]) -> dict[int, str]:
    """The same for many rules at once, by the rule's number: one statement for all patterns."""
    named = {rule.pk: (rule.environment_id, number) for rule in rules if (number := number_in(rule)) is not None}
    if not named:
        return {}
    own = Template.objects.filter(environment__in=visible_environments(person, Perm.VIEW_LOGS))
    rows = own.filter(template_id__in=[number for _, number in named.values()])
    joined = own.filter(template_id__in=rows.filter(merged_into__isnull=False).values("merged_into"))
    found = {(row.environment_id, row.template_id): row for row in rows | joined}
    words = {}
    for pk, key in named.items():
        if (row := found.get(key)) is not None:
            words[pk] = cut(found.get((key[0], row.merged_into or 0), row).text)
    return words


def number_in(rule: AlertRule) -> int | None:
    """The number of the pattern that the rule names; None where it names none, or none that can be read."""
    if rule.signal != AlertRule.Signal.TEMPLATE_RECORDS or not rule.template:
        return None
    try:
        return read_id(rule.template)
    except ValueError:
        return None


def find_template(environment: Environment, reference: str) -> Template | None:
    """The pattern, or the one that it was joined to; None where it is not known (yet)."""
    try:
        number = read_id(reference)
    except ValueError:
        return None
    rows = Template.objects.filter(environment=environment)
    found = rows.filter(template_id=number).first()
    if found is None or found.merged_into is None:
        return found
    return rows.filter(template_id=found.merged_into).first() or found
