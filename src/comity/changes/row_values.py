"""Values that live in rows of their own: contact points, tags, links made by clicks, files of a field.

Read for many cards in one query each; written for one card by the writer alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.kernel.clock import now
from comity.kernel.errors import Invalid
from comity.records.conditions import point_fold
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.models import ContactPoint, FileRef, Record, RecordRef, Relation, StoredFile, TagLink
from comity.records.prepared import EVERYBODYS, key_slots, keys, portions
from comity.records.types import RecordType

Values = dict[str, Any]
POINT_KIND = {"phones": "phone", "emails": "email", "handles": "handle"}
HELD_KINDS = ("relation", "file")


@dataclass(frozen=True)
class _Points:
    """The contact points of so many records of a type."""

    type_key: str
    size: int

    def build(self) -> Any:
        """The query; its slots are the records' keys."""
        field = ContactPoint._meta.get_field("record_id")
        rows = ContactPoint.objects.filter(type_key=self.type_key, record_id__in=key_slots(field, self.size))
        return rows.order_by("field", "position").values_list("record_id", "field", "label", "value", "ext")


@dataclass(frozen=True)
class _Tags:
    """The tags of so many records of a type."""

    type_key: str
    size: int

    def build(self) -> Any:
        """The query; its slots are the records' keys."""
        field = TagLink._meta.get_field("record_id")
        rows = TagLink.objects.filter(type_key=self.type_key, record_id__in=key_slots(field, self.size))
        return rows.values_list("record_id", "tag_id")


@dataclass(frozen=True)
class _Links:
    """What some relation fields of so many records of a type point to."""

    type_key: str
    fields: tuple[str, ...]
    size: int

    def build(self) -> Any:
        """The query; its slots are the records' keys."""
        slots = key_slots(Relation._meta.get_field("from_id"), self.size)
        rows = Relation.objects.filter(from_type=self.type_key, from_id__in=slots, kind__in=self.fields)
        return rows.values_list("from_id", "kind", "to_type", "to_id")


@dataclass(frozen=True)
class _Files:
    """The files in some fields of so many records of a type."""

    type_key: str
    fields: tuple[str, ...]
    size: int

    def build(self) -> Any:
        """The query; its slots are the records' keys."""
        slots = key_slots(StoredFile._meta.get_field("record_id"), self.size)
        rows = StoredFile.objects.filter(
            type_key=self.type_key, record_id__in=slots, field__in=self.fields, deleted_at=None
        )
        return rows.order_by("created_at", "id").values_list("record_id", "field", "id", "name", "size")


def tags_of(record_type: RecordType, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The tags of those of many records that have any; one query."""
    found: dict[UUID, list[UUID]] = {}
    for part, size in portions(ids):
        for record_id, tag in EVERYBODYS.of(_Tags(record_type.key, size)).rows(**keys(part, size)):
            found.setdefault(record_id, []).append(tag)
    return found


def points_of(record_type: RecordType, ids: Sequence[UUID], specs: list[FieldSpec]) -> dict[UUID, Values]:
    """The contact points of many records: {id: {field key: points}}; one query."""
    found: dict[UUID, Values] = {one: {spec.key: () for spec in specs} for one in ids}
    for part, size in portions(ids):
        rows = EVERYBODYS.of(_Points(record_type.key, size)).rows(**keys(part, size))
        for record_id, key, label, value, ext in rows:
            held = found[record_id]
            if key in held:
                held[key] += ({"label": label, "value": value, "ext": ext},)
    return found


def held_of(record_type: RecordType, ids: Sequence[UUID], specs: Iterable[FieldSpec]) -> dict[UUID, Values]:
    """The values of the relation and file fields among `specs`: {id: {field key: value}}; one query for each kind."""
    links, files = (tuple(spec.key for spec in specs if spec.kind == kind) for kind in HELD_KINDS)
    if not links and not files:
        return {}
    found: dict[UUID, Values] = {one: dict.fromkeys((*links, *files), ()) for one in ids}
    for part, size in portions(ids):
        slots = keys(part, size)
        if links:
            for record_id, key, kind, other in EVERYBODYS.of(_Links(record_type.key, links, size)).rows(**slots):
                found[record_id][key] += (RecordRef(kind, other),)
        if files:
            for record_id, key, *file in EVERYBODYS.of(_Files(record_type.key, files, size)).rows(**slots):
                found[record_id][key] += (FileRef(*file),)
    for values in found.values():
        for key in links:
            values[key] = tuple(sorted(values[key], key=str))
    return found


def fill(record_type: RecordType, rows: Sequence[dict[str, Any]], specs: Iterable[FieldSpec]) -> None:
    """Put those values into values() rows under the fields' keys, where records.kinds.read finds them."""
    specs = [spec for spec in specs if spec.kind in HELD_KINDS]
    if specs and rows:
        found = held_of(record_type, [row["id"] for row in rows], specs)
        for row in rows:
            row.update(found[row["id"]])


def write(
    actor: Actor, record_type: RecordType, record: Record, spec: FieldSpec, value: Any, *, fresh: bool = False
) -> None:
    """Make the rows of a field say just that; `fresh`: the record is new and has none. Raises Invalid."""
    if spec.kind in CONTACT_KINDS:
        _write_points(record_type, record, spec, value, fresh)
    elif spec.kind == "tags":
        _write_tags(record_type, record, value, fresh)
    elif spec.kind == "relation":
        _write_links(actor, record_type, record, spec, value, fresh)
    elif spec.kind == "file":
        _write_files(actor, record_type, record, spec, value)


def _write_points(record_type: RecordType, record: Record, spec: FieldSpec, value: Any, fresh: bool) -> None:
    rows = ContactPoint.objects.filter(type_key=record_type.key, record_id=record.pk, field=spec.key)
    if not fresh:
        rows.delete()
    points = []
    for position, point in enumerate(value):
        folded = point_fold(spec, point["value"])
        last9 = folded[-9:] if spec.kind == "phones" else ""
        points.append(ContactPoint(
            type_key=record_type.key, record_id=record.pk, field=spec.key, kind=POINT_KIND[spec.kind], fold=folded,
            last9=last9, position=position, **point,
        ))  # fmt: skip
    if points:
        ContactPoint.objects.bulk_create(points)


def _write_tags(record_type: RecordType, record: Record, value: Any, fresh: bool) -> None:
    if not fresh:
        TagLink.objects.filter(type_key=record_type.key, record_id=record.pk).delete()
    if value:
        TagLink.objects.bulk_create(
            [TagLink(type_key=record_type.key, record_id=record.pk, tag_id=tag) for tag in value]
        )


def _write_links(
    actor: Actor, record_type: RecordType, record: Record, spec: FieldSpec, value: Any, fresh: bool
) -> None:
    """Rows that stay are left alone, so that each tells since when it is there."""
    held: dict[RecordRef, Any] = {}
    if not fresh:
        rows = Relation.objects.filter(kind=spec.key, from_type=record_type.key, from_id=record.pk)
        held = {RecordRef(row.to_type, row.to_id): row.pk for row in rows}
        gone = [key for ref, key in held.items() if ref not in value]
        if gone:
            Relation.objects.filter(pk__in=gone).delete()
    moment = now()
    Relation.objects.bulk_create([
        Relation(kind=spec.key, from_type=record_type.key, from_id=record.pk, to_type=ref.type, to_id=ref.id,
                 created_at=moment, created_by=actor.user_id)
        for ref in value if ref not in held
    ])  # fmt: skip


def _write_files(actor: Actor, record_type: RecordType, record: Record, spec: FieldSpec, value: Any) -> None:
    """A file that leaves the field stays on the card, among its files."""
    here = StoredFile.objects.filter(type_key=record_type.key, record_id=record.pk)
    for one in value:
        if one.of is not None and one.of != RecordRef(record_type.key, record.pk):
            raise Invalid(fields={spec.key: [_("Choose one of the list.")]})
    here.filter(field=spec.key).exclude(pk__in=[one.id for one in value]).update(field="")
    here.filter(pk__in=[one.id for one in value if one.content is None]).update(field=spec.key)
    for one in value:
        if one.content is not None:
            row = one.content
            row.type_key, row.record_id, row.field = record_type.key, record.pk, spec.key
            row.created_at, row.created_by = now(), actor.user_id
            row.save(force_insert=True)
