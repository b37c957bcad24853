"""A custom action: a request whose body and headers are templates, for whatever else should happen on an alert."""

import re
from collections.abc import Mapping
from typing import Final

from alerts.delivery import http
from alerts.delivery.alert import Alert
from alerts.delivery.errors import DeliveryError
from alerts.delivery.seal import Sealed, own_texts, seal_text
from alerts.integrations.base import TURNS, Field, Sent, Setup, check_fields, check_reply, chosen
from alerts.integrations.template import as_it_is, check_template, fill, inside_header, inside_url, variables_of
from alerts.integrations.webhook.signature import check_keys, sign_headers
from alerts.integrations.webhook.transport import check_json_template, fill_json

METHOD: Final = Field(
    "method",
    "Method",
    "How the address is called.",
    is_required=False,
    choices=(("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH")),
)
CONTENT: Final = Field(
    "content",
    "Kind of the body",
    "JSON and form values are escaped as those need it.",
    is_required=False,
    choices=(("json", "JSON"), ("form", "Form"), ("text", "Plain text")),
)
TYPES: Final = {
    "json": "application/json", "form": "application/x-www-form-urlencoded", "text": "text/plain; charset=utf-8",
}  # fmt: skip
MOST_HEADERS: Final = 20
HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
OURS: Final = frozenset({
    "host", "content-length", "content-type", "transfer-encoding", "connection", "te", "upgrade", "expect", "user-agent",
    "accept-encoding", "webhook-id", "webhook-timestamp", "webhook-signature", "proxy-authorization",
})  # fmt: skip


class CustomWebhook:
    """The registry's entry."""

    label = "Custom action (webhook)"
    help_text = "A request with a body and headers of your own: open a ticket, start a job, tell another service."
    fields: tuple[Field, ...] = (
        Field("url", "Address", "https://…", is_secret=True),
        TURNS,
        METHOD,
        CONTENT,
        Field("template", "Body", 'Such as {"text": "{{ headline }}"}. See the list of names in the help.', is_long=True),
        Field(
            "headers",
            "Headers",
            "One a line, such as Authorization: Bearer …; {{ name }} works here, too.",
            is_secret=True,
            is_required=False,
            is_long=True,
            travels=True,
        ),
        Field("signing_key", "Signing key", "With one, it is signed as Standard Webhooks asks.", is_secret=True,
              is_required=False),
    )  # fmt: skip

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """Templates and headers are checked before anything is saved."""
        found = check_fields(self.fields, config, secrets)
        if config.get("template"):
            is_json = config.get("content", "json") == "json"
            found += (check_json_template if is_json else check_body)(config["template"])
        if secrets.get("headers"):
            found += check_headers(secrets["headers"])
        if secrets.get("signing_key"):
            found += check_keys(secrets["signing_key"])
        return found

    def preview(self, alert: Alert, setup: Setup) -> str:
        """The body; headers may hold credentials and are not shown."""
        return build_body(alert, setup).decode()

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """Make the request."""
        body = build_body(alert, setup)
        headers = {**build_headers(alert, setup), "content-type": TYPES[chosen(CONTENT, setup)]}
        if setup.secrets.get("signing_key"):
            headers |= sign_headers(setup.secrets["signing_key"], alert.id, body)
        reply = http.ask(chosen(METHOD, setup), setup.secrets.get("url", ""), body, headers)
        return Sent(check_reply(reply, is_own=True))


def build_body(alert: Alert, setup: Setup) -> Sealed:
    """The filled template."""
    template, kind = setup.config.get("template", ""), chosen(CONTENT, setup)
    if kind == "json":
        return fill_json(template, alert)
    variables = {name: seal_text(value, own_texts(alert)) for name, value in variables_of(alert).items()}
    text = fill(template, variables, inside_url if kind == "form" else as_it_is)
    return Sealed((text if kind == "form" else seal_text(text, own_texts(alert))).encode())


def build_headers(alert: Alert, setup: Setup) -> dict[str, str]:
    """The filled headers. Their names and credentials were typed by a person; the values of an alert are redacted."""
    variables = {name: seal_text(value, own_texts(alert)) for name, value in variables_of(alert).items()}
    try:
        pairs = read_headers(setup.secrets.get("headers", ""))
    except ValueError as error:
        raise DeliveryError(str(error), permanent=True) from None
    return {name: inside_header(fill(value, variables, inside_header)) for name, value in pairs}


def read_headers(text: str) -> list[tuple[str, str]]:
    """(name, template) of each line; ValueError says what is wrong, without the value."""
    pairs = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
        name, colon, value = line.partition(":")
        if not colon or not HEADER_NAME.fullmatch(name):
            raise ValueError(f"Headers: line {number} must be 'Name: value'.")
        if name.lower() in OURS:
            raise ValueError(f"Headers: {name} is set by Diagnostics.")
        pairs.append((name, value.strip()))
    if len(pairs) > MOST_HEADERS:
        raise ValueError(f"Headers: at most {MOST_HEADERS}.")
    return pairs


def check_headers(text: str) -> list[str]:
    """What is wrong with the headers."""
    try:
        pairs = read_headers(text)
    except ValueError as error:
        return [str(error)]
    return [problem for name, value in pairs for problem in check_template(value, f"Header {name}")]


def check_body(template: str) -> list[str]:
    """What is wrong with a body that is not JSON."""
    return check_template(template, "Body")
