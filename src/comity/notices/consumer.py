"""Turns events into notices, for those who see the card at that moment."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from comity.access import policy
from comity.access.actors import user_actor
from comity.access.snapshot import Snapshot, snapshot
from comity.changes import dispatcher
from comity.notices import kinds
from comity.notices.kinds import NoticeKind
from comity.notices.models import Notice
from comity.records.models import RecordRef
from comity.timeline.models import Event

BATCH = "batch"  # what stands for all that is no card: a bulk act, known to its maker only; a place of the settings


def handle(events: Sequence[Event]) -> None:
    """Write what these events have to tell; an event seen again adds nothing."""
    by_event: dict[str, list[NoticeKind]] = {}
    for kind in kinds.all_kinds():
        for event_type in kind.events:
            by_event.setdefault(event_type, []).append(kind)
    concerned = [event for event in events if event.type in by_event]
    if not concerned:
        return
    state = snapshot()
    wanted = [notice for event in concerned for notice in _wanted(event, by_event[event.type], state)]
    seen = _seen(state, wanted)
    told: set[tuple[UUID, UUID, str]] = set()
    notices = [one for one in wanted if _refs(one) <= seen[one.user_id] and _first_of_batch(one, told)]
    if notices:
        Notice.objects.bulk_create(notices, ignore_conflicts=True)


def _wanted(event: Event, fitting: list[NoticeKind], state: Snapshot) -> Iterator[Notice]:
    for kind in fitting:
        for user_id in dict.fromkeys(kind.to(event, state)):
            member = state.users.get(user_id)
            if (
                state.off.hides(kind.label)
                or member is None
                or not member.active
                or not kinds.is_on(member.prefs, kind.key)
            ):
                continue
            if user_id == event.actor_id and not kind.own:
                continue
            other = kind.other(event)
            yield Notice(
                user_id=user_id, type_key=BATCH if kind.place else event.primary_type, record_id=event.primary_id,
                event_id=event.id,
                other_type=other.type if other else "", other_id=other.id if other else None, batch_id=event.batch_id,
                kind=kind.key, actor_id=event.actor_id, data=dict(kind.data(event)), at=event.at,
            )  # fmt: skip


def _refs(notice: Notice) -> set[RecordRef]:
    """The cards its reader must see."""
    refs = {RecordRef(notice.type_key, notice.record_id)} if notice.type_key != BATCH else set()
    if notice.other_id is not None:
        refs.add(RecordRef(notice.other_type, notice.other_id))
    return refs


def _seen(state: Snapshot, notices: Sequence[Notice]) -> dict[UUID, set[RecordRef]]:
    """Which of these cards each of the users sees; one query per user and type."""
    asked: dict[UUID, set[RecordRef]] = {}
    for notice in notices:
        asked.setdefault(notice.user_id, set()).update(_refs(notice))
    return {user_id: visible_refs(user_actor(user_id, state), refs) for user_id, refs in asked.items()}


def visible_refs(actor: Any, refs: set[RecordRef]) -> set[RecordRef]:
    """Those of the cards the actor sees; one query."""
    return set(policy.titles(actor, refs))


def _first_of_batch(notice: Notice, told: set[tuple[UUID, UUID, str]]) -> bool:
    """A bulk act is told once, whatever the number of its cards."""
    if notice.batch_id is None:
        return True
    mark = (notice.user_id, notice.batch_id, notice.kind)
    if mark in told:
        return False
    told.add(mark)
    return not Notice.objects.filter(user_id=notice.user_id, batch_id=notice.batch_id, kind=notice.kind).exists()


dispatcher.register(dispatcher.Consumer("notices", handle))
