"""ASGI: ingest addresses to the ingest application, sockets to Channels, everything else to Django."""

import gc
import os
import sys
import warnings

# WhiteNoise reads its files in a thread; they are small.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()  # sets Django up: what follows needs its models

from channels.routing import ProtocolTypeRouter

from diagnostics.ingest.app import IngestApp
from diagnostics.live.sockets import sockets
from project.bounded import BoundedBodies

application = IngestApp(ProtocolTypeRouter({"http": BoundedBodies(django_application), "websocket": sockets}))

# What is loaded by now stays: the collector need not walk it again and again. Records make no cycles, so looking for
# cycles less often costs no memory.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)

# A large body is prepared in a thread of its own. The event loop and the writers, which wait for the interpreter at each
# step, get it after a fifth of Python's usual five milliseconds: the database is fed sooner, small requests are answered
# sooner, and ingest gains some 5% for it.
sys.setswitchinterval(0.001)
