"""Numbers with check digits: cards, IBANs and national ids. A name of an id before them speaks against the weak ones."""

import re
from collections.abc import Callable
from typing import Final

from diagnostics.pipeline.redact import checks
from diagnostics.pipeline.redact.contact import DATE as WRITTEN_DATE
from diagnostics.pipeline.redact.contact import IDS
from diagnostics.pipeline.redact.patterns import compile_find, compile_test
from diagnostics.pipeline.redact.scan import Scan

GAP: Final = r"(?:[ .+-]|%20|\\?u00a0|\xc2\xa0| {2})"
CARD: Final = compile_find(
    rf"\d{{4}}{GAP}\d{{4}}{GAP}\d{{4}}{GAP}\d{{1,4}}(?:{GAP}?\d{{3}})?|\d{{4}}{GAP}\d{{6}}{GAP}\d{{4,5}}|\d{{13,19}}"
)
CARD_GATE: Final = r"\d{4}[ .+-]\d{4,6}[ .+-]\d{4}|[2-6]\d{12}|\d{4}(?:%20|\\?u00a0|\xc2\xa0|  )\d{4}"
NAMES_CARD: Final = compile_test(r"card|visa|master|amex|\bpan\b|\bcc\b|payment|maestro|discover|jcb|debit|credit")

IBAN: Final = compile_find(r"(?i)(?:\b|\biban)[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?")
IBAN_GATE: Final = r"(?i)\b(?:iban)?[a-z]{2}\d{2}[ -]?[a-z0-9]{4}[ -]?[a-z0-9]{4}"
NAMES_IBAN: Final = compile_test(
    r"iban|account|konto|compte|cuenta|bank|sepa|transfer|payout|payee|payment|debit|credit|debtor|beneficiar"
)
# One run of digits behind such a word is what the word says, even if it passes Luhn as one in ten does.
NAMES_ORDER: Final = compile_test(
    r"(?:order|invoice|ticket|shipment|parcel|tracking|batch|serial|sku|reference|ref|article|case|job|booking|voucher|event|"
    r"message|request|snowflake|offset|sequence|seq|correlation)[ _-]?(?:number|no|nr|num|id|key)?[ _.:=#\"'-]{0,4}$"
)
MEASURES: Final = compile_test(
    r"(?:time|stamp|\bts|epoch|bytes|bytes_?\w{2,12}|size|offset|lag|count|total|seq|nonce|seed|started|finished|expires|duration)"
    r"[ _.:=#\"'\\\])>-]{0,6}$"
)
COUNTED: Final = re.compile(
    rb" (?:bytes|octets|[kMGT]?i?B|ns|us|ms|ticks|cycles|rows|records|requests|events|messages)\b"
)
HASH_SIZES: Final = frozenset({16, 32})  # small letters of this size are more often a span's or a trace's id

SSN: Final = compile_find(r"\b\d{3}([- ])\d{2}[- ]\d{4}\b")
SSN_GATE: Final = r"\b\d{3}[- ]\d{2}[- ]\d{4}\b"
QUALIFIED: Final = compile_find(r"\*SY\*(\d{9})(?:[^0-9A-Za-z]|$)")
QUALIFIED_GATE: Final = r"\*SY\*\d{9}"
DNI: Final = compile_find(r"(?i)\b(?:\d{8}|\d{1,2}\.\d{3}\.\d{3}|[XYZ][ -]?\d{7})[ -]?[A-Z]\b")
DNI_GATE: Final = r"(?:\d{7}|\d\.\d{3}\.\d{3})[ -]?[A-Za-z]\b"
CODICE: Final = compile_find(
    r"(?i)\b[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]\b|"
    r"\b[A-Z]{3} [A-Z]{3} [0-9]{2}[ABCDEHLMPRST][0-9]{2} [A-Z][0-9]{3}[A-Z]\b"
)
CODICE_GATE: Final = r"(?i)[a-z]{3} ?[0-9lmnpqrstuv]{2}[a-ehlmprst][0-9lmnpqrstuv]{2} ?[a-z][0-9lmnpqrstuv]{3}[a-z]\b"
PESEL: Final = compile_find(r"\b\d{11}\b")
NIR: Final = compile_find(
    r"(?i)\b[1-478][ .-]?\d{2}[ .-]?(?:0[1-9]|[1-9]\d)[ .-]?(?:\d{2}|2[AB])[ .-]?\d{3}[ .-]?\d{3}(?: / |[ .-]?)\d{2}\b"
)
NIR_GATE: Final = r"(?i)\b[1-478][ .-]?\d{2}[ .-]?\d{2}[ .-]?\d[0-9ab][ .-]?\d{3}[ .-]?\d{3}(?: / |[ .-]?)\d{2}\b"
NINO: Final = compile_find(r"(?i)\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]( ?)\d{2} ?\d{2} ?\d{2} ?[A-D]\b")
NINO_GATE: Final = r"(?i)\b[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]\b"
CPF: Final = compile_find(r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b")
CPF_GATE: Final = r"\d{3}\.\d{3}\.\d{3}-\d{2}"
NAMES_ID: Final = compile_test(
    r"ssn|social|national|insur|\bni(?:no?)?\b|tax|dni|nie|nif|fiscal|pesel|nir\b|insee|secu|cpf|passport|citizen|ciudadan|identi|document|firmante|titular|solicitante|contribuyente|"
    r"asegurado|afiliad"
)
SAID: Final = compile_find(
    r"(?i)(?:\b(?:a[ai]dh?aa?r|uidai|bsn|personnummer|f\xc3\xb8dselsnummer|kimlik|"
    r"rijksregister\w*|nino|ssn|social security|pesel|dni|nie|nif|"
    r"cpf|cnpj|curp|nhs|medicare|ahv|steuer-?id|national id|tax id|passport|"
    r"citizen id|my number|cedula|c\xc3\xa9dula|oib|egn|cnp)\b|身份证)"
    r"(?: ?(?:number|no|nr|n\xc2\xb0|num)\b)?[^\w\n+]{0,4}(?:(?:is|of|was) )?([A-Z]{0,2}\d(?:[ .-]?\d){4,17}(?:-?[A-Z]\b)?)"
)
SAID_GATE: Final = (
    r"(?i)a[ai]dh?aa?r|uidai|bsn|personn|dselsn|kimlik|rijksreg|\bnino|ssn|social sec|pesel|medicare|steuer|"
    r"\b(?:dni|nie|nif|cpf|cnpj|curp|nhs|ahv|oib|egn|cnp)\b|national id|tax id|passport|citizen id|my number|dula|身份证"
)
DATE: Final = re.compile(rb"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")


def bare(data: bytes) -> str:
    """The letters and digits alone, upper case."""
    return re.sub(rb"%20|\\?u00a0|[^A-Za-z0-9]", b"", data).decode("latin-1").upper()


def find_cards(scan: Scan) -> None:
    """Claims numbers with a brand's prefix and length and a right check digit."""
    data = scan.data
    for spans in scan.search(CARD, 13):
        start, end = spans[0]
        digits = bare(data[start:end])
        if not scan.stands_alone(start, end) or is_decimal_part(data, start, end):
            continue
        size = len(digits)
        # The security code may follow with only a space; a single run of digits is one number.
        if 16 < size < 20 and not data[start:end].isdigit() and not checks.is_card(digits):
            head = re.match(rb"(?:\D*\d){16}", data[start:end])
            digits, end = digits[:16], start + (head.end() if head else 0)
        if 13 <= len(digits) <= 19 and checks.is_card(digits) and is_card_place(scan, start, end, digits):
            scan.claim(start, end, "card")


def is_decimal_part(data: bytes, start: int, end: int) -> bool:
    """Digits of a fraction (`0.4111…`), or more groups than a card has."""
    lead, tail = data[max(0, start - 2) : start], data[end : end + 2]
    return (lead[-1:] in b".,-+" and lead[:1].isdigit() and len(lead) == 2) or (
        tail[:1] in b".-" and tail[1:].isdigit()
    )


def is_card_place(scan: Scan, start: int, end: int, digits: str) -> bool:
    """Thirteen and nineteen digits in one run are more often ids: those need a word that names a card."""
    if not scan.numbers:
        return False
    if end - start > len(digits):
        return True
    lead = scan.before(start)
    if COUNTED.match(scan.data, end):
        return NAMES_CARD(lead)
    return not NAMES_ORDER(lead) if len(digits) in (15, 16) else NAMES_CARD(lead)


def find_ibans(scan: Scan) -> None:
    """Claims account numbers of their country's exact length with the right remainder."""
    data = scan.data
    for spans in scan.search(IBAN, 12):
        start, end = spans[0]
        glued = data[start : start + 4].lower() == b"iban"
        start += 4 if glued else 0
        size = checks.IBAN_LENGTHS.get(data[start : start + 2].decode("latin-1").upper(), 0)
        end = end_of_characters(data, start, end, size)
        if not size or end < 0 or not scan.stands_alone(start - 4 if glued else start, end):
            continue
        text = data[start:end]
        if checks.is_iban(bare(text)) and (
            text[:2].isupper() or b" " in text or size not in HASH_SIZES or NAMES_IBAN(scan.before(start))
        ):
            scan.claim(start, end, "iban")


def end_of_characters(data: bytes, start: int, end: int, size: int) -> int:
    """The place behind the nth letter or digit; -1 where there are fewer."""
    for place in range(start, end):
        if data[place] not in b" -":
            size -= 1
            if size == 0:
                return place + 1
    return -1


def find_ssns(scan: Scan) -> None:
    """Claims US social security numbers written with dashes, or with spaces and a word that names them."""
    for spans in scan.search(SSN):
        start, end = spans[0]
        named = NAMES_ID(scan.before(start))
        spaced = scan.data[slice(*spans[1])] == b" "
        if not scan.stands_alone(start, end, b"_-./+") or (not named and (spaced or IDS(scan.before(start)))):
            continue
        if checks.is_ssn(bare(scan.data[start:end])):
            scan.claim(start, end, "ssn")


def find_qualified_ssns(scan: Scan) -> None:
    """Claims what X12 calls a social security number by its qualifier: `REF*SY*…~`, `NM1*IL*1******SY*…~`."""
    for spans in scan.search(QUALIFIED):
        if checks.is_ssn(scan.data[slice(*spans[1])].decode("latin-1")):
            scan.claim(*spans[1], "ssn")


def find_dnis(scan: Scan) -> None:
    """Claims Spanish numbers; eight digits that are a date need a word that names them."""
    for spans in scan.search(DNI):
        start, end = spans[0]
        text = scan.data[start:end]
        named = NAMES_ID(scan.before(start))
        if not named and (DATE.match(text) or not text[-1:].isupper() or IDS(scan.before(start)) or b" " in text):
            continue
        plain = bare(text)
        joints = (
            b"_-+" if len(text) == len(plain) and (named or text[-1:].isupper()) else b"_-./+"
        )  # a part of an address
        if scan.before(start, 6) == b"idces-":  # as certificates of persons have it
            joints = b"_+"
        if scan.stands_alone(start, end, joints) and len(plain) == 9 and checks.is_dni(plain):
            scan.claim(start, end, "national-id")


def claim_checked(scan: Scan, start: int, end: int, check: Callable[[str], bool], joints: bytes = b"_-./+") -> None:
    """Claims a number that stands alone, has the right check digits and is not called an order or a ticket."""
    lead = scan.before(start)
    named = NAMES_ID(lead)
    joints = b"_-.+" if named else joints  # `PersonIdentifier=PL/…`
    if not scan.stands_alone(start, end, joints) or not check(bare(scan.data[start:end])):
        return
    if named or not (IDS(lead) or MEASURES(lead)):
        scan.claim(start, end, "national-id")


def find_codici(scan: Scan) -> None:
    """Claims Italian tax codes."""
    for spans in scan.search(CODICE):
        start, end = spans[0]
        if scan.stands_alone(start, end) and checks.is_codice_fiscale(bare(scan.data[start:end])):
            scan.claim(start, end, "national-id")


def find_pesels(scan: Scan) -> None:
    """Claims Polish numbers."""
    for spans in scan.search(PESEL):
        claim_checked(scan, *spans[0], checks.is_pesel)


def find_nirs(scan: Scan) -> None:
    """Claims French numbers; two check digits and a month are enough for a part of an address."""
    for spans in scan.search(NIR):
        claim_checked(scan, *spans[0], checks.is_nir, b"_-.+")


def find_ninos(scan: Scan) -> None:
    """Claims British numbers: no check digit, so capitals and a place of their own, or a word that names them."""
    for spans in scan.search(NINO):
        text = scan.data[slice(*spans[0])]
        if text.isupper() or NAMES_ID(scan.before(spans[0][0])):
            claim_checked(scan, *spans[0], bool)


def find_cpfs(scan: Scan) -> None:
    """Claims Brazilian numbers."""
    for spans in scan.search(CPF):
        claim_checked(scan, *spans[0], checks.is_cpf)


def find_said(scan: Scan) -> None:
    """Claims a number behind the name of a country's: most have check digits that are not worth a rule each."""
    for spans in scan.search(SAID):
        start, end = spans[1]
        if scan.stands_alone(start, end) and not WRITTEN_DATE.match(scan.data, start):
            scan.claim(start, end, "national-id")
