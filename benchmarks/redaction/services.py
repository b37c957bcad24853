"""A second labelled set, written from what known services print and without sight of the rules: lines as they stand in files.

A line holds `{}` where the private value stands; a line that begins with `@` is an attribute: `@name=text with {}`.
"""

import json
import string
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any, Final
from urllib.parse import quote

from benchmarks.redaction import secrets_made as made
from benchmarks.redaction.corpus import Case, Form, make_record
from benchmarks.redaction.services_clean import CLEAN, fill

PEOPLE: Final = ["Jürgen Weiß", "Agnieszka Wójcik", "Carlos Méndez", "Fatima al-Sayed", "Wei Zhang", "Siobhán Kelly", "Piet de Boer", "Giulia Ferri", "Anders Holm", "Mary-Jane Watson"]  # fmt: skip


def email(r: Random) -> str:
    who = r.choice(["j.weiss", "agnieszka_w", "carlos-m", "f.alsayed+shop", "wei88", "siobhan.kelly", "p.d.boer", "GIULIA.FERRI", "x", "o'neil"])  # fmt: skip
    return f"{who}@{r.choice(['example.fr', 'mail.example.com', 'EXAMPLE.ORG', 'sub.dept.example.edu', 'example.museum', 'xn--bcher-kva.example'])}"


def phone(r: Random) -> str:
    d = partial(made.digits, r)
    return r.choice([
        f"+44 20 79{d(2)} {d(4)}", f"+49 30 2{d(7)}", f"+33 1 42 {d(2)} {d(2)} {d(2)}", f"+39 06 69{d(2)} {d(4)}", f"+48 60{d(1)} {d(3)} {d(3)}",
        f"+420 60{d(1)} {d(3)} {d(3)}", f"+91 98{d(3)} {d(5)}", f"+81-90-{r.randint(1000, 9999)}-{d(4)}", f"+61 4{r.randint(10, 39)} {d(3)} {d(3)}", f"+1 (650) 253-{d(4)}",
        f"+1.212.{r.randint(200, 999)}.{d(4)}", f"+46 70 {d(3)} {d(2)} {d(2)}", f"+55 11 9{r.randint(6000, 9999)}-{d(4)}", f"+3161{d(7)}", f"0049 171 {r.randint(1, 9)}{d(6)}", f"+4179{r.randint(2, 9)}{d(6)}",
    ])  # fmt: skip


def password(r: Random) -> str:
    return r.choice([
        made.pick(r, string.ascii_lowercase, 5) + made.pick(r, string.digits, 3), made.pick(r, made.ALNUM + "-_.~", 14), "correct-horse-" + made.digits(r, 4),
        "P@ss" + made.pick(r, made.ALNUM, 6), made.pick(r, made.ALNUM, 6) + "*" + made.digits(r, 2), "пароль" + made.digits(r, 3), "Zürich" + made.digits(r, 4), made.digits(r, 8),
    ])  # fmt: skip


def url_password(r: Random) -> str:
    return made.pick(r, made.ALNUM, 9) + r.choice(["", "%21", "!", "$x", "_9", "%40z"])


def token(r: Random) -> str:
    return r.choice([made.pick(r, made.ALNUM, 22), made.pick(r, made.HEX, 32), made.b64(r.randbytes(30)), made.pick(r, string.ascii_lowercase + string.digits, 40)])  # fmt: skip


def sid(r: Random) -> str:
    return r.choice([made.pick(r, "0123456789ABCDEF", 32), made.pick(r, string.ascii_lowercase + string.digits, 26), made.b64(r.randbytes(24)), "MTY" + made.pick(r, made.ALNUM, 45)])  # fmt: skip


def github(r: Random) -> str:
    return r.choice(["ghs_" + made.pick(r, made.ALNUM, 36), "ghu_" + made.pick(r, made.ALNUM, 36), "ghr_" + made.pick(r, made.ALNUM, 36), "github_pat_" + made.pick(r, made.ALNUM, 22) + "_" + made.pick(r, made.ALNUM, 59)])  # fmt: skip


def slack(r: Random) -> str:
    return r.choice([
        f"xoxb-{made.digits(r, 12)}-{made.digits(r, 13)}-{made.pick(r, made.ALNUM, 24)}", f"xapp-1-A{made.pick(r, string.ascii_uppercase + string.digits, 10)}-{made.digits(r, 13)}-{made.pick(r, made.HEX, 64)}",
        "https://hooks.slack" + f".com/services/T{made.pick(r, string.ascii_uppercase + string.digits, 8)}/B{made.pick(r, string.ascii_uppercase + string.digits, 8)}/{made.pick(r, made.ALNUM, 24)}",
    ])  # fmt: skip


def stripe(r: Random) -> str:
    return f"{r.choice(['sk', 'rk'])}_{r.choice(['live', 'test'])}_51{made.pick(r, made.ALNUM, 97)}" if r.random() < 0.6 else "whsec_" + made.pick(r, made.ALNUM, 32)  # fmt: skip


def google(r: Random) -> str:
    return r.choice(["AIza" + "Sy" + made.pick(r, made.ALNUM + "_-", 33), "ya29." + made.pick(r, made.ALNUM + "_-", 80), "GOCSPX-" + made.pick(r, made.ALNUM + "_-", 28)])  # fmt: skip


def aws_secret(r: Random) -> str:
    return made.pick(r, made.ALNUM + "/+", 39) + made.pick(r, made.ALNUM, 1)


def person(r: Random) -> str:
    return r.choice(PEOPLE)


def ssn(r: Random) -> str:
    return r.choice([made.ssn(r), made.ssn(r).replace("-", " ")])


def nir(r: Random) -> str:
    v = made.nir(r)
    return r.choice([v, f"{v[0]} {v[1:3]} {v[3:5]} {v[5:7]} {v[7:10]} {v[10:13]} {v[13:]}", f"{v[:13]} {v[13:]}"])


def dni(r: Random) -> str:
    v = made.dni(r)
    return r.choice([v, v.lower(), v[:-1] + "-" + v[-1]])


def codice(r: Random) -> str:
    return r.choice([made.codice(r), made.codice(r).lower()])


def ip(r: Random) -> str:
    a = r.choice([5, 31, 77, 88, 109, 151, 185, 213])
    v4 = f"{a}.{r.randint(0, 255)}.{r.randint(0, 255)}.{r.randint(1, 254)}"
    return r.choice([v4, v4, f"2a02:{r.randint(1000, 9999)}:{made.pick(r, HEXL, 4)}::{made.pick(r, '123456789abcdef', 4)}", f"::ffff:{v4}", f"2001:470:1f0b:{made.pick(r, '123456789abcdef', 4)}:0:0:0:2"])  # fmt: skip


HEXL: Final = "123456789abcdef"


def nested(key: str) -> Form:
    """An attribute that holds it two levels down."""
    return lambda v: {"data": {"input": [{key: v, "ok": True}]}}


def in_json(key: str) -> Form:
    """A JSON body in a string."""
    return lambda v: {"http.request.body": json.dumps({"id": 7, "form": {key: v}}, ensure_ascii=False)}


def in_form(key: str) -> Form:
    """A body as forms send it."""
    return lambda v: {"http.request.body": f"id=7&{quote(key)}={quote(v, safe='')}&submit=1"}


LINES: Final[dict[str, tuple[Callable[[Random], str], list[Form]]]] = {
    "email": (email, ["o.s.mail.MailSendException: Failed messages: javax.mail.SendFailedException: Invalid Addresses; nested: 550 <{}>... User unknown", "Sent mail to {} (124.3ms)", "postfix/smtp[2121]: 4C1F2: to=<{}>, relay=mx.example.net[]:25, dsn=2.0.0, status=sent (250 ok)", 'Parameters: {{"utf8"=>"✓", "user"=>{{"email"=>"{}"}}}}', "Key (lower(email::text))=({}) already exists.", "@enduser.id={}", in_form("email"), "Benutzer {} wurde nicht gefunden", "[auth] sign-in ok sub={} amr=pwd", "From: Bob <{}>\nTo: list@lists.invalid\nSubject: hi", nested("recipient"), "ユーザー{}が見つかりません"]),
    "phone": (phone, ["Envoi du SMS au {} : échec", "twilio error 21211: The 'To' number {} is not a valid phone number.", "call from {} to queue 7", "whatsapp:{} delivery failed", "@customer.mobile={}", in_json("msisdn"), nested("tel"), "OTP sent to {} via sms", "Telefonnummer {} ungültig", "sip:{}@voip.invalid 486 Busy"]),
    "iban": (made.iban, ["SEPA CT rejected AC01 creditorAccount={} amount=12.40", "Kontonummer {} gesperrt", "<IBAN>{}</IBAN>", in_json("debtorIban"), "payout po_1 to {} failed", "@beneficiary={}", "virement vers {} refusé"]),
    "card": (made.card, ["Adyen refused: {} expired", "cc={};exp=0129", "<CardNumber>{}</CardNumber>", nested("pan"), in_form("card[number]"), "@payment.card={}", "Zahlung mit Karte {} abgelehnt", "DE2={} DE3=000000 MTI=0100"]),
    "ip": (ip, ["{} - - [24/Nov/2026:10:00:01 +0000] \"GET / HTTP/1.1\" 200 612", "Invalid user admin from {} port 52344", "pam_unix(sshd:auth): authentication failure; rhost={}  user=root", "@client.address={}", "Started GET \"/login\" for {} at 2026-11-24 10:00:01 +0000", "[remote {}] AH01630: client denied by server configuration", "axes: blocked {} after 5 attempts", "level=warn msg=\"rate limited\" remote={}", nested("ipAddress"), "http: TLS handshake error from {}: EOF" ]),
    "jwt": (made.jwt, ["io.jsonwebtoken.ExpiredJwtException: JWT expired: {}", "GET /ws?token={} 101", nested("idToken"), "id_token_hint={}&post_logout_redirect_uri=x", "@oauth.assertion={}", "kubelet: serviceaccount token {} rejected", in_json("raw")]),
    "bearer": (token, ["> Authorization: Bearer {}\n> Accept: */*", "'HTTP_AUTHORIZATION': 'Bearer {}'", "headers={{authorization=[Bearer {}], accept=[*/*]}}", "\"authorization\":\"Bearer {}\"", "@http.request.header.authorization=Bearer {}", "Authorization: Token {}", "map[Authorization:[Bearer {}] Accept:[*/*]]", "Authorization: token {}"]),
    "basic": (made.basic, ["> Authorization: Basic {}", "map[Authorization:[Basic {}]]", "'HTTP_AUTHORIZATION': 'Basic {}'", "@http.request.header.proxy-authorization=Basic {}", "\"Authorization\":\"Basic {}\",\"Host\":\"x\"", "authorization: basic {}"]),
    "cookie": (sid, ["> Cookie: _session_id={}; locale=de", "'HTTP_COOKIE': 'csrftoken=x1; sessionid={}'", "Set-Cookie: PLAY_SESSION={}; Path=/; HTTPOnly", "map[Cookie:[connect.sid={}]]", "@http.response.header.set-cookie=ASP.NET_SessionId={}; path=/", "< set-cookie: laravel_session={}; expires=Wed", lambda v: {"request": {"cookies": [["sid", v]]}}, lambda v: {"headers": [["Cookie", f"remember_user_token={v}"]]}]),
    "session": (sid, ["Session {} has expired", "JSESSIONID={}", "session id: {} invalidated", "@session.token={}", "redis GET sess:{} -> nil", in_json("sessionId"), "ASPSESSIONIDQQ={}", "csrf_token={} mismatch", "sid={} user=7 logout"]),
    "password_url": (url_password, ["sqlalchemy.exc.OperationalError: (psycopg2) postgresql+psycopg2://svc:{}@pg-1:5432/app", "jdbc:mysql://root:{}@db/app?useSSL=false", "rediss://default:{}@redis.internal:6380", "amqps://rabbit:{}@mq/vhost", "@db.connection_string=mongodb://admin:{}@m1:27017,m2:27017/?replicaSet=rs0", "smtp://mailer%40example.invalid:{}@smtp:587", "fatal: unable to access 'https://deploy:{}@git.internal/app.git/'", "clickhouse://default:{}@ch:9000/logs", "redis://:{}@cache:6379/2", "Traceback: url='http://svc:{}@api.internal/v1'"]),
    "password_kv": (password, ["Parameters: {{\"username\"=>\"bob\", \"password\"=>\"{}\"}}", "auth attempt user=bob pass={} result=fail", "spring.datasource.password={}", "jdbc:sqlserver://db:1433;user=sa;password={};encrypt=true", "Mot de passe: {}", "Passwort: {} ist falsch", "contraseña={} incorrecta", "mysql -u root -p{} app", "sshpass -p {} ssh host", "MYSQL_ROOT_PASSWORD={}", "@db.password={}", in_form("passwd"), "user=bob&new_password={}&confirm=1", "IDENTIFIED BY '{}'", "LoginRequest(username=bob, password={})", "{{user:bob password:{}}}", "<wsse:Password>{}</wsse:Password>", "passphrase: {}", "net use \\\\srv\\c /user:bob password={}"]),
    "password_json": (password, [in_json("password"), in_json("newPassword"), nested("passwd"), "body: {{\\\"login\\\":\\\"bob\\\",\\\"password\\\":\\\"{}\\\"}}", "received {{\"user\":\"bob\",\"pwd\":\"{}\"", "{{'username': 'bob', 'password': '{}'}}", "{{\"auth\":{{\"identity\":{{\"password\":{{\"user\":{{\"name\":\"svc\",\"password\":\"{}\"}}}}}}}}}}", "password: \"{}\"\nuser: bob"]),
    "aws": (made.aws, ["botocore: InvalidAccessKeyId {}", "AWS4-HMAC-SHA256 Credential={}/20261124/eu-west-1/s3/aws4_request", "export AWS_ACCESS_KEY_ID={}", "@aws.key={}", "X-Amz-Credential={}%2F20261124%2Feu", in_json("accessKeyId")]),
    "aws_secret": (aws_secret, ["aws_secret_access_key = {}", "AWS_SECRET_ACCESS_KEY={}", in_json("SecretAccessKey"), "@aws.secret_access_key={}", "secretKey: {}"]),
    "github": (github, ["fatal: could not read Username for 'https://x-access-token:{}@github.com'", "Authorization: token {}", "@ci.github_token={}", "GH_TOKEN: {}", in_json("token"), "::debug::using {}"]),
    "slack": (slack, ["POST {} 404 no_service", "slack: invalid_auth for {}", "@notify.slack={}", in_json("webhook")]),
    "stripe": (stripe, ["Stripe::AuthenticationError: Invalid API Key provided: {}", "STRIPE_KEY={}", "@config.stripe={}", in_json("apiKey"), "webhook signing with {}"]),
    "google": (google, ["google.api_core: API key {} not valid", "https://www.googleapis.com/maps?key={}&v=3", "@gcp.credential={}", in_json("credential"), "client secret {} rejected"]),
    "generic": (token, ["api-key: {}", "X-Auth-Token: {}", "apikey={} quota exceeded", "SENDGRID_KEY={}", "client_secret={}", "@datadog.api_key={}", in_json("refreshToken"), in_form("access_token"), "?sig={}&se=2026", "Vault token {} revoked", "X-Vault-Token: {}", "webhook_secret: {}", "oauth_token_secret=\"{}\"", "DJANGO_SECRET_KEY='{}'", "private_token={}", nested("hmacKey"), "_authToken={}", "otp_secret={}"]),
    "pem": (made.pem, ["-----BEGIN RSA PRIVATE KEY-----\\n{}\\n-----END RSA PRIVATE KEY-----", "tls.key: |\n  -----BEGIN PRIVATE KEY-----\n  {}\n  -----END PRIVATE KEY-----", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n{}", "@key=-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----", "{{\"private_key\": \"-----BEGIN PRIVATE KEY-----\\n{}"]),
    "ssn": (ssn, ["applicant ssn {} mismatch", "Social Security Number: {}", "<SSN>{}</SSN>", in_json("ssn"), "@tax.ssn={}", "SSN={} state=NY"]),
    "dni": (dni, ["El DNI {} no es válido", "NIE/NIF: {}", "@cliente.dni={}", in_json("nif"), "cliente con documento {} bloqueado"]),
    "codice": (codice, ["Codice fiscale {} già presente", "CF: {}", "@paziente.codice_fiscale={}", in_json("codFiscale"), "contribuente {} sconosciuto"]),
    "pesel": (made.pesel, ["PESEL: {} nieprawidłowy", "klient pesel={} zablokowany", "@pacjent.pesel={}", in_json("pesel"), "Nr PESEL {} istnieje"]),
    "nir": (nir, ["N° de sécurité sociale : {}", "NIR {} inconnu", "@assure.nir={}", in_json("numSecu"), "assuré {} radié"]),
    "name": (person, ["@customer.full_name={}", in_json("fullName"), nested("lastName"), "firstName=Bob, lastName={}, age=7", "cardholder name: {}", in_form("billing_name"), "Customer(name={}, id=12)", "@enduser.name={}", "Hello {}, your order is ready", "patient_name=\"{}\" ward=3"]),
}  # fmt: skip


def make_services(seed: int, each: int = 3) -> list[Case]:
    """Every line `each` times with new values, and the clean lines as often."""
    random = Random(seed)
    cases = [make_case(random, category, line) for category, (_, lines) in LINES.items() for line in lines for _ in range(each)]  # fmt: skip
    return cases + [make_clean(random, line) for line in CLEAN for _ in range(each)]


def make_case(random: Random, category: str, line: Form) -> Case:
    """One record with one private value."""
    value = LINES[category][0](random)
    message = "request failed"
    attributes: dict[str, Any] = {}
    if callable(line):
        attributes = line(value)
    elif line.startswith("@"):
        key, _, said = line[1:].partition("=")
        attributes = {key: said.format(value)}
    else:
        message = line.format(value)
    keep = [("trace", made.pick(random, made.HEX, 32))]
    attributes = {"trace_id": keep[0][1], "worker": random.randint(1, 9), **attributes}
    text = value if category != "name" else max(value.split(), key=len)
    category = "aws" if category == "aws_secret" else category
    return Case(make_record(random, message, attributes), [(category, text)], keep)


def make_clean(random: Random, line: str) -> Case:
    """One record with nothing private: the whole line must survive."""
    said, attributes = fill(random, line)
    record = make_record(random, said, attributes)
    return Case(record, [], [("line", text) for text in (said, *map(str, attributes.values()))])
