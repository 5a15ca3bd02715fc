"""What kind a value of a formula is and what it counts. The rules of units, all of them:

+ -     the same unit on both sides; money with money; percent with percent; day + days = day, day - day = days,
        moment - moment = hours. A bare number (written in the formula) takes the unit of the other side, never money.
*       anything by a bare or plain number, or by pieces, keeps its unit; money by any number is money (price by metre,
        times metres); percent of something is of its unit; metre * metre = square metre, * metre = cubic metre.
/       by the same unit: a plain number; by a bare or plain number, or by pieces: keeps its unit; money by any number
        is money (amount by square metres); money by money is a plain number; square metre / metre = metre, and so on;
        something by percent is the whole it is a part of.
%       the remainder, of the same unit or by a bare number.
< = >   as + and -. Whatever else does not fit is refused when the formula is written; `plain(x)` takes a unit off.

Values while calculating: Decimal for numbers, Percent, Amount for money, str, date, datetime in UTC, bool, tuple of
keys, None for nothing.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from comity.kernel import units
from comity.kernel.money import from_units, to_units
from comity.records.cleaning import MAX_LONG_TEXT
from comity.records.fields import SCALE, FieldSpec

NUMERIC = frozenset({"number", "integer"})
SUMMED = NUMERIC | {"percent", "money"}
PLAIN = "number"  # the unit of what is counted in nothing
_TEXTS = frozenset({"text", "longtext", "url", "taxnumber", "choice", "language", "country", "currency"})
# House-kept by itself beside every change: a formula would stand on what it was.
_RESTLESS = frozenset({"next_at"})
_PRODUCTS = {
    ("metre", "metre"): "square_metre", ("metre", "square_metre"): "cubic_metre",
    ("square_metre", "metre"): "cubic_metre",
}  # fmt: skip
_QUOTIENTS = {
    ("square_metre", "metre"): "metre", ("cubic_metre", "metre"): "square_metre",
    ("cubic_metre", "square_metre"): "metre",
}  # fmt: skip


class Percent(NamedTuple):
    """So many per cent."""

    value: Decimal


class Amount(NamedTuple):
    """Money while it is calculated: not yet rounded."""

    value: Decimal
    currency: str


class NoValue(Exception):
    """There is no value, for a reason: a key of `reason`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def reason(why: str) -> str:
    """Why a formula has no value for a card, in words."""
    return {
        "": _("a field it needs is empty"),
        "zero": _("something is divided by nought"),
        "currencies": _("amounts are in different currencies: use convert()"),
        "rate": _("there is no exchange rate for a currency"),
        "large": _("a number is too large"),
        "long": _("a text is too long"),
        "date": _("a day is outside the calendar"),
        "steps": _("it takes too many steps"),
        "kinds": _("a field it needs is of another kind by now"),
        "broken": _("the formula does not fit its fields any more"),
    }[why]


@dataclass(frozen=True, slots=True)
class Shape:
    """kind: number integer percent money text date datetime bool keys card nothing. `unit` of numbers: "" = bare.

    choices  the keys a text can be, where it is one of a list
    """

    kind: str
    unit: str = ""
    choices: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def words(self) -> str:
        """What it is, in words."""
        if self.kind in NUMERIC:
            return str(units.get(self.unit or PLAIN).label)
        return {
            "percent": _("Percent"), "money": _("Money"), "text": _("Text"), "date": _("Day"),
            "datetime": _("Day and time"), "bool": _("Yes or no"), "keys": _("Several of a list"),
            "card": _("Another card"), "nothing": _("Nothing"),
        }[self.kind]  # fmt: skip


NUMBER, BARE, WHOLE = Shape("number", PLAIN), Shape("number"), Shape("integer")
PERCENT, MONEY, TEXT, DATE, MOMENT = (Shape(kind) for kind in ("percent", "money", "text", "date", "datetime"))
BOOL, NOTHING, DAYS = Shape("bool"), Shape("nothing"), Shape("integer", "days")


def of_field(spec: FieldSpec) -> Shape | None:
    """The shape of a field's values; None where formulas can do nothing with it."""
    if spec.stored == "rows" or spec.key in _RESTLESS:
        return None
    if spec.kind in NUMERIC:
        return Shape(spec.kind, spec.unit)
    if spec.kind in _TEXTS:
        return Shape("text", choices=frozenset(one.key for one in spec.choices))
    if spec.kind in ("choices", "languages"):
        return Shape("keys", choices=frozenset(one.key for one in spec.choices))
    if spec.kind in ("link", "card", "user", "team"):
        return Shape("card")
    return Shape(spec.kind) if spec.kind in ("percent", "money", "date", "datetime", "bool") else None


def united(a: Shape, b: Shape) -> Shape | None:
    """What both are alike: of a choice between them, a sum or a comparison. None = they don't fit."""
    if "nothing" in (a.kind, b.kind):
        return b if a.kind == "nothing" else a
    if a.kind in NUMERIC and b.kind in NUMERIC:
        if a.unit != b.unit and a.unit and b.unit:
            return None
        return Shape("integer" if a.kind == b.kind == "integer" else "number", a.unit or b.unit)
    if {a.kind, b.kind} <= NUMERIC | {"percent"}:
        other = a if b.kind == "percent" else b
        return PERCENT if other.kind == "percent" or not other.unit else None
    if a.kind != b.kind or a.kind == "card":
        return None
    return Shape(a.kind) if a.choices or b.choices else a


def product(a: Shape, b: Shape) -> Shape | None:
    """The shape of a * b; None = it means nothing."""
    if a.kind == "percent" and b.kind != "percent":
        a, b = b, a
    if b.kind == "money":
        a, b = b, a
    if a.kind == "money":
        return MONEY if b.kind in NUMERIC | {"percent"} else None
    if a.kind == "percent":
        return PERCENT if b.kind == "percent" else None
    if a.kind not in NUMERIC or b.kind not in NUMERIC | {"percent"}:
        return None
    if b.kind == "percent":
        return PERCENT if not a.unit else Shape("number", a.unit)
    kind = "integer" if a.kind == b.kind == "integer" else "number"
    if not a.unit or not b.unit:
        return Shape(kind, a.unit or b.unit)
    for one, other in ((a.unit, b.unit), (b.unit, a.unit)):
        if other in (PLAIN, "pieces"):
            return Shape(kind, "pieces" if {one, other} == {PLAIN, "pieces"} else one)
    unit = _PRODUCTS.get((a.unit, b.unit))
    return Shape(kind, unit) if unit else None


def quotient(a: Shape, b: Shape) -> Shape | None:
    """The shape of a / b; None = it means nothing."""
    if a.kind == "money":
        return NUMBER if b.kind == "money" else MONEY if b.kind in NUMERIC | {"percent"} else None
    if a.kind == "percent":
        if b.kind == "percent":
            return NUMBER
        return PERCENT if b.kind in NUMERIC and b.unit in ("", PLAIN) else None
    if a.kind not in NUMERIC:
        return None
    if b.kind == "percent":
        return Shape("number", a.unit)
    if b.kind not in NUMERIC:
        return None
    if a.unit == b.unit:
        return NUMBER if a.unit else BARE
    if b.unit in ("", PLAIN, "pieces"):
        return Shape("number", a.unit or (PLAIN if b.unit else ""))
    unit = _QUOTIENTS.get((a.unit, b.unit))
    return Shape("number", unit) if unit else None


def fits(shape: Shape, kind: str, unit: str) -> bool:
    """Whether what a formula gives can stand in a field of this kind and unit."""
    if kind in ("text", "longtext"):
        return shape.kind == "text"
    if kind in NUMERIC:
        return shape.kind in (kind, "integer") and shape.unit in ("", unit)
    return kind == shape.kind and kind in ("percent", "money", "date", "datetime", "bool")


def field_kind(shape: Shape) -> tuple[str, str]:
    """Kind and unit of the field that holds such values; raises ValueError where none does."""
    if shape.kind in NUMERIC:
        return shape.kind, shape.unit or PLAIN
    if shape.kind not in ("text", "percent", "money", "date", "datetime", "bool"):
        raise ValueError(shape.kind)
    return shape.kind, ""


def runtime(spec: FieldSpec, value: Any) -> Any:
    """A field's value (records.kinds) as formulas calculate with it."""
    if value is None:
        return "" if spec.kind in _TEXTS else None
    match spec.kind:
        case "integer":
            return Decimal(value)
        case "number":
            return from_units(value)
        case "percent":
            return Percent(from_units(value))
        case "money":
            return Amount(from_units(value[0]), value[1])
        case "link" | "card" | "user" | "team":
            return str(value)
    return value


def stored(spec: FieldSpec, value: Any) -> Any:
    """What a formula gave as a value of its field; raises NoValue where it can't be kept."""
    if value is None:
        return "" if spec.kind in ("text", "longtext") else None
    match spec.kind, value:
        case "integer", Decimal():
            return int(value.quantize(Decimal(1), ROUND_HALF_UP)) if abs(value) < 2**62 else _too_large()
        case "number", Decimal():
            return _units(value)
        case "percent", Percent(number) | (Decimal() as number):
            return _units(number)
        case "money", Amount(number, currency):
            return (_units(number), currency)
        case "text" | "longtext", str():
            if len(value) > (MAX_LONG_TEXT if spec.kind == "longtext" else spec.max_length):
                raise NoValue("long")
            return value
        case "datetime", datetime():
            return value
        case "date", date() if not isinstance(value, datetime):
            return value
        case "bool", bool():
            return value
    raise NoValue("kinds")


def _units(value: Decimal) -> int:
    if abs(value) * SCALE >= 2**63:
        _too_large()
    return to_units(value.quantize(Decimal("0.0001"), ROUND_HALF_UP))


def _too_large() -> Any:
    raise NoValue("large")
