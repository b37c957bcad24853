"""Settings, read from the environment once at start; one module a subject, gathered here."""

# Star imports are the one place where they are meant: Django reads settings as module names.
from project.settings.base import *  # noqa: F403
from project.settings.database import *  # noqa: F403
from project.settings.mail import *  # noqa: F403
from project.settings.product import *  # noqa: F403
from project.settings.queue import *  # noqa: F403
from project.settings.redis import *  # noqa: F403
from project.settings.security import *  # noqa: F403
from project.settings.sign_in import *  # noqa: F403
from project.settings.theme import *  # noqa: F403
