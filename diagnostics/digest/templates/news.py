"""What processes learnt, put together: each may have met the same message first, and named it by its own first line."""

from collections.abc import Iterable

from diagnostics.detection.templates.catalogue import Catalogue, Known
from diagnostics.digest.templates.move import move_counts
from diagnostics.storage.templates import read_known, write_known


def take_in(environment_id: int, news: Iterable[Known]) -> None:
    """Learn on top of the rows, as one more process that hears of everything, and store what changed."""
    catalogue = Catalogue(read_known(environment_id))
    changed: dict[int, Known] = {}
    for template in news:
        changed |= {known.number: known for known in catalogue.learn(template)}
    if changed:
        write_known(environment_id, changed.values())
    for known in changed.values():
        if known.merged_into is not None:
            move_counts(environment_id, known.number, known.merged_into)
