"""A Comity that sends to a receiver, at once and in this thread; and what the tests do with it over and over."""

from typing import Any
from uuid import UUID

from comity.access.actors import Actor
from comity.api.webhooks.commands import MakeWebhook
from comity.api.webhooks.model import Delivery
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.kernel import jobs
from support.house import again
from support.receiver import Receiver


def webhook(actor: Actor, url: str, **values: Any) -> tuple[UUID, str]:
    """A webhook of added companies, unless said otherwise: its key and its secret."""
    raw = {"name": "Warehouse", "url": url, "events": ["record.created"], "type_key": "company", **values}
    result = run(again(actor), MakeWebhook(raw))
    return result.record.id, result.secret


def work(limit: int = 100) -> None:
    """What the worker does: hand events on, run what is due, look after what nobody has woken."""
    dispatcher.drain()
    jobs.reap()
    jobs.fire_due()
    jobs.run_due(limit=limit)


def log() -> list[Delivery]:
    """Every delivery, in order."""
    return list(Delivery.objects.order_by("id"))


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    """What has arrived."""
    import json

    return [json.loads(request.body) for request in receiver.got]
