"""Exact money: whole 1/10,000ths of a currency in the base, Decimal in Python, local writing on the screen."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from comity.kernel.errors import Invalid

SCALE = 10_000
LARGEST = 2**63 - 1
_STEP = Decimal("0.0001")
_CURRENCY = re.compile(r"[A-Z]{3}")


def to_units(amount: Decimal) -> int:
    """Whole 1/10,000ths for a bigint column; Invalid for more than 4 digits after the point, NaN, overflow."""
    if not amount.is_finite():
        raise Invalid(_("This is not a number."))
    sign, digits, exponent = amount.as_tuple()
    # Integer arithmetic: a Decimal context would round long numbers silently.
    shift = int(exponent) + 4
    if shift > 20 and any(digits):
        raise Invalid(_("This number is too large."))
    whole = int("".join(map(str, digits)))
    if shift >= 0:
        units, rest = whole * int("1" + "0" * min(shift, 20)), 0
    else:
        units, rest = divmod(whole, int("1" + "0" * min(-shift, len(digits) + 1)))
    if rest:
        raise Invalid(_("At most four digits may follow the decimal point."))
    if units > LARGEST:
        raise Invalid(_("This number is too large."))
    return -units if sign else units


def from_units(units: int) -> Decimal:
    """The exact amount of so many 1/10,000ths, always with four digits after the point."""
    return Decimal(units).scaleb(-4)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency (ISO 4217 code). Different currencies never mix: ValueError."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError(f"not an ISO 4217 code: {self.currency!r}")
        object.__setattr__(self, "amount", from_units(to_units(self.amount)))

    @classmethod
    def of_units(cls, units: int, currency: str) -> "Money":
        """From whole 1/10,000ths as stored."""
        return cls(from_units(units), currency)

    @property
    def units(self) -> int:
        """Whole 1/10,000ths, as stored."""
        return to_units(self.amount)

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not mix without a rate")
        return other.units

    def __add__(self, other: "Money") -> "Money":
        return Money.of_units(self.units + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money.of_units(self.units - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money.of_units(-self.units, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.units < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.units <= self._same(other)

    def times(self, factor: Decimal | int) -> "Money":
        """Multiplied by a quantity, share or rate; rounded half up to 1/10,000."""
        product = Decimal(self.units) * factor
        return Money.of_units(int(product.quantize(Decimal(1), ROUND_HALF_UP)), self.currency)


class _Marks(NamedTuple):
    decimal: str
    group: str
    minus: str


@lru_cache(maxsize=32)
def _locale(language: str) -> Any:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


@lru_cache(maxsize=32)
def _marks(language: str) -> _Marks:
    symbols = _locale(language).number_symbols["latn"]
    return _Marks(symbols["decimal"], symbols["group"], symbols["minusSign"])


@lru_cache(maxsize=256)
def _currency(currency: str, language: str) -> tuple[tuple[str, str], str, int]:
    """What stands before (an amount, a negative one) and after, and the usual digits after the point (CLDR)."""
    from babel.numbers import get_currency_precision, get_currency_symbol

    pattern = _locale(language).currency_formats["standard"]
    symbol = get_currency_symbol(currency, _locale(language))
    # CLDR puts a space between the letters of a sign and the digits.
    spaced = symbol + "\u00a0" if symbol[-1:].isalpha() and pattern.prefix[0].endswith("¤") else symbol
    before, negative = (prefix.replace("¤", spaced) for prefix in pattern.prefix)
    after = pattern.suffix[0].replace("¤", symbol)
    if "\u200f" in before and re.search("[A-Za-z]", symbol) and not symbol.isalpha():
        after += "\u200e"  # a sign such as US$ stays in one piece where the amount runs from right to left
    return (before, negative), after, get_currency_precision(currency)


def _write(units: int, marks: _Marks, least: int) -> str:
    whole, rest = divmod(abs(units), SCALE)
    fraction = f"{rest:04}".rstrip("0").ljust(least, "0")
    grouped = f"{whole:,}".replace(",", marks.group) if whole >= 1000 else str(whole)
    return grouped + marks.decimal + fraction if fraction else grouped


def format_number(units: int, language: str, places: int = 0) -> str:
    """A number given in 1/10,000ths, written locally: at least `places` digits after the point, more if not zero."""
    marks = _marks(language)
    return (marks.minus if units < 0 else "") + _write(units, marks, places)


def format_money(amount_units: int, currency: str, language: str, places: int | None = None) -> str:
    """An amount given in 1/10,000ths with its currency sign, written locally; hidden digits are never rounded away.

    `places`: the least digits after the point, as the currency has them where it is not given.
    """
    before, after, usual = _currency(currency, language)
    least = usual if places is None else places
    return before[amount_units < 0] + _write(amount_units, _marks(language), least) + after


def to_currency(units: int, currency: str) -> int:
    """An amount in 1/10,000ths, rounded half up to the digits its currency has after the point."""
    step: int = 10 ** max(0, 4 - _currency(currency, "en")[2])
    size = (abs(units) + step // 2) // step * step
    return -size if units < 0 else size


_SPACES = re.compile(r"[\s'’٬\u200e\u200f\u061c]+")


def parse(text: str, language: str) -> Decimal:
    """The number a person typed: local decimal mark, grouping, any script's digits; Invalid if it is none.

    A mark that can only be a decimal one is taken as such, whatever the language: 1,5 is one and a half everywhere.
    """
    plain = _SPACES.sub("", text).replace("−", "-").replace("،", ",")
    plain = "".join(str(unicodedata.decimal(c, c)) for c in plain)
    match = re.fullmatch(r"([+-]?)((?:\d[\d.,]*)?٫?\d*|[.,٫]\d+)", plain)
    if not match or not any(c.isdigit() for c in plain):
        raise Invalid(
            _("This is not a number. Example: %(example)s") % {"example": format_number(12_345_000, language)}
        )
    body = match[2]
    point = _decimal_mark(body, language)
    whole, _found, fraction = body.rpartition(point) if point else (body, "", "")
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])):
        raise Invalid(
            _("This is not a number. Example: %(example)s") % {"example": format_number(12_345_000, language)}
        )
    amount = Decimal(f"{match[1]}{''.join(groups) or '0'}.{fraction or '0'}")
    to_units(amount)
    return amount


def _decimal_mark(body: str, language: str) -> str:
    if "٫" in body:
        return "٫"
    used = [c for c in body if c in ".,"]
    if not used:
        return ""
    if len(set(used)) == 2:
        return used[-1]
    if len(used) > 1:
        return ""
    mark = used[0]
    before, after = body.split(mark)
    looks_grouped = len(after) == 3 and 1 <= len(before) <= 3 and before[0] != "0"
    return "" if looks_grouped and _marks(language).group == mark else mark
