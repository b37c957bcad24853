"""For container health checks: `healthcheck.py HOST ready` or `healthcheck.py HOST worker`; exit code 0 means well.

It asks as the TLS proxy would: for the public host name, over https. Standard library only, so that it costs little.
"""

import http.client
import json
import os
import sys
from urllib.parse import urlsplit


def is_well(host: str, part: str) -> bool:
    """Whether records can be taken, or whether the worker's heart beats."""
    headers = {"Host": urlsplit(os.environ.get("PUBLIC_URL", "")).netloc or "localhost", "X-Forwarded-Proto": "https"}
    connection = http.client.HTTPConnection(host, 8000, timeout=4)
    try:
        connection.request("GET", "/readyz", headers=headers)
        answer = connection.getresponse()
        checks = json.loads(answer.read())["checks"]
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return False
    finally:
        connection.close()
    return answer.status == http.client.OK and (part == "ready" or checks[part]["status"] == "ok")


if __name__ == "__main__":
    sys.exit(0 if is_well(*sys.argv[1:3]) else 1)
