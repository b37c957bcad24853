"""Security headers: a strict Content-Security-Policy on our own pages; what the admin's theme needs stays there."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PLAIN = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# Where the browser knows Trusted Types, no text becomes script or a script's address (static/diagnostics/trusted.js).
STRICT = f"{PLAIN}; require-trusted-types-for 'script'; trusted-types default"
# The admin's theme (django-unfold) sets styles inline and evaluates expressions in its markup.
ADMIN = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# The API's page draws with styles of its own; its script is a file of ours.
API_DOCS = PLAIN.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

# Features that no page of ours uses; no window of another site holds ours, and no other site loads our answers. Passkeys
# (publickey-credentials-*) are allowed to ourselves alone, which is what browsers do unless told otherwise.
UNUSED = (
    "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope",
    "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
ALWAYS = {
    # What a person sees is kept for nobody else, and shown again only after asking. Going back needs no asking.
    "Cache-Control": "private, no-cache",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in UNUSED),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class SecurityHeadersMiddleware:
    """Adds the policy to each answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers added."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy_for(request.path))
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        return response


def policy_for(path: str) -> str:
    """The policy of an address."""
    if path.startswith("/admin/"):
        return ADMIN
    return API_DOCS if path.startswith("/api/docs/") else STRICT
