"""The admin of environments, keys, people and what is looked up."""

from diagnostics.admin import environments, grants, keys, people, policies, records, trail

__all__ = ["environments", "grants", "keys", "people", "policies", "records", "trail"]
