"""Signing in: passwords with lockout, a second factor, passkeys, and single sign-on by OpenID Connect."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from diagnostics.core.permissions import ROLES
from project.settings.env import read_bool, read_int, read_list, read_text, read_url
from project.settings.security import HTTPS

__all__ = [
    "ACCOUNT_ADAPTER", "ACCOUNT_EMAIL_VERIFICATION", "ACCOUNT_LOGIN_METHODS", "ACCOUNT_LOGOUT_REDIRECT_URL",
    "ACCOUNT_RATE_LIMITS", "ACCOUNT_REAUTHENTICATION_TIMEOUT", "ACCOUNT_SESSION_REMEMBER", "ACCOUNT_SIGNUP_FIELDS",
    "ACCOUNT_UNIQUE_EMAIL", "AXES_CLIENT_IP_CALLABLE", "AXES_COOLOFF_TIME", "AXES_DISABLE_ACCESS_LOG",
    "AXES_ENABLE_ADMIN", "AXES_FAILURE_LIMIT", "AXES_LOCKOUT_PARAMETERS", "AXES_LOCKOUT_TEMPLATE",
    "AXES_RESET_ON_SUCCESS", "AXES_SENSITIVE_PARAMETERS", "AXES_USERNAME_CALLABLE", "AXES_VERBOSE", "MFA_ADAPTER", "MFA_FORMS",
    "MFA_PASSKEY_LOGIN_ENABLED", "MFA_SUPPORTED_TYPES", "MFA_TOTP_ISSUER", "MFA_TOTP_TOLERANCE",
    "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", "OIDC_GROUPS_CLAIM", "OIDC_ROLE_MAP", "REQUIRE_SECOND_FACTOR",
    "SOCIALACCOUNT_ADAPTER", "SOCIALACCOUNT_EMAIL_AUTHENTICATION",
    "SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT", "SOCIALACCOUNT_EMAIL_VERIFICATION",
    "SOCIALACCOUNT_LOGIN_ON_GET", "SOCIALACCOUNT_PROVIDERS", "SUDO_SECONDS",
]  # fmt: skip

# Erasing, exporting, granting and revealing keys ask for the password or second factor when the last time is older.
SUDO_SECONDS = ACCOUNT_REAUTHENTICATION_TIMEOUT = 60 * read_int("SUDO_MINUTES", 15, low=1, high=720)
# Whoever signs in with a password must set up a second factor before anything else is open.
REQUIRE_SECOND_FACTOR = read_bool("REQUIRE_SECOND_FACTOR", default=False)

ACCOUNT_ADAPTER = "project.sign_in.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # only says that passwords are asked for: sign-up is closed
ACCOUNT_UNIQUE_EMAIL = False  # an address is how to reach somebody, not who they are
ACCOUNT_EMAIL_VERIFICATION = SOCIALACCOUNT_EMAIL_VERIFICATION = (
    "none"  # administrators and the identity provider know people
)
ACCOUNT_SESSION_REMEMBER = True  # for SESSION_COOKIE_AGE, no choice to make
ACCOUNT_LOGOUT_REDIRECT_URL = "/login/"
# A lockout holds for a name from one address: nobody can lock a colleague out from elsewhere.
AXES_FAILURE_LIMIT = read_int("LOCKOUT_FAILURES", 8, low=3, high=100)
LOCKOUT_MINUTES = read_int("LOCKOUT_MINUTES", 15, low=1, high=1440)
AXES_COOLOFF_TIME = timedelta(minutes=LOCKOUT_MINUTES)
ACCOUNT_RATE_LIMITS = {
    # Guessing one account from many addresses; from one address, the lockout comes first and outlives a restart.
    "login": "60/m/ip",
    "login_failed": "60/m/ip,50/15m/key",
    "passkey": "30/m/ip",
    # Wrong codes for one account, by whoever knows its password.
    "second_factor": f"{AXES_FAILURE_LIMIT}/{LOCKOUT_MINUTES}m/key",
}
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_USERNAME_CALLABLE = "project.sign_in.accounts.name_to_count_by"
AXES_CLIENT_IP_CALLABLE = "project.sign_in.accounts.client_address"
AXES_RESET_ON_SUCCESS = True
# Not kept of a failed sign-in, as passwords are not: where it was to lead may name a person who is searched for.
AXES_SENSITIVE_PARAMETERS = ["username", "login", "ip_address", "next"]
AXES_DISABLE_ACCESS_LOG = True  # access events are the log
AXES_ENABLE_ADMIN = AXES_VERBOSE = False

MFA_ADAPTER = "project.sign_in.factors.FactorAdapter"
MFA_FORMS = {
    "login_webauthn": "project.sign_in.credentials.LoginForm",
    "authenticate_webauthn": "project.sign_in.credentials.SecondForm",
    "reauthenticate_webauthn": "project.sign_in.credentials.ConfirmForm",
    "add_webauthn": "project.sign_in.credentials.AddForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Diagnostics"
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute off
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers allow it on localhost alone

SOCIALACCOUNT_ADAPTER = "project.sign_in.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = False  # a link from elsewhere must not begin a sign-in
# Whether a verified e-mail address at the provider is proof enough to be the account here that carries it.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = read_bool(
    "OIDC_TRUST_EMAIL", default=False
)
OIDC_GROUPS_CLAIM = read_text("OIDC_GROUPS_CLAIM", "groups")


def read_provider() -> dict[str, Any]:
    """The one identity provider, from OIDC_*; empty when OIDC_ISSUER is not given."""
    issuer = read_url("OIDC_ISSUER", "", schemes=("https", "http"))
    if not issuer:
        return {}
    client_id, secret = read_text("OIDC_CLIENT_ID"), read_text("OIDC_CLIENT_SECRET")
    for name, value in (("OIDC_CLIENT_ID", client_id), ("OIDC_CLIENT_SECRET", secret)):
        if not value:
            raise ImproperlyConfigured(f"{name} is required when OIDC_ISSUER is given: your identity provider shows it")
    app = {
        "provider_id": "sso",
        "name": read_text("OIDC_NAME", "single sign-on"),
        "client_id": client_id,
        "secret": secret,
        "settings": {"server_url": issuer.rstrip("/")},
    }
    scope = read_list("OIDC_SCOPES", "openid,profile,email")
    return {"openid_connect": {"APPS": [app], "SCOPE": scope, "OAUTH_PKCE_ENABLED": True}}


def read_role_map() -> dict[str, list[tuple[str, str]]]:
    """Group -> (environment, role) pairs, from `group=environment:role, group=superuser`."""
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in read_list("OIDC_ROLE_MAP"):
        group, _, gives = entry.rpartition("=")
        environment, _, role = gives.rpartition(":")
        if not group or not (gives == "superuser" or (environment and role in ROLES)):
            raise ImproperlyConfigured(
                f"OIDC_ROLE_MAP: {entry!r} is not of the form group=environment:role or group=superuser; "
                f"roles are {', '.join(ROLES)}"
            )
        found.setdefault(group.strip(), []).append((environment, role))
    return found


SOCIALACCOUNT_PROVIDERS = read_provider()
OIDC_ROLE_MAP = read_role_map()
