"""What deals keep of a card that they point to: words in their lines, reasons of passes."""

from typing import Any

from django.utils.translation import gettext as _

from comity.changes.traces import Traces, cleaning, register
from comity.sales.deals.model import DealLine
from comity.sales.pipelines.model import GatePass


def _lines(traces: Traces) -> Any:
    return DealLine.objects.filter(deal_id__in=[ref.id for ref in traces.near if ref.type == "deal"])


def add() -> None:
    """Make them known."""
    register(cleaning("deal_lines", _lines, "name", label=lambda: _("Lines of deals that name the person")))
    register(cleaning("passes", lambda traces: traces.hanging(GatePass, "client_type", "client_id"), "reason"))
