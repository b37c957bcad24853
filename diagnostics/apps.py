"""Django's entry for this application."""

from django.apps import AppConfig


class DiagnosticsConfig(AppConfig):
    """Named as people see it in admin."""

    name = "diagnostics"
    verbose_name = "Diagnostics"
