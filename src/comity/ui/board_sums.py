"""What the columns of a board hold: how many cards, and what they are worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, F, Q, Sum

from comity.access.actors import Actor
from comity.records import json_access
from comity.records.conditions import BadCondition, Where
from comity.ui import lists, totals
from comity.ui.boards import EMPTY, Board, Sums, readable, stands


@dataclass(frozen=True)
class _Sums:
    """How many cards stand in some columns, and what they are worth, by currency."""

    filter: lists.Filter
    field: str
    columns: tuple[str, ...]
    money: str

    def build(self) -> Any:
        """The query: (column, how many[, currency, sum])."""
        spec = self.filter.type.spec(self.field)
        place: Any
        if spec.stored == "column":
            here, place = Q(**{f"{self.field}__in": self.columns}), F(self.field)
        else:
            here = reduce(or_, (stands(spec, column) for column in self.columns))
            place = json_access.CustomText(spec.key)
        found = self.filter.records(self.filter.q() & here, every=True).order_by().annotate(in_column=place)
        if not self.money:
            return found.values_list("in_column").annotate(number=Count("*"))
        amount: Any = F(self.money)
        currency: Any = F(f"{self.money}_currency")
        if self.filter.type.spec(self.money).stored == "custom":
            amount, currency = json_access.CustomAmount(self.money), json_access.CustomCurrency(self.money)
        groups = found.annotate(in_currency=currency).values_list("in_column", "in_currency")
        return groups.annotate(number=Count("*"), total=Sum(amount))


def sums(actor: Actor, board: Board, where: Where, columns: Sequence[str]) -> dict[str, Sums]:
    """What some columns hold of the cards he sees that fulfil `where`: one query."""
    record_type = actor.state.record_types[board.type_key]
    money = board.money if board.money in readable(actor, record_type) else ""
    plan = _Sums(lists.Filter.of(actor, record_type, where), board.field, tuple(columns), money)
    numbers = dict.fromkeys(columns, 0)
    worth: dict[str, dict[str, int]] = {key: {} for key in columns}
    try:
        rows = actor.state.statements.of(plan).rows()
    except BadCondition:
        rows = []
    for row in rows:
        key, number = row[0] or EMPTY, row[2 if money else 1]
        numbers[key] += number
        if money and row[3] is not None:
            worth[key][row[1]] = int(row[3])
    return {key: Sums(numbers[key], worth[key]) for key in columns}


def together(actor: Actor, parts: Iterable[Mapping[str, int]]) -> totals.Worth:
    """Sums of money added up by currency."""
    whole: dict[str, int] = {}
    for part in parts:
        for currency, total in part.items():
            whole[currency] = whole.get(currency, 0) + total
    return totals.worth(actor, whole)
