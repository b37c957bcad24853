"""What sessions_app stores."""

from sessions_app.models.journey import Journey
from sessions_app.models.log_session import LogSession

__all__ = ["Journey", "LogSession"]
