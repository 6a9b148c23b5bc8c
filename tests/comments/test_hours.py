"""Weekly hours by the clock on the wall, also in the nights in which it is put forward or back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments import hours

NIGHT = "daily 23:00-07:00 closed"
WEEKEND = f"{NIGHT}\nSat,Sun 00:00-24:00 premoderated"
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["Europe/Berlin", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]
CHANGES = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]  # Berlin's

moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)) | st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-1600, 1600)
)
times = st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59))
days = st.sampled_from(["daily", "mon", "sat,sun", "fri-mon", "tue,thu"])
lines = st.builds(
    lambda day, begin, end, state: f"{day} {begin}-{end} {state}" if begin != end else f"{day} 00:00-24:00 {state}",
    days,
    times,
    times,
    st.sampled_from(hours.STATES),
)
plans = st.lists(lines, max_size=4).map("\n".join)


def berlin(*when: int) -> datetime:
    return datetime(*when, tzinfo=BERLIN)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("when", "state", "until"),
    [
        (berlin(2026, 11, 18, 22, 59), None, berlin(2026, 11, 18, 23)),
        (berlin(2026, 11, 18, 23), "closed", berlin(2026, 11, 19, 7)),
        (berlin(2026, 11, 19, 6, 59), "closed", berlin(2026, 11, 19, 7)),
        (berlin(2026, 11, 19, 7), None, berlin(2026, 11, 19, 23)),
        (berlin(2026, 11, 21, 6), "closed", berlin(2026, 11, 21, 7)),  # a Saturday
        (berlin(2026, 11, 21, 7), "premoderated", berlin(2026, 11, 21, 23)),
        (berlin(2026, 11, 23, 7), None, berlin(2026, 11, 23, 23)),
        (berlin(2026, 3, 28, 23, 30), "closed", berlin(2026, 3, 29, 7)),  # a night of seven hours
        (berlin(2026, 10, 24, 23, 30), "closed", berlin(2026, 10, 25, 7)),  # and one of nine
    ],
)
def test_closed_at_night_and_premoderated_at_weekends(when, state, until):
    assert hours.state_at(WEEKEND, "Europe/Berlin", when) == state
    assert hours.next_change(WEEKEND, "Europe/Berlin", when) == until


@pytest.mark.parametrize(("change", "length"), [(CHANGES[0], 7), (CHANGES[1], 9)])
def test_the_night_is_as_long_as_the_clocks_make_it(change, length):
    evening = (change - timedelta(hours=5)).astimezone(BERLIN).replace(hour=22, minute=0)
    falls = hours.next_change(NIGHT, "Europe/Berlin", evening)
    rises = hours.next_change(NIGHT, "Europe/Berlin", falls)

    assert rises - falls == timedelta(hours=length)
    assert hours.next_opening(NIGHT, "Europe/Berlin", falls + timedelta(hours=1)) == rises


def test_an_hour_that_a_night_does_not_have():
    plan = "sun 02:30-05:00 closed"
    begins = hours.next_change(plan, "Europe/Berlin", CHANGES[0] - timedelta(hours=3))

    assert begins == CHANGES[0]  # 02:30 is skipped: it begins as the clock jumps to 03:00
    assert hours.next_change("sun 02:10-02:50 closed", "Europe/Berlin", CHANGES[0] - timedelta(hours=3)) > CHANGES[
        0
    ] + (timedelta(days=6))


@given(plans, st.sampled_from(ZONES), moments)
def test_nothing_changes_before_the_next_change_and_something_does_at_it(plan, zone, now):
    here = hours.state_at(plan, zone, now)
    change = hours.next_change(plan, zone, now)
    if change is None:
        checks = [now + timedelta(hours=13 * step) for step in range(20)]
        assert {hours.state_at(plan, zone, each) for each in checks} == {here}
        return

    assert now < change <= now + timedelta(days=hours.HORIZON_DAYS)
    assert hours.state_at(plan, zone, change) != here
    steps = [now + (change - now) * step / 7 for step in range(7)]
    assert {hours.state_at(plan, zone, each) for each in steps} == {here}
    assert hours.state_at(plan, zone, change - timedelta(seconds=1)) == here or change - now < timedelta(seconds=1)


def calls(work: Callable[[datetime], object], now: datetime) -> int:
    """How many functions of Python run meanwhile: the same on any machine."""
    count = 0

    def called(frame: object, event: str, _: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(called)
    try:
        work(now)
    finally:
        sys.setprofile(None)
    return count


def test_a_plan_is_worked_out_once_a_day_and_not_for_each_page():
    morning = berlin(2026, 11, 18, 8)
    plan = f"{WEEKEND}\nmon 12:00-12:07 closed"

    def ask(now: datetime) -> None:
        hours.state_at(plan, "Europe/Berlin", now)
        hours.next_change(plan, "Europe/Berlin", now)

    first = calls(ask, morning)
    later = [calls(ask, morning + timedelta(minutes=13 * step)) for step in range(1, 60)]

    assert max(later) * 20 < first


@given(st.sampled_from(ZONES), moments)
def test_the_wall_decides_whatever_its_distance_from_utc(zone, now):
    wall = now.astimezone(ZoneInfo(zone))
    is_night = wall.hour >= 23 or wall.hour < 7
    is_weekend = wall.weekday() >= 5

    assert hours.state_at(WEEKEND, zone, now) == ("closed" if is_night else "premoderated" if is_weekend else None)


@pytest.mark.parametrize(
    "plan",
    [
        "nightly 23:00-07:00 closed",
        "daily 23-7 closed",
        "daily 23:00-07:00 shut",
        "daily 25:00-07:00 closed",
        "daily 07:00-07:00 closed",
        "daily 07:60-08:00 closed",
        "mon- 07:00-08:00 closed",
        "daily 24:00-08:00 closed",
    ],
)
def test_what_is_no_rule_is_named_by_its_line(plan):
    with pytest.raises(hours.BadHours, match="line 2"):
        hours.parse(f"daily 23:00-07:00 closed\n{plan}")
    assert hours.parse("daily 23:00-07:00 closed\n\nfri-mon 10:00-24:00 premoderated\n")
