"""What set-up, `provision` and admin do to a new environment beyond making it: rules and a first target."""

from alerts.evaluation.builtin import ensure_builtin_rules
from alerts.models import Target
from diagnostics.environments import ensure_role_groups, find_or_create_environment
from diagnostics.models import Environment


def provision_environment(slug: str, kind: str = Environment.Kind.DEVELOPMENT) -> Environment:
    """Find or make an environment that works: roles, built-in rules, the inbox."""
    environment = find_or_create_environment(slug, kind)
    furnish(environment)
    return environment


def furnish(environment: Environment) -> None:
    """Idempotent."""
    ensure_role_groups(environment)
    ensure_builtin_rules(environment)
    Target.objects.get_or_create(environment=environment, kind="inbox", defaults={"name": "Inbox"})
