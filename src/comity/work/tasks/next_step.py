"""The next step of a card: its earliest open task. Kept true whenever a task changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from comity.access import policy
from comity.access.actors import Actor, system
from comity.access.snapshot import Snapshot
from comity.changes.bus import Work
from comity.changes.commands import set_next_step
from comity.records.models import RecordRef
from comity.records.prepared import Slot
from comity.records.types import RecordType
from comity.work.tasks.model import Task

SHOWN = ("id", "name", "kind", "due_at", "whole_day", "owner_id", "team_id", "version", "moves", "minutes", "repeat")


def house(state: Snapshot) -> Actor:
    """The room itself, where it keeps true what nobody asked for."""
    return system("work.tasks", state)


def task_type(actor: Actor) -> RecordType:
    """The type with what the company has added to it."""
    return actor.state.record_types["task"]


def zone_of(state: Snapshot, user_id: Any) -> ZoneInfo:
    """Where a colleague's days begin and end."""
    member = state.users.get(user_id)
    return ZoneInfo((member and member.timezone) or (state.organization and state.organization.timezone) or "UTC")


@dataclass(frozen=True)
class _Open:
    """The open tasks of one card, as far as he sees them."""

    actor: Actor
    type_key: str

    def build(self) -> Any:
        """The query; its slot is the card's key."""
        tasks = policy.visible(self.actor, task_type(self.actor)).filter(
            about_type=self.type_key, about_id=Slot("id", Task._meta.get_field("about_id")), state="open"
        )
        return tasks.order_by("due_at", "id").values_list(*SHOWN)[:50]


def open_tasks(actor: Actor, ref: RecordRef) -> list[dict[str, Any]]:
    """The open tasks of a card as far as he sees them, the earliest first: rows of SHOWN."""
    rows = actor.state.statements.of(_Open(actor, ref.type)).rows(id=ref.id)
    return [dict(zip(SHOWN, row, strict=True)) for row in rows]


def lock_card(work: Work, task_id: UUID) -> None:
    """Wait until nobody else changes tasks of the card a task is about: the card before its tasks, as those do who
    move the card, so that none of two waits for the other for ever. SQLite has one writer anyway."""
    if connection.vendor == "sqlite":
        return
    everything = house(work.actor.state)
    tasks = policy.visible(everything, task_type(everything)).filter(pk=task_id, about_id__isnull=False)
    for type_key, key in tasks.values_list("about_type", "about_id"):
        _lock(everything, RecordRef(type_key, key))


def _lock(everything: Actor, ref: RecordRef) -> RecordType | None:
    """The type of a card with a next step, with the card held; None for one that has none."""
    record_type = everything.state.record_types.get(ref.type)
    if record_type is None or record_type.follows or "next_at" in record_type.without:
        return None
    if connection.vendor != "sqlite":
        for action in ("view", "restore"):  # in the trash it has a next step too: none
            card = policy.visible(everything, record_type, action).filter(pk=ref.id)
            if card.select_for_update(no_key=True).values_list("version").first() is not None:
                break
    return record_type


@dataclass(frozen=True)
class _First:
    """The open task of a card that is due first."""

    actor: Actor
    type_key: str

    def build(self) -> Any:
        """The query; its slot is the card's key."""
        tasks = policy.visible(self.actor, task_type(self.actor)).filter(
            about_type=self.type_key, about_id=Slot("id", Task._meta.get_field("about_id")), state="open",
            due_at__isnull=False,
        )  # fmt: skip
        return tasks.order_by("due_at", "id").values_list("due_at", "kind", "name")[:1]


def refresh_next(work: Work, ref: RecordRef | None) -> None:
    """Make a card's next step its earliest open task. Who changes tasks of one card at a time waits for the other."""
    everything = house(work.actor.state)
    record_type = _lock(everything, ref) if ref else None
    if ref is None or record_type is None:
        return
    rows = everything.state.statements.of(_First(everything, ref.type)).rows(id=ref.id)
    at, kind, text = rows[0] if rows else (None, "", "")
    set_next_step(ref, record_type, at, kind, text)


def refresh_all(work: Work, refs: Iterable[RecordRef | None]) -> None:
    """The same for several cards, each once, always in one order."""
    for ref in sorted({ref for ref in refs if ref}, key=str):
        refresh_next(work, ref)
