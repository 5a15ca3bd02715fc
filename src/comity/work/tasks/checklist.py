"""The checklist of a task, and how it repeats."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.changes import commands
from comity.changes.bus import Work, automatable
from comity.kernel.errors import Conflict, Invalid
from comity.records.models import RecordRef
from comity.work.tasks import repeating
from comity.work.tasks.changing import subjects_of
from comity.work.tasks.next_step import zone_of
from comity.work.tasks.planning import items_of


@automatable
@dataclass
class ChangeChecklist:
    """Write a task's checklist anew: texts, or {"text", "done"}. A line that stays keeps its tick."""

    key: ClassVar[str] = "task.checklist"
    task_id: UUID
    version: int
    items: Sequence[Any]

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        _type, record = commands.hold(work, "task", self.task_id, "edit", self.version)
        ticked = {one["text"] for one in record.checklist if one["done"]}
        items = items_of(self.items)
        for given, one in zip([raw for raw in self.items if _says(raw)], items, strict=True):
            if not isinstance(given, dict):
                one["done"] = one["text"] in ticked
        _keep(work, record, items)


def _says(raw: Any) -> bool:
    text = raw.get("text") if isinstance(raw, dict) else raw
    return bool(items_of([text]))


@automatable
@dataclass
class TickItem:
    """Tick a line of a task's checklist, or take the tick away. Lines count from 0."""

    key: ClassVar[str] = "task.tick"
    task_id: UUID
    index: int
    done: bool
    text: str = ""  # what stood on the line, so that no other one is ticked after the list has changed

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Conflict."""
        _type, record = commands.hold(work, "task", self.task_id)
        items = [dict(one) for one in record.checklist]
        if not 0 <= self.index < len(items) or (self.text and items[self.index]["text"] != self.text):
            raise Conflict(_("The checklist has changed meanwhile."), kept=_("Nothing was changed."))
        items[self.index]["done"] = self.done
        _keep(work, record, items)


def _keep(work: Work, record: Any, items: list[dict[str, Any]]) -> None:
    before = record.checklist
    work.result.records.append(RecordRef("task", record.pk))
    if items == before:
        return
    commands.keep(work, record, {"checklist": items})
    done = sum(one["done"] for one in items)
    payload = {"before": before, "after": items, "done": done, "of": len(items)}
    work.tell("task.checklist", RecordRef("task", record.pk), payload, (), record.version)


@automatable
@dataclass
class RepeatTask:
    """Make a task come again and again by a rule of RFC 5545 ("FREQ=WEEKLY;BYDAY=MO"), or, with "", only once."""

    key: ClassVar[str] = "task.repeat"
    task_id: UUID
    version: int
    rule: str

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        record_type, record = commands.hold(work, "task", self.task_id, "edit", self.version)
        rule = self.rule.strip()
        if rule and record.due_at is None:
            raise Invalid(fields={"repeat": [_("Give the task a deadline first.")]})
        if rule:
            zone = zone_of(work.actor.state, record.owner_id)
            rule = repeating.settled(rule, record.due_at, zone, record.whole_day)
        changes = commands.amend(work, record_type, record, {"repeat": rule})
        ref = RecordRef("task", record.pk)
        work.result.records.append(ref)
        if changes:
            payload = {"title": record.title, "changes": changes}
            work.tell("task.repeated", ref, payload, subjects_of(work, record), record.version)
