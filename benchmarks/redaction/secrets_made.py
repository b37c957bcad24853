"""Makes private values that pass their checks, from a seeded generator: none belongs to anyone."""

import base64
import ipaddress
import json
import string
from functools import partial
from random import Random

from diagnostics.pipeline.redact import checks

FIRST = [
    "Ann",
    "Bob",
    "Chloé",
    "Dmitri",
    "Elena",
    "Farid",
    "Grace",
    "Hiro",
    "Ines",
    "João",
    "Kateřina",
    "Liam",
    "Mònica",
    "Niels",
    "Olga",
    "Priya",
    "Quentin",
    "Rosa",
    "Søren",
    "Tomás",
]
LAST = [
    "Smith",
    "Novák",
    "García",
    "Müller",
    "O'Brien",
    "Kowalska",
    "Rossi",
    "Dubois",
    "Jensen",
    "Tanaka",
    "Okafor",
    "Silva",
    "van-Dijk",
    "Larsson",
    "Haddad",
    "Lee",
]
HOSTS = ["example.com", "mail.example.org", "shop.example.co.uk", "corp.example.net", "example.de", "univ.example.edu"]
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def pick(random: Random, alphabet: str, size: int) -> str:
    """Random signs."""
    return "".join(random.choice(alphabet) for _ in range(size))


def digits(random: Random, size: int) -> str:
    """Random digits."""
    return pick(random, string.digits, size)


def email(r: Random) -> str:
    first, last = (
        r.choice(["ann", "bob", "chloe", "dmitri", "elena", "farid", "grace"]),
        r.choice(["smith", "novak", "garcia", "mueller"]),
    )
    local = r.choice(
        [f"{first}.{last}", f"{first}{r.randint(1, 99)}", f"{first[0]}_{last}", f"{first}+tag", f"{first}-{last}"]
    )
    return f"{local}@{r.choice(HOSTS)}"


def phone(r: Random) -> str:
    d = partial(digits, r)
    return r.choice(
        [
            f"+1 415 {r.randint(200, 999)} {d(4)}",
            f"+1-212-{r.randint(200, 999)}-{d(4)}",
            f"({r.randint(201, 989)}) {r.randint(200, 999)}-{d(4)}",
            f"+44 7700 900{d(3)}",
            f"+4915{d(9)}",
            f"+33 6 {d(2)} {d(2)} {d(2)} {d(2)}",
            f"+34 6{d(2)} {d(3)} {d(3)}",
            f"{r.randint(201, 989)}-{r.randint(200, 999)}-{d(4)}",
        ]
    )


def with_luhn(head: str) -> str:
    return next(head + str(n) for n in range(10) if checks.passes_luhn(head + str(n)))


def card(r: Random) -> str:
    kind = r.choice(["visa", "master", "amex", "discover"])
    head = {"visa": "4", "master": str(r.randint(51, 55)), "amex": "37", "discover": "6011"}[kind]
    number = with_luhn(head + pick(r, string.digits, (14 if kind == "amex" else 15) - len(head)))
    sign = r.choice(["", "", " ", "-"])
    cuts = (4, 10, 15) if kind == "amex" else (4, 8, 12, 16)
    return sign.join(number[a:b] for a, b in zip((0, *cuts[:-1]), cuts, strict=True))


def iban(r: Random) -> str:
    country = r.choice(["DE", "ES", "FR", "GB", "NL", "IT", "PL", "CH"])
    bank = {"GB": "NWBK", "NL": "ABNA", "IT": "X"}.get(country, "")
    body = bank + digits(r, checks.IBAN_LENGTHS[country] - 4 - len(bank))
    number = int("".join(str(int(sign, 36)) for sign in body + country + "00"))
    text = f"{country}{98 - number % 97:02d}{body}"
    return r.choice([text, " ".join(text[i : i + 4] for i in range(0, len(text), 4))])


def ip(r: Random) -> str:
    if r.random() < 0.7:
        return f"{r.choice([203, 198, 81, 92, 10, 172, 192])}.{r.randint(20, 250)}.{r.randint(20, 250)}.{r.randint(2, 250)}"
    return str(ipaddress.IPv6Address((0x2001 << 112) | (0xDB8 << 96) | r.getrandbits(90) | 1))


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def jwt(r: Random) -> str:
    head = b64(json.dumps({"alg": r.choice(["HS256", "RS256"]), "typ": "JWT"}).encode())
    return f"{head}.{b64(json.dumps({'sub': r.randint(1, 10**9), 'iat': 1700000000}).encode())}.{b64(r.randbytes(32))}"


def opaque(r: Random) -> str:
    return r.choice([pick(r, ALNUM, r.randint(24, 48)), b64(r.randbytes(24)), pick(r, HEX, 40)])


def basic(r: Random) -> str:
    return base64.b64encode(f"{pick(r, string.ascii_lowercase, 6)}:{pick(r, ALNUM + '!$', 10)}".encode()).decode()


def session(r: Random) -> str:
    return r.choice(
        [pick(r, string.ascii_lowercase + string.digits, 32), pick(r, ALNUM, 26), "s%3A" + pick(r, ALNUM, 32)]
    )


def password(r: Random) -> str:
    word = r.choice(["Summer", "Tr0ub4dor", "correct", "hunter", "Sunshine", "dragon", "Welcome", "qwerty"])
    return word + pick(r, string.digits, r.randint(2, 4)) + r.choice(["!", "#", "$", "%", "", "?x", "&3"])


def aws(r: Random) -> str:
    return r.choice(["AKIA", "ASIA"]) + pick(r, string.ascii_uppercase + "234567", 16)


def github(r: Random) -> str:
    return r.choice(
        ["ghp_" + pick(r, ALNUM, 36), "gho_" + pick(r, ALNUM, 36), "github_pat_" + pick(r, ALNUM + "_", 60)]
    )


def slack(r: Random) -> str:
    return f"xox{r.choice('bpa')}-{r.randint(10**10, 10**11)}-{r.randint(10**10, 10**11)}-{pick(r, ALNUM, 24)}"


def stripe(r: Random) -> str:
    return f"{r.choice(['sk', 'rk'])}_{r.choice(['live', 'test'])}_{pick(r, ALNUM, r.choice([24, 60]))}"


def google(r: Random) -> str:
    return "AIza" + pick(r, ALNUM + "-_", 35)


def generic(r: Random) -> str:
    return pick(r, ALNUM, r.choice([32, 40, 48]))


def pem(r: Random) -> str:
    return base64.b64encode(r.randbytes(96)).decode()


def ssn(r: Random) -> str:
    return f"{r.choice([r.randint(1, 665), r.randint(667, 899)]):03d}-{r.randint(1, 99):02d}-{r.randint(1, 9999):04d}"


def dni(r: Random) -> str:
    number = r.randint(30_000_000, 89_999_999)
    if r.random() < 0.6:
        return f"{number}{checks.DNI_LETTERS[number % 23]}"
    short = r.randint(1_000_000, 9_999_999)
    return f"X{short:07d}{checks.DNI_LETTERS[short % 23]}"


def codice(r: Random) -> str:
    head = pick(r, "BCDFGLMNPRSTV", 6) + f"{r.randint(40, 99)}{r.choice('ABCDEHLMPRST')}{r.randint(1, 28):02d}"
    head += f"{r.choice('ABCDEFGH')}{r.randint(100, 999)}"
    return next(head + c for c in string.ascii_uppercase if checks.is_codice_fiscale(head + c))


def pesel(r: Random) -> str:
    head = f"{r.randint(40, 99)}{r.randint(1, 12):02d}{r.randint(1, 28):02d}{pick(r, string.digits, 4)}"
    return next(head + str(n) for n in range(10) if checks.is_pesel(head + str(n)))


def nir(r: Random) -> str:
    head = f"{r.choice('12')}{r.randint(40, 99)}{r.randint(1, 12):02d}{r.randint(1, 95):02d}{r.randint(1, 999):03d}{r.randint(1, 999):03d}"
    return f"{head}{97 - int(head) % 97:02d}"


def name(r: Random) -> str:
    return f"{r.choice(FIRST)} {r.choice(LAST)}"
