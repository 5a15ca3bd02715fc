"""Feeds committed events to consumers in order of `seq`: a cursor each, retry, then the dead-letter list."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Greatest

from comity.changes.models import Cursor, Undelivered
from comity.kernel.clock import now
from comity.kernel.transaction import write_transaction
from comity.timeline import sequencer
from comity.timeline.models import Event

log = logging.getLogger("comity.changes")
MAX_ATTEMPTS = 6
FIRST_WAIT = 5  # seconds; doubles with each attempt


@dataclass(frozen=True)
class Consumer:
    """Something that follows the events.

    `handle` takes a run of events in order inside one transaction and is idempotent by event: after a crash it sees
    some of them again. Consequences are new commands with the event as cause.
    """

    key: str
    handle: Callable[[Sequence[Event]], None]


_consumers: dict[str, Consumer] = {}


def register(consumer: Consumer) -> Consumer:
    """Make a consumer known."""
    if consumer.key in _consumers:
        raise ValueError(f"Consumer {consumer.key} exists already")
    _consumers[consumer.key] = consumer
    return consumer


def unregister(key: str) -> None:
    """Forget a consumer: for the fake room of the tests."""
    _consumers.pop(key, None)


def run_once(limit: int = 200) -> int:
    """Number what is new, give every consumer at most `limit` events and what is due again; returns how many."""
    sequencer.number_committed()
    return sum(_feed(consumer, limit) + _retry(consumer) for consumer in tuple(_consumers.values()))


def drain() -> int:
    """Run until nothing is left: for tests, demo and bench."""
    total = 0
    while handled := run_once(1000):
        total += handled
    return total


def catch_up() -> None:
    """Let every consumer begin after the last event: for a loader in bulk that did their work itself."""
    with write_transaction():
        for consumer in _consumers.values():
            _move(consumer, sequencer.head())


def _feed(consumer: Consumer, limit: int) -> int:
    cursor = Cursor.objects.filter(consumer=consumer.key).values_list("seq", flat=True).first()
    events = list(Event.objects.filter(seq__gt=cursor or 0).order_by("seq")[:limit])
    if not events:
        return 0
    last = events[-1].seq or 0
    try:
        with write_transaction():
            consumer.handle(events)
            _move(consumer, last)
    except Exception:  # one bad event must not stop the rest: find it, set it aside
        for event in events:
            _feed_one(consumer, event)
    return len(events)


def _feed_one(consumer: Consumer, event: Event) -> None:
    try:
        with write_transaction():
            consumer.handle([event])
            _move(consumer, event.seq or 0)
    except Exception as problem:  # whatever a consumer raises ends in the list
        log.exception("consumer %s failed on event %s", consumer.key, event.seq)
        with write_transaction():
            Undelivered.objects.get_or_create(
                consumer=consumer.key,
                seq=event.seq or 0,
                defaults={"next_at": now() + timedelta(seconds=FIRST_WAIT), "error": repr(problem)[:2000]},
            )
            _move(consumer, event.seq or 0)


def _move(consumer: Consumer, seq: int) -> None:
    # Never back: with several workers a slower one may come after a faster one.
    moved = Cursor.objects.filter(consumer=consumer.key).update(seq=Greatest(F("seq"), seq), updated_at=now())
    if not moved:
        Cursor.objects.create(consumer=consumer.key, seq=seq)


def _retry(consumer: Consumer) -> int:
    """Try again what failed and is due."""
    handled = 0
    due = Undelivered.objects.filter(consumer=consumer.key, dead=False, next_at__lte=now()).order_by("seq")[:20]
    for row in list(due):
        event = Event.objects.filter(seq=row.seq).first()
        try:
            with write_transaction():
                if event is not None:
                    consumer.handle([event])
                row.delete()
        except Exception as problem:  # as above
            log.exception("consumer %s failed again on event %s", consumer.key, row.seq)
            wait = timedelta(seconds=FIRST_WAIT * 2**row.attempts)
            with write_transaction():
                Undelivered.objects.filter(pk=row.pk).update(
                    attempts=F("attempts") + 1, dead=row.attempts + 1 >= MAX_ATTEMPTS, next_at=now() + wait,
                    error=repr(problem)[:2000],
                )  # fmt: skip
        handled += 1
    return handled


def redeliver(row_id: int) -> bool:
    """Give a dead letter another series of attempts; False when it is gone."""
    with write_transaction():
        return bool(Undelivered.objects.filter(pk=row_id).update(dead=False, attempts=0, next_at=now()))
