"""The mail server that alerts go out by. Without EMAIL_HOST nothing is mailed, and e-mail targets say so."""

from project.settings.env import read_bool, read_int, read_text

__all__ = [
    "DEFAULT_FROM_EMAIL", "EMAIL_HOST", "EMAIL_HOST_PASSWORD", "EMAIL_HOST_USER", "EMAIL_PORT", "EMAIL_TIMEOUT",
    "EMAIL_USE_SSL", "EMAIL_USE_TLS",
]  # fmt: skip

EMAIL_HOST = read_text("EMAIL_HOST")
EMAIL_USE_SSL = read_bool("EMAIL_USE_SSL", default=False)  # TLS from the first byte, usually port 465
EMAIL_USE_TLS = read_bool("EMAIL_USE_TLS", default=not EMAIL_USE_SSL)  # STARTTLS, usually port 587
EMAIL_PORT = read_int("EMAIL_PORT", 465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25, low=1, high=65535)
EMAIL_HOST_USER = read_text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = read_text("EMAIL_HOST_PASSWORD")
EMAIL_TIMEOUT = read_int("EMAIL_TIMEOUT", 10, low=1, high=15)  # seconds for each wait: a worker must not hang
DEFAULT_FROM_EMAIL = read_text("EMAIL_FROM") or "diagnostics@localhost"
