"""Charts and figures: one number looks the same everywhere, and what has only begun is not drawn as if it were over."""

from datetime import UTC, datetime, timedelta

import pytest

from diagnostics.charts import HEIGHT, LEAST, TOP, Line, Marker, draw_bars, draw_lines, path_of, write_number
from diagnostics.core.figures import milliseconds, percent
from diagnostics.templatetags import shell

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TIMES = [NOON, NOON + MINUTE, NOON + 2 * MINUTE]


def test_a_point_that_stands_alone_is_a_dash_where_none_is_beside_it():
    points = [None, (10.0, 5.0), None, (30.0, 5.0), (40.0, 6.0)]
    assert path_of(points) == "M10.0 5.0h-6h12M30.0 5.0L40.0 6.0"
    assert path_of([(10.0, 5.0), None], [(10.0, 5.0), (20.0, 5.0)]) == "M10.0 5.0"


def test_a_line_ends_with_the_last_step_that_is_over():
    chart = draw_lines("Requests", TIMES, MINUTE, [Line("requests", [5, 4, 900])], now=NOON + 2.5 * MINUTE)
    assert chart.shapes[0].line == f"M166.7 {TOP}.0L500.0 {round(HEIGHT - 4 / 5 * (HEIGHT - TOP), 2)}"
    assert chart.peak == "5"
    assert [slot.title for slot in chart.slots][1:] == ["12:01 UTC · requests 4", "12:02 UTC so far · requests 900"]


@pytest.mark.parametrize("now", [None, NOON + 3 * MINUTE])
def test_a_line_goes_to_the_end_where_all_is_over(now):
    chart = draw_lines("Requests", TIMES, MINUTE, [Line("requests", [5, 4, 3])], now=now)
    assert chart.shapes[0].line.count("L") == 2
    assert not any("so far" in slot.title for slot in chart.slots)


def test_to_a_step_that_has_run_for_a_while_a_line_of_its_own_leads():
    """Of a day's steps, the last would else leave out up to a day."""
    hours = [NOON, NOON + 60 * MINUTE]
    early, late = (
        draw_lines("p95", hours, 60 * MINUTE, [Line("p95", [1, 4])], unit="ms", now=hours[1] + after)
        for after in (MINUTE / 2, 20 * MINUTE)
    )
    assert (early.peak, early.shapes[0].so_far) == ("1 ms", "")
    low = round(HEIGHT - 1 / 4 * (HEIGHT - TOP), 2)
    assert (late.peak, late.shapes[0].line) == ("4 ms", f"M250.0 {low}")
    assert late.shapes[0].so_far == f"M250.0 {low}L750.0 {TOP}.0"
    first = draw_lines("p95", hours, 60 * MINUTE, [Line("p95", [None, 4])], now=hours[1] + 20 * MINUTE)
    assert first.shapes[0].so_far == f"M500.0 {TOP}.0L750.0 {TOP}.0"


def test_what_came_in_a_step_that_is_not_over_is_still_data():
    first = draw_lines("Requests", TIMES[:1], MINUTE, [Line("requests", [5])], now=NOON)
    assert (first.is_empty, first.shapes[0].line) == (False, "")
    assert draw_lines("Requests", TIMES[:1], MINUTE, [Line("requests", [None])], now=NOON).is_empty


def test_the_bar_of_a_step_that_is_not_over_is_set_apart():
    chart = draw_bars("Records", TIMES, MINUTE, [Line("errors", [1, 2, 3], "tone-bad")], now=NOON + 2.5 * MINUTE)
    assert [bar.tone for bar in chart.bars] == ["tone-bad", "tone-bad", "tone-bad is-open"]
    assert chart.slots[2].title == "12:02 UTC so far · errors 3"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (0.00001, "<0.01%"), (0.0006, "0.06%"), (0.003, "0.3%"), (0.025, "2.5%"), (0.14, "14%"), (1, "100%")],
)
def test_a_share_is_written_in_one_way(share, text):
    assert percent(share) == shell.percent(share) == write_number(share, "%") == text


@pytest.mark.parametrize(("value", "text"), [(0, "0 ms"), (0.25, "0.25 ms"), (999, "999 ms"), (2400, "2.4 s")])
def test_a_time_is_written_in_one_way(value, text):
    assert milliseconds(value) == shell.ms(value) == write_number(value, "ms") == text


def test_spans_that_overlap_are_drawn_as_one():
    """Shade upon shade would hide the lines below."""
    spans = [Marker(NOON + first * MINUTE, label, NOON + last * MINUTE)
             for first, last, label in ((0.5, 1, "b"), (0, 0.75, "a"), (2, 2.5, "c"), (-3, -1, "before"), (4, 5, "after"))]  # fmt: skip
    chart = draw_lines("Requests", TIMES, MINUTE, [Line("requests", [5, 4, 3])], markers=spans)
    assert chart.spans == [(0, 333.3, "a · b"), (666.7, 166.6, "c")]


def test_charts_that_share_a_scale_can_be_compared_and_lose_nothing():
    low, high = (
        draw_bars("Errors", TIMES, MINUTE, [Line("errors", [0, count, 0])], highest=1000) for count in (1, 500)
    )
    assert [bar.height for bar in low.bars] == [LEAST]
    assert [bar.height for bar in high.bars] == [(HEIGHT - TOP) / 2]
