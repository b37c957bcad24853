"""Django's entry for this application."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps

from project.forks import watch_forks


class AdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site in place of its own."""

    default = False
    default_site = "project.admin_site.DiagnosticsAdminSite"


class ProjectConfig(AppConfig):
    """Named as people see it in admin."""

    name = "project"
    default = True
    verbose_name = "Diagnostics"

    def ready(self) -> None:
        """Once, when Django has been set up."""
        from project.sign_in.trail import follow  # models are there only now

        watch_forks()
        follow()
