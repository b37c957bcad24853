"""ASGI: sockets to Channels, ingest addresses to the ingest application, everything else to Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
