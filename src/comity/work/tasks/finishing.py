"""A task ends: finished with a result, dropped with a reason, opened again; and what it leads to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.models import Share
from comity.changes import commands
from comity.changes.actions import INTERNAL
from comity.changes.bus import Work, automatable
from comity.changes.commands import Trash
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, too_long
from comity.kernel.ids import new_id
from comity.kernel.text import clean
from comity.records.cleaning import MAX_LONG_TEXT
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.timeline.models import Event
from comity.work.tasks import repeating
from comity.work.tasks.changing import closed, helpers_of, subjects_of
from comity.work.tasks.next_step import house, lock_card, refresh_next, task_type, zone_of
from comity.work.tasks.planning import about_of, plan

ENDING = frozenset({"state", "result", "done_at", "done_by"})  # fields that only finishing and dropping write


def text_of(raw: str, field: str, demanded: str = "") -> str:
    """A result or a reason as it is kept; raises Invalid."""
    text = clean(raw).strip()
    if demanded and not text:
        raise Invalid(fields={field: [demanded]})
    if len(text) > MAX_LONG_TEXT:
        raise Invalid(fields={field: [too_long(len(text), MAX_LONG_TEXT)]})
    return text


def _end(
    work: Work, record_type: RecordType, record: Any, event: str, state: str, text: str, planned: Iterable[UUID] = (),
    **payload: Any,
) -> None:  # fmt: skip
    values = {"state": state, "result": text, "done_at": now(), "done_by": work.actor.user_id}
    changes = commands.amend(work, record_type, record, values)
    concerned = [str(one) for one in (record.created_by, record.owner_id) if one]
    told = {"title": record.title, "changes": changes, "planned": [str(one) for one in planned],
            "concerned": concerned, **payload}  # fmt: skip
    work.tell(event, RecordRef("task", record.pk), told, subjects_of(work, record), record.version)


def _again(work: Work, record: Any, key: UUID) -> bool:
    """Plan a repeated task's next time; False when it does not come again."""
    if not record.repeat or record.due_at is None:
        return False
    state = work.actor.state
    zone = zone_of(state, record.owner_id)
    found = repeating.following(record.repeat, record.due_at, zone, record.whole_day, now())
    if found is None:
        return False
    at, rule = found
    member = state.users.get(record.owner_id)
    owner = record.owner_id if member and member.active else work.actor.user_id
    ahead = record.due_at - record.remind_at if record.remind_at else None
    handed = {
        "name": record.name, "kind": record.kind, "about": about_of(record), "due_at": at,
        "whole_day": record.whole_day, "minutes": record.minutes, "details": record.details, "owner": owner,
        "remind_at": at - ahead if ahead else None,
    }  # fmt: skip
    items = [{"text": one["text"], "done": False} for one in record.checklist]
    raw = {"name": record.name, "kind": record.kind, "due_at": _raw(at)}
    plan(work, raw, follows=record.pk, checklist=items, repeat=rule, handed=handed, record_id=key)
    made = policy.find(house(state), task_type(work.actor), key)
    commands.keep(work, made, {"created_by": record.created_by}, silent=True)
    for user_id in helpers_of(record):
        Share.objects.get_or_create(
            type_key="task", record_id=key, user_id=user_id, team=None, until=None,
            defaults={"edit": True, "created_at": now(), "created_by": record.created_by},
        )  # fmt: skip
    return True


def _raw(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


@automatable
@dataclass
class FinishTask:
    """A task is done. `next`: raw values of what comes after it, planned on the same card in the same transaction."""

    key: ClassVar[str] = "task.finish"
    task_id: UUID
    version: int
    result: str
    next: dict[str, Any] | None = None

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict. Result.data: {"next": id or "", "again": id or ""}."""
        lock_card(work, self.task_id)
        record_type, record = commands.hold(work, "task", self.task_id, "edit")
        closed(record)
        _check_version(record, self.version)
        text = text_of(self.result, "result", _("Write what came of it."))
        following, again = new_id(), new_id()
        comes = _comes_again(work, record)
        planned = [*([following] if self.next else []), *([again] if comes else [])]
        _end(work, record_type, record, "task.finished", "done", text, planned)
        if self.next:
            _follow_up(work, record, self.next, following)
        if comes:
            _again(work, record, again)
        refresh_next(work, about_of(record))
        work.result.data |= {"next": str(following) if self.next else "", "again": str(again) if comes else ""}


def _check_version(record: Any, version: int) -> None:
    if version and version != record.version:
        raise Conflict(current={"version": record.version})


def _comes_again(work: Work, record: Any) -> bool:
    if not record.repeat or record.due_at is None:
        return False
    zone = zone_of(work.actor.state, record.owner_id)
    return repeating.following(record.repeat, record.due_at, zone, record.whole_day, now()) is not None


def _follow_up(work: Work, record: Any, values: dict[str, Any], key: UUID) -> None:
    """The next step of the chain, on the same card, in the same hands unless given."""
    member = work.actor.state.users.get(record.owner_id)
    handed = {"about": about_of(record)}
    raw = {name: value for name, value in values.items() if name != "about"}
    if not raw.get("owner"):
        raw.pop("owner", None)
        if member is not None and member.active:
            raw["owner"] = str(record.owner_id)
    try:
        plan(work, raw, follows=record.pk, handed=handed, record_id=key)
    except Invalid as problem:
        raise Invalid(fields={f"next-{name}": texts for name, texts in problem.fields.items()}) from problem


@automatable
@dataclass
class DropTask:
    """A task is not to be done any more. A repeated one comes again unless the series is to `stop`.

    Without `refresh` the next step of its card stays as it is: for who drops several and then refreshes it.
    """

    key: ClassVar[str] = "task.drop"
    task_id: UUID
    version: int
    reason: str
    stop: bool = False
    refresh: bool = field(default=True, metadata=INTERNAL)

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        lock_card(work, self.task_id)
        record_type, record = commands.hold(work, "task", self.task_id, "edit")
        closed(record)
        _check_version(record, self.version)
        text = text_of(self.reason, "reason")
        again = new_id()
        comes = not self.stop and _comes_again(work, record)
        _end(work, record_type, record, "task.dropped", "dropped", text, [again] if comes else [])
        if comes:
            _again(work, record, again)
        if self.refresh:
            refresh_next(work, about_of(record))


@automatable
@dataclass
class ReopenTask:
    """There is more to do: a finished or dropped task is open again."""

    key: ClassVar[str] = "task.reopen"
    task_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Conflict."""
        lock_card(work, self.task_id)
        record_type, record = commands.hold(work, "task", self.task_id, "edit")
        if record.state == "open":
            raise Conflict(_("This task is open already."), kept=_("Nothing was changed."))
        reopen(work, record_type, record)


def reopen(work: Work, record_type: RecordType, record: Any, **payload: Any) -> None:
    """The same for a task that is held."""
    values = {"state": "open", "result": "", "done_at": None, "done_by": None}
    changes = commands.amend(work, record_type, record, values)
    told = {"title": record.title, "changes": changes, **payload}
    work.tell("task.reopened", RecordRef("task", record.pk), told, subjects_of(work, record), record.version)
    refresh_next(work, about_of(record))


def drop_planned(work: Work, ids: Iterable[UUID | str]) -> list[UUID]:
    """Take back, into the trash, tasks that a step or a finished task planned and that nobody has touched since."""
    keys = [UUID(str(one)) for one in ids]
    everything = house(work.actor.state)
    untouched = policy.visible(everything, task_type(everything)).filter(pk__in=keys, state="open", version=1)
    found = list(untouched.order_by("pk").values_list("pk", flat=True))
    taker = Work(everything, work.cause, work.batch_id, work.result)
    for key in found:
        Trash("task", key).apply(taker)
    return found


@dataclass
class DropWithCard:
    """A card has gone into the trash: what was to be done about it is dropped, and no series goes on."""

    key: ClassVar[str] = "task.drop_with_card"
    about: RecordRef

    def apply(self, work: Work) -> None:
        """By the house itself."""
        record_type = task_type(work.actor)
        tasks = policy.visible(work.actor, record_type).filter(
            about_type=self.about.type, about_id=self.about.id, state="open"
        )
        for key in list(tasks.order_by("pk").values_list("pk", flat=True)):
            _type, record = commands.hold(work, "task", key)
            if record.state == "open":
                _end(work, record_type, record, "task.dropped", "dropped", "", with_card=True)
        refresh_next(work, self.about)


@dataclass
class ReopenWithCard:
    """A card is back: what was dropped with it is to be done again, unless somebody has touched it."""

    key: ClassVar[str] = "task.reopen_with_card"
    about: RecordRef

    def apply(self, work: Work) -> None:
        """By the house itself."""
        record_type = task_type(work.actor)
        tasks = policy.visible(work.actor, record_type).filter(
            about_type=self.about.type, about_id=self.about.id, state="dropped"
        )
        for key in list(tasks.order_by("pk").values_list("pk", flat=True)):
            _type, record = commands.hold(work, "task", key)
            if record.state == "dropped" and _dropped_with_card(record):
                reopen(work, record_type, record)
        refresh_next(work, self.about)


def _dropped_with_card(record: Any) -> bool:
    """Whether the last thing that happened to a task was that it went with its card."""
    last = Event.objects.filter(primary_type="task", primary_id=record.pk, record_version=record.version)
    payload = last.order_by("-id").values_list("payload", flat=True).first()
    return bool(payload and payload.get("with_card"))


@automatable
@dataclass
class LogTask:
    """Something was done without having been planned: a call that came in. It is written down as finished at once."""

    key: ClassVar[str] = "task.log"
    values: dict[str, Any]
    result: str
    next: dict[str, Any] | None = None

    def apply(self, work: Work) -> None:
        """Raises Refused, Invalid. Result.data as of FinishTask."""
        text_of(self.result, "result", _("Write what came of it."))
        ref = plan(work, {"due_at": _raw(now())} | self.values)
        FinishTask(ref.id, 0, self.result, self.next).apply(work)
