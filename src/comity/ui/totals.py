"""Sums of a list's figures: by currency, in the company's currency where rates are set; never raw."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel import units
from comity.kernel.money import format_money, format_number
from comity.kernel.text import listed
from comity.records import conditions
from comity.records.conditions import BadCondition, Where
from comity.records.fields import SCALE, FieldSpec
from comity.records.types import RecordType

SUMMED = frozenset({"integer", "number", "money"})  # percent never adds up


def totals(actor: Actor, record_type: RecordType, shown: list[tuple[FieldSpec, str]], where: Where) -> list[Any]:
    """[{label, text}] for each summed column he reads in clear, over all records of the filter he sees."""
    specs = [spec for spec, level in shown if level != "mask" and spec.kind in SUMMED and spec.stored == "column"]
    if not specs:
        return []
    try:
        q = conditions.compile_q(where, policy.condition_scope(actor, record_type)) if where else None
    except BadCondition:
        return []
    records = policy.visible(actor, record_type).order_by()
    records = records.filter(q) if q is not None else records
    found = []
    for spec in specs:
        text = _money(actor, records, spec) if spec.kind == "money" else _number(actor, records, spec)
        if text:
            found.append({"label": spec.label[actor.language], "text": text})
    return found


def _number(actor: Actor, records: Any, spec: FieldSpec) -> str:
    total = records.aggregate(total=Sum(spec.key))["total"]
    if total is None:
        return ""
    shown = format_number(int(total) * (SCALE if spec.kind == "integer" else 1), actor.language)
    sign = "" if spec.unit == "pieces" else units.get(spec.unit).sign
    return f"{shown} {sign}" if sign else shown


@dataclass(frozen=True)
class Worth:
    """Sums of money by currency; `whole` is all of them in the company's currency, None where a rate is missing."""

    sums: Mapping[str, int]
    whole: int | None
    own: str  # the company's currency
    missing: tuple[str, ...] = ()

    def parts(self, language: str) -> str:
        """The sums one by one."""
        return " + ".join(short(total, currency, language) for currency, total in self.sums.items())

    def written(self, language: str) -> tuple[str, str]:
        """(the figure, what is to be said beside it): one figure where rates allow, and of what it is made."""
        if self.whole is None:
            named = listed(self.missing, language)
            return self.parts(language), _("no rate for %(currencies)s") % {"currencies": named}
        text = short(self.whole, self.own, language)
        return text, self.parts(language) if set(self.sums) - {self.own} else ""


def worth(actor: Actor, sums: Mapping[str, int]) -> Worth:
    """Sums by currency, and together by the rates in force."""
    organization = actor.state.organization
    own = organization.currency if organization else ""
    rates = {**actor.state.rates, own: Decimal(1)}
    missing = tuple(sorted(currency for currency in sums if currency not in rates))
    whole = None if missing else sum(int(total * rates[currency]) for currency, total in sums.items())
    return Worth(dict(sorted(sums.items())), whole, own, missing)


def short(units_: int, currency: str, language: str) -> str:
    """An amount without the zeros after its point."""
    return format_money(units_, currency, language, 0 if units_ % SCALE == 0 else None)


def _money(actor: Actor, records: Any, spec: FieldSpec) -> str:
    currency_column = f"{spec.key}_currency"
    rows = records.filter(**{f"{spec.key}__isnull": False}).values_list(currency_column).annotate(total=Sum(spec.key))
    found = worth(actor, {currency: int(total) for currency, total in rows.order_by(currency_column)})
    if not found.sums:
        return ""
    language = actor.language
    text = " + ".join(format_money(total, currency, language) for currency, total in found.sums.items())
    if set(found.sums) == {found.own}:
        return text
    if found.whole is None:
        named = listed(found.missing, language)
        return _("%(sums)s (no rate for %(currencies)s)") % {"sums": text, "currencies": named}
    return f"{text} = {format_money(found.whole, found.own, language)}"
