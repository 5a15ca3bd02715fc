"""What a find shows of a record: its title in the reader's way and the line under it, from fields he may read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from comity.access import policy
from comity.access.actors import Actor
from comity.records import kinds
from comity.records.erased import named
from comity.records.fields import FieldSpec
from comity.records.models import RecordRef
from comity.records.prepared import key_slots, keys, portions
from comity.records.types import RecordType


@dataclass(frozen=True, slots=True)
class Card:
    """A record in two lines, plain text."""

    title: str
    context: str


@dataclass(frozen=True)
class _Rows:
    """Some columns of so many records, as far as he sees them."""

    actor: Actor
    type_key: str
    columns: tuple[str, ...]
    size: int

    def build(self) -> Any:
        """The query; its slots are the records' keys."""
        record_type = self.actor.state.record_types[self.type_key]
        key = record_type.model._meta.pk
        records = policy.visible(self.actor, record_type).filter(pk__in=key_slots(key, self.size))
        return records.values("pk", "title", *self.columns)


def cards(actor: Actor, refs: Iterable[RecordRef]) -> dict[RecordRef, Card]:
    """Those of the records the actor sees; one query per type, and one per type that their links point to."""
    by_type: dict[str, list[Any]] = {}
    for ref in refs:
        by_type.setdefault(ref.type, []).append(ref.id)
    rows: list[tuple[RecordType, dict[str, FieldSpec], dict[str, Any]]] = []
    linked: set[RecordRef] = set()
    for type_key, ids in by_type.items():
        record_type = actor.state.record_types.get(type_key)
        if record_type is None:
            continue
        readable = {spec.key: spec for spec in policy.readable_fields(actor, record_type)}
        specs = [readable[key] for key in (*record_type.context_fields, *record_type.title_fields) if key in readable]
        columns = {name for spec in specs for name in kinds.column_names(spec)}
        for part, size in portions(ids):
            plan = _Rows(actor, type_key, tuple(sorted(columns)), size)
            for row in actor.state.statements.of(plan).values(**keys(part, size)):
                rows.append((record_type, readable, row))
                for spec in specs:
                    if spec.kind in ("link", "card"):
                        linked.update(kinds.refs(spec, kinds.read(spec, row)))
    titles = policy.titles(actor, linked) if linked else {}
    return {
        RecordRef(record_type.key, row["pk"]): Card(
            _title(actor, record_type, readable, row), _context(actor, record_type, readable, row, titles)
        )
        for record_type, readable, row in rows
    }


def _title(actor: Actor, record_type: RecordType, readable: dict[str, FieldSpec], row: dict[str, Any]) -> str:
    if record_type.display is None or not readable.keys() >= set(record_type.title_fields):
        return named(str(row["title"]), actor.language)
    return record_type.display(row, actor.language) or named(str(row["title"]), actor.language)


def _context(
    actor: Actor, record_type: RecordType, readable: dict[str, FieldSpec], row: dict[str, Any],
    titles: dict[RecordRef, str],
) -> str:  # fmt: skip
    if record_type.context is None:
        return ""
    values: dict[str, Any] = {}
    names: dict[str, str] = {}
    for key in record_type.context_fields:
        spec = readable.get(key)
        values[key] = kinds.read(spec, row) if spec else None
        if spec is None or not values[key]:
            values[key] = values[key] or ""
        elif refs := kinds.refs(spec, values[key]):
            names[key] = titles.get(refs[0], "")
        elif choice := spec.choice(values[key] if isinstance(values[key], str) else None):
            names[key] = choice.label[actor.language]
    return record_type.context(values, names, actor.language)
