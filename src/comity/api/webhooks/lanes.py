"""Who sends: a few threads beside the worker's loop, so that a slow server holds up neither its jobs nor the others.

A job wakes a webhook; what the threads do is kept in the deliveries themselves, so that nothing is lost with them.
"""

import logging
import threading
from collections import deque
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from comity.api.webhooks import sender
from comity.api.webhooks.model import Delivery
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.transaction import write_transaction

log = logging.getLogger("comity.webhooks")

LANES = 6  # threads, and servers that may be slow at once
KEPT = timedelta(days=30)  # of the log
BITE = 1000


class Lanes:
    """Webhooks wait in line; each is worked at by one thread at a time, and goes to the end when its time is up."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._line: deque[UUID] = deque()
        self._busy: set[UUID] = set()
        self._again: set[UUID] = set()
        self._threads = 0

    def add(self, webhook_id: UUID) -> None:
        """Put a webhook in line; one that is being worked at gets another turn."""
        with self._guard:
            if webhook_id in self._busy:
                self._again.add(webhook_id)
            elif webhook_id not in self._line:
                self._line.append(webhook_id)
            if self._line and self._threads < LANES:
                self._threads += 1
                # It may die with the process at any point: the lease of what it had in hand brings that back.
                threading.Thread(target=self._run, name="webhooks", daemon=True).start()

    def _run(self) -> None:
        try:
            while (one := self._next()) is not None:
                more = False
                try:
                    more = sender.work_off(one)
                except Exception:  # the base is away, a defect: the sweep comes back to it
                    log.exception("webhook %s: sending stopped", one)
                    connection.close()
                finally:
                    self._done(one, more)
        finally:
            connection.close()

    def _next(self) -> UUID | None:
        with self._guard:
            if not self._line:
                self._threads -= 1
                return None
            one = self._line.popleft()
            self._busy.add(one)
            return one

    def _done(self, one: UUID, more: bool) -> None:
        with self._guard:
            self._busy.discard(one)
            if more or one in self._again:
                self._again.discard(one)
                self._line.append(one)


_lanes = Lanes()


def start(webhook_id: UUID) -> None:
    """Have a webhook's messages sent; settings.WEBHOOK_LANES = False does it here and now (tests, one's own worker)."""
    if getattr(settings, "WEBHOOK_LANES", True):
        _lanes.add(webhook_id)
    else:
        while sender.work_off(webhook_id):
            pass


@jobs.job("webhooks.send")
def _send(args: dict[str, Any], beat: jobs.Beat) -> None:
    """Something is due for a webhook."""
    start(UUID(args["webhook"]))


@jobs.schedule("webhooks.sweep", every=60)
def _sweep(args: dict[str, Any], beat: jobs.Beat) -> None:
    """What is due and nobody has woken: later tries, what a dead worker had in hand."""
    for webhook_id in set(sender.due(now()).values_list("webhook_id", flat=True)):
        start(webhook_id)
        beat()


@jobs.schedule("webhooks.purge", daily="03:25")
def _purge(args: dict[str, Any], beat: jobs.Beat) -> None:
    """The log keeps a month."""
    old = Delivery.objects.filter(created_at__lt=now() - KEPT)
    while ids := list(old.values_list("pk", flat=True)[:BITE]):
        with write_transaction():
            Delivery.objects.filter(pk__in=ids).delete()
        beat()
