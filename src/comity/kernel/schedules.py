"""Jobs by the clock: every so many seconds or once a day; each firing happens once, whatever the number of workers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from comity.kernel import clock, jobs
from comity.kernel.models import Schedule
from comity.kernel.transaction import write_transaction


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
) -> Callable[[jobs.Function], jobs.Function]:
    """Register a function as a job (see jobs.job for `options`) and run it `every` seconds or `daily` at "HH:MM" UTC.

    A firing missed while nothing ran is made up for once, not as often as it was missed.
    """
    if (every is None) == (daily is None):
        raise ValueError("give either every or daily")
    if daily is not None:
        hours, minutes = (int(part) for part in daily.split(":"))
        cadence = _Cadence(timedelta(days=1), timedelta(hours=hours, minutes=minutes))
    else:
        cadence = _Cadence(timedelta(seconds=every or 0), timedelta())

    def register(fn: jobs.Function) -> jobs.Function:
        jobs.job(name, **options)(fn)
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
        jobs.enqueue(name, {"due_at": due.isoformat()}, key=f"schedule:{name}:{due.isoformat()}")
        return True
