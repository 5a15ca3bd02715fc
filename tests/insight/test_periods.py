"""Periods of reports: what each choice means on a day, and where its days begin and end."""

import itertools
from datetime import UTC, date, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from comity.insight.periods import DAY, EARLIEST, LATEST, OFFERED, Period, chosen, first_of_month, labels, offered

DAYS = st.dates(date(1971, 1, 1), date(2190, 1, 1))


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        ("this_month", "2026-03-01", "2026-03-31"), ("last_month", "2026-02-01", "2026-02-28"),
        ("this_quarter", "2026-01-01", "2026-03-31"), ("last_quarter", "2025-10-01", "2025-12-31"),
        ("this_year", "2026-01-01", "2026-12-31"), ("last_year", "2025-01-01", "2025-12-31"),
        ("past_year", "2025-04-01", "2026-03-31"),
    ],
)  # fmt: skip
def test_what_is_offered_on_the_tenth_of_march(key: str, first: str, last: str) -> None:
    period = offered(key, date(2026, 3, 10))
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)
    assert chosen({"period": key}, date(2026, 3, 10), "this_month") == period
    assert chosen(dict(period.params()), date(2026, 3, 10), "this_month") == period
    # The same days given by hand are the same choice.
    assert chosen({"from": first, "to": last}, date(2026, 3, 10), "this_month") == period


def test_every_period_offered_has_a_name() -> None:
    with translation.override("en"):
        assert set(labels()) == set(OFFERED)


@pytest.mark.parametrize(
    ("params", "first", "last"),
    [
        ({}, "2026-03-01", "2026-03-31"),
        ({"period": "for_ever"}, "2026-03-01", "2026-03-31"),
        ({"from": "soon", "to": "2026-13-01"}, "2026-03-01", "2026-03-31"),
        ({"from": "0001-01-01", "to": "9999-12-31"}, "2026-03-01", "2026-03-31"),
        ({"from": "2026-01-05"}, "2026-01-05", "2026-03-10"),
        ({"from": "2026-05-05"}, "2026-05-05", "2026-05-05"),
        ({"to": "2026-01-05"}, "2026-01-05", "2026-01-05"),
        ({"from": "2026-02-09", "to": "2026-02-03"}, "2026-02-03", "2026-02-09"),
    ],
)
def test_days_given_by_hand(params: dict[str, str], first: str, last: str) -> None:
    period = chosen(params, date(2026, 3, 10), "this_month")
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


@given(DAYS, DAYS)
def test_steps_cover_the_period_without_gap_or_overlap(one: date, other: date) -> None:
    period = Period("", min(one, other), max(one, other))
    steps = period.steps()
    assert steps[0].first == period.first
    assert steps[-1].last == period.last
    assert all(after.first == before.last + DAY for before, after in itertools.pairwise(steps))
    assert len(steps) <= max(36, period.last.year - period.first.year + 1)
    assert all(step.first.year == step.last.year for step in steps)
    assert period.by_year or all(first_of_month(step.first) == first_of_month(step.last) for step in steps)


@given(DAYS, st.integers(-30, 30))
def test_months_are_counted_exactly(day: date, months: int) -> None:
    there = first_of_month(day, months)
    assert there.day == 1
    assert (there.year - day.year) * 12 + there.month - day.month == months


def test_days_begin_where_the_reader_lives_also_when_clocks_change() -> None:
    march = Period("", date(2026, 3, 1), date(2026, 3, 31))
    assert march.edges("Europe/Berlin") == (
        datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC)
    )  # fmt: skip
    for day in (EARLIEST, LATEST):
        assert Period("", day, day).edges("Pacific/Kiritimati")


def test_steps_are_named_by_month_or_year() -> None:
    with translation.override("en"):
        months = Period("", date(2026, 1, 5), date(2026, 2, 3)).steps()
        assert [one.step_label("en") for one in months] == ["January 2026", "February 2026"]
        assert [one.step_label("en", short=True) for one in months] == ["Jan", "Feb"]
        years = Period("", date(2020, 1, 5), date(2026, 2, 3)).steps()
        assert [one.step_label("en") for one in years][::3] == ["2020", "2023", "2026"]
        assert Period("", date(2026, 1, 5), date(2026, 2, 3)).text("en") == "5 Jan 2026 to 3 Feb 2026"
