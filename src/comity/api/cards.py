"""Cards as programs get them: what their reader is shown, in the same form everywhere."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import row_values
from comity.changes.row_values import points_of, tags_of
from comity.changes.writer import current
from comity.kernel.errors import Invalid
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS, LINK_KINDS, FieldSpec
from comity.records.outward import outward as outward  # told on: the same form everywhere
from comity.records.types import RecordType
from comity.ui import names

Shown = Sequence[tuple[FieldSpec, str]]
Titles = Mapping[tuple[str, UUID], str]
Card = dict[str, Any]


def as_json(record_type: RecordType, shown: Shown, row: Mapping[str, Any], seen: Titles) -> Card:
    """A card's JSON: key, version, title and the fields its reader is shown; `seen` are the linked cards he sees."""
    values: Card = {}
    for spec, level in shown:
        value = row.get(spec.key) if spec.stored == "rows" else kinds.read(spec, row)
        value = kinds.seen(spec, value, lambda ref: (ref.type, ref.id) in seen)
        values[spec.key] = _masked(spec, value) if level == "mask" else outward(spec, value)
    return {"id": str(row["id"]), "type": record_type.key, "version": row["version"], "title": row["title"], **values}


def _masked(spec: FieldSpec, value: Any) -> Any:
    if kinds.empty(value):
        return None
    if spec.kind in CONTACT_KINDS:
        return [{"label": point["label"], "value": names.mask(spec, point["value"])} for point in value]
    return "•••"


def chosen(actor: Actor, record_type: RecordType, wanted: str | None) -> Shown:
    """The fields to tell: those named ("name,emails"), or all he is shown; raises Invalid for one that is not there."""
    shown = policy.shown_fields(actor, record_type)
    if wanted is None:
        return shown
    keys = [key.strip() for key in wanted.split(",") if key.strip()]
    known = {spec.key for spec, _level in shown} | {"id", "type", "version", "title"}
    strange = [key for key in keys if key not in known]
    if strange:
        raise Invalid(fields={"fields": [_("There is no field “%(key)s”.") % {"key": strange[0][:60]}]})
    return [(spec, level) for spec, level in shown if spec.key in keys]


def included(actor: Actor, record_type: RecordType, wanted: str | None) -> list[FieldSpec]:
    """The link fields whose cards are to come along; raises Invalid for one that is not there."""
    keys = [key.strip() for key in (wanted or "").split(",") if key.strip()]
    links = {spec.key: spec for spec in policy.readable_fields(actor, record_type) if spec.kind in LINK_KINDS}
    strange = [key for key in keys if key not in links]
    if strange:
        raise Invalid(fields={"include": [_("There is no link “%(key)s”.") % {"key": strange[0][:60]}]})
    return [links[key] for key in dict.fromkeys(keys)]


def one(actor: Actor, record_type: RecordType, card: Any, shown: Shown) -> Card:
    """A card he sees."""
    values = current(record_type, card, tuple(spec for spec, _level in shown))
    row = {**card.__dict__, **{spec.key: values[spec.key] for spec, _level in shown if spec.stored == "rows"}}
    refs = {ref for spec, _level in shown for ref in kinds.refs(spec, values[spec.key])}
    seen = {(ref.type, ref.id): title for ref, title in policy.titles(actor, refs).items()}
    return as_json(record_type, shown, row, seen)


def along(actor: Actor, specs: Iterable[FieldSpec], cards: Iterable[Card]) -> dict[str, dict[str, Card]]:
    """The cards that links of other cards lead to, {type key: {id: card}}: those he sees, one query a type."""
    wanted: dict[str, dict[UUID, None]] = {}
    for spec in specs:
        for card in cards:
            for ref in kinds.refs(spec, kinds.from_json(spec, card.get(spec.key))):
                wanted.setdefault(ref.type, {})[ref.id] = None
    found = {}
    for type_key, ids in wanted.items():
        record_type = actor.state.record_types.get(type_key)
        if record_type is not None:
            found[type_key] = {card["id"]: card for card in _several(actor, record_type, list(ids))}
    return found


def _several(actor: Actor, record_type: RecordType, ids: list[UUID]) -> list[Card]:
    shown = policy.shown_fields(actor, record_type)
    columns = {name for spec, _level in shown for name in kinds.column_names(spec)}
    records = policy.visible(actor, record_type).filter(pk__in=ids)
    rows = list(records.values("id", "version", "title", *sorted(columns - {"id", "version", "title"})))
    held = [row["id"] for row in rows]
    points = points_of(record_type, held, [spec for spec, _level in shown if spec.kind in CONTACT_KINDS])
    tags = tags_of(record_type, held)
    rows = [{**row, "tags": tuple(sorted(tags.get(row["id"], ()))), **points.get(row["id"], {})} for row in rows]
    row_values.fill(record_type, rows, [spec for spec, _level in shown])
    refs = {ref for spec, _level in shown for row in rows for ref in _refs(spec, row)}
    seen = {(ref.type, ref.id): title for ref, title in policy.titles(actor, refs).items()}
    return [as_json(record_type, shown, row, seen) for row in rows]


def _refs(spec: FieldSpec, row: Mapping[str, Any]) -> list[Any]:
    return kinds.refs(spec, kinds.read(spec, row)) if spec.kind in LINK_KINDS else []


def mark(body: bytes, version: int) -> str:
    """The ETag of a card: its version, which If-Match takes, and a digest of this answer."""
    return f'"{version}.{hashlib.blake2b(body, digest_size=9).hexdigest()}"'
