"""The one way to write: a transaction behind a fair queue where the engine has a single writer.

SQLite's own waiting is blind sleeping: under load some writers starve for seconds (measured). So writers of one process
queue in order of arrival, and processes take turns by locks on two files; PostgreSQL needs neither.
"""

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from comity.kernel import errors

TIMEOUT = 20.0


class _Queue:
    """A lock for threads, handed over in order of arrival (threading.Lock promises no order)."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        with self._guard:
            if not self._held:
                self._held = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # handed over in the very moment of giving up

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


class _State(threading.local):
    writing = False


_state = _State()
_queue = _Queue()
_lock_file: int | None = None


def _forget_after_fork() -> None:
    # The child must neither believe that it writes nor keep the parent's lock alive.
    global _queue, _lock_file
    if _lock_file is not None:
        os.close(_lock_file)
    _queue, _lock_file = _Queue(), None
    _state.writing = False


os.register_at_fork(after_in_child=_forget_after_fork)


def _lock(path: Path, deadline: float) -> int | None:
    """An open file that holds the lock on `path`; None if another process kept it until the deadline."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    pause = 0.0001
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(file)
                return None
        except BaseException:
            os.close(file)
            raise
        time.sleep(pause)
        pause = min(pause * 1.5, 0.002)


def _take_turn(home: Path, deadline: float) -> int | None:
    # Who waits for the lock holds the queue file meanwhile, so a busy process cannot snatch the lock again and again.
    queue = _lock(home / "write.queue", deadline)
    if queue is None:
        return None
    try:
        return _lock(home / "write.lock", deadline)
    finally:
        os.close(queue)


@contextmanager
def _turn() -> Iterator[None]:
    global _lock_file
    timeout = getattr(settings, "WRITE_TIMEOUT", TIMEOUT)
    deadline = time.monotonic() + timeout
    if not _queue.acquire(timeout):
        raise errors.Busy()
    try:
        _lock_file = _take_turn(Path(settings.HOME), deadline)
        if _lock_file is None:
            raise errors.Busy()
        try:
            yield
        finally:
            os.close(_lock_file)
            _lock_file = None
    finally:
        _queue.release()


@contextmanager
def _outermost() -> Iterator[None]:
    connection = transaction.get_connection()
    _state.writing = True
    try:
        # Inside a plain atomic() SQLite's lock is ours already: to queue now would be a deadlock with who is ahead.
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            with _turn(), transaction.atomic():
                yield
        else:
            with transaction.atomic():
                yield
    except (OperationalError, InterfaceError, OSError) as exc:
        busy = errors.busy_from(exc)
        if busy is None:
            raise
        raise busy from exc
    finally:
        _state.writing = False


@contextmanager
def write_transaction() -> Iterator[None]:
    """Write inside this block: all of it is saved at the end, or none of it. Usable as a decorator.

    Re-entrant: an inner block joins the outer one, and a failed inner block fails the outer (put `transaction.atomic()`
    around a part that may fail alone). Keep it short: on SQLite nobody else writes meanwhile. Waiting longer than
    settings.WRITE_TIMEOUT seconds (20), a locked, full or vanished base: errors.Busy.
    """
    if _state.writing:
        with transaction.atomic(savepoint=False):
            yield
    else:
        with _outermost():
            yield
