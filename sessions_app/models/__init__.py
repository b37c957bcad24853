"""What sessions_app stores."""

from sessions_app.models.journey import Journey
from sessions_app.models.log_session import LogSession
from sessions_app.models.snapshot import DueSnapshot, LeftOut, Snapshot

__all__ = ["DueSnapshot", "Journey", "LeftOut", "LogSession", "Snapshot"]
