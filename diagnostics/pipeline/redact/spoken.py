"""Secrets said in words: `password is x`, `--token x`, `IDENTIFIED BY 'x'`, `OTP 482913`, `curl -u user:x`."""

import re
from typing import Final

from diagnostics.pipeline.redact import shapes
from diagnostics.pipeline.redact.patterns import NOTHING, compile_find, compile_test
from diagnostics.pipeline.redact.scan import Scan

THING: Final = (
    r"password|passwd|passphrase|passcode|pwd|secret(?: key)?|api[ _-]?key|api[ _-]?token|(?:access|auth|refresh|id|bearer|"
    r"session|csrf|reset)[ _-]?token|token|access[ _-]key|private[ _-]key|credentials?|session(?: (?:id|key))?|"
    r"sessie|sitzung|sesi(?:o|\xc3\xb3)n|sessione|sesja|"
    r"[a-z]*sess(?:ion)?id|sid|"
    r"passwort|kennwort|mot de passe|contrase(?:\xc3\xb1|n)a|senha|wachtwoord|has\xc5\x82o|haslo|"
    r"l\xc3\xb6senord|heslo|parola|jelsz\xc3\xb3"
)
SAID: Final = compile_find(
    rf"(?i)\b({THING})\b[\"']?(?:\s+for\s+(?:user\s+)?[^\s]{{1,64}})?"
    r"(\s+(?:is now|is|was|to|=>|set to|changed to|reset to|equals|of|using|with value|value|"
    r"ist|lautet|est|es|\xc3\xa9|\xc3\xa8|jest|\xc3\xa4r|je|is nu):?)?"
    r"\s+(?:'([^'\s]{3,})'|\"([^\"\s]{3,})\"|([^\s\"']{4,}))"
)
SAID_GATE: Final = (
    r"(?i)(?:\bsid|sessie|sitzung|sesi\S{1,2}n|sessione|sesja|"
    r"sess(?:ion)?id|pass(?:word|wd|phrase|code)|pwd|secret|api[ _-]?key|token|session(?: id| key)?|"
    r"[esd]s[ _-]key|ate[ _-]key|"
    r"credentials?|passwort|kennwort|de passe|contrase|senha|wachtwoord|has\xc5\x82o|haslo|"
    r"senord|heslo|parola|jelsz)[\x80-\xff]*a?[\"']?\s"
)
FLAG: Final = compile_find(
    r"(?i)(?:^|\s)--?(?:[a-z0-9]+-)*(?:password|passwd|pass|pwd|secret|token|api-?key|access-key|secret-key|auth|passphrase|"
    r"(?:src|dest|new)?(?:store|key)pass)\s+"
    r"[\"']?([^\s\"'-][^\s\"']*)"
)
FLAG_GATES: Final = (r"(?:^|\s)--?[A-Za-z]", r"(?i)pass|pwd|secret|token|key|auth")
SQL: Final = compile_find(
    r"(?i)\b(?:identified\s+(?:with\s+\S+\s+)?by|(?:with|encrypted)\s+password|password)(?:\s+|\s*\(\s*)(?:'([^']+)'|\"([^\"]+)\")"
)
SQL_GATE: Final = r"(?i)(?:\bby|password)(?:\s+|\s?\(\s?)['\"]"
USER: Final = compile_find(
    r"(?i)\s(?:-u|--user)\s+[\"']?[^\s:\"']+:([^\s\"']+)|\s(?:-u|-D|--username)\s+(?:'[^']*'|\"[^\"]*\"|\S+)\s+-[pw]\s+[\"']?([^\s\"'-][^\s\"']*)|\s-p([^\s\"'=-][^\s\"']{4,})"
    r"|\bmachine\s+\S+\s+login\s+\S+\s+password\s+(\S+)"
    r"|\.pgpass\S*\s+(?:[^:\s]+:){4}(\S+)"
    r"|\b(?:sqlplus|rman|expdp|impdp|sqlldr)\s+(?:-\S+\s+|target\s+)*\w+/[\"']?([^\s@\"'/]+)@|:oracle:\w+:\w+/([^\s@\"']+)@"
    r"|\bConvertTo-SecureString\s+(?:-String\s+)?[\"']?([^\s\"'-][^\"'\s]*)|\blogin (?:incorrect|ok): \[[^/\[\]\s]+/([^\[\]\s]+)\]"
    r"|\bnet\s+use\s[^\r\n]{0,200}?/u(?:ser)?:\S+[ \t]+([^\s\"'/*]+)"
    r"|\b(?:sshpass\s+-p|redis-cli\s+(?:-[hpnu]\s+\S+\s+)*-a|-pass(?:in|out)?\s+pass:)\s*[\"']?([^\s\"']+)"
)
USER_GATE: Final = (
    r"(?i)\s-(?:u|d|-user|-username)\s|\s-p[^\s-]|sshpass|redis-cli|pass:|\bmachine\s|"
    r"\.pgpass|sqlplus|\brman\s|expdp|impdp|sqlldr|net\s+use\s|:oracle:|securestring|login (?:incorrect|ok): \["
)
COMMAND: Final = compile_find(
    r"(?:\bAUTH\s+(?:(?:PLAIN|LOGIN)\s+)?)([^\s\"']{6,})|(?m:^> ?PASS ([^\s\"']{6,})[ \t\r]*$)|"
    r"(?m:^USER \S+\s+PASS ([^\s\"']{4,})[ \t\r]*$)|"
    r"\"AUTH\"\s+(?:\"[^\"]*\"\s+)?\"([^\"]{4,})\""
)
COMMAND_GATE: Final = r"\bAUTH\"?\s|> ?PASS |USER \S+\s+PASS "
CODE: Final = compile_find(
    r"(?i)\b(?:otp|pin|cvv2?|cvc2?|one[- ]time (?:code|password)|(?:verification|security|sms|login|2fa|mfa|auth(?:entication)?)"
    r" code|your code|passcode)\b(?: code)?(?: (?:is|was|of))?[ :=#]{1,3}(\d{3,8})\b"
)
CODE_GATES: Final = (r"(?i)otp|pin|cv[vc]|code", r"[ :=#]\d{3}")
SESSIONS: Final = frozenset({
    b"session", b"session id", b"session key", b"sid", b"sessie", b"sitzung", b"sesion", b"sesi\xc3\xb3n", b"sessione", b"sesja",
})  # fmt: skip
PASSWORDS: Final = re.compile(rb"pass|kennwort|contrase|senha|wachtwoord|has|senord|heslo|parola|jelsz")
HANDED: Final = re.compile(rb"(?:bearer|access|refresh|auth)[ _-]?token")  # may be a UUID
OWN: Final = compile_test(
    r"\b(?:my|our|mein|unser|mon|notre|mi|nuestra|la mia|minha|mijn|moje|temporary|initial|default) (?:\w+ )?$"
)
WORDS_AND_NUMBER: Final = re.compile(r"[A-Za-z]+(?:[-_][A-Za-z]+)+[-_]?\d{2,}")  # `correct-horse-42`
NEXT: Final = re.compile(r"[A-Za-z_]+=")  # the next pair's name
CHECKOUT: Final = re.compile(r"[a-z]{2}_(?:test|live)_")  # a payment's session: an id
WEAK: Final = (*SESSIONS, b"token", b"secret", b"credential", b"credentials")


def find_said(scan: Scan) -> None:
    """Claims the word that follows, if it looks like a secret and not like the rest of a sentence."""
    for spans in scan.search(SAID):
        said = spans[2] != NOTHING
        span = next(one for one in spans[3:] if one != NOTHING)
        quoted = span != spans[5]
        value = scan.data[slice(*span)].decode("latin-1").rstrip(".,;:)" if not quoted else "")
        thing = scan.data[slice(*spans[1])].lower()
        weak = is_session(thing) or (thing in WEAK and not said)
        if is_session(thing) and CHECKOUT.match(value):
            continue
        own = said and PASSWORDS.search(thing) and (OWN(scan.before(spans[1][0])) or WORDS_AND_NUMBER.fullmatch(value))
        own = own or (HANDED.search(thing) and shapes.UUID.fullmatch(value))
        if is_said_secret(value, weak=weak, quoted=quoted) or (own and is_own_password(value)):
            marker = "password" if b"pass" in thing else "session" if is_session(thing) else "secret"
            scan.claim(span[0], span[0] + len(value), marker)


def is_said_secret(value: str, *, weak: bool, quoted: bool) -> bool:
    """After `token` alone only what is long and random; after `password is` what people choose."""
    if (
        shapes.is_settled(value)
        or shapes.is_word(value)
        or "=" in value[:-2]
        or value.endswith(":")
        or NEXT.fullmatch(value)
    ):
        return False
    if weak and quoted and len(value) >= 12 and shapes.count_digits(value) and shapes.looks_like_token(value):
        return not shapes.UUID.fullmatch(value)
    if weak:
        return shapes.looks_random(value) or shapes.looks_mixed(value)
    if shapes.looks_random(value):
        return True
    if quoted and shapes.looks_like_secret_word(value.lstrip("<([{@#-") + "1"):
        return True
    return shapes.looks_like_secret_word(value)


def is_session(thing: bytes) -> bool:
    """Whether a session was named."""
    return thing in SESSIONS or thing.endswith((b"sessid", b"sessionid"))


def is_own_password(value: str) -> bool:
    """After `my password is` any word but one of a sentence (`my password is wrong`)."""
    return len(value) >= 5 and not shapes.is_word(value) and not shapes.is_settled(value)


def find_flags(scan: Scan) -> None:
    """Claims the argument of `--password` and its like."""
    for spans in scan.search(FLAG):
        claim_plain(scan, spans[1])


def find_sql_passwords(scan: Scan) -> None:
    """Claims the quoted password of a statement about a role."""
    for spans in scan.search(SQL):
        claim_plain(scan, spans[1] if spans[1] != NOTHING else spans[2])


def find_user_arguments(scan: Scan) -> None:
    """Claims the password of `curl -u user:password` of `mysql -ppassword` and of other commands that take it so."""
    for spans in scan.search(USER):
        plain = next(one for one in spans[1:] if one != NOTHING)
        if plain != spans[3] or b"mysql" in scan.data[: spans[0][0]][-200:].lower():
            claim_plain(scan, plain)


def find_auth_commands(scan: Scan) -> None:
    """Claims what follows `AUTH` in the dialogue of Redis or SMTP."""
    for spans in scan.search(COMMAND):
        if spans[4] != NOTHING:
            claim_plain(scan, spans[4])
            continue
        said = next(span for span in spans[1:4] if span != NOTHING)
        if shapes.looks_like_secret_word(scan.data[slice(*said)].decode("latin-1")):
            claim_plain(scan, said)


def find_codes(scan: Scan) -> None:
    """Claims one-time codes and PINs."""
    for spans in scan.search(CODE):
        scan.claim(*spans[1], "pin")


def claim_plain(scan: Scan, span: tuple[int, int]) -> None:
    """Claims it as a password unless it is a placeholder."""
    value = scan.data[slice(*span)].decode("latin-1")
    if not shapes.is_settled(value) and not shapes.is_word(value):
        scan.claim(*span, "password")
