"""Keeps the queue of likely pairs true: new and changed cards are looked at, behind the change."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from comity.access.actors import system
from comity.changes import dispatcher
from comity.exchange.duplicates import finding, pairs
from comity.kernel import jobs
from comity.search import twins
from comity.timeline.models import Event

MOST = 200  # cards of one look


def handle(events: Sequence[Event]) -> None:
    """Put the cards these events are about on the list for a look: outside the dispatcher's transaction."""
    for type_key, ids in twins.touched(events).items():
        for start in range(0, len(ids), MOST):
            part = [str(one) for one in ids[start : start + MOST]]
            key = f"exchange.look:{type_key}:{events[0].seq}-{events[-1].seq}:{start}"
            jobs.enqueue("exchange.look", {"type": type_key, "ids": part}, key=key)


def look(type_key: str, ids: Sequence[UUID]) -> None:
    """Judge anew the pairs of these cards, those found before and those found now."""
    house = system("duplicates")
    record_type = house.state.record_types.get(type_key)
    if record_type is None:
        return
    found = finding.around(house, record_type, ids)
    pairs.judge(house, record_type, [*found, *pairs.of_cards(record_type, ids)])


@jobs.job("exchange.look", lease=120)
def _job(args: dict[str, Any], beat: jobs.Beat) -> None:
    look(args["type"], [UUID(one) for one in args["ids"]])


def register() -> None:
    """Follow the events."""
    dispatcher.register(dispatcher.Consumer("exchange.duplicates", handle))
