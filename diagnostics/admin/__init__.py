"""The admin of environments, keys, people and what is looked up."""

from diagnostics.admin import environments, keys, people, records

__all__ = ["environments", "keys", "people", "records"]
