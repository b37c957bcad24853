"""Names with values inside text: `key=value`, `"key": "value"` at any depth of escaping, query strings, headers."""

import re
from typing import Final

from diagnostics.pipeline.redact import shapes
from diagnostics.pipeline.redact.headers import claim_cookies, claim_header
from diagnostics.pipeline.redact.judge import JUDGED, is_private
from diagnostics.pipeline.redact.keys import Kind, Treatment, classify_name
from diagnostics.pipeline.redact.patterns import NOTHING, compile_find, compile_here
from diagnostics.pipeline.redact.scan import Scan

# What a sensitive name contains. A wide net: `classify_name` decides.
STEMS: Final = (
    r"pass(?:w|phr|c|_|o|\b)|pasw|psw|\bpsk|pwd|pw\b|kennwort|contrase|senha|haslo|hasło|mot[ _]de[ _]passe|wachtwoord|lösenord|"
    r"heslo|parola|jelszó|пароль|Пароль|ПАРОЛЬ|密码|密碼|パスワード|비밀번호|\bmdp|şifre|salasana|adgangskode|κωδικ|"
    r"secret|mnemonic|seed[ _-]?phrase|connection[_-]?string|"
    r"token|jwt|csrf|xsrf|bearer|nonce|api[ _-]?key|app[_-]?key|access[ _-]?(?:key|code)|private[ _-]?key|auth|signing[_-]?key|"
    r"encryption[_-]?key|master[_-]?key|account[_-]?key|shared[_-]?(?:access)?|license[_-]?key|subscription[_-]?key|"
    r"_key|service[_-]?key|consumer[_-]?key|deploy[_-]?key|storage[_-]?key|write[_-]?key|ssh[_-]?key|"
    r"sess|\bsid|connect\.sid|cookie|credential|creds|signature|\bsig\b|hmac|"
    r"\bpin|otp|mfa|2fa|verification[ _-]?code|security[ _-]?code|cvv|cvc|cvn|card|\bpan\b|\bcc|iban|account[ _-]?n|acct|"
    r"sort[_-]?code|ssn|social|national|insurance|tax[ _-]?id|\bdni|\bnie|\bnif|fiscal|pesel|\bnir|insee|cpf|bsn|aadhaar|"
    r"masterauth|typo_user|handy|rufnummer|mobil|movil|naam|namn|navn|jmeno|jméno|aspx|remember|"
    r"passport|licen[cs]e|kimlik|personnum|rijksreg|身份证|[?&](?:code|appid|ticket)|\bticket|phone|mobile|(?:\b|_)tel|fax|msisdn|\bcell|whats|caller|birth|\bdob|street|address[_-]?(?:line|\d)|"
    r"(?:home|postal|billing|shipping|delivery)[_-]address|surname|[a-z]name|[ _.-]name|nombre|apellido|prenom|vorname|"
    r"nachname|cognome|nazwisko|\bimie\b|nom[a-z]*[_ ]?complet|titulaire|intestatari|wordpress_[ls]|"
    r"customer|patient|passenger|recipient|\bkey"
)
GATES: Final = (rf"(?i)(?:{STEMS})", r"(?i)(?:[\w\x80-\xff\"'`\]>\\][ \t]?|[ \t][ \t])(?:[=:>]|%3d|\xef\xbc\x9a)")
NAMED: Final = compile_find(
    rf"(?i)[A-Za-z0-9_.$-]*(?:{STEMS})[A-Za-z0-9_.\x80-\xff-]*(?: (?:number|no|code|name|id|key|phrase))?"
    r"\\*[\"'`]?\]?\\*[\"']?(?:\s{0,4}|[ \t]{5,30})"
    r"(?:=>|:=|==?|:|>|%3d|\xef\xbc\x9a)\s{0,4}(?:(?:Some|Optional|Just|Secret)[(\[])?(?:[bru]?\\*[\"'`])?"
)
# Takes the end of such a match apart: what closes the name, the separator, what opens the value.
TAIL: Final = re.compile(
    rb"([\"'`\]\\\s]*(?:=>|:=|==?|:|>|%3[dD]|\xef\xbc\x9a)\s*)(?:(?:Some|Optional|Just|Secret)[(\[])?(?:[bruBRU]?(\\*[\"'`]))?\Z"
)
TAIL_BYTES: Final = 64
QUOTED: Final = {
    b'"': compile_here(r'(?s)(?:[^"\\]|\\.)*'),
    b"'": compile_here(r"(?s)(?:[^'\\\n]|\\.)*"),
    b"`": compile_here(r"(?s)[^`]*"),
}
# Single runs, for which Python's own `re` is linear as well, and called at half the price.
BARE: Final = re.compile(rb"[^\t\n\f\r \"'<>&,;]*")
REST: Final = re.compile(rb"[&,;][^\t\n\f\r \"'<>=:]+")
PARAMETER: Final = re.compile(rb"&[A-Za-z_]{3,40}")  # a flag in a query string, not the rest of a password
LIST: Final = compile_here(r"\[[^\]\[]{0,1000}\]")
NUMBER: Final = compile_here(r"\+?\(?\d(?:[ ().-]{0,2}\d)*")
# Plain or percent-encoded, as forms send them.
CAPITAL: Final = r"(?:[A-Z\xc3-\xc5]|%C[3-5])"
CODED: Final = r"%[89A-Fa-f][0-9A-Fa-f]|%27"
WORDS_OF_NAME: Final = compile_here(
    rf"{CAPITAL}(?:[\w'.\x80-\xff-]|{CODED})*"
    r"(?:(?:[ +]|%20)(?:(?:van|von|der|den|de|da|di|del|la|le|bin|al|el)(?:[ +-]|%20))*"
    rf"{CAPITAL}(?:[A-Za-z'.\x80-\xff-]|{CODED})*){{0,3}}"
)
LONGEST: Final = 4_096  # bytes of a value without quotes
SPACED: Final = frozenset({Kind.DIGITS})
LABELS: Final = frozenset({Kind.DIGITS, Kind.NAME, Kind.MAYBE_NAME, Kind.LOGIN})
NAMING: Final = frozenset({Kind.NAME, Kind.MAYBE_NAME, Kind.LOGIN, Kind.TEXT})
HANDED: Final = frozenset({Kind.TOKEN, Kind.GIVEN, Kind.SESSION})
# Before a colon prose has one word (`Unexpected token: name`), where a field has two (`access_token: …`).
ONE_WORD: Final = re.compile(rb"(?i)(?:^|[^\w.$-])(?:token|bearer)\Z")
SAID: Final = Treatment(Kind.TOKEN, "token")
ASKED_WITH: Final = (b"?key", b"&key")  # in an address a key is a caller's, where in a cache it may be a hash
CRUMB: Final = Treatment(Kind.TOKEN, "cookie")
QUERY_KEY: Final = Treatment(Kind.SECRET, "api-key")
CALLER: Final = re.compile(rb"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{24,}(?![\w.%/+:~-])")
INDEXED: Final = re.compile(rb"[\w\]\"']\Z")  # `user[password]=x`, of a form
QUERY: Final = re.compile(rb"\?[A-Za-z_]{1,24}=")  # behind a path's parameter: `;jsessionid=…?tab=1`


def find_assignments(scan: Scan) -> None:
    """Claims each private value that stands behind a name that says so."""
    data = scan.data
    for spans in scan.search(NAMED, 4):
        start, end = spans[0]
        tail = TAIL.search(data, max(start, end - TAIL_BYTES), end)
        if tail is None:
            continue
        treatment = classify_name(data[start : tail.start()].decode("utf-8", "replace"))
        if (
            treatment.kind is Kind.KEY
            and data[start - 1 : tail.start()] in ASKED_WITH
            and CALLER.match(data, tail.end())
        ):
            treatment = QUERY_KEY
        if is_marker(data, start, tail) and (treatment.kind in LABELS or not INDEXED.search(data, 0, start - 1)):
            continue
        if treatment.kind in JUDGED or treatment.kind in (Kind.COOKIE, Kind.HEADER):
            claim_value(scan, treatment, tail.span(1), tail.span(2))


def is_marker(data: bytes, start: int, tail: re.Match[bytes]) -> bool:
    """`[iban] :28C:00014`: a marker of ours and not the name of what follows; `[phone] => …` is a name, as PHP prints it."""
    closed = data[start - 1 : start] == b"[" and tail[0][:1] == b"]" and b"=>" not in tail[1]
    return closed and shapes.MARKER.fullmatch(data[start - 1 : tail.start() + 1].decode("latin-1")) is not None


def claim_value(scan: Scan, treatment: Treatment, separator: tuple[int, int], opening: tuple[int, int]) -> None:
    """Finds where the value ends and claims it if it is private."""
    data = scan.data
    sign = data[slice(*separator)].strip(b" \\\"'`]\t\r\n")
    if sign == b">" and not is_element(data, separator[0]):
        return
    quoted = opening != NOTHING
    start = opening[1] if quoted else separator[1]
    end = end_of_quoted(scan, start, data[slice(*opening)]) if quoted else -1
    if end < 0:
        quoted, start = False, separator[1]
        end = end_of_bare(scan, start, treatment, is_query=sign in (b"=", b"%3d", b"%3D"))
    if treatment.kind is Kind.COOKIE and sign == b"=" and is_cookie(data[start:end]):
        scan.claim(start, end, "cookie")
    elif treatment.kind is Kind.COOKIE:
        claim_cookies(scan, start, end if quoted else len(data))
    elif treatment.kind is Kind.HEADER:
        claim_header(scan, start, end if quoted else len(data))
    else:
        value = data[start:end].decode("utf-8", "replace")
        loose = not quoted and sign == b":"
        if loose and treatment.kind is Kind.GIVEN and ONE_WORD.search(data[max(0, separator[0] - 12) : separator[0]]):
            treatment = SAID
        if is_private(treatment, value, loose=loose):
            scan.claim(start, end, treatment.marker)


def is_cookie(value: bytes) -> bool:
    """Whether one that is named so is meant (`.AspNetCore.Cookies=…`), and no header of several."""
    return b"=" not in value.rstrip(b"=") and is_private(CRUMB, value.decode("latin-1"))


def is_element(data: bytes, end: int) -> bool:
    """Whether the name is an XML element's: `<password>`."""
    return re.search(rb"<[\w:.-]*$", data[max(0, end - 80) : end]) is not None


def end_of_quoted(scan: Scan, start: int, quote: bytes) -> int:
    """The place of the closing quote; of a text that was cut, its end; -1 where an apostrophe opened nothing."""
    data = scan.data
    if len(quote) > 1:  # an escaped quote closes as it opened
        end = data.find(quote, start)
        return end if end >= 0 else len(data)
    end = QUOTED[quote](data, start, len(data))[0][1]
    if end >= len(data) or data[end : end + 1] != quote:
        return len(data) if quote == b'"' else -1
    return end


def end_of_bare(scan: Scan, start: int, treatment: Treatment, *, is_query: bool) -> int:
    """The end of a value without quotes: white space or what separates it from the next pair."""
    data, limit = scan.data, min(len(scan.data), start + LONGEST)
    if data[start : start + 1] == b"[" and (spans := LIST(data, start, limit))[0] != NOTHING:
        inside = data[start:limit][: spans[0][1] - start]
        return start if shapes.MARKER.match(inside.decode("latin-1")) else spans[0][1]
    if treatment.kind in SPACED and (spans := NUMBER(data, start, limit))[0] != NOTHING:
        end = max(spans[0][1], end_of_run(data, start, limit))
        bar = data.find(b"|", start, end)  # a column's end
        return end if bar < 0 else bar
    if treatment.kind in NAMING and (spans := WORDS_OF_NAME(data, start, limit))[0] != NOTHING:
        return cut_next_name(data, start, spans[0][1])
    end = end_of_run(data, start, limit)
    if end > start and (rest := REST.match(data, end, min(limit, end + 64))):
        after = rest.end()
        if data[after : after + 1] not in (b"=", b":") and not (is_query and PARAMETER.fullmatch(data, end, after)):
            end = after
    at = data.rfind(b"@", start, end)
    if at in scan.ends:  # `https://x-token:…@host`: its password is claimed, the host stays
        end = at
    if treatment.kind in HANDED and (query := QUERY.search(data, start, end)):
        end = query.start()
    value = data[start:end]
    closing = b"\\.,:;)]" if value.startswith((b"${", b"{{")) else b"\\.,:;)]}"
    return start + len(value.rstrip(closing))


def end_of_run(data: bytes, start: int, limit: int) -> int:
    """The end of the run without separators."""
    run = BARE.match(data, start, limit)
    return run.end() if run else start


def cut_next_name(data: bytes, start: int, end: int) -> int:
    """`name=Ann Lee Status=ok`: the last word belongs to the next pair."""
    if data[end : end + 1] in (b"=", b":"):
        return max(start, max(data.rfind(b" ", start, end), data.rfind(b"+", start, end)))
    return end
