"""Releases: when each came to a service, what it carries, and whether it does better or worse than the one before it."""
