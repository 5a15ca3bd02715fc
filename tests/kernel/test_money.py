"""Money is exact, currencies do not mix, numbers are read as people write them."""

from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import money, units
from comity.kernel.errors import Invalid
from comity.kernel.money import Money

UNITS = st.integers(-money.LARGEST, money.LARGEST)
LANGUAGES = ["en", "ru", "uk", "bg", "id", "ar"]


@given(UNITS)
def test_units_and_decimals_are_the_same_number(units_):
    amount = money.from_units(units_)
    assert amount.as_tuple().exponent == -4
    assert money.to_units(amount) == units_


@given(st.lists(st.integers(-(10**12), 10**12), max_size=30))
def test_sums_are_exact(amounts):
    total = Money(Decimal(0), "EUR")
    for amount in amounts:
        total += Money.of_units(amount, "EUR")
    assert total.units == sum(amounts)
    assert total.amount * 10_000 == sum(amounts)


def test_ten_times_ten_cents_is_one():
    assert sum((Money(Decimal("0.10"), "EUR") for _ in range(10)), Money(Decimal(0), "EUR")).amount == Decimal(1)


@pytest.mark.parametrize(
    "text", ["NaN", "sNaN", "Infinity", "-Infinity", "0.00001", "1E-30", "922337203685477.5808", "1E+20", "1E+999999"]
)
def test_what_cannot_be_stored_exactly_is_refused(text):
    with pytest.raises(Invalid):
        money.to_units(Decimal(text))


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("922337203685477.5807", 2**63 - 1),
        ("1.50000000000", 15_000),
        ("-0", 0),
        ("0E+999999", 0),
        ("0E-99999", 0),
        ("1E+3", 10**7),
    ],
)
def test_what_can_be_stored_is(text, stored):
    assert money.to_units(Decimal(text)) == stored


def test_currencies_do_not_mix():
    euro, rouble = Money(Decimal(1), "EUR"), Money(Decimal(1), "RUB")
    for act in (lambda: euro + rouble, lambda: euro - rouble, lambda: euro < rouble, lambda: euro <= rouble):
        with pytest.raises(ValueError, match="rate"):
            act()
    assert euro != rouble
    assert euro == Money(Decimal("1.0000"), "EUR")
    assert -euro < euro <= euro
    assert (euro - euro).units == 0


@pytest.mark.parametrize("code", ["eur", "EURO", "", "E1R"])
def test_a_currency_is_an_iso_code(code):
    with pytest.raises(ValueError, match="ISO"):
        Money(Decimal(1), code)


def test_times_rounds_half_up_and_overflow_is_refused():
    assert Money(Decimal("0.0001"), "EUR").times(Decimal("0.5")).units == 1
    assert Money(Decimal("19.99"), "EUR").times(3).amount == Decimal("59.97")
    with pytest.raises(Invalid):
        Money.of_units(money.LARGEST, "EUR") + Money.of_units(1, "EUR")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("currency", ["EUR", "RUB", "UAH", "BGN", "IDR", "CHF"])
@pytest.mark.parametrize("amount", ["0", "0.5", "12345678.9", "-42"])
def test_money_is_written_as_cldr_says(language, currency, amount):
    expected = format_currency(Decimal(amount), currency, locale=language, numbering_system="latn")
    written = money.format_money(money.to_units(Decimal(amount)), currency, language)
    # Babel leaves out the space that CLDR puts between letters of a sign and digits.
    assert written.replace("\u00a0", "") == expected.replace("\u00a0", "")


def test_a_sign_of_letters_and_more_stays_in_one_piece_in_arabic():
    assert money.format_money(84_000_000, "GBP", "ar") == "\u200f8,400.00\u00a0UK£\u200e"
    assert money.format_money(84_000_000, "EUR", "ar") == "\u200f8,400.00\u00a0€"


def test_digits_beyond_the_usual_stay_visible():
    assert money.format_money(1_234, "EUR", "en") == "€0.1234"
    assert money.format_money(70_000, "JPY", "en") == "¥7"
    assert money.format_money(70_000, "RUB", "en") == "RUB\u00a07.00"
    assert money.format_money(-123_456_700, "RUB", "ru") == "-12\u00a0345,67\u00a0₽"
    assert money.format_money(5_000, "JPY", "en") == "¥0.5"
    assert money.format_number(12_345_000, "en") == "1,234.5"
    assert money.format_number(-12_345_000, "ru", places=2) == "-1\u00a0234,50"
    assert money.format_number(70_000, "xx-unknown") == "7"


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("1 234,56", "ru", "1234.56"),
        ("1\u00a0234.56", "ru", "1234.56"),
        ("1.234", "ru", "1.234"),
        ("1.234", "id", "1234"),
        ("1.234.567,8", "id", "1234567.8"),
        ("1,234", "en", "1234"),
        ("1,234.5", "en", "1234.5"),
        ("1,5", "en", "1.5"),
        ("0,125", "en", "0.125"),
        ("1'000.25", "en", "1000.25"),
        ("١٬٢٣٤٫٥", "ar", "1234.5"),
        ("۱۲", "ar", "12"),
        ("-7", "bg", "-7"),
        ("−7,5", "uk", "-7.5"),
        ("+3", "en", "3"),
        (",5", "ru", "0.5"),
        ("5,", "ru", "5"),
    ],
)
def test_numbers_are_read_as_people_write_them(text, language, number):
    assert money.parse(text, language) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "1e5",
        "NaN",
        "--1",
        "1-2",
        ".",
        ",",
        "1,2,3",
        "12,34,567",
        "1.2.3,4",
        "1_5",
        "٫",
        "0,12345",
        "9" * 20,
        "½",
    ],
)
def test_other_input_is_refused_in_words(text):
    with pytest.raises(Invalid):
        money.parse(text, "ru")


@given(st.integers(-(10**15), 10**15), st.sampled_from(LANGUAGES))
def test_what_is_written_can_be_read_back(amount, language):
    assert money.to_units(money.parse(money.format_number(amount, language), language)) == amount


def test_only_like_adds_to_like():
    assert units.add(units.HOURS, units.HOURS) is units.HOURS
    for a, b in ((units.PERCENT, units.PIECES), (units.HOURS, units.DAYS), (units.MONEY, units.NUMBER)):
        with pytest.raises(Invalid, match="cannot be added"):
            units.add(a, b)


def test_units_are_registered_once():
    assert units.get("percent") is units.PERCENT
    assert units.PIECES in units.every()
    assert units.register(units.Unit("percent", units.PERCENT.label, "%")) == units.PERCENT
    with pytest.raises(ValueError, match="twice"):
        units.register(units.Unit("percent", "Other", "%"))


@pytest.mark.parametrize(
    ("units", "currency", "rounded"),
    [(33_333, "EUR", 33_300), (66_667, "EUR", 66_700), (-33_350, "EUR", -33_400), (33_349, "JPY", 30_000),
     (35_000, "JPY", 40_000), (12_345, "KWD", 12_350), (100, "EUR", 100), (0, "EUR", 0)],
)  # fmt: skip
def test_a_counted_amount_is_shown_with_the_digits_of_its_currency(units: int, currency: str, rounded: int) -> None:
    assert money.to_currency(units, currency) == rounded
