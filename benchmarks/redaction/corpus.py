"""Labelled records: what must go (by category) and what must stay, in the forms in which logs carry them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote

from benchmarks.redaction import harmless
from benchmarks.redaction import secrets_made as made


@dataclass
class Case:
    """A record, its private substrings and the substrings that must survive."""

    record: dict[str, Any]
    private: list[tuple[str, str]] = field(default_factory=list)
    keep: list[tuple[str, str]] = field(default_factory=list)


Form = str | Callable[[str], Any]
# `{}` in a message; or `name=` for an attribute; or a function of the value that makes attributes.
FORMS: dict[str, tuple[Callable[[Random], str], list[Form]]] = {
    "email": (made.email, ["user {} logged in", "mail to <{}> bounced", "email={} status=ok", "user.email=", "GET /u?email={} 200",
        "'{}' is not subscribed", "smtp: 550 5.1.1 <{}>: Recipient address rejected", lambda v: {"http.url": f"https://x.example/p?e={quote(v)}&a=1"},
        lambda v: {"to": [v, "-"]}, lambda v: {"payload": json.dumps({"contact": {"mail": v}})}, "duplicate key (email)=({}) already exists"]),
    "phone": (made.phone, ["sms to {} failed", "calling {} now", "phone: {}", "customer.phone=", "Twilio: unable to reach {}",
        lambda v: {"mobile": v}, lambda v: {"body": json.dumps({"phoneNumber": v})}, "contact phone number {} invalid", "from caller {} via trunk"]),
    "card": (made.card, ["charge card {} declined", "PAN {} rejected", "payment with {} failed: do_not_honor", "card_number=", "card={}&exp=12/29",
        lambda v: {"payment": {"card": {"number": v}}}, lambda v: {"body": json.dumps({"cardNumber": v, "amount": 12})}, "cc {} exp 11/28"]),
    "iban": (made.iban, ["transfer to {} rejected", "IBAN {} is blocked", "iban=", "sepa payout {} queued", lambda v: {"account": {"iban": v}},
        "debit {}: insufficient funds", lambda v: {"body": json.dumps({"creditor": v})}]),
    "ip": (made.ip, ["connection from {} refused", "client {} blocked", "remote_addr={} ok", "net.peer.ip=", "[error] 31#31: *1 upstream timed out, client: {}, server: _",
        "Failed password for root from {} port 22 ssh2", lambda v: {"headers": {"X-Forwarded-For": f"{v}, 10.1.44.9"}}, "dial tcp: lookup via {}: i/o timeout", "login attempt ip={}"]),
    "jwt": (made.jwt, ["token {} expired", "Authorization: Bearer {}", "jwt={}", "id_token=", "GET /cb?id_token={}&state=1", lambda v: {"auth": {"raw": v}}, "could not verify {}"]),
    "bearer": (made.opaque, ["Authorization: Bearer {}", "authorization=Bearer {}", "http.request.header.authorization=Bearer ", "curl -H 'Authorization: Bearer {}' https://x",
        lambda v: {"headers": {"Authorization": f"Bearer {v}"}}, lambda v: {"request": json.dumps({"headers": {"authorization": "Bearer " + v}})}, "sent bearer {} upstream"]),
    "basic": (made.basic, ["Authorization: Basic {}", "proxy-authorization: Basic {}", lambda v: {"headers": {"Authorization": f"Basic {v}"}}, "header 'Basic {}' refused",
        lambda v: {"http.request.header.authorization": [f"Basic {v}"]}]),
    "cookie": (made.session, ["Cookie: sid={}; theme=dark", "Set-Cookie: auth={}; Path=/; HttpOnly", lambda v: {"headers": {"Cookie": f"a={v}; b=1"}},
        lambda v: {"http.request.header.cookie": [f"sessionid={v}"]}, 'cookie: "remember={}"', lambda v: {"cookies": {"sessionid": v}}, "got cookies _ga=GA1.2; JSESSIONID={}"]),
    "session": (made.session, ["session_token={}", "PHPSESSID={} expired", "GET /x;jsessionid={} 302", "sessionid={} not found", "session_key=",
        lambda v: {"body": json.dumps({"sessionToken": v})}, "connect.sid={}"]),
    "password_url": (made.password, ["cannot connect to postgres://app:{}@db:5432/shop", "redis://:{}@cache:6379/0 refused", "amqp://guest:{}@mq.example.com//",
        lambda v: {"db.url": f"mysql://root:{v}@10.9.88.7/x"}, "mongodb+srv://u:{}@c0.example.net/?retry=1", "fetch https://bot:{}@git.example.com/r.git failed", "ftp://anon:{}@files/x"]),
    "password_kv": (made.password, ["login failed user=bob password={}", "passwd: {}", "db_password=", "PGPASSWORD={} psql", "--password {} --host x", "Server=db;User Id=sa;Password={};Encrypt=true",
        "password is {}", "pwd='{}'", "<password>{}</password>", "ALTER USER x WITH PASSWORD '{}'", lambda v: {"form": f"user=bob&password={quote(v)}&go=1"},
        "new password: {}", "curl -u admin:{} https://x", "params: [['password', '{}']]"]),
    "password_json": (made.password, [lambda v: {"body": json.dumps({"user": "bob", "password": v})}, lambda v: {"body": json.dumps({"a": json.dumps({"new_password": v})})},
        lambda v: {"login": {"credentials": {"password": v}}}, 'payload={{"user":"bob","passwd":"{}"}}', "body={{'password': '{}'}}", 'cut {{"password": "{}', lambda v: {"pairs": [["password", v]]},
        lambda v: {"raw": json.dumps(json.dumps({"userPassword": v}))}, lambda v: {"fields": [{"name": "password", "value": v}]}]),
    "aws": (made.aws, ["using key {}", "aws_access_key_id={}", "AccessDenied for {} in eu-west-1", lambda v: {"url": f"https://b.s3.amazonaws.com/k?AWSAccessKeyId={v}&Expires=17"}, "credential=",
        lambda v: {"env": {"AWS_ACCESS_KEY_ID": v}}]),
    "github": (made.github, ["remote: invalid token {}", "https://{}@github.com/org/repo.git", "GITHUB_TOKEN={}", "x=", lambda v: {"env": json.dumps({"GH": v})}, "auth with {} failed"]),
    "slack": (made.slack, ["slack token {} revoked", "SLACK_BOT_TOKEN={}", "x=", lambda v: {"cfg": json.dumps({"bot": v})}, "post with {}: invalid_auth"]),
    "stripe": (made.stripe, ["Invalid API Key provided: {}", "stripe.key=", "STRIPE_SECRET_KEY={}", lambda v: {"cfg": {"stripe": {"key": v}}}, "curl https://api.stripe.com -u {}:"]),
    "google": (made.google, ["GET https://maps.googleapis.com/maps/api/geocode/json?address=x&key={}", "key {} is not authorized", "gmaps=", lambda v: {"url": f"https://www.googleapis.com/v1?key={v}&a=1"}]),
    "generic": (made.generic, ["api_key={}", "X-Api-Key: {}", "client_secret={}&grant_type=code", "secretKey=", "--token {}", lambda v: {"apiKey": v}, lambda v: {"body": json.dumps({"accessToken": v})},
        "access_token={}", "refresh token is {}", "AccountKey={};EndpointSuffix=core", "sig={}", "export SECRET_KEY='{}'", "signing_secret: {}", "auth_token => \"{}\""]),
    "pem": (made.pem, ["-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", "key -----BEGIN PRIVATE KEY-----\\n{}\\n-----END PRIVATE KEY----- loaded",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{}", "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4\n\n{}\n", lambda v: {"k": f"-----BEGIN PRIVATE KEY-----\n{v}\n-----END PRIVATE KEY-----\n"}]),
    "ssn": (made.ssn, ["SSN {} does not match", "ssn=", "applicant {} not found", lambda v: {"person": {"ssn": v}}, lambda v: {"body": json.dumps({"socialSecurityNumber": v})}, "verify ssn={}"]),
    "dni": (made.dni, ["DNI {} no encontrado", "dni=", "cliente {} bloqueado", lambda v: {"body": json.dumps({"nif": v})}, "documento={}"]),
    "codice": (made.codice, ["codice fiscale {} non valido", "cf=", "utente {} sospeso", lambda v: {"body": json.dumps({"codiceFiscale": v})}]),
    "pesel": (made.pesel, ["PESEL {} nieprawidlowy", "pesel=", "klient {} zablokowany", lambda v: {"body": json.dumps({"pesel": v})}]),
    "nir": (made.nir, ["NIR {} invalide", "nir=", "assure {} inconnu", "numero de securite sociale {}", lambda v: {"body": json.dumps({"numeroSecu": v})}]),
    "name": (made.name, ["user.name=", "customer_name=", lambda v: {"user": {"full_name": v}}, lambda v: {"first_name": v.split()[0], "last_name": v.split()[1]},
        lambda v: {"body": json.dumps({"firstName": v})}, 'customer_name="{}" plan=pro', lambda v: {"payload": json.dumps({"customer": {"name": v}})}, lambda v: {"cardholder": v}, "full name: {}"]),
}  # fmt: skip


def make_record(random: Random, message: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """A record as a client sends it."""
    return {
        "timestamp": f"2026-0{random.randint(1, 9)}-1{random.randint(0, 9)}T0{random.randint(0, 9)}:12:33.{random.randint(100, 999)}Z",
        "level": random.choice(["debug", "info", "warning", "error"]),
        "logger": random.choice(["shop.checkout", "app.auth", "gunicorn.access", "celery.worker"]),
        "message": message,
        "attributes": attributes,
    }


def make_private(random: Random, category: str, form: Form) -> Case:
    """A record with one private value in the given form, among harmless ones."""
    make = FORMS[category][0]
    value = make(random)
    message, attributes, keep = harmless.make_context(random)
    if callable(form):
        attributes |= form(value)
    elif form.endswith("=") and "{}" not in form:
        attributes[form[:-1]] = value
    elif form.endswith("=Bearer "):
        attributes[form.split("=")[0]] = "Bearer " + value
    else:
        said = form.format(value)
        message = random.choice([said, f"{said} {message}", f"{message} {said}"]) if "\n" not in said else said
        if message == said:
            keep = [(kind, text) for kind, text in keep if any(text in str(inner) for inner in attributes.values())]
    case = Case(make_record(random, message, attributes), [(category, private_part(category, value))], keep)
    if form == "GET /u?email={} 200":
        case.keep.append(("path", "GET /u?email="))
    return case


def private_part(category: str, value: str) -> str:
    """What must not be found afterwards; JSON writes some letters otherwise, so names by their plainest part."""
    if category == "name":
        return max(value.split(), key=lambda word: (word.isascii(), len(word)))
    return value


def make_cases(seed: int, each: int = 3) -> list[Case]:
    """Every form of every category `each` times, and as many records again with nothing private."""
    random = Random(seed)
    cases = [
        make_private(random, category, form)
        for category, (_, forms) in FORMS.items()
        for form in forms
        for _ in range(each)
    ]
    return cases + [Case(*split_clean(random)) for _ in range(len(cases) // 2)]


def split_clean(random: Random) -> tuple[dict[str, Any], list[tuple[str, str]], list[tuple[str, str]]]:
    """A record with nothing private."""
    message, attributes, keep = harmless.make_context(random)
    extra, more = harmless.make_trap(random)
    return make_record(random, f"{message} {extra}", attributes), [], keep + more
