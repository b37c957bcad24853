"""The benchmark's own arithmetic: what is counted as found, as false, as late; and NAB's protocol on a small corpus."""

import json

import pytest

from benchmarks.detection.families import FAMILIES, make_series
from benchmarks.detection.nab import DataFile, at, best, evaluate, points_of, read_corpus
from benchmarks.detection.placing import incident_of
from benchmarks.detection.score import tally
from benchmarks.detection.series import DAY, MINUTES, Incident, Series


def series(*incidents, ignored=()):
    return Series("made", "quiet", "errors", [0.0] * (3 * DAY), None, list(incidents), list(ignored))


def scores(*alarms):
    made = [0.0] * (3 * DAY)
    for minute in alarms:
        made[minute] = 1.0
    return made


def test_five_alarms_on_one_incident_are_one_found_incident():
    result = tally(series(Incident(2000, 2030)), scores(2003, 2004, 2010, 2020, 2029), 0.5)
    assert (result.found, result.missed, result.false_runs, result.delays) == (1, 0, 0, [3])


def test_an_alarm_shortly_after_an_incident_belongs_to_it_and_later_ones_are_false():
    result = tally(series(Incident(2000, 2010)), scores(2012, 2100, 2105, 2400), 0.5)
    assert (result.found, result.false_runs, result.delays) == (1, 2, [12])


def test_the_first_day_and_ignored_stretches_are_not_judged():
    result = tally(series(ignored=[Incident(2000, 2100)]), scores(100, 2050), 0.5)
    assert (result.false_runs, result.days) == (0, 2.0)


def test_a_missed_incident_lowers_recall_and_a_false_alarm_precision():
    result = tally(series(Incident(2000, 2010), Incident(3000, 3010)), scores(2001, 3900), 0.5)
    assert (result.recall, result.precision, result.f1) == (0.5, 0.5, 0.5)


def test_an_incident_is_plain_as_soon_as_its_minutes_carry_sixteen_nats():
    assert incident_of(2000, "step", 3.0, [6.0, 9.9, 0.2, 30.0]) == Incident(2000, 2004, "step", 3.0, 2)
    assert incident_of(2000, "step", 3.0, [6.0, -9.0, 6.0]).plain_after is None


@pytest.mark.parametrize("family", FAMILIES)
def test_a_series_is_made_the_same_way_every_time_and_differs_between_the_halves(family):
    first, again, other = (make_series(family, half, 0) for half in ("dev", "dev", "report"))
    assert repr(first) == repr(again)
    assert first.values != other.values
    assert len(first.values) == MINUTES
    assert all(DAY <= incident.start < incident.end <= MINUTES for incident in first.incidents)


def nab_file(windows, length=1000, name="folder/a.csv"):
    return DataFile(name, [300.0 * point for point in range(length)], [0.0] * length, windows)


def test_nab_gives_all_for_an_early_alarm_nothing_for_silence_and_takes_for_false_ones():
    data = nab_file([(500, 599)])
    early, silent, false = [0.0] * 1000, [0.0] * 1000, [0.0] * 1000
    early[500] = 1.0
    false[500] = false[300] = 1.0
    assert best(points_of(data, early), "standard", 1).score == pytest.approx(100.0)
    assert best(points_of(data, silent), "standard", 1).score == 0.0
    assert at(points_of(data, false), "standard", 1, 0.5) == pytest.approx(100.0 - 100 * 0.11 / 2)
    assert at(points_of(data, false), "low_fp", 1, 0.5) == pytest.approx(100.0 - 100 * 0.22 / 2)


def test_nab_leaves_the_start_of_a_file_out_and_forgives_an_alarm_right_after_a_window():
    data = nab_file([(500, 599)])
    probation, late, far = [0.0] * 1000, [0.0] * 1000, [0.0] * 1000
    probation[100] = late[600] = far[950] = 1.0
    assert len(points_of(data, probation)) == 850
    costs = [at(points_of(data, made), "standard", 1, 0.5) for made in (probation, late, far)]
    assert costs[0] == 0.0
    assert 0.0 > costs[1] > costs[2] == pytest.approx(-100 * 0.11 / 2)


def test_nab_is_read_from_a_checkout_and_split_into_halves(tmp_path):
    names = ["one/a.csv", "one/b.csv", "one/c.csv", "two/a.csv"]
    rows = "".join(f"2026-01-0{1 + hour // 24} {hour % 24:02}:00:00,{hour}\n" for hour in range(96))
    for name in names:
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"timestamp,value\n{rows}")
    window = [["2026-01-03 00:00:00.000000", "2026-01-03 09:00:00.000000"]]
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps(dict.fromkeys(names, window)))
    assert [data.windows for data in read_corpus(tmp_path)] == [[(48, 57)]] * 4
    figures = evaluate(tmp_path, lambda data: [float(index == 48) for index in range(len(data.times))])
    assert figures["nab_standard"] == figures["nab_half_a"] == figures["nab_half_b_at_a"] == pytest.approx(100.0)
