"""Names of people where the words around say so: `Dear Ann Lee,`, `Mr. Lee`, `Customer(name=Ann Lee, id=3)`."""

from typing import Final

from diagnostics.pipeline.redact.patterns import NOTHING, compile_find
from diagnostics.pipeline.redact.scan import Scan

WORD: Final = r"(?:[A-Z]|[\xc3-\xc5][\x80-\xbf])(?:[A-Za-z'-]|[\xc3-\xc5][\x80-\xbf]){1,30}"
LINKS: Final = "van|von|der|den|de|da|di|del|la|le|bin|al|el|dos"
LINK: Final = rf"(?:{LINKS})[ -]"
JOINT: Final = r"(?:\+|%20)"  # as forms send a space
FULL: Final = rf"{WORD}(?: (?:{LINK}){{0,2}}{WORD}|[ ]al-{WORD}){{1,3}}"
TITLE: Final = r"(?:Mr|Mrs|Ms|Dr|Prof|Herr|Frau|Mme|Mlle|Signora?|Señora?)"
GREETING: Final = r"(?:Hello|Hi|Dear|Hallo|Hej|Bonjour|Hola|Ciao|Lieber?|Cher|Ch\xc3\xa8re|Estimad[oa]|Ol\xc3\xa1)"
SAID: Final = compile_find(
    rf"\b(?:{GREETING},? (?:{TITLE}\.? )?({FULL})[,!.\n]|{TITLE}\.? ({WORD}(?: {WORD}){{0,2}})\b)"
)
GATE: Final = rf"\b(?:{GREETING},? [A-Z\xc3-\xc5]|{TITLE}\.? [A-Z\xc3-\xc5])"
NAMED: Final = compile_find(rf"({FULL})\\?[\"']?\s*<[^<>\s@]+@|[\"']({FULL})\\?[\"'],\s?\\?[\"'][^\s\"'@]+@")
NAMED_GATE: Final = r"[A-Za-z\x80-\xff]\\?[\"']?\s*<[^<>\s@]+@|[\"'],\s?\\?[\"'][^\s\"'@]+@"
BEARER: Final = (
    r"(?:user|customer|person|patient|employee|member|contact|guest|passenger|student|driver|owner|recipient|client|"
    r"subscriber|beneficiary|account_?holder|cardholder)"
)
HELD: Final = compile_find(
    rf"(?i:\b[a-z]*{BEARER}[a-z]*\s?[({{\[<](?:[^(){{}}\[\]\n]*[ ,{{(\[])?name['\"]?\s?[=:]>?\s?['\"]?)({FULL})"
)
HELD_GATES: Final = (rf"(?i){BEARER}[a-z]*\s?[({{\[<]", r"(?i)name['\"]?\s?[=:]")

# A form as it is sent: `name` is a person's beside how they are reached or pay.
SENT: Final = compile_find(
    rf"(?:^|[?&\s\"'\[.])name\]?=(?:({WORD}(?:{JOINT}(?:(?:{LINKS}){JOINT}){{0,2}}{WORD}){{1,3}})(?:[&\s\"']|$)|[\"']({FULL})[\"'])"
)
SENT_GATES: Final = (
    r"\bname\]?=[\"']?[A-Z\xc3-\xc5]",
    r"(?i)[?&\s\"'\[.](?:e-?mail|phone|tel|mobile|cc|card|iban|dob|birth|street|address|zip|city)[a-z_]*\]?=",
)


def find_addressed(scan: Scan) -> None:
    """Claims who is greeted by first and last name, and who has a title."""
    for spans in scan.search(SAID):
        scan.claim(*(spans[1] if spans[1] != NOTHING else spans[2]), "name")


def find_mailed(scan: Scan) -> None:
    """Claims the name before a mailbox: `Ann Lee <ann@example.com>`, `{"Ann Lee", "ann@example.com"}`."""
    for spans in scan.search(NAMED):
        scan.claim(*(spans[1] if spans[1] != NOTHING else spans[2]), "name")


def find_held(scan: Scan) -> None:
    """Claims the name in an object that is a person."""
    for spans in scan.search(HELD):
        scan.claim(*spans[1], "name")


def find_sent(scan: Scan) -> None:
    """Claims the name that a form sends beside how its person is reached."""
    for spans in scan.search(SENT):
        scan.claim(*(spans[1] if spans[1] != NOTHING else spans[2]), "name")
