"""The miner of one service: line in, template out."""

import threading
from dataclasses import replace
from typing import Final

from diagnostics.detection.templates.clusters import Cluster, Clusters, Room
from diagnostics.detection.templates.ids import read_id, write_id
from diagnostics.detection.templates.mask import mask_line
from diagnostics.detection.templates.shape import Shape, first_line, shape_of

TEMPLATES: Final = 5_000  # of one miner, unless told otherwise
SHAPES: Final = 50_000  # remembered before all are forgotten: bounds memory, costs a second look


class TemplateMiner:
    """Learns from every line. Lines beyond `limit` templates share one, which says so.

    name: keeps the ids of equal texts of different services apart. room: shared with other miners.
    """

    def __init__(self, name: str = "", limit: int = TEMPLATES, room: Room | None = None) -> None:
        self.clusters = Clusters(name, limit, room)
        self.shapes: dict[Shape, int] = {}
        self.news: dict[int, Cluster] = {}  # templates that are new or wider since `take_news`
        self.lock = threading.Lock()

    def add(self, line: str) -> str:
        """The id of the line's template."""
        return write_id(self.number_of(line))

    def template(self, number: str) -> str:
        """What the template with this id says by now; KeyError when there is none."""
        found, clusters = read_id(number), self.clusters
        cluster = clusters.other if found == clusters.other.number else clusters.by_number[found]
        return clusters.root_of(cluster).text

    def current(self, number: str) -> str:
        """The id that this one is counted under by now: another where templates were joined."""
        cluster = self.clusters.by_number.get(read_id(number))
        return number if cluster is None else write_id(self.clusters.root_of(cluster).number)

    def number_of(self, body: str) -> int:
        """The id as a number; the quick way for what was seen before."""
        line = first_line(body)
        shape = shape_of(line)
        found = self.shapes.get(shape)
        return self.learn(line, shape) if found is None else found

    def learn(self, line: str, shape: Shape) -> int:
        """The long way, for a shape seen for the first time."""
        tokens = mask_line(line)
        with self.lock:
            cluster, changed = self.clusters.put(tokens)
            self.news |= {item.number: item for item in changed}
            if len(self.shapes) >= SHAPES or any(item.merged_into is not None for item in changed):
                self.shapes.clear()
            self.shapes[shape] = cluster.number
        return cluster.number

    def take_news(self) -> list[Cluster]:
        """Templates that are new, wider or joined since the last call."""
        with self.lock:
            news, self.news = self.news, {}
            return [replace(cluster) for cluster in news.values()]
