"""A roll-up's condition as a tree of records.conditions, so that one query judges all the cards."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from comity.records.fields import FieldSpec
from comity.records.formulas.problems import BadFormula
from comity.records.formulas.shapes import NoValue, Percent
from comity.records.formulas.tree import COMPARISONS, Binary, Call, Node, Path, Unary, Word, walk

if TYPE_CHECKING:
    from comity.records.types import RecordType

Where = dict[str, Any]
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_NUMBERS = ("integer", "number", "percent")
_KEYS = ("choice", "language", "country", "currency")
_NEVER: Where = {"any": []}


def check(node: Node, source: "RecordType") -> None:
    """Whether the condition can be asked of the base: fields beside fixed values, and/or/not; raises BadFormula."""
    where(node, source, None)


def where(node: Node, source: "RecordType", value: Callable[[Node], Any] | None) -> Where:
    """The condition as a tree; `value` calculates what is fixed (None: the form is checked only).

    Raises BadFormula for what can't be asked, NoValue where a fixed value can't be calculated.
    """
    match node:
        case Binary(op="and" | "or", left=left, right=right):
            return {"all" if node.op == "and" else "any": [where(one, source, value) for one in (left, right)]}
        case Unary(op="not", operand=operand):
            return {"not": where(operand, source, value)}
        case Word(value=word):
            return {"all": []} if word else _NEVER
        case Path(key=key):
            return {"field": key, "op": "yes"}
        case Call(name="empty", args=(Path(key=key),)):
            return {"field": key, "op": "no" if source.spec(key).kind == "bool" else "empty"}
        case Call(name="contains", args=(Path(key=key), sought)) if _fixed(sought):
            found = value(sought) if value else ""
            kind = source.spec(key).kind
            return {"field": key, "op": "any", "value": [found]} if kind in ("choices", *_KEYS) else {
                "field": key, "op": "contains", "value": found}  # fmt: skip
        case Binary(op=op, left=Path(key=key), right=right) if op in COMPARISONS and _fixed(right):
            return _compared(source.spec(key), op, right, value)
        case Binary(op=op, left=left, right=Path(key=key)) if op in COMPARISONS and _fixed(left):
            return _compared(source.spec(key), _TURNED.get(op, op), left, value)
    example = 'deal.state = "won" and deal.amount_days > 3'
    raise BadFormula(
        _("A condition of sum() and the like compares fields with fixed values: %(example)s. For anything else make a "
          "formula of yes or no on those cards, and name that.") % {"example": example}, node.at,
    )  # fmt: skip


def _fixed(node: Node) -> bool:
    """Whether no field stands in it."""
    return not any(isinstance(one, Path) for one in walk(node))


def _compared(spec: FieldSpec, op: str, node: Node, value: Callable[[Node], Any] | None) -> Where:
    if spec.kind == "money":
        text = _("Amounts can't be compared here: make a formula of yes or no on those cards, and name that.")
        raise BadFormula(text, node.at)
    found = value(node) if value else None
    if value and found is None:
        return _NEVER  # nothing is equal to nothing, as everywhere in formulas
    if spec.kind == "bool":
        return {"field": spec.key, "op": "yes" if found == (op == "=") else "no"}
    if spec.kind in _KEYS or spec.has_twin:
        if op not in ("=", "!="):
            raise BadFormula(_("Texts can be equal or not here, or one contains another."), node.at)
        return _equal(spec, op, found)
    if spec.kind in ("date", "datetime"):
        return _ordered(spec, op, str(found) if value else "2026-01-01", ("before", "after"))
    if spec.kind in _NUMBERS:
        return _ordered(spec, op, _figure(spec, found) if value else 0, ("less", "more"))
    raise BadFormula(_("This field can't be compared here."), node.at)


def _equal(spec: FieldSpec, op: str, found: Any) -> Where:
    if found == "":
        return {"field": spec.key, "op": "empty" if op == "=" else "filled"}
    if spec.has_twin:
        return {"field": spec.key, "op": "is" if op == "=" else "is_not", "value": found}
    return {"field": spec.key, "op": "any" if op == "=" else "none", "value": [found]}


def _ordered(spec: FieldSpec, op: str, found: Any, ops: tuple[str, str]) -> Where:
    less, more = ({"field": spec.key, "op": one, "value": found} for one in ops)
    filled = {"field": spec.key, "op": "filled"}
    match op:
        case "<":
            return less
        case ">":
            return more
        case "<=":
            return {"all": [filled, {"not": more}]}
        case ">=":
            return {"all": [filled, {"not": less}]}
    same = {"field": spec.key, "op": "is", "value": found}
    return same if op == "=" else {"all": [filled, {"not": same}]}


def _figure(spec: FieldSpec, found: Any) -> Any:
    """A fixed number as the field's conditions take it; raises NoValue for one that no card can have."""
    number = found.value if isinstance(found, Percent) else found
    if not isinstance(number, Decimal) or abs(number) >= 2**49:
        raise NoValue("kinds" if not isinstance(number, Decimal) else "large")
    if spec.kind == "integer":
        if number != int(number):
            raise NoValue("kinds")
        return str(int(number))
    return number.quantize(Decimal("0.0001"))
