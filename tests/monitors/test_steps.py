"""How check-ins and their absence move a monitor."""

from datetime import timedelta

import pytest

from alerts.models import CheckIn, Monitor, Outcome
from alerts.monitors.changes import pause_monitor, resume_monitor, save_monitor
from alerts.monitors.keeping import KEPT, expire_check_ins
from alerts.monitors.misses import notice_misses
from alerts.monitors.telling import EACH_MINUTE, Report, TooOftenError, take_check_in

pytestmark = pytest.mark.django_db


def outcomes(monitor):
    return list(monitor.reports.order_by("number").values_list("outcome", flat=True))


@pytest.fixture
def look(standing, environment):
    """Lets time pass and looks for what did not come."""

    def step(monitor, resumed=None, **duration):
        standing.advance(**duration)
        notice_misses(environment.pk, standing.now, resumed)
        monitor.refresh_from_db()
        return monitor

    return step


def test_a_new_one_expects_nothing(make_monitor, look):
    monitor = look(make_monitor(), days=30)
    assert (monitor.state, monitor.due_at, outcomes(monitor)) == ("new", None, [])


def test_up_late_down_and_up_again(make_monitor, check_in, look, standing):
    monitor = check_in(make_monitor())
    assert monitor.state == "up"
    assert monitor.due_at == standing.now + timedelta(hours=1)
    assert look(monitor, minutes=65).state == "late"
    down = look(monitor, minutes=6)
    assert (down.state, down.failures, down.trouble) == (
        "down", 1, "nightly-backup did not report: due 13:00 UTC, 10 min grace.",
    )  # fmt: skip
    assert down.down_since == standing.now - timedelta(minutes=11)
    well = check_in(monitor)
    assert (well.state, well.failures, well.trouble) == ("up", 0, "")
    assert outcomes(monitor) == ["ok", "missed", "ok"]


def test_times_that_are_over_together_are_missed_once_and_the_next_one_is_in_step(make_monitor, check_in, look):
    monitor = check_in(make_monitor(schedule="10m"))
    due = monitor.due_at
    down = look(monitor, minutes=65)
    assert outcomes(monitor) == ["ok", "missed"]
    assert down.due_at == due + timedelta(minutes=60)
    assert look(monitor, minutes=20).failures == 2


def test_a_cron_line_goes_by_the_clock_of_its_zone(make_monitor, check_in, look):
    monitor = check_in(make_monitor(schedule="0 2 * * *", zone="Asia/Kolkata", grace_minutes=30))
    assert f"{monitor.due_at:%m-%d %H:%M}" == "03-01 20:30"
    assert look(monitor, hours=10).trouble.endswith("due 02:00 Asia/Kolkata, 30 min grace.")


def test_a_check_in_shortly_before_its_time_is_that_times(make_monitor, check_in, standing, look):
    monitor = check_in(make_monitor(schedule="0 13 * * *"))
    standing.advance(minutes=59, seconds=10)
    early = check_in(monitor)
    assert f"{early.due_at:%m-%d %H:%M}" == "03-02 13:00"
    assert look(monitor, minutes=30).state == "up"


def test_a_run_has_a_length_and_the_next_is_due_from_its_beginning(make_monitor, check_in, standing):
    monitor = make_monitor()
    begun = check_in(monitor, "started")
    assert begun.state == "running"
    standing.advance(minutes=12)
    ended = check_in(monitor)
    assert (ended.state, ended.last_duration_ms) == ("up", 720_000)
    assert ended.due_at == standing.now + timedelta(minutes=48)


def test_a_run_that_takes_too_long_is_down_until_it_ends(make_monitor, check_in, look):
    monitor = make_monitor(longest_minutes=20)
    check_in(monitor, "started")
    assert look(monitor, minutes=19).state == "running"
    down = look(monitor, minutes=2)
    assert (down.state, down.trouble) == (
        "down", "nightly-backup started at 12:00 UTC and has not ended: it may run for 20 min.",
    )  # fmt: skip
    assert look(monitor, minutes=20).failures == 1
    ended = check_in(monitor)
    assert (ended.state, ended.last_duration_ms) == ("up", 41 * 60_000)


def test_a_run_that_never_ends_is_missed_when_it_is_due_again(make_monitor, check_in, look):
    monitor = make_monitor()
    check_in(monitor, "started")
    assert look(monitor, minutes=71).state == "down"
    assert outcomes(monitor) == ["started", "overran"]


def test_a_job_that_starts_on_time_and_never_ends_is_found(make_monitor, check_in, standing):
    monitor = make_monitor()
    check_in(monitor, "started")
    standing.advance(minutes=60)
    again = check_in(monitor, "started")
    assert (again.state, again.failures) == ("down", 1)
    assert outcomes(monitor) == ["started", "overran", "started"]


def test_a_job_that_dies_and_begins_anew_within_its_longest_run_is_found_in_time(make_monitor, check_in, look):
    monitor = make_monitor(longest_minutes=20)
    for _ in range(4):
        check_in(monitor, "started")
        look(monitor, minutes=6)
    assert monitor.state == "down"


def test_a_failure_says_its_exit_code_and_how_long_it_ran(make_monitor, check_in, standing):
    monitor = make_monitor()
    check_in(monitor, "started")
    standing.advance(minutes=12)
    failed = check_in(monitor, "failed", exit_code=1, message="disk full")
    assert (failed.state, failed.trouble) == ("down", "nightly-backup failed with exit code 1 after 12 min.")
    row = monitor.reports.first()
    assert (row.exit_code, row.message, row.duration_ms) == (1, "disk full", 720_000)


def test_it_takes_as_many_in_a_row_as_it_says(make_monitor, check_in, look, standing):
    monitor = make_monitor(opens_after=2)
    assert check_in(monitor, "failed").state == "up"
    assert look(monitor, minutes=71).state == "down"
    check_in(monitor)
    standing.advance(minutes=1)
    assert check_in(monitor, "failed").state == "up"


def test_told_twice_it_counts_once(make_monitor, check_in, standing):
    monitor = make_monitor(opens_after=2)
    check_in(monitor, "failed")
    standing.advance(seconds=2)
    assert check_in(monitor, "failed").failures == 1
    standing.advance(minutes=1)
    assert check_in(monitor, "failed", run="r-1").failures == 2
    standing.advance(minutes=5)
    assert check_in(monitor, "failed", run="r-1").failures == 2
    assert check_in(monitor, "failed", run="r-2").failures == 3


def test_a_loop_gone_wrong_is_refused(make_monitor, check_in, standing):
    monitor = make_monitor()
    for number in range(EACH_MINUTE):
        check_in(monitor, run=f"r-{number}")
    with pytest.raises(TooOftenError):
        check_in(monitor, run="one more")
    standing.advance(minutes=1)
    check_in(monitor, run="one more")


def test_paused_it_expects_nothing_and_still_notes_what_comes(make_monitor, check_in, look, standing):
    monitor = check_in(make_monitor())
    look(monitor, hours=2)
    pause_monitor(None, monitor)
    assert (monitor.state, monitor.due_at, monitor.failures) == ("paused", None, 0)
    assert check_in(monitor, "failed").state == "paused"
    assert look(monitor, days=2).state == "paused"
    resume_monitor(None, monitor)
    assert (monitor.state, monitor.due_at) == ("up", standing.now + timedelta(hours=1))


def test_a_change_of_the_schedule_counts_from_now(make_monitor, check_in, standing):
    monitor = check_in(make_monitor(schedule="1d"))
    monitor.schedule = "2h"
    save_monitor(None, monitor)
    assert monitor.due_at == standing.now + timedelta(hours=2)


def test_a_form_that_was_opened_before_puts_nothing_back(make_monitor, check_in):
    monitor = make_monitor()
    form = Monitor.objects.get(pk=monitor.pk)
    check_in(monitor, "failed")
    form.name = "Nightly backup"
    save_monitor(None, form)
    monitor.refresh_from_db()
    assert (monitor.name, monitor.state) == ("Nightly backup", "down")


def test_the_last_hundred_are_kept_and_the_old_go(make_monitor, check_in, standing, environment):
    monitor = make_monitor()
    for number in range(KEPT + 5):
        standing.advance(minutes=1)
        check_in(monitor, run=f"r-{number}")
    assert CheckIn.objects.count() == KEPT
    assert monitor.reports.first().number == KEPT + 5
    expire_check_ins(environment, standing.now - timedelta(minutes=10))
    assert CheckIn.objects.count() == 11


def test_a_run_may_take_as_long_as_is_said_although_it_is_due_again(make_monitor, check_in, look):
    monitor = make_monitor(schedule="10m", longest_minutes=60)
    check_in(monitor, "started")
    assert look(monitor, minutes=55).state == "running"
    assert check_in(monitor).state == "up"
    check_in(monitor, "started")
    assert "it may run for 60 min" in look(monitor, minutes=61).trouble


def test_a_longer_grace_while_it_is_late_lets_off_nothing(make_monitor, check_in, look, standing):
    monitor = check_in(make_monitor(schedule="1d"))
    due = monitor.due_at
    assert look(monitor, days=1, minutes=5).state == "late"
    monitor.grace_minutes = 30
    save_monitor(None, monitor)
    assert (monitor.due_at, monitor.deadline_at) == (due, due + timedelta(minutes=30))
    assert look(monitor, minutes=26).state == "down"


def test_a_start_that_is_told_after_the_end_of_its_run_starts_nothing(make_monitor, standing):
    monitor, began = make_monitor(), standing.now
    standing.advance(seconds=1)
    take_check_in(monitor.pk, Report(Outcome.OK, run="r-1"), standing.now)
    assert take_check_in(monitor.pk, Report(Outcome.STARTED, run="r-1"), began).state == "up"
    standing.advance(minutes=1)
    assert take_check_in(monitor.pk, Report(Outcome.STARTED, run="r-2"), standing.now).state == "running"
