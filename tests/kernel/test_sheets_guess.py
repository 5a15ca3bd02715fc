"""Numbers and dates written as text are read as their column writes them, or refused; never read wrongly in silence."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.sheets import Cell
from comity.kernel.sheets.cells import EMPTY, from_text
from comity.kernel.sheets.guess import Reading, Study

Written = tuple[str, str, str]  # decimal sign, grouping sign, name
STYLES = [
    (",", " "),
    (",", "\u00a0"),
    (",", "\u202f"),
    (",", "."),
    (".", ","),
    (".", "'"),
    (".", "’"),
    (".", " "),
    (",", ""),
    (".", ""),
]
NUMBERS = st.decimals(-(10**9), 10**9, places=3, allow_nan=False)
DAYS = st.dates(date(1970, 1, 1), date(2068, 12, 31))


def reading_of(texts: list[str], **said: str) -> Reading:
    study = Study()
    for text in texts:
        study.add(from_text(text))
    return study.reading(**said)


def numbers(texts: list[str], **said: str) -> list[object]:
    reading = reading_of(texts, **said)
    return [cell.value if cell.kind != "error" else cell.reason for cell in map(reading.number, map(from_text, texts))]


def dates(texts: list[str], **said: str) -> list[object]:
    reading = reading_of(texts, **said)
    return [cell.value if cell.kind != "error" else cell.reason for cell in map(reading.date, map(from_text, texts))]


def write(value: Decimal, decimal: str, group: str, places: int = 3) -> str:
    whole, fraction = f"{abs(value):,.{places}f}".split(".") if places else (f"{abs(value):,.0f}", "")
    return ("-" if value < 0 else "") + whole.replace(",", group) + (decimal + fraction if places else "")


@given(st.lists(NUMBERS, min_size=1, max_size=8), st.sampled_from(STYLES))
def test_a_number_is_read_right_or_refused_in_every_style(values: list[Decimal], style: tuple[str, str]) -> None:
    for value, found in zip(values, numbers([write(value, *style) for value in values]), strict=True):
        assert found in (value, "ambiguous number")


@given(st.lists(NUMBERS, min_size=1, max_size=8), st.sampled_from(STYLES))
def test_one_certain_value_decides_for_the_whole_column(values: list[Decimal], style: tuple[str, str]) -> None:
    texts = [write(value, *style) for value in values] + [f"12{style[0]}5"]
    assert numbers(texts) == [*values, Decimal("12.5")]


@given(st.lists(NUMBERS, min_size=1, max_size=8), st.sampled_from(STYLES))
def test_a_person_may_say_the_decimal_sign(values: list[Decimal], style: tuple[str, str]) -> None:
    assert numbers([write(value, *style) for value in values], decimal=style[0]) == values


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8), st.sampled_from([".", ","]))
def test_grouped_whole_numbers_are_never_taken_for_fractions(values: list[int], group: str) -> None:
    for value, found in zip(values, numbers([write(Decimal(value), "", group, 0) for value in values]), strict=True):
        assert found in (value, "ambiguous number")


@given(st.text(max_size=12))
def test_no_text_breaks_the_reading(text: str) -> None:
    reading = Reading()
    for cell in (reading.number(from_text(text)), reading.date(from_text(text)), reading.phone(from_text(text))):
        assert cell.kind in ("number", "money", "percent", "date", "datetime", "text", "empty", "error")


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1 234,56", "7"], ["1234.56", "7"]), (["1,234.56"], ["1234.56"]), (["1.234,56"], ["1234.56"]),
        (["1'234.56"], ["1234.56"]), (["1,234"], ["ambiguous number"]), (["1.234"], ["ambiguous number"]),
        (["1,234", "5,5"], ["1.234", "5.5"]), (["1,234", "5.5"], ["1234", "5.5"]),
        (["1,234", "1,234,567"], ["1234", "1234567"]), (["1.234", "0.5"], ["1.234", "0.5"]),
        (["1 234,56", "1,234.56", "1,234"], ["1234.56", "1234.56", "ambiguous number"]),
        (["0,125"], ["0.125"]), (["12,34,567.8"], ["1234567.8"]), (["(1 234,50)"], ["-1234.5"]), (["−3,5"], ["-3.5"]),
        (["-1.5", "+2"], ["-1.5", "2"]), (["١٬٢٣٤٫٥"], ["1234.5"]), (["٧"], ["7"]),
        (["12 шт", "abc", "1 23", "1,2,3", "--5", "(5", "1.2.3.4"], ["number"] * 7),
    ],
)  # fmt: skip
def test_numbers(texts: list[str], values: list[str]) -> None:
    expected = [Decimal(value) if value.lstrip("-")[0].isdigit() else value for value in values]
    assert numbers(texts) == expected


@pytest.mark.parametrize(
    ("text", "kind", "value", "currency"),
    [
        ("12,5 %", "percent", "12.5", ""), ("5%", "percent", "5", ""), ("1 234,50 ₽", "money", "1234.5", "RUB"),
        ("1 234,50 руб.", "money", "1234.5", "RUB"), ("$5.5", "money", "5.5", "USD"), ("-$5.5", "money", "-5.5", "USD"),
        ("EUR 7,5", "money", "7.5", "EUR"), ("7,5 грн", "money", "7.5", "UAH"), ("7,5 лв.", "money", "7.5", "BGN"),
        ("Rp 1.250.000", "money", "1250000", "IDR"), ("5,5", "number", "5.5", ""),
    ],
)  # fmt: skip
def test_percents_and_amounts(text: str, kind: str, value: str, currency: str) -> None:
    cell = Reading().number(from_text(text))
    assert (cell.kind, cell.value, cell.currency) == (kind, Decimal(value), currency)


def day_texts(form: str, days: list[date]) -> list[str]:
    return [day.strftime(form) for day in days]


@given(
    st.lists(DAYS, min_size=1, max_size=8), st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%y", "%Y%m%d"])
)
def test_sure_orders_are_read_always(days: list[date], form: str) -> None:
    assert dates(day_texts(form, days)) == days


@given(st.lists(DAYS, min_size=1, max_size=8), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m/%d/%y"]))
def test_a_date_is_read_right_or_refused(days: list[date], form: str) -> None:
    for day, found in zip(days, dates(day_texts(form, days)), strict=True):
        assert found in (day, "ambiguous date")


@given(st.lists(DAYS, max_size=8), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_one_certain_date_decides_for_the_whole_column(days: list[date], form: str) -> None:
    days = [*days, date(2026, 5, 31)]
    assert dates(day_texts(form, days)) == days


@given(st.lists(DAYS, min_size=1, max_size=5))
def test_a_person_may_say_the_order(days: list[date]) -> None:
    assert dates(day_texts("%m/%d/%Y", days), order="mdy") == days


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.05.2026 10:30:15", datetime(2026, 5, 12, 10, 30, 15)), ("12.05.2026 9:05", datetime(2026, 5, 12, 9, 5)),
        ("31/12/26 3:15 PM", datetime(2026, 12, 31, 15, 15)), ("2026-05-12 12:00 AM", datetime(2026, 5, 12)),
        ("2026-05-12T10:30:15.250", datetime(2026, 5, 12, 10, 30, 15, 250000)), ("5 января 2026 г.", date(2026, 1, 5)),
        ("12 травня 2026 р.", date(2026, 5, 12)), ("12 май 2026", date(2026, 5, 12)),
        ("May 12, 2026", date(2026, 5, 12)),
        ("12 Agustus 2026", date(2026, 8, 12)), ("12 يناير 2026", date(2026, 1, 12)),
        ("12-Jan-2026", date(2026, 1, 12)),
        ("05/05/2026", date(2026, 5, 5)), ("01.02.69", date(1969, 2, 1)), ("١٢.٠٥.٢٠٢٦", date(2026, 5, 12)),
        ("04/05/2026", "ambiguous date"), ("31.02.2026", "date"), ("2026-13-01", "date"), ("13/13/2026", "date"),
        ("12.05.2026 25:00", "date"), ("12.05", "date"), ("soon", "date"), ("1234567", "date"),
        ("20260512", date(2026, 5, 12)),
    ],
)  # fmt: skip
def test_dates(text: str, value: object) -> None:
    assert dates([text]) == [value]


def test_a_moment_with_an_offset_is_kept_with_it() -> None:
    (found,) = dates(["2026-05-12T10:30:00+03:00"])
    assert isinstance(found, datetime) and found.utcoffset() == timedelta(hours=3)


def test_two_orders_in_one_column_leave_doubtful_dates_refused() -> None:
    assert dates(["13/04/2026", "04/13/2026", "04/05/2026"]) == [date(2026, 4, 13), date(2026, 4, 13), "ambiguous date"]


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1 234,5", "7"], "number"), (["5 %", "7,5 %"], "percent"), (["5 ₽", "6 ₽"], "money"),
        (["12.05.2026", ""], "date"),
        (["12.05.2026", "12.05.2026 10:00"], "datetime"), (["Ann", "5"], "text"), (["007", "12"], "text"),
        (["+79161234567", "+37120000000"], "text"), (["79161234567"], "text"), ([], ""), (["", " "], ""),
    ],
)  # fmt: skip
def test_the_kind_of_a_column(texts: list[str], kind: str) -> None:
    assert reading_of(texts).kind == kind


def test_telephones_are_taken_as_text_and_refused_where_digits_are_lost() -> None:
    reading = Reading()
    number = Cell("number", Decimal(79161234567), "79161234567", "", frozenset(("eaten",)))
    assert (reading.phone(number).kind, reading.phone(number).value) == ("text", "79161234567")
    lost = reading.phone(number._replace(flags=frozenset(("eaten", "scientific", "lost"))))
    assert (lost.kind, lost.reason) == ("error", "digits")
    assert reading.phone(from_text("7.91612E+10")).reason == "digits"
    assert reading.phone(Cell("percent", Decimal(5), "5 %")).kind == "error"
    assert reading.phone(EMPTY) == EMPTY


def test_cells_that_have_a_kind_keep_it() -> None:
    reading = reading_of(["1,5"])
    percent = Cell("percent", Decimal(5), "5 %")
    assert reading.number(percent) == reading.typed(percent) == percent
    assert reading.date(Cell("date", date(2026, 1, 1), "2026-01-01")).value == date(2026, 1, 1)
    assert reading.date(Cell("number", Decimal(5), "5")).kind == "error"
    assert reading.typed(from_text("2,5")).value == Decimal("2.5")
