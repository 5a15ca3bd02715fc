"""What was sent of a card to other programs, and what they answered: it goes with the card's data."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.api.webhooks.model import Delivery
from comity.changes.traces import Holder, Traces, cleaning, register
from comity.timeline.models import Event


def _sent(traces: Traces) -> Any:
    told = Event.objects.filter(primary_type=traces.ref.type, primary_id__in=traces.ids)
    return Delivery.objects.filter(event_id__in=told.values("pk")).exclude(request="", answer="")


def _naming(traces: Traces) -> Any:
    q = Q()
    for ref in (*traces.refs, *traces.near):
        q |= Q(request__contains=str(ref.id))
    return Delivery.objects.filter(q)


def add() -> None:
    """Make them known."""
    register(Holder(
        "deliveries", lambda traces: int(_sent(traces).update(request="", answer="")),
        lambda traces: int(_sent(traces).count()), lambda: _("Messages to other programs"),
    ))  # fmt: skip
    register(cleaning("deliveries_beside", _naming, "request", "answer"))
