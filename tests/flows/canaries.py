"""One made-up secret of every class, each in a sentence as software writes it; none may be found anywhere afterwards."""

import base64
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Canary:
    """`secret` must not survive; `text` is the line that carries it."""

    kind: str
    secret: str
    text: str


def basic(pair):
    return base64.b64encode(pair.encode()).decode()


JWT = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjYW5hcnktNDcxMSIsIm5hbWUiOiJDYW5hcnkifQ."
    "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
)
PEM = "MIIEowIBAAKCAQEAcanary0Key0Material0That0Must0Not0Be0Kept0Anywhere0At0All0"
CANARIES = (
    Canary("email", "canary.jane.q7@example.com", "mail to canary.jane.q7@example.com bounced"),
    Canary("phone", "30 90182 0471", "callback requested by phone +49 30 90182 0471 today"),
    Canary("card", "4000 0566 5566 5556", "charge of card 4000 0566 5566 5556 declined"),
    Canary("iban", "DE89370400440532013000", "payout to IBAN DE89370400440532013000 refused"),
    Canary("ipv4", "203.0.113.177", "connection from 203.0.113.177 reset"),
    Canary("ipv6", "2001:db8:77:88:99:aa:bb:cc", "connection from 2001:db8:77:88:99:aa:bb:cc reset"),
    Canary("jwt", JWT.split(".")[1], f"token {JWT} has expired"),
    Canary("bearer", "canaryBearer0123456789abcdefXYZ", "Authorization: Bearer canaryBearer0123456789abcdefXYZ"),
    Canary("basic", basic("canary:canary-pass-1"), f"Authorization: Basic {basic('canary:canary-pass-1')}"),
    Canary("cookie", "canarycookie0123456789abcdef", "Cookie: sessionid=canarycookie0123456789abcdef; theme=dark"),
    Canary("url password", "canary-url-pass-9", "cannot reach postgres://app:canary-url-pass-9@db.example/prod"),
    Canary("key=value", "canary-kv-pass-9", "login with user=joe password=canary-kv-pass-9 failed"),
    Canary("json", "canary-json-pass-9", json.dumps({"user": "joe", "password": "canary-json-pass-9"})),
    Canary("aws", "AKIAQ7CANARY7CANARY2", "key AKIAQ7CANARY7CANARY2 has no access"),
    Canary(
        "github",
        "ghp_0canary1CANARY2canary3CANARY4canary5",
        "push with ghp_0canary1CANARY2canary3CANARY4canary5 refused",
    ),
    Canary(
        "stripe",
        "sk_" + "live_0canary1CANARY2canary3CANAR",
        "stripe answered 401 to sk_" + "live_0canary1CANARY2canary3CANAR",
    ),
    Canary("pem", PEM, f"-----BEGIN RSA PRIVATE KEY-----\n{PEM}\n-----END RSA PRIVATE KEY-----"),
    Canary("ssn", "536-90-4399", "customer with SSN 536-90-4399 not found"),
    Canary("codice", "RSSMRA85T10A562S", "codice fiscale RSSMRA85T10A562S non valido"),
    Canary("nino", "AB123456C", "customer NINO AB123456C not found"),
    Canary("dni", "12345678Z", "cliente con DNI 12345678Z no encontrado"),
    Canary("nir", "1 85 05 78 006 084 91", "NIR 1 85 05 78 006 084 91 inconnu"),
    Canary("pesel", "44051401359", "PESEL 44051401359 nie znaleziony"),
    Canary("cpf", "529.982.247-25", "CPF 529.982.247-25 recusado"),
    Canary(
        "google",
        "AIzaSyCanary0123456789abcdefghijklmnopq",
        "maps key AIzaSyCanary0123456789abcdefghijklmnopq over quota",
    ),
    Canary(
        "slack",
        "xoxb-" + "210987654321-canaryCANARYcanaryCANARY12",
        "posting with xoxb-" + "210987654321-canaryCANARYcanaryCANARY12 failed",
    ),
    Canary("command line", "canary-cli-pass-9", "ran mysql -u root --password=canary-cli-pass-9 shop"),
    Canary("sql", "canary-sql-pass-9", "CREATE USER joe IDENTIFIED BY 'canary-sql-pass-9'"),
    Canary("xml", "canary-xml-pass-9", "<login><password>canary-xml-pass-9</password></login>"),
    Canary("session token", "canarysess0123456789abcdefXYZ", "session_token=canarysess0123456789abcdefXYZ expired"),
    Canary("set-cookie", "canarysetcookie0123456789", "Set-Cookie: sid=canarysetcookie0123456789; Path=/; HttpOnly"),
    Canary("query", "canaryquerytoken0123456789", "GET /cb?access_token=canaryquerytoken0123456789&x=1 failed"),
)
# Who a client is; these never stay in clear either, wherever they stand.
USER = "canary-user-4711"
AGENT = "CanaryBrowser/7.7 (Canary secret build)"
PERSON, STREET, BORN = "Canaria Quillfeather", "17 Canary Lane", "1987-05-23"  # known by the names beside them
SECRETS = (*(canary.secret for canary in CANARIES), USER, AGENT, PERSON, STREET, BORN)


def attributes():
    """All of them as attributes: plain, nested, in lists, in JSON in a text, and under names that say what they are."""
    nested = {f"note-{number}": [canary.text] for number, canary in enumerate(CANARIES)}
    return {
        **{f"detail.{number}": canary.text for number, canary in enumerate(CANARIES)},
        "payload": json.dumps({"inner": {"lines": [canary.text for canary in CANARIES]}}),
        "nested": nested,
        "user.email": CANARIES[0].secret,
        "customer.full_name": PERSON,
        "billing.address.street": STREET,
        "date_of_birth": BORN,
        CANARIES[0].secret: "an attribute's name",
        "db.password": "canary-kv-pass-9",
        "http.request.header.cookie": "sessionid=canarycookie0123456789abcdef",
        "user.id": USER,
        "user_agent.original": AGENT,
        "client.address": "203.0.113.177",
    }
