"""Secrets, hosts, cookies, transport and permission settings; strict unless the services are embedded."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from diagnostics.core import limits
from project.settings.database import EMBEDDED
from project.settings.embedded import keep_secret
from project.settings.env import read_bool, read_int, read_list, read_text, read_url

__all__ = [
    "ALLOWED_HOSTS", "ANONYMOUS_USER_NAME", "CSRF_COOKIE_SAMESITE", "CSRF_COOKIE_SECURE", "CSRF_TRUSTED_ORIGINS",
    "DATA_UPLOAD_MAX_MEMORY_SIZE", "GUARDIAN_MONKEY_PATCH_USER", "GUARDIAN_RAISE_403", "PUBLIC_URL", "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SECURE_CONTENT_TYPE_NOSNIFF", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "SECURE_HSTS_SECONDS",
    "SECURE_PROXY_SSL_HEADER", "SECURE_REFERRER_POLICY", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_AGE",
    "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "SESSION_COOKIE_SECURE", "TRUSTED_PROXIES", "X_FRAME_OPTIONS",
]  # fmt: skip

SECRET_KEY = read_text("SECRET_KEY") or (keep_secret("secret_key") if EMBEDDED else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is required when DATABASE_URL is given: set it to 50 or more random characters"
    )

# Keys that SECRET_KEY replaced: sessions signed and access events chained under them still count.
SECRET_KEY_FALLBACKS = read_list("SECRET_KEY_FALLBACKS")

# Where people reach the product: links in alerts start with it.
PUBLIC_URL = read_url(
    "PUBLIC_URL", f"http://127.0.0.1:{read_int('PORT', 8000, low=1, high=65535)}", schemes=("https", "http")
).rstrip("/")

HTTPS = read_bool("HTTPS", default=not EMBEDDED or PUBLIC_URL.startswith("https:"))
ALLOWED_HOSTS = read_list("ALLOWED_HOSTS") or [
    *({"localhost", "127.0.0.1", "[::1]"} if EMBEDDED else set()),
    urlsplit(PUBLIC_URL).hostname or "localhost",
]
CSRF_TRUSTED_ORIGINS = read_list("CSRF_TRUSTED_ORIGINS") or [PUBLIC_URL]
# Addresses of the reverse proxies whose X-Forwarded-For is believed; empty: nobody's.
TRUSTED_PROXIES = read_list("TRUSTED_PROXIES")

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12  # a working day: a shared on-call desk should not stay signed in
SECURE_SSL_REDIRECT = read_bool("SSL_REDIRECT", default=HTTPS)
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Asking browsers' makers to list a domain is hard to take back, and for the owner of the whole domain to decide.
SECURE_HSTS_PRELOAD = read_bool("HSTS_PRELOAD", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = limits.PAGE_BODY  # `project.bounded` has refused what is larger

# guardian: no row for anonymous people (it could hold permissions), no methods added to User.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_RAISE_403 = False
