"""Words taken out of what was told, for good. The chain stays whole: it is made of digests, not of words."""

from collections.abc import Mapping, Sequence
from typing import Any

from comity.timeline.models import Event

AT_ONCE = 200
MARK = "shredded"  # in the payload: a story reads no salts


def shred(told: Sequence[tuple[Event, Mapping[str, Any]]]) -> int:
    """Leave of each event the payload given with it. Its salt goes: without it the digest in the chain says nothing of
    the words that were there, and nobody can find them by trying. Such an event is not undone any more."""
    events = []
    for event, payload in told:
        event.payload, event.salt = {**payload, MARK: True}, b""
        events.append(event)
    Event.objects.bulk_update(events, ["payload", "salt"], batch_size=AT_ONCE)
    return len(events)


def shredded(event: Event) -> bool:
    """Whether words were taken out of it."""
    return MARK in event.payload
