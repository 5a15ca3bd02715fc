"""Sums of a list's figures: by currency, in the company's currency where rates are set; never raw."""

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


def _money(actor: Actor, records: Any, spec: FieldSpec) -> str:
    currency_column = f"{spec.key}_currency"
    rows = records.filter(**{f"{spec.key}__isnull": False}).values_list(currency_column).annotate(total=Sum(spec.key))
    sums = {currency: int(total) for currency, total in rows.order_by(currency_column)}
    if not sums:
        return ""
    text = " + ".join(format_money(total, currency, actor.language) for currency, total in sums.items())
    organization = actor.state.organization
    own = organization.currency if organization else ""
    if set(sums) == {own}:
        return text
    rates = {**actor.state.rates, own: Decimal(1)}
    missing = sorted(currency for currency in sums if currency not in rates)
    if missing:
        named = listed(missing, actor.language)
        return _("%(sums)s (no rate for %(currencies)s)") % {"sums": text, "currencies": named}
    whole = sum(int(total * rates[currency]) for currency, total in sums.items())
    return f"{text} = {format_money(whole, own, actor.language)}"
