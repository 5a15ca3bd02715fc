"""Background work: one table, at-least-once, nothing lost when a worker dies.

A worker claims a job in one short transaction, runs it outside of any, and marks it in another. A lease bounds how long
a dead worker's job stays unseen; `reap` brings it back. So a job may run twice: it must be idempotent, by its key.
Schedules enqueue jobs by the clock, each firing once whatever the number of workers.
"""

import logging
import os
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from comity.kernel import clock
from comity.kernel.models import DEAD, DONE, READY, RUNNING, Job, Schedule
from comity.kernel.transaction import write_transaction

log = logging.getLogger("comity")

Beat = Callable[[], None]
Function = Callable[[dict[str, Any], Beat], None]

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
_ERROR_LENGTH = 4000
_PURGE_CHUNK = 1000


class LeaseLost(Exception):
    """The job belongs to another worker by now: stop working on it."""


@dataclass(frozen=True, slots=True)
class _Handler:
    run: Function
    lease: timedelta
    retries: int
    atomic: bool


_handlers: dict[str, _Handler] = {}


def job(name: str, *, lease: int = 60, retries: int = 5, atomic: bool = False) -> Callable[[Function], Function]:
    """Register `fn(args, beat)` as the job `name`.

    `lease`: seconds until a silent worker counts as dead; longer work calls `beat()` now and then. `retries`: further
    tries after a failure, with growing pauses. `atomic`: run inside the write transaction that marks the job done, so
    that its changes happen exactly once; only for short work without effects outside the base.
    """

    def register(fn: Function) -> Function:
        if name in _handlers:
            raise ValueError(f"job {name!r} is registered twice")
        _handlers[name] = _Handler(fn, timedelta(seconds=lease), retries, atomic)
        return fn

    return register


def enqueue(
    name: str,
    args: dict[str, Any] | None = None,
    *,
    key: str | None = None,
    run_at: datetime | None = None,
    priority: int = 0,
) -> Job:
    """Add a job within the caller's transaction: it exists if and only if that commits.

    `args`: plain JSON. `key`: while a job of this key is in the table, in any state, that one is returned instead.
    Higher `priority` runs first. LookupError if no job has this name.
    """
    if name not in _handlers:
        raise LookupError(f"no job is called {name!r}")
    now = clock.now()
    new = Job(
        key=key or uuid4().hex,
        name=name,
        args=args or {},
        run_at=run_at or now,
        priority=priority,
        max_attempts=_handlers[name].retries + 1,
        created_at=now,
    )
    with write_transaction():
        if key is None:
            new.save(force_insert=True)
            return new
        Job.objects.bulk_create([new], ignore_conflicts=True)  # waits for a rival's commit on PostgreSQL
        return Job.objects.get(key=key)


def run_due(worker: str = "", limit: int = 50) -> int:
    """Run up to `limit` due jobs, one after the other; how many were run.

    `worker` is a name for operators, by default the machine and the process.
    A failing job is put off or declared dead, never raised; errors.Busy if the base itself is out of reach.
    """
    worker = worker or f"{socket.gethostname()[:80]}:{os.getpid()}"
    ran = 0
    while ran < limit and (claimed := _claim(worker)):
        _run(claimed)
        ran += 1
    return ran


def _claim(worker: str) -> Job | None:
    now = clock.now()
    due = Job.objects.filter(state=READY, run_at__lte=now)
    if not due.exists():
        return None  # an idle worker never takes the write lock
    with write_transaction():
        # SQLite ignores the row lock: there the write transaction is the only one.
        found = due.order_by("-priority", "run_at", "id").select_for_update(skip_locked=True).first()
        if found is None:
            return None
        found.state, found.worker, found.attempts = RUNNING, worker, found.attempts + 1
        found.lease_until = now + _lease(found)
        found.save(update_fields=["state", "worker", "attempts", "lease_until"])
    return found


def _lease(claimed: Job) -> timedelta:
    handler = _handlers.get(claimed.name)
    return handler.lease if handler else timedelta(seconds=60)


def _change(claimed: Job, **values: Any) -> None:
    """Change the row if this try still owns it; LeaseLost if not. The number of the try tells owners apart."""
    with write_transaction():
        owned = Job.objects.filter(pk=claimed.pk, state=RUNNING, attempts=claimed.attempts)
        if not owned.update(**values):
            raise LeaseLost(claimed.key)


def _beat(claimed: Job) -> Beat:
    lease = _lease(claimed)

    def beat() -> None:
        now = clock.now()
        assert claimed.lease_until is not None  # noqa: S101 - set by the claim
        if claimed.lease_until - now < lease * 2 / 3:  # cheap enough to call per record
            _change(claimed, lease_until=now + lease)
            claimed.lease_until = now + lease

    return beat


def _run(claimed: Job) -> None:
    try:
        handler = _handlers.get(claimed.name)
        if handler is None:
            raise LookupError(f"no code for job {claimed.name!r} in this version")
        if handler.atomic:
            with write_transaction():
                handler.run(claimed.args, _beat(claimed))
                _mark_done(claimed)
        else:
            handler.run(claimed.args, _beat(claimed))
            _mark_done(claimed)
    except LeaseLost:
        log.warning("job %s (%s): the lease was lost, another worker has it", claimed.pk, claimed.name)
    except Exception as exc:
        log.error("job %s (%s) failed, try %s", claimed.pk, claimed.name, claimed.attempts, exc_info=exc)
        _mark_failed(claimed, exc)


def _mark_done(claimed: Job) -> None:
    _change(claimed, state=DONE, done_at=clock.now(), lease_until=None, error="")


def _mark_failed(claimed: Job, exc: Exception) -> None:
    error = "".join(traceback.format_exception(exc))[-_ERROR_LENGTH:].replace("\0", "")
    now = clock.now()
    try:
        if claimed.attempts >= claimed.max_attempts:
            _change(claimed, state=DEAD, done_at=now, lease_until=None, error=error)
        else:
            _change(claimed, state=READY, run_at=now + pause(claimed.attempts), lease_until=None, error=error)
    except LeaseLost:
        log.warning("job %s (%s): the lease was lost before the failure was noted", claimed.pk, claimed.name)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many failed tries: 10 s, 20 s, 40 s ... at most an hour."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)


def reap() -> int:
    """Bring back jobs whose worker fell silent past its lease; the lost try counts. How many were found."""
    now = clock.now()
    overdue = Job.objects.filter(state=RUNNING, lease_until__lt=now)
    if not overdue.exists():
        return 0
    lost = {"lease_until": None, "error": "The worker stopped in the middle of this job."}
    with write_transaction():
        dead = overdue.filter(attempts__gte=F("max_attempts")).update(state=DEAD, done_at=now, **lost)
        return dead + overdue.update(state=READY, run_at=now, **lost)


def revive(job_id: int) -> bool:
    """Give a dead job all its tries again (an operator's act); False if it is not dead."""
    with write_transaction():
        dead = Job.objects.filter(pk=job_id, state=DEAD)
        return bool(dead.update(state=READY, attempts=0, run_at=clock.now(), done_at=None))


def purge(days: int = 14, dead_days: int = 90) -> int:
    """Delete jobs done more than `days` ago and dead more than `dead_days` ago, in small bites; how many."""
    now, gone = clock.now(), 0
    for state, kept in ((DONE, days), (DEAD, dead_days)):
        old = Job.objects.filter(state=state, done_at__lt=now - timedelta(days=kept)).order_by("id")
        while chunk := list(old.values_list("pk", flat=True)[:_PURGE_CHUNK]):
            with write_transaction():
                gone += Job.objects.filter(pk__in=chunk).delete()[0]
    return gone


@dataclass(frozen=True, slots=True)
class _Cadence:
    period: timedelta
    offset: timedelta

    def last_due(self, now: datetime) -> datetime:
        """The latest moment at or before `now` at which this was due."""
        epoch = datetime(1970, 1, 1, tzinfo=UTC) + self.offset
        return epoch + (now - epoch) // self.period * self.period


_cadences: dict[str, _Cadence] = {}


def schedule(
    name: str, *, every: int | None = None, daily: str | None = None, **options: Any
) -> Callable[[Function], Function]:
    """Register a function as a job (see `job` for `options`) and run it `every` seconds or `daily` at "HH:MM" UTC.

    A firing missed while nothing ran is made up for once, not as often as it was missed.
    """
    if (every is None) == (daily is None):
        raise ValueError("give either every or daily")
    if daily is not None:
        hours, minutes = (int(part) for part in daily.split(":"))
        cadence = _Cadence(timedelta(days=1), timedelta(hours=hours, minutes=minutes))
    else:
        cadence = _Cadence(timedelta(seconds=every or 0), timedelta())

    def register(fn: Function) -> Function:
        job(name, **options)(fn)
        _cadences[name] = cadence
        return fn

    return register


def fire_due(now: datetime | None = None) -> int:
    """Enqueue the job of every schedule that has come due and was not fired yet; how many. One query when none is."""
    now = now or clock.now()
    fired_last = dict(Schedule.objects.values("name").annotate(last=Max("due_at")).values_list("name", "last"))
    fired = 0
    for name, cadence in _cadences.items():
        due = cadence.last_due(now)
        if name not in fired_last or fired_last[name] < due:
            fired += _fire(name, due)
    return fired


def _fire(name: str, due: datetime) -> bool:
    with write_transaction():
        try:
            with transaction.atomic():
                Schedule.objects.create(name=name, due_at=due)
        except IntegrityError:
            return False  # another worker was quicker
        # Only the last firing matters: older rows go, so the table stays as small as the list of schedules.
        Schedule.objects.filter(name=name, due_at__lt=due).delete()
        enqueue(name, {"due_at": due.isoformat()}, key=f"schedule:{name}:{due.isoformat()}")
        return True


@schedule("kernel.purge_jobs", daily="03:20")
def _purge_daily(args: dict[str, Any], beat: Beat) -> None:
    purge()
