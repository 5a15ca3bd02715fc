"""The functions of formulas: what each takes, what it gives, how it is calculated. There is no other call."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cmp_to_key
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from comity.records.formulas import shapes
from comity.records.formulas.limits import LARGEST, TEXT
from comity.records.formulas.printing import number
from comity.records.formulas.problems import BadFormula
from comity.records.formulas.shapes import Amount, NoValue, Percent, Shape
from comity.records.formulas.tree import Call, Node, Number, Text, Unary

Given = tuple[Shape, ...]
_DAYS = ("date", "datetime")


@dataclass(frozen=True)
class Around:
    """What a calculation knows besides the card: day and zone of the company, its currency, the rates of the day."""

    today: date
    zone: ZoneInfo
    own: str = "EUR"
    rate: Callable[[str], Decimal | None] = lambda currency: None

    def day(self, value: date | datetime) -> date:
        """The day of a moment, where the company is."""
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value

    def converted(self, amount: Amount, currency: str) -> Amount:
        """Money in another currency, by the rates of the day."""
        if amount.currency == currency:
            return amount
        rates = [Decimal(1) if one == self.own else self.rate(one) for one in (amount.currency, currency)]
        if not rates[0] or not rates[1]:
            raise NoValue("rate")
        return Amount(bounded(amount.value * rates[0] / rates[1]), currency)


@dataclass(frozen=True)
class Function:
    """A line of the table.

    shape   (call, shapes of what it is given) -> what it gives; raises BadFormula
    run     (values, around) -> the value; not called where one is nothing, unless it `takes_nothing`
    least, most   how many it takes
    """

    least: int
    most: int
    shape: Callable[[Call, Given], Shape]
    run: Callable[..., Any]
    example: str
    takes_nothing: bool = False


def bounded(value: Decimal) -> Decimal:
    """The number, unless it is beyond what can be kept."""
    if not value.is_finite() or abs(value) > LARGEST:
        raise NoValue("large")
    return value


def short(text: str) -> str:
    """The text, unless it is too long."""
    if len(text) > TEXT:
        raise NoValue("long")
    return text


def unfit(call: Call, place: int, wanted: str) -> BadFormula:
    """What to say where something of the wrong kind is given."""
    text = _("%(function)s() needs something else in place %(place)s: %(wanted)s.")
    told = text % {"function": call.name, "place": place + 1, "wanted": wanted}
    return BadFormula(told, call.args[place].at or call.at)


def _of(*kinds: str) -> Callable[[Call, Given], None]:
    """A check that everything given is of one of these kinds; "nothing" always is."""

    def check(call: Call, given: Given) -> None:
        for place, one in enumerate(given):
            if one.kind not in (*kinds, "nothing"):
                words = ", ".join(dict.fromkeys(Shape(kind).words for kind in kinds if kind != "integer"))
                raise unfit(call, place, words)

    return check


_numeric, _text, _dated = _of("number", "integer", "percent", "money"), _of("text"), _of(*_DAYS)


def _same(call: Call, given: Given) -> Shape:
    """What all that is given has in common."""
    common = given[0]
    for place, one in enumerate(given[1:], 1):
        found = shapes.united(common, one)
        if found is None:
            raise BadFormula(
                _("“%(one)s” and “%(other)s” don't go together.") % {"one": common.words, "other": one.words},
                call.args[place].at,
            )
        common = found
    return common


# --- numbers ---------------------------------------------------------------------------------------------------------


def _mapped(value: Any, change: Callable[[Decimal], Decimal]) -> Any:
    """A number, a percent or money with its figure changed."""
    if isinstance(value, Amount):
        return Amount(bounded(change(value.value)), value.currency)
    return Percent(bounded(change(value.value))) if isinstance(value, Percent) else bounded(change(value))


def _rounding(mode: str) -> Callable[..., Any]:
    def run(around: Around, value: Any, digits: Decimal = Decimal(0)) -> Any:
        step = Decimal(1).scaleb(-int(digits))
        return _mapped(value, lambda one: (one / step).quantize(Decimal(1), mode) * step)

    return run


def literal(node: Node) -> Decimal | None:
    """The number that is written there; None where something is calculated."""
    if isinstance(node, Unary) and node.op == "-":
        inner = literal(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, Number) else None


def _rounded(call: Call, given: Given) -> Shape:
    _numeric(call, given[:1])
    digits = literal(call.args[1]) if len(call.args) > 1 else Decimal(0)
    if digits is None or digits != int(digits) or not -9 <= digits <= 9:
        raise unfit(call, 1, _("how many digits stay behind the point, written as a number from 0 to 9"))
    whole = given[0].kind == "number" and digits <= 0
    return Shape("integer", given[0].unit) if whole else given[0]


def _kept(call: Call, given: Given) -> Shape:
    _numeric(call, given)
    return given[0]


def _least_of(call: Call, given: Given) -> Shape:
    _of("number", "integer", "percent", "money", *_DAYS)(call, given)
    return _same(call, given)


def _choose(sign: int) -> Callable[..., Any]:
    def run(around: Around, *values: Any) -> Any:
        return sorted(values, key=cmp_to_key(lambda a, b: sign * compared(a, b)))[0]

    return run


def compared(a: Any, b: Any) -> int:
    """-1, 0 or 1; raises NoValue for what can't be compared."""
    a, b = (one.value if isinstance(one, Percent) else one for one in (a, b))
    if isinstance(a, Amount) and isinstance(b, Amount):
        if a.currency != b.currency:
            raise NoValue("currencies")
        a, b = a.value, b.value
    if type(a) is not type(b):
        raise NoValue("kinds")
    return int(a > b) - int(a < b)


def _percent(call: Call, given: Given) -> Shape:
    _of("number", "integer")(call, given)
    return shapes.PERCENT


def _share(call: Call, given: Given) -> Shape:
    _numeric(call, given)
    _same(call, given)
    return shapes.PERCENT


def _share_of(around: Around, part: Any, whole: Any) -> Percent:
    compared(part, whole)  # the same currency, the same kind
    one, other = (value if isinstance(value, Decimal) else value.value for value in (part, whole))
    if not other:
        raise NoValue("zero")
    return Percent(bounded(100 * one / other))


def _plain(call: Call, given: Given) -> Shape:
    _of("number", "integer", "percent")(call, given)
    return Shape(given[0].kind if given[0].kind == "integer" else "number", shapes.PLAIN)


# --- money -----------------------------------------------------------------------------------------------------------


def currency_of(node: Node) -> str:
    """The currency code written there; "" where it is none."""
    code = node.value.upper() if isinstance(node, Text) else ""
    return code if len(code) == 3 and code.isascii() and code.isalpha() else ""


def _convert(call: Call, given: Given) -> Shape:
    _of("money")(call, given[:1])
    if not currency_of(call.args[1]):
        raise unfit(call, 1, _("a currency in quotes, such as 'EUR'"))
    return shapes.MONEY


def _money(call: Call, given: Given) -> Shape:
    _of("number", "integer")(call, given[:1])
    return _convert(call, (shapes.MONEY, given[1]))


# --- texts -----------------------------------------------------------------------------------------------------------


def as_text(value: Any) -> str:
    """A value as part of a text, the same in every language."""
    match value:
        case None:
            return ""
        case Percent(figure):
            return f"{number(figure.quantize(Decimal('0.0001')))} %"
        case Amount(figure, currency):
            return f"{number(figure.quantize(Decimal('0.0001')))} {currency}"
        case Decimal():
            return number(value.quantize(Decimal("0.0001"))) if value.as_tuple().exponent else number(value)
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case tuple():
            return ", ".join(map(str, value))
        case bool():
            return "+" if value else "-"
    return str(value)


def _textual(call: Call, given: Given) -> Shape:
    for place, one in enumerate(given):
        if one.kind in ("card", "bool"):
            raise unfit(call, place, _("a text, a number or a day"))
    return shapes.TEXT


def _joined(call: Call, given: Given) -> Shape:
    _text(call, given[:1])
    return _textual(call, given)


def _worded(call: Call, given: Given) -> Shape:
    _text(call, given)
    return shapes.TEXT


def _length(call: Call, given: Given) -> Shape:
    _of("text", "keys")(call, given)
    return shapes.WHOLE


def _contains(call: Call, given: Given) -> Shape:
    _of("text", "keys")(call, given[:1])
    if given[1].kind not in ("text", "nothing"):
        raise unfit(call, 1, _("a text"))
    check_choice(given[0], call.args[1])
    return shapes.BOOL


def check_choice(shape: Shape, node: Node) -> None:
    """Refuse a key that a choice does not have: the condition would never hold."""
    if shape.choices and isinstance(node, Text) and node.value and node.value not in shape.choices:
        keys = ", ".join(sorted(shape.choices)[:12])
        text = _("There is no value “%(value)s” to choose. There are: %(values)s.")
        raise BadFormula(text % {"value": node.value[:40], "values": keys}, node.at)


# --- days ------------------------------------------------------------------------------------------------------------


def _day_number(call: Call, given: Given) -> Shape:
    _dated(call, given)
    return Shape("integer", shapes.PLAIN)


def _apart(call: Call, given: Given) -> Shape:
    _dated(call, given)
    return shapes.DAYS


def _moved(call: Call, given: Given) -> Shape:
    _of("date")(call, given[:1])
    if given[1].kind not in ("number", "integer", "nothing") or given[1].unit not in ("", shapes.PLAIN, "pieces"):
        raise unfit(call, 1, _("how many months, a number"))
    return shapes.DATE


def _by_months(around: Around, day: date, months: Decimal) -> date:
    if abs(months) > 12 * 9999:
        raise NoValue("date")
    index = day.year * 12 + day.month - 1 + int(months)
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise NoValue("date")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def moved(day: date, days: Decimal) -> Any:
    """A day or moment so many days later."""
    if abs(days) > 3_660_000:
        raise NoValue("date")
    try:
        seconds = days * 86_400
        return day + (timedelta(seconds=int(seconds)) if isinstance(day, datetime) else timedelta(days=int(days)))
    except OverflowError:
        raise NoValue("date") from None


def _date(call: Call, given: Given) -> Shape:
    if len(given) == 1:
        _dated(call, given)
    elif len(given) == 3:
        _of("number", "integer")(call, given)
    else:
        raise BadFormula(_("date() takes one value, or year, month and day."), call.at)
    return shapes.DATE


def _made_date(around: Around, first: Any, month: Any = None, day: Any = None) -> date:
    if month is None:
        return around.day(first)
    try:
        return date(int(first), int(month), int(day))
    except (ValueError, OverflowError):
        raise NoValue("date") from None


def _nothing_checked(shape: Shape) -> Callable[[Call, Given], Shape]:
    return lambda call, given: shape


TABLE: dict[str, Function] = {
    "round": Function(1, 2, _rounded, _rounding(ROUND_HALF_UP), "round(amount / area, 2)"),
    "floor": Function(1, 1, _rounded, _rounding(ROUND_FLOOR), "floor(area)"),
    "ceil": Function(1, 1, _rounded, _rounding(ROUND_CEILING), "ceil(area)"),
    "abs": Function(1, 1, _kept, lambda around, value: _mapped(value, abs), "abs(balance)"),
    "min": Function(2, 20, _least_of, _choose(1), "min(a, b)"),
    "max": Function(2, 20, _least_of, _choose(-1), "max(a, b)"),
    "percent": Function(1, 1, _percent, lambda around, value: Percent(value), "price * percent(20)"),
    "share": Function(2, 2, _share, _share_of, "share(paid, amount)"),
    "plain": Function(1, 1, _plain, lambda around, value: getattr(value, "value", value),
                      "plain(hours) * plain(weight)"),
    "money": Function(2, 2, _money, lambda around, value, code: Amount(value, code.upper()), "money(100, \"EUR\")"),
    "convert": Function(2, 2, _convert, lambda around, value, code: around.converted(value, code.upper()),
                        "convert(amount, \"EUR\")"),
    "concat": Function(1, 20, _textual, lambda around, *values: short("".join(map(as_text, values))),
                       "concat(name, \" \", area)", takes_nothing=True),
    "join": Function(2, 20, _joined, lambda around, between, *values: short(
        (between or "").join(filter(None, map(as_text, values)))), "join(\", \", city, street)", takes_nothing=True),
    "upper": Function(1, 1, _worded, lambda around, value: short(value.upper()), "upper(name)"),
    "lower": Function(1, 1, _worded, lambda around, value: short(value.lower()), "lower(name)"),
    "len": Function(1, 1, _length, lambda around, value: Decimal(len(value)), "len(name)"),
    "contains": Function(2, 2, _contains, lambda around, value, sought: (
        sought.casefold() in value.casefold() if isinstance(value, str) else sought in value),
        "contains(name, \"house\")"),
    "empty": Function(1, 1, _nothing_checked(shapes.BOOL), lambda around, value: value in (None, "", ()),
                      "empty(area)", takes_nothing=True),
    "today": Function(0, 0, _nothing_checked(shapes.DATE), lambda around: around.today, "today()"),
    "date": Function(1, 3, _date, _made_date, "date(2026, 3, 31)"),
    "days": Function(2, 2, _apart, lambda around, a, b: Decimal((around.day(b) - around.day(a)).days),
                     "days(created_at, today())"),
    "months": Function(2, 2, _moved, _by_months, "months(begins_on, 12)"),
    "year": Function(1, 1, _day_number, lambda around, value: Decimal(around.day(value).year), "year(created_at)"),
    "month": Function(1, 1, _day_number, lambda around, value: Decimal(around.day(value).month), "month(created_at)"),
    "day": Function(1, 1, _day_number, lambda around, value: Decimal(around.day(value).day), "day(created_at)"),
}  # fmt: skip
# Calculated by themselves: they leave out what they don't need.
LAZY = {"if": (3, 3), "ifempty": (2, 2), "coalesce": (2, 20)}
ROLLUPS = ("sum", "count", "avg", "min", "max")
EXAMPLES = (
    "if(area > 100, \"large\", \"small\")", "ifempty(discount, percent(0))",
    *(one.example for one in TABLE.values()),
)  # fmt: skip


def named(name: str) -> bool:
    """Whether there is such a function."""
    return name in TABLE or name in LAZY or name in ROLLUPS
