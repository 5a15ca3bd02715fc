"""Figures over the cards that link to others: one query for each, whatever their number.

All cards count, as the house sees them; the trash does not. Who may read the figure is a matter of field rights.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import DatabaseError, models, transaction
from django.db.models import Count, F, Max, Min, Sum

from comity.kernel.money import from_units
from comity.records import json_access, kinds
from comity.records.conditions import BadCondition, Scope, compile_q
from comity.records.fields import FieldSpec
from comity.records.formulas import conditions, shapes
from comity.records.formulas.functions import Around
from comity.records.formulas.shapes import Amount, NoValue
from comity.records.formulas.tree import Node
from comity.records.formulas.uses import Rollup
from comity.records.models import Relation

if TYPE_CHECKING:
    from comity.records.types import RecordType

Figures = dict[UUID, Any]
_NULLS = shapes.SUMMED | {"date", "datetime", "link", "card", "user", "team"}  # kinds whose columns may hold no value


def figures(
    rollup: Rollup, source: "RecordType", type_key: str, ids: Iterable[UUID], around: Around,
    value: Callable[[Node], Any],
) -> Figures:  # fmt: skip
    """The figure of each of these cards of type `type_key`; a NoValue is why there is none.

    `value` calculates what is fixed in the condition.
    """
    wanted = list(ids)
    if source.spec(rollup.via).kind == "relation" and len(wanted) > 1:  # a card may be related to several of them
        each = [figures(rollup, source, type_key, [one], around, value) for one in wanted]
        return {one: figure for found in each for one, figure in found.items()}
    try:
        with transaction.atomic():  # a sum beyond the engine's numbers must not end the transaction around
            rows = list(_rows(rollup, source, type_key, wanted, around, value))
    except NoValue as problem:
        return dict.fromkeys(wanted, problem)
    except BadCondition:
        return dict.fromkeys(wanted, NoValue("broken"))
    except DatabaseError:
        if len(wanted) == 1:
            return {wanted[0]: NoValue("large")}
        found: Figures = {}
        for one in wanted:
            found |= figures(rollup, source, type_key, [one], around, value)
        return found
    gathered: dict[UUID, list[Any]] = {}
    for row in rows:
        gathered.setdefault(row["of"] if isinstance(row["of"], UUID) else UUID(row["of"]), []).append(row)
    return {one: _figure(rollup, source, gathered.get(one, []), around) for one in wanted}


def linked(source: "RecordType", via: FieldSpec, type_key: str, ids: Iterable[UUID]) -> Any:
    """The cards of a type whose link leads to one of these cards of type `type_key`."""
    if via.kind == "relation":
        rows = Relation.objects.filter(kind=via.key, from_type=source.key, to_type=type_key, to_id__in=list(ids))
        return source.rows.filter(pk__in=rows.values("from_id"))
    records = source.rows.filter(**{f"{via.attname}__in": list(ids)})
    return records.filter(**{f"{via.key}_type": type_key}) if via.kind == "card" else records


def _rows(
    rollup: Rollup, source: "RecordType", type_key: str, ids: list[UUID], around: Around,
    value: Callable[[Node], Any],
) -> Any:  # fmt: skip
    via = source.spec(rollup.via)
    records = linked(source, via, type_key, ids).filter(deleted_at__isnull=True).order_by()
    if rollup.where is not None:
        fields = {spec.key: spec for spec in source.specs}
        scope = Scope(fields, source.key, timezone=str(around.zone), today=around.today)
        records = records.filter(compile_q(conditions.where(rollup.where, source, value), scope))
    of = models.Value(ids[0].hex, models.CharField()) if via.kind == "relation" else F(via.attname)
    records = records.annotate(of=of)
    if not rollup.key:
        return records.values("of").annotate(n=Count("pk"))
    spec = source.spec(rollup.key)
    figure = _expression(spec)
    by = ["of"]
    if spec.kind == "money":
        records = records.annotate(currency=_currency(spec))
        by.append("currency")
    grouped = records.annotate(figure=figure).values(*by)
    if rollup.how == "count":
        return grouped.annotate(n=_filled(spec))
    grouped = grouped.filter(figure__isnull=False)
    if rollup.how in ("sum", "avg"):
        return grouped.annotate(n=Count("figure"), total=Sum("figure"))
    return grouped.annotate(n=Count("figure"), total=(Min if rollup.how == "min" else Max)("figure"))


def _filled(spec: FieldSpec) -> Any:
    """How many cards have a value in the field."""
    if spec.stored == "column" and spec.kind not in _NULLS:
        return Count("pk", filter=models.Q(figure=True) if spec.kind == "bool" else ~models.Q(figure=""))
    if spec.kind == "bool":
        return Count("pk", filter=models.Q(figure=1))
    return Count("figure")


def _expression(spec: FieldSpec) -> Any:
    return json_access.expression(spec.kind, spec.key) if spec.stored == "custom" else F(spec.attname)


def _currency(spec: FieldSpec) -> Any:
    return json_access.CustomCurrency(spec.key) if spec.stored == "custom" else F(f"{spec.key}_currency")


def _figure(rollup: Rollup, source: "RecordType", rows: list[Any], around: Around) -> Any:
    """The rows of one card, one for each currency, as its figure."""
    if rollup.how == "count":
        return Decimal(sum(row["n"] for row in rows))
    spec = source.spec(rollup.key)
    rows = [row for row in rows if row["n"]]
    if not rows:
        return _nothing(rollup, spec)
    if spec.kind == "money":
        return _money(rollup, rows, around)
    (row,) = rows
    if spec.kind in ("date", "datetime"):
        return kinds.from_json(spec, row["total"]) if isinstance(row["total"], str) else row["total"]
    found = shapes.runtime(spec, int(row["total"]))
    if rollup.how != "avg":
        return found
    return shapes.Percent(found.value / row["n"]) if isinstance(found, shapes.Percent) else found / row["n"]


def _nothing(rollup: Rollup, spec: FieldSpec) -> Any:
    """The figure over no cards: a sum of numbers is nought; of money nobody knows in which currency."""
    if rollup.how != "sum":
        return None
    if spec.kind == "money":
        return Amount(Decimal(0), rollup.into) if rollup.into else None
    return Decimal(0)


def _money(rollup: Rollup, rows: list[Any], around: Around) -> Any:
    parts = [(Amount(from_units(int(row["total"])), row["currency"]), row["n"]) for row in rows]
    try:
        if rollup.into:
            parts = [(around.converted(amount, rollup.into), n) for amount, n in parts]
    except NoValue as problem:
        return problem
    if len({amount.currency for amount, _n in parts}) > 1:
        return NoValue("currencies")
    currency, values = parts[0][0].currency, [amount.value for amount, _n in parts]
    match rollup.how:
        case "sum":
            return Amount(sum(values, Decimal(0)), currency)
        case "avg":
            return Amount(sum(values, Decimal(0)) / sum(n for _amount, n in parts), currency)
        case "min":
            return Amount(min(values), currency)
    return Amount(max(values), currency)
