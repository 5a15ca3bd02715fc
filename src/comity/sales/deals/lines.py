"""What a deal is about, line by line; the sum of the lines is its amount."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import Work
from comity.changes.commands import amend, hold, keep
from comity.kernel import money
from comity.kernel.errors import Conflict, Invalid, Refused, too_long
from comity.kernel.money import Money
from comity.kernel.text import clean
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.sales.deals import moving
from comity.sales.deals.model import DealLine
from comity.timeline.models import Event

MOST = 200
LONGEST_NAME = 300
Line = tuple[str, int, int]  # name, quantity and price in whole 1/10,000ths


def has_lines(deal_id: UUID) -> bool:
    """Whether the deal's amount is the sum of lines."""
    return DealLine.objects.filter(deal_id=deal_id).exists()


def sum_of(quantity: int, price: int, currency: str) -> Money:
    """What a line comes to, rounded half up to 1/10,000."""
    return Money.of_units(price, currency).times(money.from_units(quantity))


@dataclass
class SetLines:
    """Set all lines of a deal at once: raw [{"name", "quantity", "price"}], figures as people write them.

    The deal's amount becomes their sum, in `currency` (default: the deal's, else the company's). With the last line
    gone the amount stays as it was and is written by hand again. Needs the right to write the amount.
    """

    key: ClassVar[str] = "deal.lines"
    deal_id: UUID
    version: int
    lines: Sequence[Mapping[str, Any]]
    currency: str = field(default="")

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        record_type, record = hold(work, "deal", self.deal_id, version=self.version)
        _check_right(work.actor, record_type)
        currency = self.currency.upper() or record.amount_currency or work.actor.env.currency
        if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
            raise Invalid(fields={"currency": [_("Choose a currency.")]})
        lines = _cleaned(work.actor, self.lines)
        before = _held(record.pk)
        if lines == before and (not lines or currency == record.amount_currency):
            work.result.records.append(RecordRef("deal", record.pk))
            return
        amount = (_total(lines, currency), currency) if lines else _amount(record)
        write(work, record_type, record, before, lines, amount)


def write(
    work: Work, record_type: RecordType, record: Any, before: list[Line], lines: list[Line],
    amount: tuple[int, str] | None, undone: int = 0,
) -> None:  # fmt: skip
    """Exchange the lines of a held deal, with its amount, and tell it."""
    was = _amount(record)
    changes = amend(work, record_type, record, {"amount": amount})
    if not changes:
        keep(work, record, {})
    DealLine.objects.filter(deal_id=record.pk).delete()
    DealLine.objects.bulk_create([
        DealLine(deal_id=record.pk, position=position, name=name, quantity=quantity, price=price)
        for position, (name, quantity, price) in enumerate(lines)
    ])  # fmt: skip
    payload: dict[str, Any] = {
        "title": record.title, "changes": changes, "before": before, "after": lines, "amounts": [was, amount],
    }  # fmt: skip
    if undone:
        payload["undone"] = undone
    ref = RecordRef("deal", record.pk)
    work.tell("deal.lines_changed", ref, payload, moving.clients(record_type, record), record.version)


def put_back(work: Work, event: Event) -> None:
    """Undo: the lines and the amount as they were, unless either was changed since."""
    record_type, record = hold(work, "deal", event.primary_id)
    _check_right(work.actor, record_type)
    before = _held(record.pk)
    then, after = ([(name, quantity, price) for name, quantity, price in event.payload[key]]
                   for key in ("before", "after"))  # fmt: skip
    old, new = event.payload["amounts"]
    if before != after or _pair(new) != _amount(record):
        raise Conflict(
            _("Someone has changed this again since."), kept=_("Their change stays as it is."),
            current={"version": record.version},
        )  # fmt: skip
    write(work, record_type, record, before, then, _pair(old), event.id)


def _pair(value: Any) -> tuple[int, str] | None:
    return (value[0], value[1]) if value else None


def _amount(record: Any) -> tuple[int, str] | None:
    return None if record.amount is None else (record.amount, record.amount_currency)


def _check_right(actor: Actor, record_type: RecordType) -> None:
    if policy.level(actor, record_type, record_type.spec("amount")) != "write":
        raise Refused()


def _held(deal_id: UUID) -> list[Line]:
    rows = DealLine.objects.filter(deal_id=deal_id).order_by("position", "id")
    return list(rows.values_list("name", "quantity", "price"))


def _total(lines: list[Line], currency: str) -> int:
    total = Money.of_units(0, currency)
    try:
        for _name, quantity, price in lines:
            total += sum_of(quantity, price, currency)
    except Invalid as problem:
        raise Invalid(fields={"lines": [_("These figures are too large.")]}) from problem
    return total.units


def _cleaned(actor: Actor, raw: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The lines of raw input, those left wholly empty dropped; raises Invalid, fields named "0-name", "0-price"..."""
    if len(raw) > MOST:
        text = ngettext("At most %(limit)s line.", "At most %(limit)s lines.", MOST) % {"limit": MOST}
        raise Invalid(fields={"lines": [text]})
    wrong: dict[str, list[Any]] = {}
    found = []
    for n, one in enumerate(raw):
        name = " ".join(clean(str(one.get("name") or "")).split())
        quantity, price = one.get("quantity"), one.get("price")
        if not name and _blank(quantity) and _blank(price):
            continue
        if not name:
            wrong[f"{n}-name"] = [_("Fill this in.")]
        elif len(name) > LONGEST_NAME:
            wrong[f"{n}-name"] = [too_long(len(name), LONGEST_NAME)]
        figures = []
        for key, value, default in (("quantity", quantity, 1), ("price", price, 0)):
            try:
                figures.append(_units(actor, default if _blank(value) else value))
            except (Invalid, ValueError):
                wrong[f"{n}-{key}"] = [_("Enter a number with at most four digits after the point.")]
        if len(figures) == 2:
            if figures[0] <= 0:
                wrong[f"{n}-quantity"] = [_("Enter a number above zero.")]
            found.append((name, figures[0], figures[1]))
    if wrong:
        raise Invalid(fields=wrong)
    return found


def _blank(value: Any) -> bool:
    return value is None or str(value).strip() == ""


def _units(actor: Actor, value: Any) -> int:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return money.to_units(Decimal(value))
    return money.to_units(money.parse(str(value), actor.language))
