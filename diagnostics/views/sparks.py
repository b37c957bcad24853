"""A row's small chart: how often it came in the time shown."""

from collections.abc import Sequence
from typing import Final

from diagnostics.charts import Chart, Line, draw_bars
from diagnostics.search.patterns import Span

NAMED: Final = 80  # characters


def draw_spark(name: str, counts: Sequence[int], span: Span, tone: str = "") -> Chart:
    """Records in each step. `name`: of what."""
    line = Line("records", counts, tone)
    return draw_bars(f"Records of {name[:NAMED]}", span.times, span.step, [line], size="is-low", now=span.until)
