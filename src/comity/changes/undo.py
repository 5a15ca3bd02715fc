"""Undo: within 30 days, puts back what an event changed, if nobody has touched it since."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes import commands, writer
from comity.changes.bus import Work
from comity.changes.commands import Link, Restore, ShareRecord, Trash, changed_since, linked_refs, type_of
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, NotFound, Refused
from comity.records import kinds
from comity.records.models import RecordRef, Relation
from comity.records.types import RecordType
from comity.timeline import types as event_types
from comity.timeline.models import Event
from comity.timeline.shredding import shredded
from comity.timeline.story import tell

UNDO_DAYS = 30


@dataclass
class Undo:
    """Take back one event. What others changed since is not overwritten: Conflict says who changed what."""

    key: ClassVar[str] = "event.undo"
    event_id: int

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Conflict."""
        event = Event.objects.filter(pk=self.event_id).first()
        event_type = event_types.get(event.type) if event else None
        if event is None or event_type is None:
            raise NotFound()
        record_type = work.actor.state.record_types.get(event.primary_type)
        if record_type is not None:
            self._require_there(work.actor, record_type, event)
            policy.get(work.actor, record_type, event.primary_id, "restore" if event_type.undo == "trash" else "view")
        if not tell(work.actor, [event], RecordRef(event.primary_type, event.primary_id)):
            raise NotFound()  # what he is not told of he cannot take back
        way = _ways.get(event_type.undo)
        if way is None:
            raise Refused(_("This cannot be undone."))
        if event.at < now() - timedelta(days=UNDO_DAYS):
            text = ngettext(
                "This happened more than %(days)s day ago and can no longer be undone.",
                "This happened more than %(days)s days ago and can no longer be undone.",
                UNDO_DAYS,
            )
            raise Refused(text % {"days": UNDO_DAYS})
        if shredded(event):
            raise Refused(
                _("Personal data was erased from what this tells; it cannot be undone any more."),
                kept=_("Nothing was changed."),
            )
        way(work, event)

    def _require_there(self, actor: Actor, record_type: RecordType, event: Event) -> None:
        """Raises Refused when the card was deleted for good: said to who knew of it, for he did this himself."""
        knows = actor.administrator or event.actor_id == actor.user_id
        if knows and not record_type.rows.filter(pk=event.primary_id).exists():
            raise Refused(
                _("This card was deleted for good, so nothing of it can be taken back."),
                kept=_("Nothing was changed."), todo=_("Make the card anew if it is needed."),
            )  # fmt: skip


_ways: dict[str, Callable[[Work, Event], None]] = {}


def way(key: str) -> Callable[[Callable[[Work, Event], None]], Callable[[Work, Event], None]]:
    """Register how events with that `undo` key are taken back."""

    def remember(function: Callable[[Work, Event], None]) -> Callable[[Work, Event], None]:
        _ways[key] = function
        return function

    return remember


def undoable(event: Event) -> bool:
    """Whether the story offers to undo the event (what has been touched since is found out on trying)."""
    event_type = event_types.get(event.type)
    return (
        bool(event_type and event_type.undo) and not shredded(event) and event.at >= now() - timedelta(days=UNDO_DAYS)
    )


@way("fields")
def _fields(work: Work, event: Event) -> None:
    """Put the old values back."""
    put_back(work, event)


def put_back(
    work: Work, event: Event, house: frozenset[str] = frozenset(), told: str = "record.updated",
    more: Mapping[str, Any] | None = None,
) -> Any:  # fmt: skip
    """Put the old values of an event's "changes" back, as an event of type `told`; gives the record.

    house   fields that only the house writes, and that this event's own command wrote: they go back with the others
    more    what else the event tells
    """
    record_type = type_of(work.actor, event.primary_type)
    record = writer.held(work.actor, record_type, event.primary_id, "edit")
    before = writer.current(record_type, record)
    values: dict[str, Any] = {}
    touched: dict[str, Any] = {}
    later = changed_since(record_type.key, record.pk, event.record_version or 0)
    known = {spec.key: spec for spec in record_type.specs}
    for key, (old, new) in event.payload["changes"].items():
        spec = known.get(key)
        if spec is None:
            continue  # a custom field archived since
        if key not in house and policy.level(work.actor, record_type, spec) != "write":
            raise Refused()
        if kinds.to_json(spec, before[key]) != kinds.to_json(spec, kinds.from_json(spec, new)):
            who = later.get(key)
            touched[key] = [str(who.actor_id or "") if who else "", who.at.isoformat() if who else ""]
        values[key] = kinds.from_json(spec, old)
    if touched:
        raise Conflict(
            _("Someone has changed this again since."),
            kept=_("Their change stays as it is."),
            todo=_("Look at the history below and change the field by hand if you still want the old value."),
            current={"who": touched, "version": record.version},
        )
    own_way = commands.update(record_type.key, record.pk, 0, {})
    if "owner" in values and values["owner"] != before["owner"]:
        own_way.check_owner(work.actor, record_type, values["owner"])
    relations_before = writer.mirrored(record_type, record, before, values)
    changes = writer.update(work.actor, record_type, record, before, values)
    writer.mirror_again(work.actor, record_type, record, event.payload.get("relations", {}), relations_before)
    ref = RecordRef(record_type.key, record.pk)
    payload = {"title": record.title, "changes": changes, "undone": event.id, **(more or {})}
    if relations_before:
        payload["relations"] = relations_before
    refs = dict.fromkeys(linked_refs(record_type, before) + linked_refs(record_type, before | values))
    work.tell(told, ref, payload, refs, record.version)
    own_way.made(work, record_type, record, before)
    return record


@way("creation")
def _creation(work: Work, event: Event) -> None:
    """Into the trash again, unless others have worked on it."""
    later = changed_since(event.primary_type, event.primary_id, event.record_version or 0)
    who = {key: [str(one.actor_id or ""), one.at.isoformat()] for key, one in later.items()
           if one.actor_id != work.actor.user_id}  # fmt: skip
    if who:
        raise Conflict(
            _("Someone has changed this again since."), kept=_("Their change stays as it is."), current={"who": who}
        )
    Trash(event.primary_type, event.primary_id).apply(work)


@way("trash")
def _trash(work: Work, event: Event) -> None:
    Restore(event.primary_type, event.primary_id).apply(work)


@way("restore")
def _restore(work: Work, event: Event) -> None:
    Trash(event.primary_type, event.primary_id).apply(work)


@way("relation")
def _relation(work: Work, event: Event) -> None:
    """Set roles and note as they were, or take the relation away again."""
    payload = event.payload
    from_ref = RecordRef(event.primary_type, event.primary_id)
    to_ref = RecordRef(payload["to"][0], UUID(payload["to"][1]))
    rows = Relation.objects.filter(
        kind=payload["kind"], from_type=from_ref.type, from_id=from_ref.id, to_type=to_ref.type, to_id=to_ref.id
    )
    held = rows.values_list("roles", "note").first()
    if (list(held) if held else None) != payload["after"]:
        raise Conflict(_("Someone has changed this again since."), kept=_("Their change stays as it is."))
    if payload["before"] is None:
        policy.get(work.actor, type_of(work.actor, from_ref.type), from_ref.id, "edit")
        rows.delete()
        work.tell("relation.removed", from_ref, payload | {"before": payload["after"], "after": None}, [to_ref])
    else:
        roles, note = payload["before"]
        Link(payload["kind"], from_ref, to_ref, tuple(filter(None, roles.split("|"))), note).apply(work)


@way("share")
def _share(work: Work, event: Event) -> None:
    payload = event.payload
    target = {
        name: next((one for one in table if str(one) == payload[name]), None)
        for name, table in (("user", work.actor.state.users), ("team", work.actor.state.teams))
    }
    shares = Share.objects.filter(
        type_key=event.primary_type,
        record_id=event.primary_id,
        user=target["user"],
        team=target["team"],
        until=None,
    )
    edit = shares.values_list("edit", flat=True).first()
    if payload["after"] != ("" if edit is None else "edit" if edit else "view"):
        raise Conflict(_("Someone has changed this again since."), kept=_("Their change stays as it is."))
    ShareRecord(event.primary_type, event.primary_id, target["user"], target["team"], payload["before"]).apply(work)
