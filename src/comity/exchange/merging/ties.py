"""The relations and the story of two cards that become one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from comity.exchange.merging import rows
from comity.records.models import RecordRef, Relation
from comity.records.types import RecordType
from comity.timeline.models import Event, EventSubject


def touching(*refs: RecordRef) -> list[Relation]:
    """The relations of any of these cards, held until the transaction ends."""
    q = Q()
    for ref in refs:
        q |= Q(from_type=ref.type, from_id=ref.id) | Q(to_type=ref.type, to_id=ref.id)
    return list(Relation.objects.select_for_update().filter(q).order_by("pk"))


def move_relations(
    found: list[Relation], lost: RecordRef, kept: RecordRef, fields: frozenset[str] = frozenset()
) -> None:
    """Hang the relations of one card on the other. Where both have the same one, its roles come together.

    Those that are values of the lost card's own `fields` stay: they are chosen like the values of any other field.

    What the link fields of the kept card mirror is written with its fields: here none of its own stays a main one.
    """
    mine = [one for one in found if lost in _ends(one)]
    theirs = {_place(one, kept): one for one in found if kept in _ends(one) and lost not in _ends(one)}
    for one in mine:
        outward = _ends(one)[0] == lost
        if outward and one.kind in fields:
            continue
        other = _ends(one)[1] if outward else _ends(one)[0]
        if other == kept:
            one.delete()
            continue
        twin = theirs.get((one.kind, outward, other))
        if twin is None:
            name = "from_id" if outward else "to_id"
            setattr(one, name, kept.id)
            one.main = one.main and not outward
            one.save(update_fields=[name, "main"])
            continue
        twin.roles = _together(twin.roles, one.roles)
        twin.note = twin.note or one.note
        twin.main = twin.main or (one.main and not outward)
        twin.save(update_fields=["roles", "note", "main"])
        one.delete()
    Relation.objects.filter(from_type=kept.type, from_id=kept.id, main=True).update(main=False)


def mirror(record_type: RecordType, record_id: UUID, values: Mapping[str, Any]) -> None:
    """Let the main relations of a card be those its link fields hold, and no others."""
    for spec in record_type.links:
        if not spec.relation:
            continue
        mine = Relation.objects.filter(kind=spec.relation, from_type=record_type.key, from_id=record_id)
        mine.filter(main=True).exclude(to_id=values[spec.key]).update(main=False)
        if values[spec.key]:
            mine.filter(to_id=values[spec.key], main=False).update(main=True)


def _ends(one: Relation) -> tuple[RecordRef, RecordRef]:
    return RecordRef(one.from_type, one.from_id), RecordRef(one.to_type, one.to_id)


def _place(one: Relation, ref: RecordRef) -> tuple[str, bool, RecordRef]:
    first, second = _ends(one)
    return one.kind, first == ref, second if first == ref else first


def _together(one: str, other: str) -> str:
    roles = dict.fromkeys(filter(None, [*one.split("|"), *other.split("|")]))
    return f"|{'|'.join(roles)}|" if roles else ""


def relations_note(before: Any, lost: RecordRef, kept: RecordRef) -> Any:
    """What has become of the relations since `before` (rows.held of `touching`)."""
    return rows.difference(Relation, before, rows.held(touching(lost, kept)))


def join_stories(lost: RecordRef, kept: RecordRef) -> list[int]:
    """Tell the events of one card on the other too; which ones were told there already."""
    both = _events(kept).filter(event__in=_events(lost).values("event"))
    already = sorted(both.values_list("event_id", flat=True))
    ids = _events(lost).exclude(event_id__in=already).order_by("event_id").values_list("event_id", flat=True)
    # Read in one go before the first row is written; a card's story has thousands of events at most.
    EventSubject.objects.bulk_create(
        [EventSubject(event_id=event_id, type_key=kept.type, record_id=kept.id) for event_id in list(ids)],
        batch_size=500,
    )
    return already


def part_stories(lost: RecordRef, kept: RecordRef, already: list[int], merged: Event) -> None:
    """Take what `join_stories` added away: the events of the lost card until the merge."""
    added = _events(kept).filter(event_id__lt=merged.pk, event__in=_events(lost).values("event"))
    added.exclude(event_id__in=already).delete()


def _events(ref: RecordRef) -> Any:
    return EventSubject.objects.filter(type_key=ref.type, record_id=ref.id)


def uuid_of(pair: list[str]) -> RecordRef:
    """A pointer out of an event."""
    return RecordRef(pair[0], UUID(pair[1]))
