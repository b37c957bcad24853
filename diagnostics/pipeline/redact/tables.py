"""Names in one row and values in the next: `INSERT INTO users (email, password) VALUES ('…', '…')`, and CSV with its header."""

import re
from collections.abc import Iterator
from typing import Final

from diagnostics.pipeline.redact import shapes
from diagnostics.pipeline.redact.judge import JUDGED, is_private
from diagnostics.pipeline.redact.keys import CONTACTS, Treatment, classify_name
from diagnostics.pipeline.redact.patterns import compile_find
from diagnostics.pipeline.redact.scan import Scan

INSERT: Final = compile_find(r"(?i)\binsert\s+into\s+[\w.\"`\[\]]{1,80}\s?\(([^()]+)\)\s*values\s*\(")
GATE: Final = r"(?i)\)\s*values\s*\("
# One value of a row: quoted as SQL quotes, or bare up to what ends it.
VALUE: Final = re.compile(rb"\s*+(?:[NE]?'((?:[^'\\]++|''|\\.)*+)'|([^,()']*+))\s*+([,)])")
ROWS: Final = re.compile(rb"\s*,\s*\(")
DISPLAYED: Final = classify_name("display_name")
COLUMNS: Final = 64
MOST_ROWS: Final = 20  # of one statement that are taken apart; the text behind them is looked at as any other


def find_inserted(scan: Scan) -> None:
    """Claims each value whose column says that it is private."""
    for spans in scan.search(INSERT):
        names = [name.strip(b' \t\r\n"`[]').decode("latin-1") for name in scan.data[slice(*spans[1])].split(b",")]
        kinds = [classify_name(name) for name in names[:COLUMNS]]
        if any(name.lower() in CONTACTS for name in names):
            kinds = [DISPLAYED if name.lower() == "name" else kind for name, kind in zip(names, kinds, strict=False)]
        if any(treatment.kind in JUDGED for treatment in kinds):
            for treatment, start, end in cells(scan, kinds, spans[0][1]):
                value = scan.data[start:end].decode("utf-8", "replace").strip()
                hidden = treatment.kind in JUDGED and not value.lower().startswith(
                    ("null", "default", "$", "@", "?", ":")
                )
                if hidden and not shapes.is_settled(value) and is_private(treatment, value):
                    scan.claim(start, end, treatment.marker)


def cells(scan: Scan, kinds: list[Treatment], place: int) -> Iterator[tuple[Treatment, int, int]]:
    """Each value of each row with what its column says of it."""
    for _ in range(MOST_ROWS):
        for treatment in kinds:
            found = VALUE.match(scan.data, place)
            if found is None:
                return
            scan.left -= 1
            start, end = found.span(1) if found[1] is not None else found.span(2)
            yield treatment, start, end
            place = found.end()
            if found[3] == b")":
                break
        row = ROWS.match(scan.data, place)
        if row is None:
            return
        place = row.end()
