"""ASGI: ingest addresses to the ingest application, sockets to Channels, everything else to Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()  # sets Django up: what follows needs its models

from channels.routing import ProtocolTypeRouter

from diagnostics.ingest.app import IngestApp
from diagnostics.live.sockets import sockets

application = IngestApp(ProtocolTypeRouter({"http": django_application, "websocket": sockets}))
