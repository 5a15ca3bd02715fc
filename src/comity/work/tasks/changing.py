"""Tasks change: any field by form, the deadline with a reason, the responsible, helpers."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes import commands
from comity.changes.bus import Work, automatable
from comity.changes.commands import Update, linked_refs
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid
from comity.records import kinds
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.work.tasks import repeating
from comity.work.tasks.next_step import house, lock_card, refresh_all, zone_of
from comity.work.tasks.planning import about_of, keep_in_sight


@automatable
@dataclass
class UpdateTask(Update):
    """Change fields of a task. A moved deadline wants its reason (move_reason) in the same input, and is counted."""

    key: ClassVar[str] = "task.update"

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        lock_card(work, self.record_id)
        super().apply(work)

    def check_owner(self, actor: Actor, record_type: RecordType, owner: UUID | None) -> None:
        """Any colleague may be asked, but somebody is responsible."""
        if owner is None:
            raise Invalid(fields={"owner": [_("Somebody must be responsible for a task.")]})

    def given(
        self, work: Work, record_type: RecordType, before: dict[str, Any], values: dict[str, Any]
    ) -> dict[str, Any]:
        """The end of the day, the count of moves; raises Invalid where the reason is missing or the task is closed."""
        changed = self._day(work, before, values)
        due = changed.get("due_at", values.get("due_at", before["due_at"]))
        asked = values.get("due_at", before["due_at"]) != before["due_at"]
        if asked and before["due_at"] is not None and due != before["due_at"]:
            if before["state"] != "open":
                raise Invalid(fields={"due_at": [_("This task is closed; open it again before you move it.")]})
            if not values.get("move_reason"):
                raise Invalid(fields={"move_reason": [_("Choose why the deadline moves.")]})
            changed["moves"] = (before["moves"] or 0) + 1
        return changed

    def _day(self, work: Work, before: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """Of a task for any time of its day, the day's end where the responsible colleague lives."""
        state, after = work.actor.state, before | values
        touched = {key for key in ("due_at", "whole_day", "owner") if after[key] != before[key]}
        zone, was = zone_of(state, after["owner"]), zone_of(state, before["owner"])
        whole, due = after["whole_day"], after["due_at"]
        if not touched or not whole or due is None:
            return {}
        reads = was
        if "due_at" in touched:
            reads = ZoneInfo(work.actor.timezone) if work.actor.user_id else zone
            if repeating.ends_a_day(due, zone):
                return {}
            if "whole_day" not in values and not repeating.ends_a_day(due, reads):
                return {"whole_day": False}  # given a clock time, it is for that time
        ends = repeating.end_of_day(due.astimezone(reads).date(), zone)
        return {"due_at": ends} if ends != due else {}

    def told_as(self, payload: dict[str, Any]) -> str:
        """A moved deadline and a new responsible are told in words of their own."""
        changes = payload["changes"]
        if "moves" in changes:
            payload["reason"] = self.values["move_reason"]
            return "task.moved"
        return "task.given" if "owner" in changes else "record.updated"

    def made(self, work: Work, record_type: RecordType, record: Any, before: dict[str, Any]) -> None:
        """The next steps of the cards concerned; who gave it away keeps it in sight."""
        if record.owner_id != before["owner"]:
            keep_in_sight(work, record_type, record)
        refresh_all(work, (about_of(record), before["about"]))


@automatable
@dataclass
class MoveTask:
    """Give a task another deadline. `due_at` is raw input; the day promised to the client stays."""

    key: ClassVar[str] = "task.move"
    task_id: UUID
    version: int
    due_at: Any
    whole_day: bool
    reason: str

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        values = {"due_at": self.due_at, "whole_day": self.whole_day, "move_reason": self.reason}
        told = len(work.result.events)
        UpdateTask("task", self.task_id, self.version, values).apply(work)
        if len(work.result.events) == told:
            raise Invalid(fields={"due_at": [_("It is due then already. Choose another time.")]})


@automatable
@dataclass
class GiveTask:
    """Make a colleague responsible for a task."""

    key: ClassVar[str] = "task.give"
    task_id: UUID
    version: int
    user_id: UUID | None

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        UpdateTask("task", self.task_id, self.version, {"owner": self.user_id}).apply(work)


@automatable
@dataclass
class HelpTask:
    """A colleague helps with a task, or does so no more: he sees it and may change it."""

    key: ClassVar[str] = "task.help"
    task_id: UUID
    user_id: UUID
    on: bool

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        _type, record = commands.hold(work, "task", self.task_id)
        member = work.actor.state.users.get(self.user_id)
        if member is None or (self.on and not member.active):
            raise Invalid(fields={"user": [_("Choose a colleague who works here.")]})
        shares = Share.objects.filter(type_key="task", record_id=record.pk, user=self.user_id, until=None)
        held = helpers_of(record)
        if (self.user_id in held) == self.on or self.user_id == record.owner_id:
            return
        shares.delete()
        if self.on:
            Share.objects.create(
                type_key="task", record_id=record.pk, user_id=self.user_id, edit=True, created_at=now(),
                created_by=None if work.actor.user_id == self.user_id else work.actor.user_id,
            )  # fmt: skip
        ref = RecordRef("task", record.pk)
        work.tell("task.helped", ref, {"user": str(self.user_id), "on": self.on}, subjects_of(work, record))


def helpers_of(record: Any) -> list[UUID]:
    """Who helps with a task: those it was opened to by others; a giver's own share is none."""
    shares = Share.objects.filter(type_key="task", record_id=record.pk, edit=True, user__isnull=False, until=None)
    rows = shares.order_by("created_at", "id").values_list("user", "created_by")
    return [user for user, maker in rows if user not in (maker, record.owner_id)]


def subjects_of(work: Work, record: Any) -> list[RecordRef]:
    """The cards whose stories tell of a task: the one it is about and those that one links to."""
    about, state = about_of(record), work.actor.state
    record_type = state.record_types.get(about.type) if about else None
    if about is None or record_type is None:
        return []
    card = policy.find(house(state), record_type, about.id)
    if card is None:
        return [about]
    return [about, *linked_refs(record_type, {spec.key: kinds.read(spec, card.__dict__) for spec in record_type.links})]


def closed(record: Any) -> None:
    """Raises Conflict when a task is finished or dropped already."""
    if record.state != "open":
        what = _("This task is finished already.") if record.state == "done" else _("This task was dropped already.")
        raise Conflict(what, kept=_("Nothing was changed."), todo=_("Open it again if there is more to do."))
