"""The template catalogue of each environment that this process takes records for, kept in step with the rows.

A process learns by itself and at once; the rows are what all processes agree on. While an ingest key is in use they are
asked every few seconds whether they changed, in the thread that looks keys up.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from diagnostics.detection.templates.catalogue import Catalogue
from diagnostics.storage.templates import Revision, read_erased, read_known, read_revision

ENVIRONMENTS: Final = 100  # whose catalogues are kept: bounds memory
ASKED_EVERY: Final = 3.0  # seconds


@dataclass(slots=True)
class Kept:
    """A catalogue and what the rows were when it was read."""

    catalogue: Catalogue = field(default_factory=Catalogue)
    revision: Revision = (0, None)
    numbers: frozenset[int] = frozenset()  # that rows confirmed
    asked_at: float = 0.0


KEPT: Final[OrderedDict[int, Kept]] = OrderedDict()
LOCK: Final = threading.Lock()


def catalogue_of(environment_id: int) -> Catalogue:
    """The environment's catalogue, not older than ASKED_EVERY. Asks the database."""
    with LOCK:
        kept = KEPT.setdefault(environment_id, Kept())
        KEPT.move_to_end(environment_id)
        while len(KEPT) > ENVIRONMENTS:
            KEPT.popitem(last=False)
        if kept.asked_at == 0.0 or time.monotonic() - kept.asked_at > ASKED_EVERY:
            kept.asked_at = time.monotonic()
            refresh(kept, environment_id)
        return kept.catalogue


def refresh(kept: Kept, environment_id: int) -> None:
    """Take over the rows, if they changed, and what this process learnt that they do not have yet.

    What they once had and no longer have is forgotten: its retention is over, or it was erased. What was erased is not told
    again either by a process that had learnt it and never seen its row.
    """
    revision = read_revision(environment_id)
    if revision == kept.revision:
        return
    known = read_known(environment_id)
    fresh = Catalogue(known)
    numbers = frozenset(template.number for template in known)
    settled = numbers | kept.numbers | read_erased(environment_id)
    own = [template for template in kept.catalogue.everything() if template.number not in settled]
    for template in own:
        fresh.report(template)
    kept.catalogue, kept.revision, kept.numbers = fresh, revision, numbers
