"""Working hours: sums and moments, over nights, weekends, holidays and the days clocks change."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.worktime import DAY, WorkHours, clock_minutes, clock_text, work_hours

ZONES = ("UTC", "Europe/Sofia", "Asia/Jakarta", "America/New_York", "Africa/Cairo", "Pacific/Apia", "America/Sao_Paulo")
OFFICE = WorkHours(frozenset(range(5)), 9 * 60, 18 * 60, frozenset({date(2026, 3, 11)}), ZoneInfo("Europe/Sofia"))


def sofia(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Sofia"))


@pytest.mark.parametrize(
    ("at", "minutes", "due"),
    [
        (sofia(10, 10), 60, sofia(10, 11)),
        (sofia(10, 17, 30), 60, sofia(12, 9, 30)),  # the 11th is a holiday
        (sofia(10, 17), 60, sofia(10, 18)),  # not the next morning
        (sofia(10, 6), 60, sofia(10, 10)),
        (sofia(13, 20), 60, sofia(16, 10)),  # a Friday night
        (sofia(14, 12), 600, sofia(17, 10)),
        (sofia(14, 12), 0, sofia(14, 12)),
    ],
)
def test_when_so_much_work_has_passed(at: datetime, minutes: int, due: datetime) -> None:
    assert OFFICE.add_minutes(at, minutes) == due
    assert OFFICE.minutes_between(at, due) == minutes


def test_nothing_lies_between_a_moment_and_an_earlier_one() -> None:
    assert OFFICE.minutes_between(sofia(10, 12), sofia(10, 11)) == 0
    assert OFFICE.minutes_between(sofia(14, 0), sofia(15, 23)) == 0  # a weekend


def test_the_night_the_clock_is_put_forward_is_an_hour_shorter() -> None:
    """In Sofia on 29 March 2026 three o'clock follows upon a moment before."""
    nights = WorkHours(frozenset(range(7)), 0, DAY, zone=ZoneInfo("Europe/Sofia"))
    assert nights.minutes_between(sofia(29, 0), sofia(30, 0)) == 23 * 60
    assert nights.add_minutes(sofia(29, 2), 120) == sofia(29, 5)
    assert nights.minutes_between(sofia(25, 0, month=10), sofia(26, 0, month=10)) == 25 * 60
    assert OFFICE.minutes_between(sofia(27, 0), sofia(31, 0)) == 2 * 9 * 60  # office hours are whole on either side


def test_a_day_a_zone_jumped_over_has_no_hours() -> None:
    """Samoa went from 29 to 31 December 2011."""
    samoa = WorkHours(frozenset(range(7)), 9 * 60, 18 * 60, zone=ZoneInfo("Pacific/Apia"))
    before = datetime(2011, 12, 29, 0, tzinfo=samoa.zone)
    after = datetime(2012, 1, 1, 0, tzinfo=samoa.zone)
    assert samoa.minutes_between(before, after) == 2 * 9 * 60


hours = st.builds(
    lambda days, start, length, holidays, zone: WorkHours(
        frozenset(days), start, min(start + length, DAY), frozenset(holidays), ZoneInfo(zone)
    ),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, DAY - 60),
    st.integers(60, DAY),
    st.sets(st.dates(date(2011, 1, 1), date(2026, 12, 31)), max_size=5),
    st.sampled_from(ZONES),
)
moments = st.datetimes(datetime(2011, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


@given(hours, moments, st.integers(0, 2_000))
def test_what_was_added_is_counted_again(kept: WorkHours, at: datetime, minutes: int) -> None:
    assert kept.minutes_between(at, kept.add_minutes(at, minutes)) == minutes


@given(hours, moments, st.integers(1, 2_000))
def test_it_is_the_first_such_moment(kept: WorkHours, at: datetime, minutes: int) -> None:
    due = kept.add_minutes(at, minutes)
    assert due > at
    assert kept.minutes_between(at, due - timedelta(seconds=1)) < minutes


@given(hours, moments, st.integers(0, 60 * 24 * 40), st.integers(0, 60 * 24 * 40))
def test_parts_add_up(kept: WorkHours, at: datetime, first: int, second: int) -> None:
    middle = at + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    whole = kept.minutes_between(at, end)
    parts = kept.minutes_between(at, middle) + kept.minutes_between(middle, end)
    assert parts <= whole <= parts + 1  # each part is cut to whole minutes
    assert whole * 60 <= (end - at).total_seconds()


@pytest.mark.parametrize(
    ("days", "start", "end"), [(set(), 0, 60), ({7}, 0, 60), ({0}, 60, 60), ({0}, -1, 60), ({0}, 0, DAY + 1)]
)
def test_hours_in_which_nobody_works_are_refused(days: set[int], start: int, end: int) -> None:
    with pytest.raises(ValueError, match="weekday"):
        WorkHours(frozenset(days), start, end)


def test_a_calendar_of_holidays_alone_does_not_hang() -> None:
    monday = date(2026, 3, 9)
    never = frozenset(monday + timedelta(days=7 * n) for n in range(600))
    kept = WorkHours(frozenset({0}), 0, 60, never)
    at = datetime(2026, 3, 10, tzinfo=UTC)
    assert kept.add_minutes(at, 5) == at + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("9:00", 540), (" 18.30 ", 1110), ("24:00", 1440), ("00:00", 0), ("24:01", None), ("9", None), ("9:60", None),
     ("nine", None)],
)  # fmt: skip
def test_clock_times(text: str, minutes: int | None) -> None:
    assert clock_minutes(text) == minutes
    assert minutes is None or clock_minutes(clock_text(minutes)) == minutes


def test_the_hours_of_a_company() -> None:
    row = SimpleNamespace(
        work_days=[0, 6], work_from="10:00", work_to="24:00", holidays=["2026-03-11"], timezone="Asia/Jakarta"
    )
    kept = work_hours(row)
    assert (kept.days, kept.start, kept.end) == (frozenset({0, 6}), 600, DAY)
    assert kept.holidays == frozenset({date(2026, 3, 11)}) and kept.zone.key == "Asia/Jakarta"
    assert work_hours(None).days == frozenset(range(5))
