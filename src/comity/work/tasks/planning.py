"""A task is planned: by hand, by a step of a scenario, as what comes after another one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes.actions import INTERNAL
from comity.changes.bus import Work, automatable
from comity.changes.commands import Create
from comity.kernel.clock import now
from comity.kernel.errors import Invalid
from comity.kernel.ids import new_id
from comity.kernel.text import clean
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.work.tasks import repeating
from comity.work.tasks.next_step import house, refresh_next, task_type, zone_of

MOST_ITEMS = 100
LONGEST_ITEM = 300
Items = list[dict[str, Any]]


def items_of(raw: Iterable[Any]) -> Items:
    """A checklist as it is kept, of texts or of {"text", "done"}; empty lines go. Raises Invalid."""
    found: Items = []
    for one in raw:
        given = one if isinstance(one, Mapping) else {"text": one}
        text = " ".join(clean(str(given.get("text") or "")).split())
        if text:
            found.append({"text": text, "done": bool(given.get("done"))})
    if len(found) > MOST_ITEMS or any(len(one["text"]) > LONGEST_ITEM for one in found):
        text = _("At most %(items)s lines of %(letters)s characters fit here.")
        raise Invalid(fields={"checklist": [text % {"items": MOST_ITEMS, "letters": LONGEST_ITEM}]})
    return found


def keep_in_sight(work: Work, record_type: RecordType, record: Any) -> None:
    """Whoever gives a task away goes on seeing it and may take it back: a share of his own making."""
    user_id = work.actor.user_id
    if user_id is None or policy.may(work.actor, record_type, record, "edit"):
        return
    mine = Share.objects.filter(type_key=record_type.key, record_id=record.pk, user=user_id, until=None)
    mine.delete()
    Share.objects.create(
        type_key=record_type.key, record_id=record.pk, user_id=user_id, edit=True, created_at=now(), created_by=user_id
    )


@automatable
@dataclass
class CreateTask(Create):
    """Plan a task. Its kind is "task" and its responsible the actor unless given.

    step, follows, checklist, repeat   as in the model
    refresh   False: the next step of its card stays as it is, for who plans several and then refreshes it
    """

    key: ClassVar[str] = "task.create"
    step: str = ""
    follows: UUID | None = None
    checklist: Sequence[Any] = ()
    repeat: str = ""
    refresh: bool = field(default=True, metadata=INTERNAL)

    def check_owner(self, actor: Actor, record_type: RecordType, owner: UUID | None) -> None:
        """Any colleague may be asked: whom he is has been checked."""

    def given(self, work: Work, record_type: RecordType, values: dict[str, Any]) -> dict[str, Any]:
        """State, end of the day, the rule of the series; raises Invalid."""
        made: dict[str, Any] = {"state": "open", "moves": 0}
        zone = zone_of(work.actor.state, values.get("owner", work.actor.user_id))
        due, whole = values["due_at"], bool(values.get("whole_day"))
        if whole and not repeating.ends_a_day(due, zone):
            own = zone_of(work.actor.state, work.actor.user_id) if work.actor.user_id else zone
            due = made["due_at"] = repeating.end_of_day(due.astimezone(own).date(), zone)
        if self.repeat:
            made["repeat"] = repeating.settled(self.repeat, due, zone, whole)
        return made

    def made(self, work: Work, record_type: RecordType, record: Any) -> None:
        """The giver keeps it in sight; the card's next step."""
        keep_in_sight(work, record_type, record)
        if self.refresh:
            refresh_next(work, about_of(record))

    def apply(self, work: Work) -> None:
        """Raises Refused, Invalid."""
        self.values = {"kind": "task"} | self.values
        self.beside = {"step": self.step[:120], "follows_task": self.follows, "checklist": items_of(self.checklist)}
        super().apply(work)


def about_of(record: Any) -> RecordRef | None:
    """The card a task is about."""
    return RecordRef(record.about_type, record.about_id) if record.about_id else None


def plan(
    work: Work, values: dict[str, Any], step: str = "", follows: UUID | None = None, checklist: Sequence[Any] = (),
    repeat: str = "", handed: dict[str, Any] | None = None, record_id: UUID | None = None, refresh: bool = True,
) -> RecordRef:  # fmt: skip
    """Plan a task inside the caller's transaction, of raw values as for CreateTask; raises Refused, Invalid.

    handed: values as in records.kinds that the house gives, whatever the actor may choose himself. A step of a
    scenario is planned whoever moved the card: where he may make no tasks, the house makes it. refresh: as of
    CreateTask.
    """
    key = record_id or new_id()
    command = CreateTask("task", dict(values), key, step, follows, checklist, repeat, refresh)
    command.handed = handed or {}
    planner = work
    if (step or follows) and work.actor.scope(task_type(work.actor).key, "create") == "none":
        command.values.setdefault("owner", work.actor.user_id)
        planner = Work(house(work.actor.state), work.cause, work.batch_id, work.result)
    command.apply(planner)
    return RecordRef("task", key)
