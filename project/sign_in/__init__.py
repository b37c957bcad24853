"""Signing in, by django-allauth and django-axes: the addresses that are open, and what our accounts differ in."""
