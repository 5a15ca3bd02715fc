"""Consumers follow committed events in order: nothing is lost, nothing stops the rest, nothing is done twice by us."""

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction

from comity.access.actors import Actor, user_actor
from comity.changes import dispatcher
from comity.changes.models import Cursor, Undelivered
from comity.timeline import sequencer
from comity.timeline.models import Event
from support.house import administrator, company


class Listener:
    """A consumer that notes what it got; `trouble` may raise."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.trouble: Callable[[Event], None] = lambda event: None

    def handle(self, events: Sequence[Event]) -> None:
        """Note the numbers of the events."""
        got = []
        for event in events:
            self.trouble(event)
            got.append(event.seq or 0)
        self.seen += got


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """The only consumer there is."""
    monkeypatch.setattr(dispatcher, "_consumers", {})
    made = Listener()
    dispatcher.register(dispatcher.Consumer("listener", made.handle))
    return made


def made(actor: Actor, *names: str) -> list[int]:
    """Companies of these names; the numbers of their events."""
    first = sequencer.head()
    for name in names:
        company(actor, name)
    sequencer.number_committed()
    return list(range(first + 1, first + 1 + len(names)))


@pytest.mark.django_db
def test_in_order_once_and_further_from_the_cursor(boss: Actor, listener: Listener) -> None:
    first = made(boss, "A", "B", "C")
    assert dispatcher.run_once(limit=2) == 2
    assert listener.seen == first[:2]
    assert dispatcher.drain() == 1
    assert dispatcher.drain() == 0
    second = made(boss, "D")
    dispatcher.drain()
    assert listener.seen == first + second
    assert Cursor.objects.get(consumer="listener").seq == second[-1]


@pytest.mark.django_db
def test_a_new_consumer_starts_at_the_beginning_and_a_key_is_taken_once(boss: Actor, listener: Listener) -> None:
    numbers = made(boss, "A", "B")
    dispatcher.drain()
    late = Listener()
    dispatcher.register(dispatcher.Consumer("late", late.handle))
    dispatcher.drain()
    assert late.seen == listener.seen == numbers
    with pytest.raises(ValueError, match="late"):
        dispatcher.register(dispatcher.Consumer("late", late.handle))
    dispatcher.unregister("late")
    made(boss, "C")
    dispatcher.drain()
    assert late.seen == numbers


@pytest.mark.django_db
def test_one_bad_event_is_set_aside_and_tried_again(boss: Actor, listener: Listener, stopped_clock: Any) -> None:
    a, b, c = made(boss, "A", "B", "C")

    def fail(event: Event) -> None:
        if event.seq == b:
            raise RuntimeError("no network")

    listener.trouble = fail
    dispatcher.drain()
    assert listener.seen == [a, c]
    waiting = Undelivered.objects.get()
    assert (waiting.seq, waiting.dead, waiting.attempts) == (b, False, 1)
    assert "no network" in waiting.error
    listener.trouble = lambda event: None
    dispatcher.drain()
    assert listener.seen == [a, c]  # not due yet
    stopped_clock.tick(seconds=dispatcher.FIRST_WAIT)
    dispatcher.drain()
    assert listener.seen == [a, c, b]
    assert not Undelivered.objects.exists()


@pytest.mark.django_db
def test_waits_grow_until_it_is_a_dead_letter_that_can_be_sent_again(
    boss: Actor, listener: Listener, stopped_clock: Any
) -> None:
    (number,) = made(boss, "A")
    attempts: list[float] = []
    start = stopped_clock.now

    def fail(event: Event) -> None:
        attempts.append((stopped_clock.now - start).total_seconds())
        raise RuntimeError("never")

    listener.trouble = fail
    for _second in range(200):
        dispatcher.run_once()
        stopped_clock.tick(seconds=5)
    dead = Undelivered.objects.get()
    assert (dead.dead, dead.attempts) == (True, dispatcher.MAX_ATTEMPTS)
    # The first attempt is made twice: with the run it came in, then alone.
    waits = [later - earlier for earlier, later in pairwise(attempts[1:])]
    assert len(waits) == dispatcher.MAX_ATTEMPTS - 1
    assert waits == sorted(waits)
    assert waits[-1] > 4 * waits[0]
    listener.trouble = lambda event: None
    assert dispatcher.redeliver(dead.pk)
    dispatcher.drain()
    assert listener.seen == [number]
    assert not dispatcher.redeliver(dead.pk)


@pytest.mark.django_db
def test_what_a_consumer_wrote_before_it_failed_is_taken_back(boss: Actor, listener: Listener) -> None:
    made(boss, "A")
    from comity.records.models import Tag

    def write_and_fail(event: Event) -> None:
        Tag.objects.create(name="half", fold="half")
        raise RuntimeError

    listener.trouble = write_and_fail
    dispatcher.drain()
    assert not Tag.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_work_and_cursor_gives_the_events_again(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = made(administrator(), "A", "B")

    class Killed(BaseException):
        """The process goes down: nothing catches this."""

    def die(consumer: Any, seq: int) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(dispatcher, "_move", die)
        with pytest.raises(Killed):
            dispatcher.run_once()
    assert not Cursor.objects.exists()
    dispatcher.drain()
    assert listener.seen == numbers + numbers  # which is why a consumer is idempotent by event


@pytest.mark.django_db
def test_a_cursor_never_goes_back(listener: Listener) -> None:
    made(administrator(), "A", "B")
    handle = listener.handle

    def overtaken(events: Sequence[Event]) -> None:
        """While this worker has the first event in hand, another one has done both."""
        handle(events)
        Cursor.objects.update_or_create(consumer="listener", defaults={"seq": 2})

    dispatcher.unregister("listener")
    dispatcher.register(dispatcher.Consumer("listener", overtaken))
    dispatcher.run_once(1)
    assert Cursor.objects.get().seq == 2


@pytest.mark.django_db(transaction=True)
def test_an_event_committed_late_is_not_lost(engine: str, listener: Listener) -> None:
    """PostgreSQL: a transaction takes its ids first and commits last, while a consumer goes past them."""
    if engine != "postgresql":
        pytest.skip("SQLite has one writer at a time: no event can be committed late")
    boss = administrator()
    user = boss.user_id
    assert user is not None
    written, go_on, failed = threading.Event(), threading.Event(), []

    def slow() -> None:
        try:
            with transaction.atomic():
                company(user_actor(user), "Slow")
                written.set()
                assert go_on.wait(30)
        except BaseException as problem:
            failed.append(problem)
        finally:
            written.set()
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    try:
        assert written.wait(30)
        company(boss, "Quick")
        dispatcher.drain()
        quick = Event.objects.get()
        assert listener.seen == [quick.seq] == [1]
    finally:
        go_on.set()
        thread.join(30)
    assert not failed
    dispatcher.drain()
    late = Event.objects.exclude(pk=quick.pk).get()
    assert late.pk < quick.pk  # a cursor over ids would have passed it
    assert late.seq == 2
    assert listener.seen == [1, 2]
    assert sequencer.broken_links() == []


@pytest.mark.django_db(transaction=True)
def test_two_sequencers_give_no_number_twice(engine: str, listener: Listener) -> None:
    """Several processes commit and number at once."""
    user = administrator().user_id
    assert user is not None
    failed: list[BaseException] = []

    def work(n: int) -> None:
        try:
            for m in range(5):
                company(user_actor(user), f"Firm {n} {m}")
        except BaseException as problem:
            failed.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    dispatcher.drain()
    assert sorted(listener.seen) == listener.seen == list(range(1, 21))
    assert sequencer.broken_links() == []
