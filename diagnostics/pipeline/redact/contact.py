"""E-mail addresses, and telephone numbers by their written form or by the word before them."""

import re
from typing import Final

from diagnostics.pipeline.redact.patterns import compile_find, compile_test
from diagnostics.pipeline.redact.scan import Scan

# As it is written in text, in addresses (escaped once or more), in HTML, and with the wide or the small sign.
AT: Final = r"(?:@|%(?:25)*40|&#(?:0*64|[xX]0*40);|&commat;|\xef\xbc\xa0|\xef\xb9\xab)"
EMAIL: Final = compile_find(
    r"(?:[A-Za-z0-9\x80-\xff][A-Za-z0-9_.+%!#$&'*/^`{|}~\x80-\xff-]*|\"[^\"\n\\]{1,64}\")"
    rf"{AT}"
    r"(?:[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9\x80-\xff-]*[A-Za-z0-9\x80-\xff])?\.)+[A-Za-z\x80-\xff][A-Za-z0-9\x80-\xff-]*"
)
EMAIL_GATE: Final = rf"{AT}[A-Za-z0-9\x80-\xff-]+\."
RARE_AT: Final = re.compile(AT.encode())
# What follows the last dot of things that only look like addresses: units, images, modules.
NOT_DOMAINS: Final = frozenset(
    b"service socket timer mount slice scope target path swap device png jpg jpeg gif svg webp avif js mjs cjs ts tsx jsx css "
    b"py rb go rs java json yaml yml html map".split()
)
INTERNAL: Final = frozenset({b"internal", b"local", b"lan", b"localdomain", b"intranet", b"home", b"svc"})
PLACE: Final = re.compile(rb"(?:dc|az|rz|zone|rack|site|pod|node|host)\d{1,3}")  # `deploy@app-04.dc2`
# Behind such a command and its options stands who logs in where, and no mailbox.
SHELL: Final = re.compile(
    rb"\b(?:ssh|scp|sftp|rsync|mosh)(?: (?:-\S{1,40}|[^\s@]{0,60}[/:][^\s@]{0,60}|\d{1,5})){0,6} \Z"
)
ESCAPED: Final = re.compile(rb"^(?:.*%(?:25)*(?:3[Dd]|22|3[CcAa]|20|2[Cc]))+")
SCALED: Final = re.compile(rb"(?:@|%40)\d+x\.")  # `logo@2x.png`
LOCAL: Final = re.compile(rb"[A-Za-z0-9_.+%'\x80-\xff-]+$")

PLUS: Final = compile_find(r"(?:\+|%2[Bb]|\b00)[1-9](?:(?:[ .()/-]|%20){0,2}\d){6,14}")
PLUS_GATE: Final = r"(?:\+|%2[Bb]|\b00)[1-9](?:[ .()/-]{0,2}\d){6}"
# Written as telephone numbers are: (415) 555-2671, 415-555-2671, 06 12 34 56 78, 07700 900123, 020 7946 0958.
GROUPED: Final = compile_find(
    r"\(\d{2,5}\)[ .-]?\d{2,4}(?:[ .-]?\d{2,4}){1,3}|(?:\b1[ .-])?\b[2-9]\d{2}[.-][2-9]\d{2}[.-]\d{4}\b|"
    r"\b[2-9]\d{2} [2-9]\d{2}[ -]\d{4}\b|"
    r"\b0[1-9](?:[ .-]\d{2}){4}\b|\b0\d{4} \d{6}\b|\b0\d{3} \d{3} ?\d{4}\b|\b02\d \d{4} \d{4}\b|\b07\d{3} \d{3} ?\d{3}\b|"
    r"\b[679]\d{2} \d{3} \d{3}\b|\b[679]\d{2}(?: \d{2}){3}\b|\b0\d{2,4}[ /-]\d{6,8}\b"
)
GROUPED_GATE: Final = (
    r"\(\d{2,5}\)[ .-]?\d{2}|\d{3}[.-]\d{3}[.-]\d{4}|\d{3} \d{3}[ -]?\d{3}|\d\d(?:[ .-]\d\d){4}|\d\d(?: \d\d){3}|"
    r"\d{3} \d{4} \d{4}|\d\d[ /-]\d{6}"
)
SAID: Final = compile_find(
    r"(?i)(?:\b(?:al|au) n(?:u|ú)m(?:e|é)ro[ :]{1,3}|"
    r"\b(?:phone|telephone|mobile|cell|cellphone|tel|fax|sms|whatsapp|call(?:ed|er|ing|back)?|dial(?:ed|led|ing)?|texted|"
    r"msisdn|handy|telefon\w{0,3}|"
    r"extension|telefoon|rufnummer|telefonnummer|mobilnummer|anrufer(?:in)?|appelante?|llamante|chiamante|beller|"
    r"t[eé]l[eé]phone|text(?: message)?|voicemail|ring|reached?|contact)\b[^\d\n+]{0,24})"
    r"(\+?\(?\d(?:[ .()/-]{0,2}\d){6,14})"
)
SAID_GATES: Final = (
    r"(?i)phone|mobile|cell|tel|fax|sms|whatsapp|call|dial|text|msisdn|handy|voicemail|ring|reach|contact|a[lu] n|extension|"
    r"ruf|nummer|amante|beller",
    r"\d[ .()/-]?\d[ .()/-]?\d[ .()/-]?\d",
)
ROUTED: Final = compile_find(
    r"(?i)\b(?:dest|destination|dst|source|src)_?addr(?:ess)?[\"']?\s?[=:]\s?[\"']?(\+?[1-9]\d{9,14})(?:[^\w.:-]|$)"
)
ROUTED_GATE: Final = r"(?i)addr(?:ess)?[\"']?\s?[=:]\s?[\"']?\+?\d\d\d\d"
DATE: Final = re.compile(rb"(?:19|20)\d\d([-/. ])(?:0[1-9]|1[0-2])\1[0-3]\d(?!\d)")
DEGREES: Final = re.compile(rb"\d{1,3}\.\d{5,}")  # of a place
SIX_PAIRS: Final = re.compile(rb"\d\d(?: \d\d){5}(?![\d:.,/])")  # of a draw
WITHIN: Final = re.compile(rb"</(?:[\w.-]{1,16}:)?\Z")  # the word stands in a tag that closes
FRACTION: Final = re.compile(rb"\d+\.\d+")
IDS: Final = compile_test(
    r"(?:order|ticket|invoice|case|part|serial|batch|sku|ref|reference|tracking|id|number|no|nr|item|model|product|version|"
    r"build|account|isbn|ean|issue|job|transaction|txn|claim|policy|shipment|parcel|lot)[ _.:=#\"'-]{0,4}#?$"
)


def find_emails(scan: Scan) -> None:
    """Claims addresses; git remotes, systemd units, image names and user names in URLs are none."""
    data = scan.data
    for spans in scan.search(EMAIL, 5):
        start, end = spans[0]
        at = data.find(b"@", start, end)
        at = at if at >= 0 else data.find(b"%40", start, end)
        at = at if at >= 0 else place_of_at(data, start, end)
        found = LOCAL.search(data, max(start, at - 80), at)
        local = found.start() if found else start
        if at not in scan.ends and is_email(data, local, at, end):
            scan.claim(at - len(strip_escape(data[local:at])), end, "email")


def place_of_at(data: bytes, start: int, end: int) -> int:
    """Where the sign stands that is written in a rare way: the last, because a name may hold what looks like one."""
    return max((found.start() for found in RARE_AT.finditer(data, start, end)), default=start)


def strip_escape(local: bytes) -> bytes:
    """A URL's escaped quote or equals sign is not part of the address behind it."""
    bare = ESCAPED.sub(b"", local) if b"%" in local else local
    return bare.lstrip(b"'.%+-") or local


def is_email(data: bytes, local: int, at: int, end: int) -> bool:
    """Whether a name at a domain is a mailbox."""
    top = data[data.rfind(b".", at, end) + 1 : end].lower()
    if top in NOT_DOMAINS or len(top) < 2 or not at > local:
        return False
    if PLACE.fullmatch(top):
        return False
    if top in INTERNAL and SHELL.search(data, max(0, local - 80), local):
        return False
    name = data[local:at]
    if data[local - 1 : local] == b"/" and data[at + 1 : end].isupper() and not name.isupper():
        return False  # a service at a Kerberos realm
    if data[max(0, local - 3) : local] == b"://" or (name == b"git" and data[end : end + 1] in (b":", b"/")):
        return False
    return not SCALED.match(data, at, end)


def find_plus_numbers(scan: Scan) -> None:
    """International form: a plus and a country code. Zones, exponents and version metadata are none."""
    if b"+" not in scan.data and b"00" not in scan.data and b"%2" not in scan.data:  # the gate knows no digits
        return
    for spans in scan.search(PLUS, 8):
        start, end = spans[0]
        if start and (scan.data[start - 1 : start].isalnum() or scan.data[start - 1] in b"._-+"):
            continue
        if scan.data[end : end + 1].isalnum() or not enough_digits(scan.data[start:end], 8, 15):
            continue
        if scan.data[start : start + 2] == b"00" and not is_dialled(scan, start, end):
            continue
        scan.claim(start, end, "phone")


# `contact_no` is a telephone's, although `no` alone is an id's.
CALLED: Final = compile_test(
    r"(?:phone|mobile|cell|tel|fax|contact|caller|handy|whatsapp)[ _.-]?(?:number|no|nr)[ _.:=#\"'-]*$"
)
SPEAKS: Final = compile_test(r"phone|mobile|cell|tel|fax|sms|whatsapp|call|dial|text|msisdn|contact|handy")


def is_dialled(scan: Scan, start: int, end: int) -> bool:
    """A number that begins with 00: written in groups of its own, or behind a word that says so."""
    if scan.before(start, 2).strip().isdigit() or FRACTION.fullmatch(scan.data, start, end):
        return False
    return re.search(rb"[ ./()-]", scan.data[start:end]) is not None or SPEAKS(scan.before(start))


def find_grouped_numbers(scan: Scan) -> None:
    """National forms, unless an id's name stands before."""
    for spans in scan.search(GROUPED, 9):
        start, end = spans[0]
        if not scan.stands_alone(start, end, b"_-./+:") or not enough_digits(scan.data[start:end], 9, 12):
            continue
        if SIX_PAIRS.match(scan.data, start):
            continue
        lead = scan.before(start)
        if not IDS(lead) or CALLED(lead):
            scan.claim(start, end, "phone")


def find_said_numbers(scan: Scan) -> None:
    """Any number long enough behind a word such as `phone` or `called`."""
    for spans in scan.search(SAID):
        start, end = spans[1]
        lead = scan.data[spans[0][0] : start].lower()
        if tells_of_another(scan, spans[0][0], lead) or is_no_number(scan.data, start, end):
            continue
        number = scan.data[start:end]
        most = 15 if number.startswith((b"+", b"00")) else 13  # without a country's sign
        least = 9 if lead.startswith(b"extension") else 7  # fewer are a desk's
        if scan.stands_alone(start, end) and enough_digits(number, least, most) and not IDS(lead_of(lead)):
            scan.claim(start, end, "phone")


def tells_of_another(scan: Scan, word: int, lead: bytes) -> bool:
    """The word is the end of a longer one, or what follows is of another element, or of a marker of ours."""
    before = scan.data[max(0, word - 24) : word]
    letter = before[-2:].decode("utf-8", "ignore")[-1:]  # `Domiciliëring`: for the pattern library ë is none
    if "\x80" <= letter < "\u0250" and letter.isalpha():
        return True
    return b"</" in lead or WITHIN.search(before) is not None or (b"]" in lead and before.endswith(b"["))


def is_no_number(data: bytes, start: int, end: int) -> bool:
    """A date, or degrees."""
    return DATE.match(data, start, end) is not None or DEGREES.fullmatch(data, start, end) is not None


def find_routed_numbers(scan: Scan) -> None:
    """Claims who a short message goes to or comes from: digits alone, where an address of a network has dots."""
    for spans in scan.search(ROUTED):
        scan.claim(*spans[1], "phone")


def lead_of(lead: bytes) -> bytes:
    """`phone number` names a telephone although `number` alone names an id."""
    return re.sub(rb"(?:number|no|nr|contact|(?<=anrufer-)id|(?<=caller-)id|(?<=caller )id)[ _.:=#\"'-]*$", b"", lead)


def enough_digits(data: bytes, low: int, high: int) -> bool:
    """How many digits there are, escapes left out; all the same is a placeholder."""
    digits = re.sub(rb"%2[0B0b]|\D", b"", data)
    return low <= len(digits) <= high and len(set(digits)) > 1
