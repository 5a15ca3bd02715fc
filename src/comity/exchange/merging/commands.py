"""Merge two cards into one, in one command; and make two of them again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.changes import commands, merging
from comity.changes.bus import Work
from comity.changes.undo import way
from comity.changes.writer import current
from comity.exchange.merging import choosing, movers, rows, ties
from comity.kernel.errors import Conflict, Invalid, Refused
from comity.records import kinds
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.search import rules as duplicate_rules
from comity.timeline.models import Event
from comity.work.tasks.next_step import refresh_all

MERGED, UNMERGED = "record.merged", "record.unmerged"


def can_merge(record_type: RecordType) -> bool:
    """Whether cards of a type can be merged: those that can be twins and hang on no other card."""
    return not record_type.follows and bool(duplicate_rules.shipped(record_type))


@dataclass
class MergeRecords:
    """Make one card of two of a type: `kept` stays, `lost` becomes a part of it.

    version_kept, version_lost   those the choices were made against; 0 = whatever is there
    choices   {field key: "kept" | "lost" | "both"}; of other fields both values stay where that can be, and what the
              kept card lacks is filled in
    Needs the right to edit both. What hangs on the lost card moves, hidden cards that point to it included.
    """

    key: ClassVar[str] = "record.merge"
    type_key: str
    kept: UUID
    lost: UUID
    version_kept: int = 0
    version_lost: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        record_type = commands.type_of(work.actor, self.type_key)
        if not can_merge(record_type) or self.kept == self.lost:
            raise Invalid(fields={"lost": [_("These two cannot be merged.")]})
        choosing.check(work.actor, record_type, self.choices)
        kept, lost = merging.hold_both(work, record_type, self.kept, self.lost)
        for record, version in ((kept, self.version_kept), (lost, self.version_lost)):
            if version and version != record.version:
                raise Conflict(
                    todo=_("Open the two cards again to see the change, then merge them."),
                    current={"version": record.version},
                )
        pair = RecordRef(record_type.key, kept.pk), RecordRef(record_type.key, lost.pk)
        self._merge(work, record_type, kept, lost, pair)

    def _merge(
        self, work: Work, record_type: RecordType, kept: Any, lost: Any, pair: tuple[RecordRef, RecordRef]
    ) -> None:
        kept_ref, lost_ref = pair
        before, theirs = current(record_type, kept), current(record_type, lost)
        values = choosing.resolve(record_type, before, theirs, self.choices, pair)
        if values.get("owner", before.get("owner")) != before.get("owner"):
            commands.check_owner(work.actor, record_type, values["owner"], "edit")
        moved = {mover.key: note for mover in movers.all_movers() if (note := mover.move(work, lost_ref, kept_ref))}
        relations = ties.touching(lost_ref, kept_ref)
        held = rows.held(relations)
        fields = frozenset(spec.key for spec in record_type.specs if spec.kind == "relation")
        ties.move_relations(relations, lost_ref, kept_ref, fields)
        changes = commands.amend(work, record_type, kept, values)
        if not changes:
            commands.keep(work, kept, {})
        ties.mirror(record_type, kept.pk, before | values)
        payload = {
            "title": kept.title, "lost": [lost_ref.type, str(lost_ref.id)], "lost_title": lost.title,
            "changes": changes, "moved": moved, "relations": ties.relations_note(held, lost_ref, kept_ref),
            "stories": ties.join_stories(lost_ref, kept_ref),
            "led": merging.lead_on(record_type.key, lost_ref.id, kept_ref.id),
        }  # fmt: skip
        subjects = dict.fromkeys(
            [lost_ref, *commands.linked_refs(record_type, before), *commands.linked_refs(record_type, before | values)]
        )
        event = work.tell(MERGED, kept_ref, payload, subjects, kept.version)
        merging.put_away(work, record_type, lost, kept.pk, event.pk)
        work.tell("record.merged_away", lost_ref, {"title": lost.title}, version=lost.version)
        refresh_all(work, [kept_ref, lost_ref])
        _first(work, event.pk, kept_ref)


@way("merge")
def take_back(work: Work, event: Event) -> None:
    """Both cards again, with what was theirs. What was changed since stays as it is, and is told."""
    record_type = commands.type_of(work.actor, event.primary_type)
    payload, kept_ref = event.payload, RecordRef(event.primary_type, event.primary_id)
    lost_ref = ties.uuid_of(payload["lost"])
    merging.lock(record_type, (kept_ref.id, lost_ref.id))
    kept = commands.hold(work, record_type.key, kept_ref.id)[1]
    lost = merging.bring_back(work, record_type, lost_ref.id, kept_ref.id, event.pk)
    merging.lead_back(record_type.key, payload["led"], lost_ref.id, kept_ref.id)
    left = _movers_back(work, payload["moved"])
    if number := rows.restore(payload["relations"]):
        left["relations"] = number
    ties.part_stories(lost_ref, kept_ref, payload["stories"], event)
    before = current(record_type, kept)
    values, fields = _fields_back(record_type, payload["changes"], before)
    changes = commands.amend(work, record_type, kept, values)
    if not changes:
        commands.keep(work, kept, {})
    ties.mirror(record_type, kept.pk, before | values)
    if not policy.may(work.actor, record_type, lost, "edit") and event.actor_id != work.actor.user_id:
        raise Refused()
    told = {"title": kept.title, "lost": payload["lost"], "lost_title": lost.title, "changes": changes,
            "undone": event.pk, "left": left, "fields": fields}  # fmt: skip
    event_id = work.tell(UNMERGED, kept_ref, told, [lost_ref], kept.version).pk
    work.tell("record.parted", lost_ref, {"title": lost.title}, version=lost.version)
    refresh_all(work, [kept_ref, lost_ref])
    work.result.data |= {"left": left, "fields": fields}
    _first(work, event_id, kept_ref)


def _first(work: Work, event_id: int, ref: RecordRef) -> None:
    """Of all that was told, this is what the message speaks of and offers to take back."""
    result = work.result
    result.events = [event_id, *(one for one in result.events if one != event_id)]
    result.records = [ref, *(one for one in result.records if one != ref)]


def _movers_back(work: Work, notes: Mapping[str, Any]) -> dict[str, int]:
    """Put back what moved; {mover: how many stay where they are}."""
    known = {mover.key: mover for mover in movers.all_movers()}
    found: dict[str, int] = {}
    in_order = [key for key in known if key in notes]  # PostgreSQL's JSON keeps no order of keys
    for key in [*(key for key in notes if key not in known), *reversed(in_order)]:
        number = known[key].put_back(work, notes[key]) if key in known else 1
        if number:
            found[key] = number
    return found


def _fields_back(
    record_type: RecordType, changes: Mapping[str, Any], now_held: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """The old values of the fields nobody has changed since the merge, and the keys of those somebody has."""
    known = {spec.key: spec for spec in record_type.specs}
    values, fields = {}, []
    for key, (old, new) in changes.items():
        spec = known.get(key)
        if spec is None:
            continue  # a field that was taken out of use since
        if kinds.to_json(spec, now_held[key]) == kinds.to_json(spec, kinds.from_json(spec, new)):
            values[key] = kinds.from_json(spec, old)
        else:
            fields.append(key)
    return values, fields
