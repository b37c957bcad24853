"""What the message pattern says that a rule names, for who may see records."""

from alerts.evaluation.template_rows import cut
from alerts.models import AlertRule
from diagnostics.core.access import Person, has_perm
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
