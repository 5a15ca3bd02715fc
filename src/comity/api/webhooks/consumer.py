"""Turns events into deliveries: one row a webhook and event, however often the event is seen."""

from collections.abc import Sequence

from comity.access.snapshot import snapshot
from comity.api.webhooks import payloads, state
from comity.api.webhooks.commands import new_message, wake
from comity.api.webhooks.model import Delivery
from comity.changes import dispatcher
from comity.kernel.clock import now
from comity.timeline.models import Event


def handle(events: Sequence[Event]) -> None:
    """Note what is to be sent to whom; what is told of each event is worked out when it is sent."""
    current = snapshot()
    if current.off.hides(handle):
        return
    for hook in state.of(current).values():
        asked = [event for event in events if payloads.wanted(hook, event)]
        owner = state.owner_of(hook, current) if asked else None
        found = payloads.fitting(owner, hook, asked) if owner else {}
        known = set(Delivery.objects.filter(webhook_id=hook.id, event_id__in=found).values_list("event_id", flat=True))
        moment = now()
        rows = [
            Delivery(
                webhook_id=hook.id, message=new_message(), event_id=event.id, type=event.type, at=event.at,
                next_at=moment, created_at=moment,
            )
            for event in asked if event.id in found and event.id not in known
        ]  # fmt: skip
        if rows:
            Delivery.objects.bulk_create(rows, ignore_conflicts=True)
            wake(hook.id)


dispatcher.register(dispatcher.Consumer("webhooks", handle))
