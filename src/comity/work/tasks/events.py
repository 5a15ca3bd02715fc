"""What tasks tell: in the story, and how it is taken back; what follows when a card goes into the trash."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.access.snapshot import snapshot
from comity.changes import commands, dispatcher
from comity.changes.bus import Cause, Work, run
from comity.changes.events import cut_changes
from comity.changes.undo import put_back, way
from comity.kernel.clock import now
from comity.kernel.errors import Conflict
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.timeline.models import Event
from comity.timeline.types import EventType, Payload, register
from comity.ui.cells import moment_format
from comity.work.tasks.changing import HelpTask, UpdateTask
from comity.work.tasks.finishing import ENDING, DropWithCard, ReopenWithCard, drop_planned
from comity.work.tasks.next_step import house, refresh_next
from comity.work.tasks.planning import CreateTask, about_of

commands.use("task", CreateTask, UpdateTask)
commands.after_trash("task", lambda work, record_type, record: refresh_next(work, about_of(record)))


def _colleague(actor: Actor, key: Any) -> str:
    return next((user.name for one, user in actor.state.users.items() if str(one) == key), "?")


def _given(payload: Payload, actor: Actor) -> str:
    change = payload["changes"].get("owner")
    return (
        _("gave the task to %(name)s") % {"name": _colleague(actor, change[1])} if change else _("gave the task away")
    )


def _helped(payload: Payload, actor: Actor) -> str:
    name = {"name": _colleague(actor, payload["user"])}
    return _("asked %(name)s to help") % name if payload["on"] else _("no longer asks %(name)s to help") % name


def _moved(payload: Payload, actor: Actor) -> str:
    change = payload["changes"].get("due_at")
    if not change:
        return _("moved the deadline")
    show = moment_format(actor.language, now(), actor.timezone)
    old, new = (show(datetime.fromisoformat(text.replace("Z", "+00:00"))) for text in change)
    reasons = {one.key: one.label[actor.language] for one in actor.state.options.get("move_reason", ())}
    reason = reasons.get(payload["reason"], payload["reason"])
    return _("moved the deadline from %(old)s to %(new)s: %(reason)s") % {"old": old, "new": new, "reason": reason}


def _ticked(payload: Payload, actor: Actor) -> str:
    if len(payload["before"]) != len(payload["after"]):
        return _("changed the checklist")
    return _("checklist: %(done)s of %(of)s done") % {"done": payload["done"], "of": payload["of"]}


def _repeated(payload: Payload, actor: Actor) -> str:
    rule = payload["changes"].get("repeat", [None, ""])[1]
    return _("made the task repeat") if rule else _("made the task come only once")


def _dropped(payload: Payload, actor: Actor) -> str:
    return _("dropped the task with its card") if payload.get("with_card") else _("dropped the task")


def _cut(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    """Without the fields he may not read in clear, and what undo needs; that something happened is no secret."""
    kept = {key: value for key, value in payload.items() if key not in ("planned", "concerned")}
    cut = cut_changes({**kept, "title_before": ""}, actor, record_type)
    return {key: value for key, value in (cut or {}).items() if key != "title_before"}


def _register(key: str, text: Any, icon: str, undo: str = "", **more: Any) -> None:
    register(EventType(f"task.{key}", text, icon=icon, kind="tasks", undo=undo, says_all=True, redact=_cut, **more))


_register("finished", lambda p, a: _("finished the task"), "circle-check", "task.end", big=True, tone="deal",
          webhook=lambda: _("A task is finished"))  # fmt: skip
_register("dropped", _dropped, "circle-x", "task.end", big=True, webhook=lambda: _("A task is dropped"))
_register("reopened", lambda p, a: _("opened the task again"), "arrow-back-up", "task.reopened")
_register("moved", _moved, "calendar-event", "task.fields", webhook=lambda: _("A task is put off or brought forward"))
_register("given", _given, "user", "task.fields", webhook=lambda: _("A task is given to somebody else"))
_register("helped", _helped, "users", "task.helped")
_register("checklist", _ticked, "checks", "task.checklist")
_register("repeated", _repeated, "refresh", "task.repeated")
_register("taken_back", lambda p, a: _("took back a change of the task"), "arrow-back-up")
_register("late", lambda p, a: _("The deadline has passed"), "alert-circle",
          webhook=lambda: _("The deadline of a task has passed"))  # fmt: skip
_register("remind", lambda p, a: _("A reminder was due"), "bell")


@way("task.fields")
def _fields(work: Work, event: Event) -> None:
    put_back(work, event, frozenset({"moves"}), "task.taken_back")


@way("task.repeated")
def _repeats(work: Work, event: Event) -> None:
    put_back(work, event, frozenset({"repeat"}), "task.taken_back")


@way("task.end")
def _end(work: Work, event: Event) -> None:
    """Open again; what was planned after it goes where nobody has begun with it."""
    put_back(work, event, ENDING, "task.reopened")
    drop_planned(work, event.payload.get("planned", ()))


@way("task.reopened")
def _close(work: Work, event: Event) -> None:
    put_back(work, event, ENDING, "task.taken_back")


@way("task.helped")
def _help(work: Work, event: Event) -> None:
    HelpTask(event.primary_id, UUID(event.payload["user"]), not event.payload["on"]).apply(work)


@way("task.checklist")
def _untick(work: Work, event: Event) -> None:
    _type, record = commands.hold(work, "task", event.primary_id)
    if record.checklist != event.payload["after"]:
        raise Conflict(_("Someone has changed this again since."), kept=_("Their change stays as it is."))
    before = event.payload["before"]
    commands.keep(work, record, {"checklist": before})
    payload = {"before": event.payload["after"], "after": before, "of": len(before)}
    payload["done"] = sum(one["done"] for one in before)
    work.tell("task.checklist", RecordRef("task", record.pk), payload, (), record.version)


def follow_cards(events: Sequence[Event]) -> None:
    """Tasks go with their card and come back with it."""
    state = snapshot()
    acts: dict[str, type[DropWithCard] | type[ReopenWithCard]]
    acts = {"record.trashed": DropWithCard, "record.restored": ReopenWithCard}
    for event in events:
        record_type = state.record_types.get(event.primary_type)
        if event.type not in acts or record_type is None or record_type.follows:
            continue
        # Where it lies by now: an event seen again, or late, does not turn back what has happened since.
        gone = policy.find(house(state), record_type, event.primary_id) is None
        if gone == (event.type == "record.trashed"):
            ref = RecordRef(event.primary_type, event.primary_id)
            run(house(state), acts[event.type](ref), Cause(event.id, event.depth))


dispatcher.register(dispatcher.Consumer("tasks", follow_cards))
