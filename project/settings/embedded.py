"""What `manage.py up` keeps in the data folder: addresses of embedded services and generated secrets."""

import json
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from project.settings.env import read_text

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(read_text("DIAGNOSTICS_DATA", str(BASE_DIR / ".data")))


def read_embedded_url(name: str) -> str:
    """`database_url` or `redis_url` of the embedded services that run now, or empty."""
    try:
        found = json.loads((DATA_DIR / "embedded.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(found.get(name, ""))


def keep_secret(name: str) -> str:
    """A random secret, made on first use and kept in the data folder, readable by its owner alone."""
    path = DATA_DIR / name
    try:
        DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"cannot keep {name} in {DATA_DIR}: {error.strerror}; set SECRET_KEY instead"
        ) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret := secrets.token_urlsafe(48))
    return secret
