"""The lines of a deal as a form: one row each, an empty one for the next, their sum below."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.access import policy
from comity.changes.commands import changed_since
from comity.kernel import money
from comity.kernel.errors import Conflict, Invalid, Refused
from comity.kernel.money import format_money, format_number
from comity.kernel.text import listed, whole_number
from comity.sales.deals.asking import Asking
from comity.sales.deals.lines import MOST, SetLines, sum_of
from comity.sales.deals.panels import lines_of
from comity.timeline.models import Event
from comity.ui import forms
from comity.ui.pages.edit import texts_of

ROWS = 3  # at least so many are there to be filled without scripts
PARTS = ("name", "quantity", "price")
Raw = dict[str, str]


@require_http_methods(["GET", "POST"])
def lines(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """GET: the lines, for changing. POST version, currency, lines-count, lines-N-name, -quantity, -price: set them."""
    asking = Asking(request, deal_id, "lines")
    if policy.level(asking.actor, asking.type, asking.spec("amount")) != "write":
        raise Refused()
    currency = asking.card.amount_currency or asking.actor.env.currency
    if not asking.posted:
        return _form(asking, _held(asking), currency)
    rows, currency = _posted(asking), asking.post.get("currency", "")
    version = asking.version if _touched(asking, asking.version) else asking.card.version
    try:
        return asking.done(asking.run(SetLines(deal_id, version, rows, currency)), _("Lines saved."))
    except Invalid as problem:
        return _form(asking, rows, currency, texts_of(problem), 422)
    except Conflict:
        return _form(asking, rows, currency, {}, 409, _theirs(asking))


def _touched(asking: Asking, version: int) -> bool:
    """Whether others have changed lines or amount since; what else they changed is no hindrance."""
    told = Event.objects.filter(
        primary_type="deal", primary_id=asking.card.pk, record_version__gt=version, type="deal.lines_changed"
    )
    return "amount" in changed_since("deal", asking.card.pk, version) or told.exists()


def _held(asking: Asking) -> list[Raw]:
    language = asking.actor.language
    return [
        {"name": one.name, "quantity": _typed(one.quantity, language), "price": _typed(one.price, language)}
        for one in lines_of(asking.card.pk)
    ]


def _typed(units: int, language: str) -> str:
    """A figure as a person would type it."""
    return format_number(units, language).replace("\u00a0", " ").replace("\u202f", " ")


def _posted(asking: Asking) -> list[Raw]:
    count = min(whole_number(asking.post.get("lines-count", "")), MOST + 1)
    return [{part: asking.post.get(f"lines-{n}-{part}", "") for part in PARTS} for n in range(count)]


def _theirs(asking: Asking) -> str:
    """What stands there now, since somebody else has changed it."""
    asking.card = policy.get(asking.actor, asking.type, asking.card.pk, "edit")
    names = listed([one.name for one in lines_of(asking.card.pk)], asking.actor.language)
    if not names:
        return _("Somebody changed lines or amount meanwhile; there are no lines now. Saving replaces that.")
    return _("Somebody changed the lines meanwhile. Now they are: %(lines)s. Saving replaces them.") % {"lines": names}


def _form(
    asking: Asking, rows: Sequence[Raw], currency: str, errors: Mapping[str, list[str]] | None = None,
    status: int = 200, alert: str = "",
) -> HttpResponse:  # fmt: skip
    errors = errors or {}
    filled = [row for row in rows if any(row.values())] if not errors else list(rows)
    sums = [_sum(asking, row, currency) for row in filled]
    shown: list[dict[str, Any]] = [
        {**row, "sum": _money(asking, units, currency) if units is not None and any(row.values()) else "",
         "errors": {part: errors.get(f"{n}-{part}", []) for part in PARTS}}
        for n, (row, units) in enumerate(zip(filled, sums, strict=True))
    ]  # fmt: skip
    shown += [{"errors": {}} for _n in range(max(1, ROWS - len(shown)))]
    spec = asking.spec("amount")
    choice = {"key": "currency", "kind": "currency", "label": _("Currency"), "value": currency, "required": True,
              "choices": forms.with_current(forms.choices_of(asking.actor, spec), currency),
              "errors": errors.get("currency", [])}  # fmt: skip
    whole = sum(units for units in sums if units is not None)
    return asking.answer(
        status, title=_("Lines"), alert=alert, fields=[choice], rows=shown, cancel_label="",
        total=_money(asking, whole, currency) if None not in sums else "", template="sales/lines.html",
        errors={key: texts for key, texts in errors.items() if key in ("lines", "amount")}, submit_label=_("Save"),
    )  # fmt: skip


def _sum(asking: Asking, row: Raw, currency: str) -> int | None:
    """What a row comes to; None while its figures can't be read."""
    language = asking.actor.language
    try:
        quantity = money.to_units(money.parse(row["quantity"] or "1", language))
        price = money.to_units(money.parse(row["price"] or "0", language))
        return sum_of(quantity, price, currency).units
    except (Invalid, ValueError):
        return None


def _money(asking: Asking, units: int, currency: str) -> str:
    return format_money(units, currency, asking.actor.language)
