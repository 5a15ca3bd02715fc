"""Cards that come in by the hundred: checked, written and told as if each came alone, in few statements.

For commands of rooms, inside their transaction. What the house itself gives a new card, and what follows, a room says
with `use`; else its own way of making cards (commands.use) is asked for each.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import commands, row_values, writer
from comity.changes.bus import Telling, Work
from comity.changes.commands import Create, linked_refs
from comity.changes.computed import fill
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, Refused
from comity.kernel.ids import new_id
from comity.records import kinds, saving
from comity.records.conditions import point_fold
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.models import ContactPoint, RecordRef, Relation, TagLink
from comity.records.types import RecordType

Values = dict[str, Any]
AT_ONCE = 50  # rows of one statement
UNSEEN = ("team", "next_at", "created_at", "updated_at")  # never read from a file as fields


@dataclass(frozen=True)
class Way:
    """How cards of a type come in.

    fields   keys of fields only the house writes that a file may fill all the same
    given    (work, type, values) -> values that the house gives, or exchanges; raises Invalid
    made     (work, type, cards) -> what follows in the same transaction
    lines    (work, card to be made, its lines {"name", "quantity", "price"}) -> words for a note, of what did not fit
    """

    fields: frozenset[str] = frozenset()
    given: Callable[[Work, RecordType, Values], Values] | None = None
    made: Callable[[Work, RecordType, Sequence[Any]], None] | None = None
    lines: "Callable[[Work, Coming, Sequence[Mapping[str, Any]]], list[str]] | None" = None


_ways: dict[str, Way] = {}


def use(type_key: str, way: Way) -> None:
    """Say how cards of a type come in by the hundred."""
    _ways[type_key] = way


def way_of(type_key: str) -> Way:
    """The same; the plain way for types of which nothing was said."""
    return _ways.get(type_key, Way())


def fillable(actor: Actor, record_type: RecordType) -> list[FieldSpec]:
    """The fields an actor's file may fill: those he writes, and those the house writes that its way names."""
    named = way_of(record_type.key).fields
    found = []
    for spec in record_type.specs:
        if spec.key in UNSEEN or spec.formula or spec.kind == "file":
            continue
        level = actor.level(record_type.key, spec.key) if spec.key in named else policy.level(actor, record_type, spec)
        if level == "write":
            found.append(spec)
    return found


class Cleaner:
    """Raw values of many cards of one type to values, by the same rules as forms; what depends on the actor alone is
    looked up once."""

    def __init__(self, actor: Actor, record_type: RecordType) -> None:
        self.actor, self.type = actor, record_type
        self.specs = {spec.key: spec for spec in fillable(actor, record_type)}
        self._demanded = [spec for spec in record_type.specs if spec.required in ("always", "creation")]
        self._tax = [spec for spec in self.specs.values() if spec.checked_for_country]
        self._references = {"user", "team", "tags"}

    def values(self, raw: Mapping[str, Any]) -> tuple[Values, dict[str, list[str]]]:
        """What the raw input comes to, and what is wrong with it by field."""
        values: Values = {}
        wrong: dict[str, list[str]] = {}
        env = self.actor.env
        for key, given in raw.items():
            spec = self.specs.get(key)
            if spec is None:
                wrong[key] = [_("There is no such field.")]
                continue
            try:
                if spec.kind in self._references:
                    values[key] = writer.checked(self.actor, spec, given)
                else:
                    values[key] = kinds.clean(spec, given, env)
            except kinds.BadValue as problem:
                wrong[key] = [str(problem)]
        for spec in self._tax:
            if values.get(spec.key):
                country = values.get(spec.extra.get("country", "country")) or env.country
                try:
                    values[spec.key] = kinds.requisite(spec.extra.get("check", ""), values[spec.key], country)
                except kinds.BadValue as problem:
                    wrong[spec.key] = [str(problem)]
        return values, wrong

    def lacking(self, values: Mapping[str, Any]) -> dict[str, list[str]]:
        """What a new card of these values still lacks, by field."""
        wrong = {spec.key: [_("Fill this in.")] for spec in self._demanded if kinds.empty(values.get(spec.key))}
        if not wrong and not self.type.title(values, self.actor.language)[0]:
            wrong[self.type.title_fields[0]] = [_("Fill this in.")]
        return wrong


@dataclass(slots=True)
class Coming:
    """A card to be made, of values as in records.kinds; `origin` joins its event: where it came from."""

    type: RecordType
    values: Values
    id: UUID = field(default_factory=new_id)
    created_at: datetime | None = None
    created_by: UUID | None = None
    origin: Mapping[str, Any] = field(default_factory=dict)


def begin(work: Work, one: Coming) -> None:
    """Check the right to make it and add what the house gives; raises Refused, Invalid."""
    actor, record_type = work.actor, one.type
    if actor.scope(record_type.key, "create") == "none":
        raise Refused()
    plain = commands.create(record_type.key, {})
    one.values.setdefault("owner", actor.user_id)
    plain.check_owner(actor, record_type, one.values["owner"])
    given = way_of(record_type.key).given
    if given is not None:
        one.values |= given(work, record_type, one.values)
    elif type(plain).given is not Create.given:
        one.values |= plain.given(work, record_type, one.values)


def make(work: Work, coming: Sequence[Coming]) -> None:
    """Write cards that `begin` has checked, with their rows, and tell of each."""
    made: dict[str, list[Any]] = {}
    told: list[Telling] = []
    rows: dict[Any, list[tuple[Any, ...]]] = {_POINTS: [], _TAGS: [], _RELATIONS: []}
    moment = now()
    for one in coming:
        record = _record(work.actor, one, moment)
        made.setdefault(one.type.key, []).append(record)
        _rows(work.actor, one, rows, moment)
        changes = {
            key: [None, kinds.to_json(one.type.spec(key), value)]
            for key, value in one.values.items() if not kinds.empty(value)
        }  # fmt: skip
        payload = {"title": record.title, "changes": changes, **one.origin}
        ref = RecordRef(one.type.key, record.pk)
        told.append(Telling("record.created", ref, payload, linked_refs(one.type, one.values), record.version))
    for records in made.values():
        saving.insert_many(records)
    for (model, names), found in rows.items():
        saving.insert_values(model, names, found)
    work.tell_all(told)
    for type_key, records in made.items():
        _follow(work, work.actor.state.record_types[type_key], records)


_POINTS = (ContactPoint, (
    "id", "type_key", "record_id", "field", "kind", "label", "value", "fold", "last9", "ext", "position",
))  # fmt: skip
_TAGS = (TagLink, ("id", "type_key", "record_id", "tag_id"))
_RELATIONS = (Relation, (
    "id", "kind", "from_type", "from_id", "to_type", "to_id", "roles", "note", "main", "created_at", "created_by",
))  # fmt: skip


def _record(actor: Actor, one: Coming, moment: datetime) -> Any:
    record = saving.blank(one.type.model)
    record.custom = {}
    record.id, record.updated_at, record.updated_by = one.id, moment, actor.user_id
    record.created_at, record.created_by = min(one.created_at or moment, moment), one.created_by or actor.user_id
    if one.type.own:
        record.type_key = one.type.key
    if one.values.get("team") is None:
        one.values["team"] = writer.main_team(actor, one.values.get("owner"))
    writer.assign(actor, one.type, record, one.values, one.values)
    fill(actor.state, one.type, record)
    return record


def _rows(actor: Actor, one: Coming, rows: dict[Any, list[tuple[Any, ...]]], moment: datetime) -> None:
    type_key, record_id = one.type.key, one.id
    for key, value in one.values.items():
        if not value:
            continue
        spec = one.type.spec(key)
        if spec.kind in CONTACT_KINDS:
            for position, point in enumerate(value):
                folded = point_fold(spec, point["value"])
                rows[_POINTS].append((
                    new_id(), type_key, record_id, key, row_values.POINT_KIND[spec.kind], point["label"],
                    point["value"], folded, folded[-9:] if spec.kind == "phones" else "", point["ext"], position,
                ))  # fmt: skip
        elif spec.kind == "tags":
            rows[_TAGS] += [(new_id(), type_key, record_id, tag) for tag in value]
        elif spec.kind == "link" and spec.relation:
            rows[_RELATIONS].append((
                new_id(), spec.relation, type_key, record_id, spec.target, value, "", "", True, moment, actor.user_id,
            ))  # fmt: skip
        elif spec.kind == "relation":
            rows[_RELATIONS] += [
                (new_id(), key, type_key, record_id, ref.type, ref.id, "", "", False, moment, actor.user_id)
                for ref in value
            ]  # fmt: skip


def write(rows: Sequence[Any]) -> None:
    """Add rows of one model, in few statements."""
    for start in range(0, len(rows), AT_ONCE):
        saving.insert(rows[start : start + AT_ONCE])


def _follow(work: Work, record_type: RecordType, records: Sequence[Any]) -> None:
    made = way_of(record_type.key).made
    if made is not None:
        made(work, record_type, records)
        return
    plain = commands.create(record_type.key, {})
    if type(plain).made is not Create.made:
        for record in records:
            plain.made(work, record_type, record)


def change(
    work: Work, record_type: RecordType, record: Any, before: Values, values: Values, origin: Mapping[str, Any]
) -> Values:
    """Write what differs into a card held for the change, of which the actor may edit, and tell it; what changed."""
    if "owner" in values and values["owner"] != before["owner"]:
        commands.update(record_type.key, record.pk, 0, {}).check_owner(work.actor, record_type, values["owner"])
    title = record.title
    taken = writer.mirrored(record_type, record, before, values)
    changes = writer.update(work.actor, record_type, record, before, values)
    if not changes:
        return {}
    payload: Values = {"title": record.title, "changes": changes, **origin}
    if record.title != title:
        payload["title_before"] = title
    if taken:
        payload["relations"] = taken
    refs = dict.fromkeys(linked_refs(record_type, before) + linked_refs(record_type, before | values))
    work.tell("record.updated", RecordRef(record_type.key, record.pk), payload, refs, record.version)
    return changes


def held(
    work: Work, record_type: RecordType, ids: Iterable[UUID], *, lock: bool = True
) -> dict[UUID, tuple[Any, Values]]:
    """Those of these cards the actor may edit, and what they hold; with `lock` nobody else changes them until the
    transaction ends."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    rows = policy.visible(work.actor, record_type, "edit").filter(pk__in=wanted)
    records = {one.pk: one for one in (rows.select_for_update(no_key=True, of=("self",)) if lock else rows)}
    points = [spec for spec in record_type.specs if spec.kind in CONTACT_KINDS]
    keys = list(records)
    their_points = row_values.points_of(record_type, keys, points) if points and keys else {}
    their_tags = row_values.tags_of(record_type, keys) if keys else {}
    others = row_values.held_of(record_type, keys, record_type.specs) if keys else {}
    found = {}
    for key, record in records.items():
        row = record.__dict__
        values = {spec.key: kinds.read(spec, row) for spec in record_type.specs if spec.stored != "rows"}
        values |= their_points.get(key, {spec.key: () for spec in points})
        values["tags"] = tuple(sorted(their_tags.get(key, ())))
        values |= others.get(key, {})
        found[key] = (record, values)
    return found


def of_load(record_type: RecordType, ids: Iterable[UUID]) -> list[Any]:
    """Cards a load made, to be taken back by who loaded it, whatever he may see of them today; the trash left out."""
    rows = record_type.rows.filter(pk__in=list(ids), deleted_at=None)
    return list(rows.select_for_update(no_key=True))


def take_away(work: Work, record_type: RecordType, records: Sequence[Any]) -> None:
    """Put cards that an import made into the trash again, whoever may delete: it was never asked to be kept."""
    told = []
    for record in records:
        writer.set_deleted(work.actor, record, True)
        refs = linked_refs(record_type, {spec.key: kinds.read(spec, record.__dict__) for spec in record_type.links})
        ref = RecordRef(record_type.key, record.pk)
        told.append(Telling("record.trashed", ref, {"title": record.title}, refs, record.version))
    work.tell_all(told)


__all__ = [
    "Cleaner", "Coming", "Invalid", "Way", "begin", "change", "fillable", "held", "make", "of_load", "take_away", "use",
    "way_of", "write",
]  # fmt: skip
