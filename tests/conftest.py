"""Shared fixtures; factories are plain functions in tests/factories.py."""
