"""Django's own question, `user.has_perm("diagnostics.view_logs", environment)`, answered by the one door.

Takes the place of guardian's backend, which knows nothing of grants that end.
"""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from diagnostics.core import access


class EnvironmentBackend(BaseBackend):
    """Permissions on environments; signs nobody in."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """With their app, as Django names them; none without an environment."""
        if obj is None or obj._meta.label_lower != "diagnostics.environment":
            return set()
        return {f"diagnostics.{perm.value}" for perm in access.held_perms(user_obj, obj)}

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the person holds it in this environment."""
        return perm in self.get_all_permissions(user_obj, obj)
