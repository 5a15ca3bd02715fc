"""Deadlines that have passed and reminders that are due: told once each, by the clock, whoever looks."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import F, Q

from comity.access import policy
from comity.access.snapshot import snapshot
from comity.changes import commands
from comity.changes.bus import Work, run
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import NotFound
from comity.records.models import RecordRef
from comity.work.tasks.changing import subjects_of
from comity.work.tasks.next_step import house, task_type

CHUNK = 100  # told in one transaction
ROUNDS = 200


@dataclass(frozen=True)
class Alarm:
    """A moment of a task that is told when it has come: the field it stands in, where the told one is kept."""

    event: str
    field: str
    told: str


ALARMS = (Alarm("task.late", "due_at", "told_late"), Alarm("task.remind", "remind_at", "reminded"))


def due(state: Any, alarm: Alarm, limit: int = CHUNK) -> list[UUID]:
    """Open tasks whose moment has come and was not told: by the index of open tasks over that moment."""
    everything = house(state)
    untold = Q(**{f"{alarm.told}__isnull": True}) | ~Q(**{alarm.told: F(alarm.field)})
    tasks = policy.visible(everything, task_type(everything)).filter(state="open", **{f"{alarm.field}__lte": now()})
    return list(tasks.filter(untold).order_by(alarm.field, "pk").values_list("pk", flat=True)[:limit])


@dataclass
class TellAlarms:
    """Tell of some tasks, by the house itself. Each is looked at again: it may have been finished meanwhile."""

    key: ClassVar[str] = "task.alarms"
    alarm: Alarm
    ids: list[UUID]

    def apply(self, work: Work) -> None:
        """Tells the alarm's event for each and remembers the moment."""
        for key in self.ids:
            try:
                _type, record = commands.hold(work, "task", key)
            except NotFound:
                continue  # in the trash since
            moment = getattr(record, self.alarm.field)
            if record.state != "open" or not moment or moment > now() or getattr(record, self.alarm.told) == moment:
                continue
            commands.keep(work, record, {self.alarm.told: moment}, silent=True)
            payload = {"holder": str(record.owner_id or ""), "at": moment.isoformat()}
            work.tell(self.alarm.event, RecordRef("task", record.pk), payload, subjects_of(work, record))


def tell_due(beat: jobs.Beat = lambda: None) -> int:
    """Tell everything that has come due, in small transactions; how many tasks."""
    told = 0
    for alarm in ALARMS:
        for _round in range(ROUNDS):
            state = snapshot()
            ids = due(state, alarm)
            if not ids:
                break
            run(house(state), TellAlarms(alarm, ids))
            told += len(ids)
            beat()
    return told


@jobs.schedule("work.task_alarms", every=60, lease=300)
def _every_minute(args: dict[str, Any], beat: jobs.Beat) -> None:
    tell_due(beat)
