"""Values as they leave the house and come back: decimal text for amounts and numbers, else the JSON form of events.

Programs need not know that the house keeps fractions as whole 1/10,000ths.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

from comity.records import kinds
from comity.records.fields import FieldSpec


def outward(spec: FieldSpec, value: Any) -> Any:
    """The plain JSON of a value (as in records.kinds)."""
    if value is not None and spec.kind == "money":
        return {"amount": _plain(value[0]), "currency": value[1]}
    if value is not None and spec.kind in ("number", "percent"):
        return _plain(value)
    return kinds.to_json(spec, value)


def inward(spec: FieldSpec, value: Any) -> Any:
    """Back from `outward`; raises ValueError, TypeError, KeyError or AttributeError for what never came from it."""
    if value is not None and spec.kind == "money":
        return _units(value["amount"]), str(value["currency"])
    if value is not None and spec.kind in ("number", "percent"):
        return _units(value)
    return kinds.from_json(spec, value)


def _plain(units: int) -> str:
    return f"{kinds.decimal(units):f}"


def _units(text: str) -> int:
    if not isinstance(text, str):
        raise TypeError("a decimal comes as text")
    try:
        units = Decimal(text).scaleb(4)
    except InvalidOperation:
        raise ValueError(text) from None
    if not units.is_finite() or units != units.to_integral_value() or abs(units) >= 2**63:
        raise ValueError(text)
    return int(units)
