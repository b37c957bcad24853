"""The small chart of a mail: the signal up to now, as a PNG of a few kilobytes."""

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

WIDTH: Final = 560
HEIGHT: Final = 120
SCALE: Final = 2  # drawn larger and made smaller: smooth lines
MARGIN: Final = 8
PAPER: Final = "#ffffff"
GRID: Final = "#e3e6ea"
FILL: Final = "#fbe3e1"
LINE: Final = "#c0392b"


def draw_chart(values: Sequence[float | None]) -> bytes:
    """Bars for each step, from zero to the highest value; steps without a value stay empty."""
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), PAPER)
    canvas = ImageDraw.Draw(image)
    margin, width, height = MARGIN * SCALE, WIDTH * SCALE, HEIGHT * SCALE
    for part in range(3):
        y = margin + part * (height - 2 * margin) // 2
        canvas.line([(margin, y), (width - margin, y)], fill=GRID, width=SCALE)
    highest = max((value for value in values if value is not None), default=0.0) or 1.0
    step = (width - 2 * margin) / max(len(values), 1)
    for place, value in enumerate(values):
        if not value or value < 0:
            continue
        left = margin + place * step
        top = height - margin - (height - 2 * margin) * value / highest
        canvas.rectangle([left, top, left + max(step - SCALE, 1), height - margin], fill=FILL)
        canvas.line([(left, top), (left + max(step - SCALE, 1), top)], fill=LINE, width=2 * SCALE)
    found = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(found, "PNG", optimize=True)
    return found.getvalue()
