"""Private values of the right shape and with the right check digits, made from a seed; nobody's, and no key that opens anything."""

import base64
import json
import string
from collections.abc import Callable
from random import Random
from typing import Final
from urllib.parse import quote, quote_plus

import phonenumbers
from stdnum import iban as iban_rules
from stdnum import iso7064, luhn, verhoeff

Maker = Callable[[Random], str]

LOWER: Final = string.ascii_lowercase
ALNUM: Final = string.ascii_letters + string.digits
HEX: Final = "0123456789abcdef"
B64: Final = ALNUM + "+/"
URL64: Final = ALNUM + "-_"
UPPER_DIGITS: Final = string.ascii_uppercase + string.digits
BASE32: Final = string.ascii_uppercase + "234567"

GIVEN: Final = ["Amara", "Bjørn", "Chiara", "Dmitri", "Eilidh", "Fatou", "Gökhan", "Hana", "Íñigo", "Joana", "Kwame", "Lucía", "Mei", "Nils", "Oluwaseun", "Priya", "Quentin", "Rania", "Søren", "Thandiwe", "Ursula", "Vojtěch", "Wanjiru", "Xiomara", "Yusuf", "Zsófia"]  # fmt: skip
FAMILY: Final = ["Abernathy", "Bianchi", "Castellanos", "Dlamini", "Eriksson", "Ferreira", "Grzelak", "Haddad", "Iwasaki", "Jankauskas", "Kowalczyk", "Lindqvist", "Mbeki", "Nakagawa", "Okonkwo", "Petrović", "Quispe", "Rasmussen", "Szymański", "Takahashi", "Ünal", "Vandenberghe", "Wojcik", "Xhaferi", "Yilmaz", "Zielonka"]  # fmt: skip
PLAIN_GIVEN: Final = [
    "amara",
    "chiara",
    "dmitri",
    "fatou",
    "hana",
    "joana",
    "kwame",
    "mei",
    "nils",
    "priya",
    "rania",
    "yusuf",
]
PLAIN_FAMILY: Final = ["bianchi", "dlamini", "eriksson", "ferreira", "haddad", "iwasaki", "okonkwo", "quispe", "wojcik", "zielonka"]  # fmt: skip
DOMAINS: Final = ["gmail.com", "orange.fr", "web.de", "libero.it", "telenet.be", "hotmail.co.uk", "naver.com", "uol.com.br", "wp.pl", "mail.ru", "proton.me", "icloud.com", "acme-logistics.io", "uni-graz.ac.at", "health.nsw.gov.au", "example.com", "xn--bcher-kva.example"]  # fmt: skip
WORDS: Final = ["sunset", "dragon", "Coffee", "winter", "Liverpool", "monkey", "Summer", "tiger", "Admin", "qwerty", "madrid", "Zaragoza", "pepper", "Kestrel"]  # fmt: skip


def pick(r: Random, alphabet: str, size: int) -> str:
    return "".join(r.choice(alphabet) for _ in range(size))


def digits(r: Random, size: int) -> str:
    return r.choice("123456789") + pick(r, string.digits, size - 1)


def of(prefix: str, alphabet: str, size: int, suffix: str = "") -> Maker:
    """A maker of prefix + random characters + suffix, the shape of most vendors' keys."""
    return lambda r: prefix + pick(r, alphabet, size) + suffix


def any_of(*makers: Maker) -> Maker:
    return lambda r: r.choice(makers)(r)


# --- people -----------------------------------------------------------------------------------------------------------


def email(r: Random) -> str:
    given, family = r.choice(PLAIN_GIVEN), r.choice(PLAIN_FAMILY)
    local = r.choice([f"{given}.{family}", f"{given[0]}{family}", f"{given}_{family}{r.randint(1, 99)}", f"{given}+{r.choice(['shop', 'alerts', 'test'])}", f"{family}-{given}", f"{given}.o'{family}" if r.random() < 0.3 else f"{given}{r.randint(1950, 2009)}", f"{given.title()}.{family.title()}"])  # fmt: skip
    return f"{local}@{r.choice(DOMAINS)}"


def name(r: Random) -> str:
    return f"{r.choice(GIVEN)} {r.choice(FAMILY)}"


PHONE_LANDS: Final = ["GB", "DE", "FR", "ES", "IT", "NL", "PL", "SE", "BR", "IN", "JP", "AU", "ZA", "CH", "AT", "PT", "MX", "NG", "TR", "KR"]  # fmt: skip


def phone_of(region: str, style: int) -> Maker:
    def make(r: Random) -> str:
        sample = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        assert sample is not None
        while True:
            size = len(str(sample.national_number))
            tail = pick(r, string.digits, size - 3)
            number = phonenumbers.PhoneNumber(sample.country_code, int(str(sample.national_number)[:3] + tail))
            if phonenumbers.is_valid_number(number) and len(str(number.national_number)) == size:
                return str(phonenumbers.format_number(number, style))

    return make


E164, INTERNATIONAL, NATIONAL = (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.NATIONAL)  # fmt: skip


def phone(r: Random) -> str:
    """With the country's code, as most systems write it."""
    return phone_of(r.choice(PHONE_LANDS), r.choice([E164, INTERNATIONAL]))(r)


def phone_home(r: Random) -> str:
    """As people of the country write it: only to be told from other numbers by what stands around."""
    return phone_of(r.choice(PHONE_LANDS), NATIONAL)(r)


def phone_us(r: Random) -> str:
    area, local, last = f"{r.choice([212, 310, 415, 503, 617, 713, 808])}", f"{r.randint(220, 989)}", f"{r.randint(1000, 9999)}"  # fmt: skip
    return r.choice([f"({area}) {local}-{last}", f"{area}-{local}-{last}", f"+1 {area} {local} {last}", f"+1-{area}-{local}-{last}", f"{area}.{local}.{last}"])  # fmt: skip


def address4(r: Random) -> str:
    return f"{r.choice([5, 24, 41, 62, 78, 91, 103, 151, 177, 189, 203, 213])}.{r.randint(0, 255)}.{r.randint(0, 255)}.{r.randint(1, 254)}"


def address6(r: Random) -> str:
    a, b, c, d, e, f = (f"{r.randint(0x100, 0xFFFF):x}" for _ in range(6))
    net = r.choice(["2001:db8", "2a01:e0a", "2a02:8109", "2600:1700", "2804:14c", "240e:3b7"])
    return r.choice([f"{net}:{a}:{b}:{c}:{d}:{e}:{f}", f"{net}::{a}", f"{net}:{a}::{b}:{c}", f"{net}:{a}:{b}::1", f"::ffff:{address4(r)}"])  # fmt: skip


# --- money ------------------------------------------------------------------------------------------------------------


def card_digits(r: Random) -> str:
    head, size = r.choice(
        [("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("37", 15), ("6011", 16), ("3530", 16), ("4", 16)]
    )
    body = head + pick(r, string.digits, size - len(head) - 1)
    return body + luhn.calc_check_digit(body)


def card(r: Random) -> str:
    number = card_digits(r)
    if len(number) == 15:
        return r.choice(
            [number, f"{number[:4]} {number[4:10]} {number[10:]}", f"{number[:4]}-{number[4:10]}-{number[10:]}"]
        )
    fours = [number[i : i + 4] for i in range(0, 16, 4)]
    return r.choice([number, number, " ".join(fours), "-".join(fours)])


BBAN: Final = {"DE": "d18", "FR": "d20", "ES": "d20", "IT": "Ld22", "NL": "LLLLd10", "GB": "LLLLd14", "PL": "d24", "BE": "d12", "AT": "d16", "CH": "d17", "PT": "d21", "SE": "d20", "NO": "d11", "IE": "LLLLd14", "TR": "d22", "AE": "d19", "SA": "d20", "LT": "d16"}  # fmt: skip


def iban_digits(r: Random) -> str:
    while True:
        land, form = r.choice(list(BBAN.items()))
        letters = pick(r, string.ascii_uppercase, form.count("L"))
        body = letters + digits(r, int(form.split("d")[1]))
        code = land + iso7064.mod_97_10.calc_check_digits(body + land) + body
        if iban_rules.is_valid(code, check_country=False):
            return code


def iban(r: Random) -> str:
    code = iban_digits(r)
    return r.choice([code, " ".join(code[i : i + 4] for i in range(0, len(code), 4))])


# --- what lets one in -------------------------------------------------------------------------------------------------


def password(r: Random) -> str:
    word = r.choice(WORDS)
    return r.choice([f"{word}{r.randint(1, 2025)}!", f"{word}{r.choice(['@', '#', '$', '_'])}{r.randint(10, 99)}", pick(r, ALNUM, r.randint(10, 20)), pick(r, ALNUM + "!#$%*+-=?^_~", r.randint(12, 18)).strip("=-?"), f"{word.lower()}{r.choice(WORDS).lower()}", f"{r.choice(WORDS)}-{r.choice(WORDS)}-{r.randint(1, 99)}"])  # fmt: skip


def password_hard(r: Random) -> str:
    """With the marks that end a value in other places; for values between quotes."""
    word = r.choice(WORDS)
    return r.choice([f"{word} {r.choice(WORDS)} {r.randint(10, 99)}", f"{word}&{pick(r, ALNUM, 5)};{r.randint(1, 9)}", f"p@{word},{pick(r, ALNUM, 4)})x", f"<{word}>{pick(r, ALNUM, 6)}}}", f"{word}:{pick(r, ALNUM, 6)}=="])  # fmt: skip


def password_url(r: Random) -> str:
    word = r.choice(WORDS)
    return r.choice([pick(r, ALNUM, 16), f"{word}!{r.randint(10, 99)}", f"{word}%40{r.randint(100, 999)}", f"{word}#{r.randint(10, 99)}$", f"{word}@{r.randint(10, 99)}", f"{pick(r, ALNUM, 6)}%2F{pick(r, ALNUM, 5)}%3D", f"{word}.{pick(r, ALNUM, 8)}"])  # fmt: skip


def b64url(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


def jwt(r: Random) -> str:
    head = {"alg": r.choice(["HS256", "RS256", "ES256"]), "typ": "JWT"} | (
        {"kid": pick(r, HEX, 8)} if r.random() < 0.5 else {}
    )
    claims = {"iss": "https://id.example.net", "sub": pick(r, HEX, 12), "iat": 1_763_000_000 + r.randint(0, 9_000_000)}
    return f"{b64url(head)}.{b64url(claims)}.{pick(r, URL64, r.choice([43, 86, 342]))}"


def basic(r: Random) -> str:
    return base64.b64encode(f"{r.choice(PLAIN_GIVEN)}:{password(r)}".encode()).decode()


def session(r: Random) -> str:
    return r.choice([pick(r, HEX, 32), pick(r, LOWER + string.digits, 26), pick(r, URL64, 43).strip("-_"), "s%3A" + pick(r, URL64, 32) + "." + pick(r, ALNUM, 43), pick(r, UPPER_DIGITS, 32) + ".node" + str(r.randint(1, 9)), pick(r, LOWER + string.digits, 32)])  # fmt: skip


def opaque(r: Random) -> str:
    return r.choice([pick(r, ALNUM, 40), pick(r, HEX, 40), pick(r, URL64, 64).strip("-_"), "ya29." + pick(r, URL64, 90).strip("-_"), pick(r, ALNUM, 24), f"{pick(r, HEX, 8)}-{pick(r, HEX, 4)}-4{pick(r, HEX, 3)}-a{pick(r, HEX, 3)}-{pick(r, HEX, 12)}"])  # fmt: skip


def secret(r: Random) -> str:
    return r.choice([pick(r, ALNUM, 32), pick(r, HEX, 32), pick(r, HEX, 64), pick(r, B64, 43) + "=", pick(r, URL64, 40).strip("-_"), pick(r, UPPER_DIGITS, 20)])  # fmt: skip


def pem(r: Random) -> str:
    kind = r.choice(
        ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]
    )
    lines = [pick(r, B64, 64) for _ in range(r.randint(2, 5))] + [pick(r, B64, 22) + "=="]
    return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"])


def pem_cut(r: Random) -> str:
    return pem(r).split("\n-----END")[0][:-9]


def google(r: Random) -> str:
    return r.choice([of("AIza", URL64, 34, "Q"), of("AIzaSy", URL64, 32, "k"), of("GOCSPX-", URL64, 27, "a")])(r)


GITHUB: Final = any_of(
    of("ghp_", ALNUM, 36),
    of("gho_", ALNUM, 36),
    of("ghs_", ALNUM, 36),
    lambda r: f"github_pat_{pick(r, ALNUM, 22)}_{pick(r, ALNUM, 59)}",
)
SLACK: Final = any_of(
    lambda r: f"xoxb-{digits(r, 12)}-{digits(r, 13)}-{pick(r, ALNUM, 24)}",
    lambda r: f"xoxp-{digits(r, 12)}-{digits(r, 12)}-{digits(r, 12)}-{pick(r, HEX, 32)}",
    lambda r: f"xapp-1-A{pick(r, UPPER_DIGITS, 10)}-{digits(r, 13)}-{pick(r, HEX, 64)}",
)
STRIPE: Final = any_of(
    of("sk_live_", ALNUM, 24),
    of("rk_live_", ALNUM, 99),
    of("sk_test_", ALNUM, 24),
    of("whsec_", ALNUM, 32),
    of("sk_live_51", ALNUM, 97),
)
AWS_ID: Final = any_of(of("AKIA", BASE32, 16), of("ASIA", BASE32, 16))

# --- other vendors' keys, by vendor -----------------------------------------------------------------------------------

VENDORS: Final[dict[str, Maker]] = {
    "gitlab": of("glpat-", URL64, 19, "x"), "npm": of("npm_", ALNUM, 36), "pypi": of("pypi-AgEIcHlwaS5vcmc", URL64, 80, "A"),
    "openai": lambda r: f"sk-proj-{pick(r, ALNUM, 74)}T3BlbkFJ{pick(r, ALNUM, 74)}", "anthropic": of("sk-ant-api03-", URL64, 93, "AA"),
    "databricks": of("dapi", HEX, 32), "digitalocean": of("dop_v1_", HEX, 64), "shopify": of("shpat_", HEX, 32),
    "telegram": lambda r: f"{digits(r, 10)}:AA{pick(r, URL64, 32)}x", "discord": lambda r: f"M{pick(r, ALNUM, 25)}.{pick(r, ALNUM, 6)}.{pick(r, URL64, 37)}k",
    "sendgrid": lambda r: f"SG.{pick(r, URL64, 21)}a.{pick(r, URL64, 42)}b", "twilio": of("SK", HEX, 32), "mailgun": of("key-", HEX, 32),
    "hf": of("hf_", string.ascii_letters, 34), "vault": of("hvs.", URL64, 90, "Z"), "linear": of("lin_api_", ALNUM, 40),
    "grafana": of("glsa_", ALNUM, 32, "_1a2b3c4d"), "newrelic": of("NRAK-", UPPER_DIGITS, 27), "mailchimp": of("", HEX, 32, "-us14"),
    "postman": lambda r: f"PMAK-{pick(r, HEX, 24)}-{pick(r, HEX, 34)}", "age": of("AGE-SECRET-KEY-1", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "doppler": of("dp.pt.", ALNUM, 43), "planetscale": of("pscale_tkn_", URL64, 42, "z"), "rubygems": of("rubygems_", HEX, 48), "pulumi": of("pul-", HEX, 40),
    "dockerhub": of("dckr_pat_", URL64, 26, "q"), "notion": of("secret_", ALNUM, 43), "square": of("sq0atp-", URL64, 21, "r"), "atlassian": of("ATATT3xFfGF0", URL64, 176, "=A1B2C3D4"),
    "circleci": lambda r: f"CCIPAT_{pick(r, ALNUM, 22)}_{pick(r, HEX, 40)}", "sentry": of("sntrys_eyJpYXQiOjE3", URL64, 90, "w"), "flyio": of("FlyV1 fm2_", B64, 90),
}  # fmt: skip

# --- national numbers, with their check digits ------------------------------------------------------------------------


def ssn(r: Random) -> str:
    return f"{r.choice([219, 408, 512, 610, 733])}-{r.randint(10, 99)}-{r.randint(1000, 9999)}"


def dni(r: Random) -> str:
    number = int(digits(r, 8))
    if r.random() < 0.4:
        head, number = r.choice("XYZ"), int(digits(r, 7))
        return f"{head}{number}" + "TRWAGMYFPDXBNJZSQVHLCKE"[("XYZ".index(head) * 10**7 + number) % 23]
    return r.choice(["{}{}", "{}{}", "{}-{}"]).format(number, "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23])


def codice(r: Random) -> str:
    from_it = "BCDFGLMNPRSTVZ"
    body = pick(r, from_it, 6) + f"{r.randint(40, 99)}{r.choice('ABCDEHLMPRST')}{r.randint(1, 28):02}" + r.choice("ABCDEFGHIL") + f"{r.randint(100, 999)}"  # fmt: skip
    odd = dict(zip(string.digits + string.ascii_uppercase, [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23], strict=True))  # fmt: skip
    even = {c: int(c) if c.isdigit() else ord(c) - 65 for c in string.digits + string.ascii_uppercase}
    return body + chr(65 + sum((odd if i % 2 == 0 else even)[c] for i, c in enumerate(body)) % 26)


def weighted(body: str, weights: list[int]) -> int:
    return sum(int(c) * w for c, w in zip(body, weights, strict=True))


def pesel(r: Random) -> str:
    body = f"{r.randint(40, 99)}{r.randint(1, 12):02}{r.randint(1, 28):02}{pick(r, string.digits, 4)}"
    return body + str(-weighted(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)


def nir(r: Random) -> str:
    body = f"{r.choice('12')}{r.randint(40, 99)}{r.randint(1, 12):02}{r.randint(10, 95)}{r.randint(100, 600)}{r.randint(100, 999)}"
    check = f"{97 - int(body) % 97:02}"
    if r.random() < 0.5:
        return body + check
    return f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:13]} {check}"


def cpf(r: Random) -> str:
    body = digits(r, 9)
    for size in (10, 11):
        body += str((weighted(body, list(range(size, 1, -1))) * 10 % 11) % 10)
    return r.choice([body, f"{body[:3]}.{body[3:6]}.{body[6:9]}-{body[9:]}"])


def aadhaar(r: Random) -> str:
    body = r.choice("23456789") + pick(r, string.digits, 10)
    full = body + verhoeff.calc_check_digit(body)
    return r.choice([full, f"{full[:4]} {full[4:8]} {full[8:]}"])


def bsn(r: Random) -> str:
    while True:
        body = digits(r, 8)
        last = weighted(body, [9, 8, 7, 6, 5, 4, 3, 2]) % 11
        if last < 10:
            return body + str(last)


def nino(r: Random) -> str:
    text = r.choice(["AB", "CE", "JT", "PW", "SR"]) + digits(r, 6) + r.choice("ABCD")
    return r.choice([text, f"{text[:2]} {text[2:4]} {text[4:6]} {text[6:8]} {text[8]}"])


def tc_kimlik(r: Random) -> str:
    d = [int(c) for c in digits(r, 9)]
    d.append((7 * sum(d[0::2]) - sum(d[1:8:2])) % 10)
    return "".join(map(str, [*d, sum(d) % 10]))


def personnummer(r: Random) -> str:
    body = f"{r.randint(40, 99)}{r.randint(1, 12):02}{r.randint(1, 28):02}{pick(r, string.digits, 3)}"
    check = luhn.calc_check_digit(body)
    return r.choice([f"{body[:6]}-{body[6:]}{check}", f"19{body[:6]}-{body[6:]}{check}"])


def resident_cn(r: Random) -> str:
    body = f"{r.choice([110101, 310104, 440305])}19{r.randint(60, 99)}{r.randint(1, 12):02}{r.randint(1, 28):02}{digits(r, 3)}"
    return body + "10X98765432"[weighted(body, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11]


def rijksregister(r: Random) -> str:
    body = f"{r.randint(40, 99)}{r.randint(1, 12):02}{r.randint(1, 28):02}{r.randint(100, 997)}"
    return f"{body[:2]}.{body[2:4]}.{body[4:6]}-{body[6:]}.{97 - int(body) % 97:02}"


NATIONAL_IDS: Final[dict[str, Maker]] = {"cpf": cpf, "aadhaar": aadhaar, "bsn": bsn, "nino": nino, "tckn": tc_kimlik, "personnummer": personnummer, "cnid": resident_cn, "rrn_be": rijksregister}  # fmt: skip

# --- what only looks like it ------------------------------------------------------------------------------------------


def uuid(r: Random) -> str:
    return f"{pick(r, HEX, 8)}-{pick(r, HEX, 4)}-{r.choice('147')}{pick(r, HEX, 3)}-{r.choice('89ab')}{pick(r, HEX, 3)}-{pick(r, HEX, 12)}"


def luhn_order(r: Random) -> str:
    """An order's number that happens to pass Luhn, as one in ten does."""
    body = digits(r, 15)
    return body + luhn.calc_check_digit(body)


HARMLESS: Final[dict[str, Maker]] = {
    "uuid": uuid, "trace": of("", HEX, 32), "span": of("", HEX, 16), "ulid": of("01K", "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23), "sha1": of("", HEX, 40), "sha256": of("", HEX, 64),
    "short": of("", HEX, 7), "n4": lambda r: digits(r, 4), "n6": lambda r: digits(r, 6), "n8": lambda r: digits(r, 8), "n9": lambda r: digits(r, 9), "n10": lambda r: digits(r, 10), "n12": lambda r: digits(r, 12),
    "n13": lambda r: digits(r, 13), "n16": lambda r: digits(r, 16), "n19": lambda r: digits(r, 19), "luhn": luhn_order, "objectid": of("6", HEX, 23), "epoch": lambda r: f"17{digits(r, 8)}", "epoch_ms": lambda r: f"17{digits(r, 11)}",
    "container": of("", HEX, 12), "pod": lambda r: f"{pick(r, 'bcdfghjklmnpqrstvwxz2456789', 10)}-{pick(r, 'bcdfghjklmnpqrstvwxz2456789', 5)}",
}  # fmt: skip

# kind in a line -> (category, maker)
PRIVATE: Final[dict[str, tuple[str, Maker]]] = {
    "email": ("email", email), "name": ("name", name), "given": ("name", lambda r: r.choice(GIVEN)), "family": ("name", lambda r: r.choice(FAMILY)),
    "phone": ("phone", phone), "phone_home": ("phone", phone_home), "phone_us": ("phone", phone_us), "card": ("card", card), "pan": ("card", card_digits), "iban": ("iban", iban), "iban_plain": ("iban", iban_digits),
    "ip": ("ip", address4), "ip6": ("ip", address6), "jwt": ("jwt", jwt), "bearer": ("bearer", opaque), "basic": ("basic", basic), "cookie": ("cookie", session), "session": ("session", session),
    "pw_url": ("password_url", password_url), "pw": ("password_kv", password), "pw_hard": ("password_kv", password_hard), "pin": ("password_kv", of("", string.digits, 6)), "pw_json": ("password_json", password), "pw_json_hard": ("password_json", password_hard),
    "aws": ("aws", AWS_ID), "aws_secret": ("aws", of("", B64, 40)), "github": ("github", GITHUB), "slack": ("slack", SLACK), "slack_hook": ("slack", lambda r: f"T{pick(r, UPPER_DIGITS, 8)}/B{pick(r, UPPER_DIGITS, 10)}/{pick(r, ALNUM, 24)}"),
    "stripe": ("stripe", STRIPE), "google": ("google", google), "generic": ("generic", secret), "pw_simple": ("password_kv", of("", ALNUM, 12)), "pin3": ("password_kv", of("", string.digits, 3)), "session_hex": ("session", of("", HEX, 32)), "session_java": ("session", of("", UPPER_DIGITS, 32)), "bearer_long": ("bearer", of("", ALNUM, 48)), "pem": ("pem", pem), "pem_cut": ("pem", pem_cut),
    "ssn": ("ssn", ssn), "dni": ("dni", dni), "codice": ("codice", codice), "pesel": ("pesel", pesel), "nir": ("nir", nir),
    **{vendor: ("generic", maker) for vendor, maker in VENDORS.items()}, **{kind: ("national", maker) for kind, maker in NATIONAL_IDS.items()},
}  # fmt: skip

SHIFTS: Final[dict[str, Callable[[str], str]]] = {
    "q": lambda text: quote(text, safe=""),
    "j": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "b64": lambda text: base64.b64encode(text.encode()).decode(),
    "t": lambda text: text.replace("+", "").replace(" ", ""),
    "d": lambda text: "".join(filter(str.isdigit, text)),
    "f": quote_plus,
}
