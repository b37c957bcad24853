"""Django's entry for this application."""

from django.apps import AppConfig

from project.forks import watch_forks


class ProjectConfig(AppConfig):
    """Named as people see it in admin."""

    name = "project"
    verbose_name = "Diagnostics"

    def ready(self) -> None:
        """Once, when Django has been set up."""
        watch_forks()
