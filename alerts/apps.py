"""Django's entry for this application."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Named as people see it in admin."""

    name = "alerts"
    verbose_name = "Alerts"
