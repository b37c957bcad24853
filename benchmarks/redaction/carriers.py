"""A third labelled set, made by crossing: each way in which programs print a pair, with each name that says what it holds.

Where the first two sets have lines as they stand, this one has every private thing in every wrapping, those included that
nobody has thought of together.
"""

import json
from collections.abc import Callable
from random import Random
from typing import Final
from urllib.parse import quote

from benchmarks.redaction import secrets_made as made
from benchmarks.redaction import services
from benchmarks.redaction.corpus import Case, make_record
from benchmarks.redaction.services_clean import ean

Make = Callable[[Random], str]
NAMES: Final[dict[str, tuple[Make, tuple[str, ...]]]] = {
    "password_kv": (services.password, ("password", "userPassword", "DB_PASSWORD", "new-password", "smtp.password", "adminPwd")),
    "generic": (services.token, ("apiKey", "client_secret", "X-Api-Key", "accessToken", "SECRET_KEY", "refresh_token", "webhookSecret")),
    "email": (services.email, ("email", "userEmail", "contact", "to", "login")),
    "phone": (services.phone, ("phone", "mobileNumber", "tel", "recipient")),
    "card": (made.card, ("cardNumber", "pan", "card_no", "source")),
    "iban": (made.iban, ("iban", "debtorAccount", "account")),
    "ip": (services.ip, ("remoteAddr", "client_ip", "x-real-ip", "peer")),
    "jwt": (made.jwt, ("idToken", "assertion", "jwt", "value")),
    "session": (services.sid, ("JSESSIONID", "sessionToken", "PHPSESSID", "sessionKey")),
    "name": (services.person, ("firstName", "customer_name", "fullName", "cardholderName")),
    "ssn": (made.ssn, ("ssn", "socialSecurityNumber", "taxId")),
    "nir": (made.nir, ("nir", "numeroSecuriteSociale")),
    "dni": (made.dni, ("dni", "nif", "documento")),
    "codice": (made.codice, ("codiceFiscale", "cf")),
    "pesel": (made.pesel, ("pesel",)),
    "aws": (made.aws, ("AWS_ACCESS_KEY_ID", "key", "credential")),
    "github": (services.github, ("GITHUB_TOKEN", "secret", "value")),
    "slack": (services.slack, ("slackUrl", "SLACK_TOKEN", "hook")),
    "stripe": (services.stripe, ("stripeKey", "key", "config")),
    "google": (services.google, ("GOOGLE_API_KEY", "key", "value")),
}  # fmt: skip
CLEAN: Final[tuple[tuple[str, Make], ...]] = (
    ("traceId", lambda r: made.pick(r, made.HEX, 32)), ("requestId", lambda r: f"req-{made.pick(r, made.HEX, 12)}"), ("orderNumber", lambda r: made.digits(r, 10)),
    ("ean", ean), ("gitSha", lambda r: made.pick(r, made.HEX, 40)), ("imageDigest", lambda r: "sha256:" + made.pick(r, made.HEX, 64)),
    ("appVersion", lambda r: f"{r.randint(1, 9)}.{r.randint(0, 20)}.{r.randint(0, 20)}.{r.randint(0, 250)}"), ("createdAt", lambda r: f"2026-11-{r.randint(10, 29)}T10:11:12.{made.digits(r, 6)}Z"),
    ("startNanos", lambda r: "17" + made.digits(r, 17)), ("price", lambda r: f"{r.uniform(1, 9999):.2f}"), ("latitude", lambda r: f"{r.uniform(-90, 90):.7f}"),
    ("passwordChanged", lambda r: "true"), ("tokenCount", lambda r: made.digits(r, 4)), ("sessionTimeout", lambda r: made.digits(r, 4)), ("authMethod", lambda r: "password"),
    ("cacheKey", lambda r: f"orders:{made.digits(r, 6)}:lines"), ("partitionKey", lambda r: made.pick(r, made.HEX, 16)), ("idempotencyKey", lambda r: f"{made.pick(r, made.HEX, 8)}-{made.pick(r, made.HEX, 4)}-4{made.pick(r, made.HEX, 3)}-a{made.pick(r, made.HEX, 3)}-{made.pick(r, made.HEX, 12)}"),
    ("podName", lambda r: f"web-{made.pick(r, made.HEX, 10)}-{made.pick(r, 'abcdefghijk', 5)}"), ("fileName", lambda r: f"export-2026{made.digits(r, 8)}.csv"), ("serviceName", lambda r: "checkout-api"), ("messageId", lambda r: made.digits(r, 18)),
    ("etag", lambda r: made.pick(r, made.HEX, 32)), ("status", lambda r: "Not Found"), ("keyId", lambda r: made.digits(r, 6)), ("bytesSent", lambda r: made.digits(r, 11)),
)  # fmt: skip


def xml_safe(text: str) -> str:
    """As XML writes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


# Each takes (name, value) and gives a line.
CARRIERS: Final[dict[str, Callable[[str, str], str]]] = {
    "logfmt": lambda n, v: f'level=info msg="request done" {n}="{v}" took=12ms',
    "json": lambda n, v: json.dumps({"event": "x", "data": {n: v, "ok": True}}, ensure_ascii=False),
    "json escaped": lambda n, v: "payload: " + json.dumps(json.dumps({"id": 3, n: v}, ensure_ascii=False), ensure_ascii=False),
    "json cut": lambda n, v: json.dumps({"id": 3, n: v, "rest": "abcdefgh"}, ensure_ascii=False)[:-7],
    "python": lambda n, v: f"kwargs={{'id': 3, '{n}': {v!r}, 'flag': None}}",
    "ruby": lambda n, v: f'Parameters: {{"id"=>"3", "{n}"=>"{v}"}}',
    "ruby symbols": lambda n, v: f'{{:id=>3, :{n}=>"{v}"}}',
    "go struct": lambda n, v: f"&{{ID:3 {n}:{v} Flag:false}}",
    "go quoted": lambda n, v: f'main.Req{{ID:3, {n}:"{v}", Flag:false}}',
    "java": lambda n, v: f"LoginRequest[id=3, {n}={v}, flag=true]",
    "java quoted": lambda n, v: f"Request{{id=3, {n}='{v}', flag=true}}",
    "php": lambda n, v: f"Array ( [id] => 3 [{n}] => {v} [flag] => 1 )",
    "php export": lambda n, v: f"array (\n  'id' => 3,\n  '{n}' => '{v}',\n)",
    "query": lambda n, v: f"GET /x?id=3&{n}={quote(v, safe='')}&flag=1 HTTP/1.1",
    "form": lambda n, v: f"body: id=3&{n}={quote(v, safe='').replace('%20', '+')}&flag=1",
    "header": lambda n, v: f"> Host: x.invalid\n> {n}: {v}\n> Accept: */*",
    "yaml": lambda n, v: f"config:\n  id: 3\n  {n}: {v}\n  flag: true",
    "properties": lambda n, v: f"app.id = 3\napp.{n} = {v}\napp.flag = true",
    "env": lambda n, v: f"export {n}='{v}'; run",
    "xml": lambda n, v: f"<req><id>3</id><{n}>{xml_safe(v)}</{n}></req>",
    "xml attribute": lambda n, v: f'<user id="3" {n}="{xml_safe(v)}"/>',
    "multipart": lambda n, v: f'Content-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n--b--',
    "pairs": lambda n, v: f"args: [('id', '3'), ('{n}', '{v}')]",
    "k8s": lambda n, v: f"env:\n- name: {n}\n  value: {v}\n- name: FLAG\n  value: x",
    "prose": lambda n, v: f"validation failed for field {n}: '{v}' is not acceptable",
    "graphql": lambda n, v: f'mutation {{ save(id: 3, {n}: "{v}") {{ ok }} }}',
    "proto": lambda n, v: f'id: 3 {n}: "{v}" flag: true',
    "dotnet": lambda n, v: f"Req {{ Id = 3, {n} = {v}, Flag = True }}",
    "rust": lambda n, v: f'Req {{ id: 3, {n}: Some("{v}"), flag: true }}',
    "kv list": lambda n, v: json.dumps([{"key": n, "value": v}], ensure_ascii=False),
    "otlp": lambda n, v: json.dumps({"attributes": [{"key": n, "value": {"stringValue": v}}]}, ensure_ascii=False),
}  # fmt: skip
# What cannot be written so without being changed.
UNFIT: Final[dict[str, set[str]]] = {
    "jwt": set(), "name": {"query", "form", "header", "xml attribute", "ruby symbols", "prose"}, "slack": {"query", "form"}, "phone": {"query", "form"}, "email": {"python", "query", "form", "json escaped"},
}  # fmt: skip


def make_carriers(seed: int, each: int = 1) -> list[Case]:
    """Every category in every carrier, under one of its names, and every clean pair in every carrier."""
    r = Random(seed)
    cases = []
    for _ in range(each):
        for how, carry in CARRIERS.items():
            for category, (make, names) in NAMES.items():
                value, line_name = make(r), r.choice(names)
                line = carry(line_name, value)
                if how not in UNFIT.get(category, set()) and plain_part(category, value) in line:
                    cases.append(Case(make_record(r, line, {}), [(category, plain_part(category, value))], []))
            for name, make in CLEAN:
                line = carry(name, make(r))
                cases.append(Case(make_record(r, line, {}), [], [(how, line)]))
    return cases


def plain_part(category: str, value: str) -> str:
    """What must be gone: of a name its longest word."""
    return max(value.split(), key=len) if category == "name" else value
