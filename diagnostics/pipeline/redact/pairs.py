"""Names and values side by side: `('password', 'x')`, `- name: DB_PASSWORD` over `value: x`, the parts of a form."""

from typing import Final

from diagnostics.pipeline.redact import shapes
from diagnostics.pipeline.redact.headers import is_credential
from diagnostics.pipeline.redact.judge import GUESSED, JUDGED, is_private
from diagnostics.pipeline.redact.keys import Kind, classify_name
from diagnostics.pipeline.redact.patterns import NOTHING, compile_find
from diagnostics.pipeline.redact.scan import Scan

NAME: Final = r"([A-Za-z_][\w.-]*)"
LISTED: Final = compile_find(rf"[\[(]\s?\\*[\"']{NAME}\\*[\"']\s?,\s?\\*[\"']([^\"'\\]+)")
LISTED_GATE: Final = r"[\[(]\s?\\*[\"'][A-Za-z_][\w.-]*\\*[\"']\s?,\s?\\*[\"']"
BESIDE: Final = compile_find(
    rf"(?i)\b(?:name|key)[\"']?\s?[:=]\s?[\"']?{NAME}[\"']?,?\s+[\"']?value[\"']?\s?[:=]\s?[\"']?([^\"'\s][^\"'\r\n]*)"
    rf"|\b{NAME} value[:=]? [\"']?([^\"'\s]+)"
    rf"|\bfield '{NAME}': rejected value \[([^\[\]\r\n]+)\]|s:\d+:\\*\"{NAME}\\*\";s:\d+:\\*\"([^\"\\]+)"
    rf"|<(?:[\w.-]+:)?{NAME}\s[^<>]*[\"']>([^<>]+)</"
    rf"|<(?:[\w.-]+:)?Attribute\s[^<>]*\bName=\\*[\"'](?:[^\"'<>]*[/:])?{NAME}\\*[\"'][^<>]*>\s*<(?:[\w.-]+:)?AttributeValue[^<>]*>([^<>]+)<"
    rf"|form-data; name=\"{NAME}\"(?:\r?\n[A-Z][^\r\n]+)?(?:\r?\n){{2}}([^\r\n]+)"
)
BESIDE_GATE: Final = (
    r"(?i)\s[\"']?value[\"']?\s?[:=]|[\w.-] value \S|form-data; name=|: rejected value \[|;s:\d+:|[\"']>[^<>\s]|"
    r"AttributeValue"
)
LONGEST_NAME: Final = 64


def find_listed(scan: Scan) -> None:
    """Claims the second of a pair written as a list or a tuple."""
    for spans in scan.search(LISTED):
        claim_named(scan, spans[1], spans[2])


def find_beside(scan: Scan) -> None:
    """Claims the value in `name: x, value: y`, in a refused field, in PHP's own notation, in SAML and in a part of a form."""
    for spans in scan.search(BESIDE):
        name = next(place for place in (1, 3, 5, 7, 9, 11, 13) if spans[place] != NOTHING)
        claim_named(scan, spans[name], spans[name + 1])


def claim_named(scan: Scan, name: tuple[int, int], value: tuple[int, int]) -> None:
    """Claims the value if the name says that it is private; two names of fields are no pair."""
    if name[1] - name[0] > LONGEST_NAME:
        return
    treatment = classify_name(scan.data[slice(*name)].decode("latin-1"))
    said = scan.data[slice(*value)].decode("utf-8", "replace")
    if treatment.kind is Kind.COOKIE or treatment.kind is Kind.HEADER:
        if not shapes.is_settled(said) and is_credential(said):
            scan.claim(*value, treatment.marker)
    elif treatment.kind in JUDGED and treatment.kind not in GUESSED:
        both_names = shapes.PLAIN_WORD.fullmatch(said) and classify_name(said).kind is not Kind.SCAN
        if not both_names and is_private(treatment, said, loose=True):
            scan.claim(*value, treatment.marker)
