"""Django's entry for this application."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Named as people see it in admin."""

    name = "project"
    verbose_name = "Diagnostics"
