"""The worker: hands committed events on, runs jobs that are due, frees those whose worker died, keeps the timetable."""

import logging
import os
import signal
import threading
import time

from django.db import close_old_connections, connection

from comity.changes import dispatcher
from comity.config import running
from comity.kernel import jobs

log = logging.getLogger("comity.worker")

IDLE = 0.2  # seconds between looks at an unchanged base
CLOCKWORK = 1.0  # seconds after which time alone may have made something due
LONGEST_PAUSE = 10.0


class Worker:
    """The loop. `stop()` lets it finish the duty at hand and return."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._version: object = None
        self._clockwork = self._pulse = 0.0

    def stop(self, *_: object) -> None:
        """Ask the loop to end."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped. A failure (the base is away, a defect) is logged and followed by a growing pause."""
        pause = 0.0
        while not self._stop.is_set():
            try:
                busy = self.turn()
                pause = 0.0
            except Exception:
                log.exception("a turn failed")
                pause = min(max(pause * 2, 0.5), LONGEST_PAUSE)
                connection.close()
                busy = False
            if not busy:
                self._stop.wait(max(IDLE, pause))
        running.gone(os.getpid())
        connection.close()

    def turn(self) -> bool:
        """One look: True when there was work, so that the next look comes at once."""
        now = time.monotonic()
        if now - self._pulse >= running.PULSE:
            self._pulse = now
            running.beat()
            close_old_connections()
        due = now - self._clockwork >= CLOCKWORK
        if not self._changed() and not due:
            return False
        if due:
            self._clockwork = now
            jobs.reap()
            jobs.fire_due()
        return bool(dispatcher.run_once() + jobs.run_due())

    def _changed(self) -> bool:
        """May another process have written since the last look? SQLite says so for the price of a page read."""
        if connection.vendor != "sqlite":
            return True
        with connection.cursor() as cursor:
            version = cursor.execute("PRAGMA data_version").fetchone()
        changed = bool(version != self._version)
        self._version = version
        return changed


def loop() -> None:
    """Run a worker in this process until SIGTERM (or SIGINT, when it was started by hand)."""
    worker = Worker()
    signal.signal(signal.SIGTERM, worker.stop)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, worker.stop)
    worker.run()
