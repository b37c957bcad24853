"""The privacy policy of a document."""

from alerts.as_code.document import DocumentError
from alerts.as_code.export import POLICY_FIELDS
from alerts.as_code.fields import all_values_of, check_row, set_values
from alerts.as_code.steps import Step, Values, step_of
from alerts.changes import Actor
from diagnostics.models import Environment, PrivacyPolicy
from diagnostics.privacy.changes import tracked_change
from diagnostics.privacy.policies import compile_policy, save_policy


def apply_policy(actor: Actor, environment: Environment, wanted: Values | None) -> list[Step]:
    """The privacy policy; what it does not name becomes what a new environment has."""
    if wanted is None:
        return []
    row = PrivacyPolicy.objects.filter(environment=environment).first() or PrivacyPolicy(environment=environment)
    before = all_values_of(row, POLICY_FIELDS)
    set_values(row, POLICY_FIELDS, wanted, "policy")
    check_row(row, "policy")
    try:
        compile_policy(row)
    except Exception as error:  # whatever the compiler refuses, it says why
        raise DocumentError(f"policy: {' '.join(getattr(error, 'messages', [str(error)]))}") from None
    found = step_of("policy", environment.slug, before, all_values_of(row, POLICY_FIELDS))
    if found and actor is not None:
        save_policy(actor, row)
    elif found:
        with tracked_change(None, row, "policy"):
            row.save()
    return found
