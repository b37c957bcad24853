"""`{% draw chart %}`: the SVG of a chart."""

from typing import Any

from django import template

from diagnostics.charts import HEIGHT, WIDTH, Chart

register = template.Library()


@register.inclusion_tag("diagnostics/parts/chart.html")
def draw(chart: Chart) -> dict[str, Any]:
    """Geometry from diagnostics.charts, colours from app.css."""
    return {"chart": chart, "width": WIDTH, "height": HEIGHT, "half": HEIGHT // 2}
