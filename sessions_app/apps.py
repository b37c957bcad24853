"""Django's entry for this application."""

from django.apps import AppConfig


class SessionsAppConfig(AppConfig):
    """Named as people see it in admin."""

    name = "sessions_app"
    verbose_name = "Sessions"
