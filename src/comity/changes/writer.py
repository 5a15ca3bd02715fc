"""The only hand that writes records. Commands of this room call it inside their transaction; nobody else does."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import demands, row_values
from comity.changes.computed import fill
from comity.kernel.clock import now
from comity.kernel.errors import Invalid, NotFound
from comity.kernel.text import fold, listed, sort_key
from comity.records import kinds, saving
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.models import CustomRecord, FileRef, Record, RecordRef, Relation, StoredFile
from comity.records.types import RecordType

Values = dict[str, Any]
TOUCHED = ("version", "updated_at", "updated_by")  # written with every change


def held(actor: Actor, record_type: RecordType, record_id: UUID, action: str) -> Any:
    """The record to change, as policy.get gives it, with nobody else changing it until the transaction ends.

    Read without that, it would be written back over what another one saves meanwhile. SQLite has one writer anyway.
    """
    if connection.vendor != "sqlite":
        rows = record_type.rows.select_for_update(no_key=True).filter(pk=record_id)
        rows.values_list("version").first()
    return policy.get(actor, record_type, record_id, action)


def held_by_house(record_type: RecordType, record_id: UUID) -> Any:
    """A record to change whatever the actor may, with nobody else changing it; None when it is gone."""
    return record_type.rows.select_for_update(no_key=True).filter(pk=record_id).first()


def current(record_type: RecordType, record: Record, specs: tuple[FieldSpec, ...] | None = None) -> Values:
    """The record's values by field key, rows included."""
    row = record.__dict__
    specs = record_type.specs if specs is None else specs
    values = {spec.key: kinds.read(spec, row) for spec in specs if spec.stored != "rows"}
    points = [spec for spec in specs if spec.kind in CONTACT_KINDS]
    if points:
        values |= row_values.points_of(record_type, [record.pk], points).get(
            record.pk, {spec.key: () for spec in points}
        )
    if any(spec.kind == "tags" for spec in specs):
        values["tags"] = tuple(sorted(row_values.tags_of(record_type, [record.pk]).get(record.pk, ())))
    return values | row_values.held_of(record_type, [record.pk], specs).get(record.pk, {})


def clean(actor: Actor, record_type: RecordType, raw: Mapping[str, Any], before: Values | None) -> Values:
    """The values of raw input; raises Invalid with words per field. `before` is None for a new record.

    Fields the actor may not write are refused by name only if he may see them; otherwise they count as unknown.
    """
    values: Values = {}
    wrong: dict[str, list[str]] = {}
    known = {spec.key: spec for spec in record_type.specs}
    for key, given in raw.items():
        spec = known.get(key)
        level = policy.level(actor, record_type, spec) if spec else "hide"
        if spec is None or level == "hide":
            wrong[key] = [_("There is no such field.")]
        elif level != "write":
            wrong[key] = [_("You may read this field but not change it.")]
        else:
            held = (before or {}).get(key)
            try:
                value = with_hidden(actor, spec, checked(actor, spec, given, held), held)
            except kinds.BadValue as problem:
                wrong[key] = [str(problem)]
            else:
                if not (value is None and held is not None and not sees_link(actor, spec, held)):
                    values[key] = value
    if before is None:
        begun = demands.beginnings(actor, record_type)
        values = {key: value for key, value in begun.items() if key not in raw} | values
    after = (before or {}) | values
    _check_requisites(record_type, actor, values, after, wrong)
    for spec in record_type.specs:
        demanded = spec.required == "always" or (spec.required == "creation" and before is None)
        touched = before is None or spec.key in values
        if spec.since and demands.demanded(actor, record_type, spec, after):
            demanded, touched = True, touched or record_type.extra["board"] in values
        if demanded and touched and spec.key not in wrong and kinds.empty(after.get(spec.key)):
            wrong[spec.key] = [_("Fill this in.")]
    named = before is None or not values.keys().isdisjoint(record_type.title_fields)  # an erased card has no name
    if not wrong and named and not record_type.title(after, actor.language)[0]:
        wrong[record_type.title_fields[0]] = [_nameless(actor, record_type)]
    if wrong:
        raise Invalid(fields=wrong)
    return values


def _nameless(actor: Actor, record_type: RecordType) -> str:
    """What is said of a card without a title: by which fields it could get one, of those he may write."""
    specs = [record_type.spec(key) for key in record_type.title_fields]
    labels = [spec.label[actor.language] for spec in specs if policy.level(actor, record_type, spec) == "write"]
    if len(labels) < 2:
        return _("Fill this in.")
    return _("Fill in at least one of these: %(fields)s.") % {"fields": listed(labels, actor.language)}


def checked(actor: Actor, spec: FieldSpec, given: Any, held: Any = None) -> Any:
    """The value of one field's raw input, what it points to included; raises kinds.BadValue."""
    value = kinds.clean(spec, given, actor.env)
    _check_reference(actor, spec, value, held)
    return known_files(value, held or ()) if spec.kind == "file" else value


def known_files(value: Any, held: Any) -> Any:
    """Files named by their keys, with what is known of them; raises BadValue for one that is not there."""
    known = {one.id: one for one in held}
    asked = [one.id for one in value if one.content is None and one.id not in known]
    if asked:
        for row in StoredFile.objects.filter(pk__in=asked, deleted_at=None):
            of = RecordRef(row.type_key, row.record_id)
            known[row.pk] = FileRef(row.pk, row.name, row.size, of=of)
    if any(one.content is None and one.id not in known for one in value):
        raise kinds.BadValue(_("Choose one of the list."))
    return tuple(one if one.content is not None else known[one.id] for one in value)


def sees_link(actor: Actor, spec: FieldSpec, value: Any) -> bool:
    """Whether he sees what a field holds: a link to a hidden card looks empty to him."""
    return all(policy.titles(actor, [ref]) for ref in kinds.refs(spec, value))


def with_hidden(actor: Actor, spec: FieldSpec, value: Any, held: Any) -> Any:
    """What a relation field is given, and the cards it holds that he does not see: they are not his to take away."""
    if spec.kind != "relation" or not held or (value and not spec.several):
        return value
    seen = policy.titles(actor, held)
    return tuple(sorted({*value, *(ref for ref in held if ref not in seen)}, key=str))


def _check_reference(actor: Actor, spec: FieldSpec, value: Any, before: Any) -> None:
    """Links, users, teams and tags must exist, and the actor must see what he links to.

    A hidden card is refused even where it stands already: else a guess would tell that it does.
    """
    if kinds.empty(value):
        return
    if not sees_link(actor, spec, value):
        raise kinds.BadValue(_("Choose one of the list."))
    if value == before:
        return
    state = actor.state
    if spec.kind == "user" and (value not in state.users or not state.users[value].active):
        raise kinds.BadValue(_("Choose a colleague who works here."))
    if spec.kind == "team" and value not in state.teams:
        raise kinds.BadValue(_("Choose one of the list."))
    if spec.kind == "tags" and not set(value) <= set(state.tags):
        raise kinds.BadValue(_("Choose one of the list."))


def _check_requisites(
    record_type: RecordType, actor: Actor, values: Values, after: Values, wrong: dict[str, list[str]]
) -> None:
    for spec in record_type.specs:
        if spec.checked_for_country and values.get(spec.key):
            country = after.get(spec.extra.get("country", "country")) or actor.env.country
            try:
                values[spec.key] = kinds.requisite(spec.extra.get("check", ""), values[spec.key], country)
            except kinds.BadValue as problem:
                wrong[spec.key] = [str(problem)]


def insert(
    actor: Actor, record_type: RecordType, values: Values, record_id: UUID | None = None, beside: Values | None = None
) -> Record:
    """A new record with its rows, and with columns `beside` that are no fields. The owner is the actor unless given;
    the team is the owner's main team."""
    moment, user_id = now(), actor.user_id
    record = record_type.model(
        created_at=moment, created_by=user_id, updated_at=moment, updated_by=user_id, **(beside or {})
    )
    if isinstance(record, CustomRecord):
        record.type_key = record_type.key
    if record_id is not None:
        record.id = record_id
    if "owner" not in values and actor.user_id is not None:
        values["owner"] = actor.user_id
    if values.get("team") is None:
        values["team"] = main_team(actor, values.get("owner"))
    _assign(actor, record_type, record, values, values)
    fill(actor.state, record_type, record)
    saving.insert([record])
    _write_rows(actor, record_type, record, values, fresh=True)
    return record


def update(actor: Actor, record_type: RecordType, record: Record, before: Values, values: Values) -> Values:
    """Write changed values; returns {field: [old, new]} in JSON form, {} when nothing changed."""
    changed = {key: value for key, value in values.items() if value != before.get(key)}
    if "owner" in changed and "team" not in changed:
        team = main_team(actor, changed["owner"])
        if team != before.get("team"):
            changed["team"] = team
    if not changed:
        return {}
    columns = _assign(actor, record_type, record, changed, before | changed)
    touch(actor, record)
    _save(record, [*columns, *fill(actor.state, record_type, record), *TOUCHED])
    _write_rows(actor, record_type, record, changed)
    return diff(record_type, before, changed)


def _save(record: Record, columns: list[str]) -> None:
    if not saving.change(record, columns):
        raise NotFound()


def diff(record_type: RecordType, before: Values, after: Values) -> Values:
    """{field: [old, new]} in JSON form for the keys of `after`."""
    found = {}
    for key, value in after.items():
        spec = record_type.spec(key)
        found[key] = [kinds.to_json(spec, before.get(key)), kinds.to_json(spec, value)]
    return found


def touch(actor: Actor, record: Record) -> None:
    """One more version, by this actor, now."""
    record.version += 1
    record.updated_at = now()
    record.updated_by = actor.user_id


def main_team(actor: Actor, owner: UUID | None) -> UUID | None:
    """The team a record of that owner belongs to."""
    memberships = actor.state.memberships.get(owner, ()) if owner else ()
    return memberships[0][0] if memberships else None


def keep(actor: Actor, record: Record, columns: Values, *, silent: bool = False) -> None:
    """Write columns that are no fields; `silent`: without a new version."""
    for name, value in columns.items():
        setattr(record, name, value)
    if not silent:
        touch(actor, record)
    _save(record, [*columns, *(() if silent else TOUCHED)])


def set_next_step(record_type: RecordType, record_id: UUID, at: Any, kind: str, text: str) -> None:
    """What is to be done next with a record: when, which kind of task, its words; None and "" = nothing."""
    record = record_type.model(id=record_id, next_at=at, next_kind=kind[:20], next_text=text[:200])
    saving.change(record, ["next_at", "next_kind", "next_text"])


def set_deleted(actor: Actor, record: Record, deleted: bool) -> None:
    """Into the trash, or out of it."""
    record.deleted_at = now() if deleted else None
    record.deleted_by = actor.user_id if deleted else None
    touch(actor, record)
    _save(record, ["deleted_at", "deleted_by", *TOUCHED])


def _assign(actor: Actor, record_type: RecordType, record: Record, values: Values, all_values: Values) -> set[str]:
    """Put values into a record, with what follows from them; returns the names of the columns concerned."""
    columns: set[str] = set()
    custom = dict(record.custom)
    for key, value in values.items():
        spec = record_type.spec(key)
        if spec.stored == "rows":
            continue
        stored = kinds.store(spec, value)
        if spec.stored == "custom":
            custom.update(stored)
            columns.add("custom")
        else:
            columns.update(stored)
            for name, one in stored.items():
                setattr(record, name, one)
    record.custom = {key: value for key, value in custom.items() if value is not None}
    if not record.title or any(key in values for key in record_type.title_fields):
        organization = actor.state.organization
        title, sort_text = record_type.title(all_values, organization.language if organization else "en")
        record.title = title[:300]
        record.title_fold = fold(record.title)
        record.sort_key = sort_key(sort_text or title)
        columns |= {"title", "title_fold", "sort_key"}
    return columns


assign = _assign  # for changes.intake, which writes many at once


def _write_rows(actor: Actor, record_type: RecordType, record: Record, values: Values, fresh: bool = False) -> None:
    for key, value in values.items():
        spec = record_type.spec(key)
        if spec.stored == "rows":
            row_values.write(actor, record_type, record, spec, value, fresh=fresh)
        elif spec.kind == "link" and spec.relation:
            _write_main_relation(actor, record_type, record, spec, value)


def _write_main_relation(actor: Actor, record_type: RecordType, record: Record, spec: FieldSpec, value: Any) -> None:
    """The link column mirrors the main row of its relation: keep that row true."""
    rows = Relation.objects.filter(kind=spec.relation, from_type=record_type.key, from_id=record.pk)
    rows.filter(main=True).exclude(to_id=value).delete() if value else rows.filter(main=True).delete()
    if value:
        rows.exclude(to_id=value).update(main=False)
        relation, made = Relation.objects.get_or_create(
            kind=spec.relation, from_type=record_type.key, from_id=record.pk, to_type=spec.target, to_id=value,
            defaults={"main": True, "created_at": now(), "created_by": actor.user_id},
        )  # fmt: skip
        if not made and not relation.main:
            relation.main = True
            relation.save(update_fields=["main"])


def mirrored(record_type: RecordType, record: Record, before: Values, values: Values) -> Values:
    """What a change of link fields takes along: {field: [[other's key, roles, note]]} of the relations it touches."""
    found: Values = {}
    for spec in record_type.links:
        if not spec.relation or values.get(spec.key, before[spec.key]) == before[spec.key]:
            continue
        rows = Relation.objects.filter(
            kind=spec.relation, from_type=record_type.key, from_id=record.pk, to_type=spec.target,
            to_id__in=[key for key in (before[spec.key], values[spec.key]) if key],
        )  # fmt: skip
        if held := [[str(key), roles, note] for key, roles, note in rows.values_list("to_id", "roles", "note")]:
            found[spec.key] = held
    return found


def mirror_again(actor: Actor, record_type: RecordType, record: Record, then: Values, now_held: Values) -> None:
    """Bring back what `mirrored` said `then`, after the fields went back; of both, what stood there last counts."""
    for spec in record_type.links:
        latest = {key: (roles, note) for key, roles, note in now_held.get(spec.key, ())}
        for key, *held in then.get(spec.key, ()):
            roles, note = latest.get(key, held)
            values = {"roles": roles, "note": note}
            Relation.objects.update_or_create(
                kind=spec.relation, from_type=record_type.key, from_id=record.pk, to_type=spec.target, to_id=UUID(key),
                defaults=values, create_defaults={**values, "created_at": now(), "created_by": actor.user_id},
            )  # fmt: skip


def setting_values(row: models.Model) -> Values:
    """The plain values of a settings row in JSON form, for its diff; secrets left out."""
    found: Values = {}
    for column in row._meta.concrete_fields:
        if column.name in ("id", "password", "key_hash") or column.name.endswith("_fold"):
            continue
        value = getattr(row, column.attname)
        found[column.attname] = value if isinstance(value, str | int | bool | list | dict | type(None)) else str(value)
    return found
