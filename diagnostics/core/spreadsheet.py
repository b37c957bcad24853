"""Lines of tables that people open in spreadsheets, which would run a text as a formula."""

import csv
import io
from collections.abc import Iterable
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_line(cells: Iterable[str]) -> bytes:
    """One line, quoted throughout."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow([as_text(cell) for cell in cells])
    return line.getvalue().encode("utf-8", "replace")


def as_text(cell: str) -> str:
    """What a spreadsheet would run as a formula begins with an apostrophe: it is shown, not run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
