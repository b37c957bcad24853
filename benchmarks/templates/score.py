"""The two usual measures of grouping: by line (GA) and by group (FGA)."""

from collections import defaultdict
from collections.abc import Hashable, Sequence


def groups_of(labels: Sequence[Hashable]) -> dict[Hashable, frozenset[int]]:
    """The places of each label."""
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        places[label].append(place)
    return {label: frozenset(found) for label, found in places.items()}


def grouping(found: Sequence[Hashable], true: Sequence[Hashable]) -> tuple[float, float]:
    """(share of lines in a group that is exactly a true one, harmonic mean of precision and recall of groups)."""
    true_groups = set(groups_of(true).values())
    found_groups = groups_of(found).values()
    right = [group for group in found_groups if group in true_groups]
    return sum(map(len, right)) / len(true), 2 * len(right) / (len(found_groups) + len(true_groups))
