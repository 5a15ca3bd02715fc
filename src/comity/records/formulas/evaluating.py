"""The value of a formula for one card: nothing where a field it needs is empty, or why there is none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from typing import Any

from comity.records.formulas import functions
from comity.records.formulas.checking import Checked
from comity.records.formulas.functions import Around, bounded, compared, short
from comity.records.formulas.limits import DIGITS, STEPS
from comity.records.formulas.shapes import Amount, NoValue, Percent
from comity.records.formulas.tree import COMPARISONS, Binary, Call, Name, Node, Number, Path, Text, Unary, Word
from comity.records.formulas.uses import Rollup, Uses

_CONTEXT = Context(prec=DIGITS, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Card:
    """What a formula reads, as formulas calculate with it (shapes.runtime).

    own      (key) -> the value of a field of the card
    far      (link, field) -> of the card the link leads to
    rollups  the figures over the cards that link to it; a NoValue is why there is none
    """

    own: Callable[[str], Any]
    far: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    rollups: Mapping[Rollup, Any] = field(default_factory=dict)


def evaluate(checked: Checked, card: Card, around: Around) -> Any:
    """The value; None = nothing. Raises NoValue with the reason."""
    return calculate(checked.tree, checked.uses, card, around)


def calculate(tree: Node, uses: Uses, card: Card, around: Around) -> Any:
    """The value of a part of a formula; raises NoValue."""
    with localcontext(_CONTEXT):
        try:
            return _Run(uses, card, around).value(tree)
        except (InvalidOperation, OverflowError, ArithmeticError):
            raise NoValue("large") from None
        except (AttributeError, TypeError, ValueError):
            raise NoValue("kinds") from None  # a field it reads is of another kind than when it was written


class _Run:
    """One calculation: it counts its steps."""

    def __init__(self, uses: Uses, card: Card, around: Around) -> None:
        self.uses, self.card, self.around, self.steps = uses, card, around, 0

    def value(self, node: Node) -> Any:
        """The value of a node."""
        self.steps += 1
        if self.steps > STEPS:
            raise NoValue("steps")
        match node:
            case Number(value=number):
                return number
            case Text(value=text):
                return text
            case Word(value=word):
                return word
            case Name(key=key):
                return self.card.own(key)
            case Path(head=head, key=key):
                return self.card.far.get((head, key))
            case Unary(op="not", operand=operand):
                return not self.value(operand)
            case Unary(operand=operand):
                found = self.value(operand)
                return None if found is None else functions._mapped(found, lambda one: -one)
            case Binary():
                return self.binary(node)
        return self.call(node)

    def binary(self, node: Binary) -> Any:
        """What stands between two others."""
        if node.op == "and":
            return bool(self.value(node.left)) and bool(self.value(node.right))
        if node.op == "or":
            return bool(self.value(node.left)) or bool(self.value(node.right))
        a, b = self.value(node.left), self.value(node.right)
        if node.op in COMPARISONS:
            return self.compare(node.op, a, b)
        if a is None or b is None:
            return None
        match node.op:
            case "*":
                return self.times(node, a, b)
            case "/":
                return self.over(a, b)
        return self.plus(node.op, a, b)

    def compare(self, op: str, a: Any, b: Any) -> Any:
        """Two sides compared; where one is nothing, they are neither equal nor in an order: nothing."""
        if a is None or b is None:
            return None
        if isinstance(a, datetime) != isinstance(b, datetime) and isinstance(a, date) and isinstance(b, date):
            a, b = self.around.day(a), self.around.day(b)
        if isinstance(a, str) and isinstance(b, str):
            a, b = a.casefold(), b.casefold()
        order = compared(a, b)
        return {"=": order == 0, "!=": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0,
                ">=": order >= 0}[op]  # fmt: skip

    def times(self, node: Binary, a: Any, b: Any) -> Any:
        """a * b."""
        if isinstance(a, Percent) and isinstance(b, Percent):
            return Percent(bounded(a.value * b.value / 100))
        if isinstance(a, Percent) or (isinstance(b, Amount) and not isinstance(a, Amount)):
            a, b = b, a
        if isinstance(b, Percent):
            if node in self.uses.scaled:
                return Percent(bounded(a * b.value))
            return functions._mapped(a, lambda one: one * b.value / 100)
        return functions._mapped(a, lambda one: one * b)

    def over(self, a: Any, b: Any) -> Any:
        """a / b."""
        if isinstance(a, Amount | Percent) and type(a) is type(b):
            compared(a, b)
            a, b = a.value, b.value
        by = b.value / 100 if isinstance(b, Percent) else b
        if by == 0:
            raise NoValue("zero")
        return functions._mapped(a, lambda one: one / by)

    def plus(self, op: str, a: Any, b: Any) -> Any:
        """a + b, a - b, a % b."""
        sign = -1 if op == "-" else 1
        if isinstance(a, str):
            return short(a + b)
        if isinstance(a, date) and isinstance(b, date):
            return self.between(a, b)
        if isinstance(b, date):
            a, b = b, a
        if isinstance(a, date):
            return functions.moved(a, sign * b)
        if isinstance(a, Amount):
            compared(a, b)
            return Amount(bounded(a.value + sign * b.value), a.currency)
        percent = isinstance(a, Percent) or isinstance(b, Percent)
        one, other = (each.value if isinstance(each, Percent) else each for each in (a, b))
        if op == "%":
            if not other:
                raise NoValue("zero")
            return bounded(one % other)
        found = bounded(one + sign * other)
        return Percent(found) if percent else found

    @staticmethod
    def between(a: Any, b: Any) -> Decimal:
        """From b to a: days between days, hours between moments."""
        if isinstance(a, datetime):
            return Decimal((a - b) // (b.resolution)) / 3_600_000_000
        return Decimal((a - b).days)

    def call(self, node: Call) -> Any:
        """A function's value."""
        rollup = self.uses.rollups.get(node)
        if rollup is not None:
            found = self.card.rollups.get(rollup)
            if isinstance(found, NoValue):
                raise found
            return found
        if node.name == "if":
            return self.value(node.args[1 if self.value(node.args[0]) else 2])
        if node.name in functions.LAZY:
            return self.first(node)
        function = functions.TABLE[node.name]
        values = [self.value(one) for one in node.args]
        if not function.takes_nothing and any(one is None for one in values):
            return None
        return function.run(self.around, *values)

    def first(self, node: Call) -> Any:
        """The first that is not empty; what has no value for a reason counts as empty."""
        for one in node.args[:-1]:
            try:
                found = self.value(one)
            except NoValue as problem:
                if problem.why == "steps":
                    raise
                continue
            if found not in (None, "", ()):
                return found
        return self.value(node.args[-1])
