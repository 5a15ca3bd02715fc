"""Sums, tables, files and charts of reports."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from comity.access.actors import Actor, user_actor
from comity.access.snapshot import changed
from comity.identity.models import ExchangeRate
from comity.insight.charts import Line, Series, bars, columns
from comity.insight.money import Rates, Tally
from comity.insight.tables import Cell, Column, Table, as_csv, harmless, money_cell, percent


def tally(**sums: int) -> Tally:
    """A count with these amounts, at a rate of a half for all but euros; pounds have none."""
    found = Tally("EUR")
    for currency, units in sums.items():
        found.add(units, currency, {"EUR": Decimal(1), "GBP": None}.get(currency, Decimal("0.5")))
    return found


def test_the_rate_is_that_of_the_day(boss: Actor) -> None:
    for day, rate in (("2026-01-10", "90"), ("2026-02-10", "95.5")):
        ExchangeRate.objects.create(currency="EUR", day=date.fromisoformat(day), rate=Decimal(rate))
    changed()
    rates = Rates(user_actor(boss.user_id))  # type: ignore[arg-type]
    days = ("2026-01-09", "2026-01-10", "2026-02-09", "2026-03-01")
    asked = [rates.on("EUR", date.fromisoformat(day)) for day in days]
    asked += [rates.on("USD", date(2026, 3, 1)), rates.on("RUB", date(1990, 1, 1))]
    assert asked == [None, 90, 90, Decimal("95.5"), None, 1]


def test_sums_are_by_currency_and_told_as_a_whole_only_with_all_rates() -> None:
    with translation.override("en"):
        assert tally().short("en") == ""
        assert tally(EUR=10_000).short("en") == "€1.00"
        mixed = money_cell(tally(EUR=10_000, USD=30_001), "en")
        assert (mixed.text, mixed.small) == ("€2.5001", "€1.00 + $3.0001")  # half of .0001 goes up
        missing = money_cell(tally(EUR=10_000, GBP=10_000), "en")
        assert (missing.text, missing.small) == ("€1.00 + £1.00 (no rate for GBP)", "")


@given(st.lists(st.tuples(st.sampled_from(["EUR", "USD", "GBP"]), st.integers(0, 2**50)), max_size=8))
def test_tallies_add_up_exactly(amounts: list[tuple[str, int]]) -> None:
    parts = [tally(**{currency: units}) for currency, units in amounts]
    whole = Tally("EUR").take(parts)
    assert whole.count == len(amounts)
    for currency in ("EUR", "USD", "GBP"):
        assert whole.sums.get(currency, 0) == sum(units for code, units in amounts if code == currency)
    assert whole.whole == sum(one.whole for one in parts)
    assert bool(whole.unrated) == any(code == "GBP" for code, _units in amounts)


def test_a_count_without_an_amount_is_counted() -> None:
    found = Tally("EUR")
    found.add(None, "", None)
    assert (found.count, found.sums, found.unrated) == (1, {}, set())


@given(st.text(min_size=1, max_size=20))
def test_no_cell_of_a_file_begins_as_a_formula_does(text: str) -> None:
    assert harmless(text)[0] not in "=+-@\t\r"
    assert harmless(text).removeprefix("'") == text.removeprefix("'")


def test_numbers_stay_numbers() -> None:
    assert [harmless(-5), harmless(Decimal("-1.5")), harmless("-5")] == ["-5", "-1.5", "'-5"]


def test_a_file_has_a_column_for_each_currency_and_one_for_the_whole() -> None:
    table = Table("Sums", [Column("Who", numeric=False), Column("Deals"), Column("Sum", money=True)])
    table.rows = [
        [Cell("=cmd|' /C calc'!A0"), Cell("2", 2), money_cell(tally(EUR=10_000, USD=5_000), "en")],
        [Cell("Żółw, \"quoted\"\nline"), Cell("0", 0), money_cell(tally(), "en")],
        [Cell("Pound"), Cell("1", 1), money_cell(tally(GBP=123_456_789), "en")],
    ]  # fmt: skip
    with translation.override("en"):
        raw = as_csv([table, table])
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert lines[0] == ["Who", "Deals", "Sum, EUR", "Sum, GBP", "Sum, USD", "Sum, all in EUR"]
    assert lines[1] == ["'=cmd|' /C calc'!A0", "2", "1", "", "0.5", "1.25"]
    assert lines[2] == ["Żółw, \"quoted\"\nline", "0", "", "", "", ""]  # fmt: skip
    assert lines[3] == ["Pound", "1", "", "12345.6789", "", ""]
    assert lines[4] == []
    assert len(lines) == 9


@pytest.mark.parametrize(("part", "whole", "share"), [(1, 3, 33), (2, 3, 67), (1, 2, 50), (1, 200, 1), (0, 5, 0)])
def test_shares_are_rounded_half_up(part: int, whole: int, share: int) -> None:
    assert percent(part, whole) == share


def of(text: str) -> float:
    return float(text.removesuffix("%"))


@given(st.lists(st.lists(st.integers(0, 10**12), min_size=1, max_size=3), min_size=1, max_size=6))
def test_bars_lie_end_to_end_within_the_width_in_both_directions(amounts: list[list[int]]) -> None:
    lines = [Line(f"Line {n}", "", [(one, "main") for one in pieces]) for n, pieces in enumerate(amounts)]
    longest = max(sum(pieces) for pieces in amounts)
    for rtl in (False, True):
        chart = bars("x", "Title", lines, rtl)
        for bar, pieces in zip(chart.bars, amounts, strict=True):
            width = sum(of(part.width) for part in bar.parts)
            assert width == pytest.approx(100 * sum(pieces) / (longest or 1), abs=0.05)
            assert all(of(part.x) >= -0.02 and of(part.x) + of(part.width) <= 100.05 for part in bar.parts)
            begins = [round(100 - of(part.x) - of(part.width) if rtl else of(part.x), 2) for part in bar.parts]
            assert begins == sorted(begins)
            assert not begins or begins[0] == pytest.approx(0, abs=0.02)


def test_a_goal_is_marked_where_it_lies_and_widens_the_scale() -> None:
    (bar,) = bars("x", "Title", [Line("Ann", "", [(50, "won")], goal=200)]).bars
    assert (bar.goal, bar.parts[0].width) == ("100.00%", "25.00%")
    (bar,) = bars("x", "Title", [Line("Ann", "", [(50, "won")], goal=200)], rtl=True).bars
    assert (bar.goal, bar.parts[0].x) == ("0.00%", "75.00%")
    assert bars("x", "Title", []).height == 0
    assert len(bars("x", "Title", [Line("x" * 300, "", [])]).bars[0].label) <= 34


def test_columns_stand_on_the_floor_and_time_runs_one_way() -> None:
    labels = [f"M{n}" for n in range(12)]
    chart = columns("x", "Title", labels, [Series("a", "h1", range(12)), Series("b", "h2", [5] * 12)], "16")
    middles = [of(step.x) for step in chart.steps]
    assert middles == sorted(middles)
    assert all(0 <= one <= 100 for one in middles)
    assert max(part.y + part.height for part in chart.parts) == 170
    assert min(part.y for part in chart.parts) == 20
    assert [step.minor for step in chart.steps[:4]] == [False, True, True, False]
    assert columns("x", "Title", labels, [Series("a", "h1", [0] * 12)], "0").parts == []
