"""Who is told what of tasks: given, late, reminded, asked to help, finished."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access.snapshot import Snapshot
from comity.notices.kinds import NoticeKind, register
from comity.timeline.models import Event

CHANGING = ("record.created", "record.updated", "task.given", "task.moved", "task.taken_back")


def _ids(*texts: Any) -> list[UUID]:
    return [UUID(text) for text in texts if text]


def _new_owner(event: Event, state: Snapshot) -> list[UUID]:
    change = event.payload.get("changes", {}).get("owner") if event.primary_type == "task" else None
    return _ids(change[1]) if change else []


def _holder(event: Event, state: Snapshot) -> list[UUID]:
    return _ids(event.payload["holder"])


def _heads(event: Event, state: Snapshot) -> list[UUID]:
    """Whom the responsible colleague answers to: his manager, else who leads his team."""
    found: list[UUID] = []
    for holder in _holder(event, state):
        member = state.users.get(holder)
        if member is not None and member.manager_id:
            found.append(member.manager_id)
            continue
        teams = [team for team, _lead in state.memberships.get(holder, ())][:1]
        found += [user for user, places in state.memberships.items() if any((team, True) in places for team in teams)]
    return [one for one in found if str(one) != event.payload["holder"]]


def _name_of_holder(event: Event) -> Mapping[str, Any]:
    return {"holder": event.payload["holder"]}


def _given_text(data: Mapping[str, Any], name: str) -> str:
    if data.get("batch"):
        return _("%(name)s gave you several tasks, this one among them") % {"name": name}
    return _("%(name)s gave you this task") % {"name": name}


def _held_text(data: Mapping[str, Any], name: str) -> str:
    from comity.access.snapshot import snapshot

    member = next((one for key, one in snapshot().users.items() if str(key) == data["holder"]), None)
    return _("%(name)s is late with this task") % {"name": member.name if member else "?"}


def _ended_text(data: Mapping[str, Any], name: str) -> str:
    if data["dropped"]:
        return _("%(name)s dropped this task") % {"name": name}
    return _("%(name)s finished this task") % {"name": name}


def _concerned(event: Event, state: Snapshot) -> Iterable[UUID]:
    return [] if event.payload.get("with_card") else _ids(*event.payload.get("concerned", ()))


register(
    NoticeKind(
        "task_given", lambda: _("I am given a task"), CHANGING, _new_owner, _given_text, "checks",
        data=lambda event: {"batch": event.batch_id is not None},
    )
)  # fmt: skip
register(
    NoticeKind(
        "task_late", lambda: _("My task is late"), ("task.late",), _holder,
        lambda data, name: _("The deadline of your task has passed"), "alert-circle", tone="bad", first=True,
    )
)  # fmt: skip
register(
    NoticeKind(
        "task_late_held", lambda: _("A task of those I lead is late"), ("task.late",), _heads, _held_text,
        "alert-circle", tone="bad", first=True, data=_name_of_holder,
    )
)  # fmt: skip
register(
    NoticeKind(
        "task_remind", lambda: _("A reminder of my task"), ("task.remind",), _holder,
        lambda data, name: _("You asked to be reminded of this task"), "bell", first=True,
    )
)  # fmt: skip
register(
    NoticeKind(
        "task_help", lambda: _("I am asked to help with a task"), ("task.helped",),
        lambda event, state: _ids(event.payload["user"]) if event.payload["on"] else [],
        lambda data, name: _("%(name)s asks you to help with this task") % {"name": name}, "users",
    )
)  # fmt: skip
register(
    NoticeKind(
        "task_finished", lambda: _("A task I gave is finished"), ("task.finished", "task.dropped"), _concerned,
        _ended_text, "circle-check", data=lambda event: {"dropped": event.type == "task.dropped"},
    )
)  # fmt: skip
