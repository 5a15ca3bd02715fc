"""Cards and what is told of them, as the one writer and the sequencer leave them, straight into the tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from comity.access import snapshot
from comity.config.bench.bulk import Rows
from comity.kernel.ids import new_id
from comity.kernel.text import fold, sort_key
from comity.records import kinds
from comity.records.models import ContactPoint, Relation
from comity.timeline import sequencer
from comity.timeline.models import Event, EventSubject

Ref = tuple[str, UUID]  # type key, key of a card


@dataclass(slots=True)
class Card:
    """What is kept in memory of a record until its events are written."""

    id: UUID
    type_key: str
    owner: UUID
    title: str
    also: UUID | None = None  # the company its events appear on too


class Cards:
    """The tables of one record type: a record with its rows from values by field key, as `changes.writer` has them."""

    def __init__(self, type_key: str) -> None:
        self.type = snapshot.snapshot().record_types[type_key]
        self.specs = {spec.key: spec for spec in self.type.specs}
        fields: Any = self.type.model._meta.concrete_fields
        self.defaults = {field.attname: field.get_default() for field in fields}
        self.rows = Rows(self.type.model, *self.defaults)
        self.points = Rows(ContactPoint, "id", "type_key", "record_id", "field", "kind", "value", "fold", "last9")
        self.relations = Rows(
            Relation, "id", "kind", "from_type", "from_id", "to_type", "to_id", "roles", "main", "created_by"
        )

    def add(
        self, key: UUID, values: dict[str, Any], version: int, created_at: datetime, changed_at: datetime,
        roles: str = "", **columns: Any,
    ) -> str:  # fmt: skip
        """Write the record; its title. `roles` stand on its relations; `columns` are no fields."""
        title, sort_text = self.type.title(values, "en")
        owner = values["owner"]
        row = self.defaults | {
            "id": key, "title": title, "title_fold": fold(title), "sort_key": sort_key(sort_text or title),
            "version": version, "custom": {}, "created_at": created_at, "created_by": owner, "updated_at": changed_at,
            "updated_by": owner,
        } | columns  # fmt: skip
        for name, value in values.items():
            spec = self.specs[name]
            if spec.stored == "custom":
                row["custom"] = row["custom"] | kinds.store(spec, value)
            elif spec.stored == "rows":
                digits = "".join(filter(str.isdecimal, value)) if spec.kind == "phones" else ""
                self.points.add(
                    new_id(), self.type.key, key, name, spec.kind[:-1], value, digits or fold(value), digits[-9:]
                )
            else:
                row |= kinds.store(spec, value)
            if spec.relation and value:
                self.relations.add(
                    new_id(), spec.relation, self.type.key, key, spec.target, value, roles, True, owner
                )  # fmt: skip
        self.rows.add(*[row[name] for name in self.defaults])
        return title

    def told(self, values: dict[str, Any]) -> dict[str, list[Any]]:
        """The changes that the event of its making tells."""
        return {
            name: [None, kinds.to_json(self.specs[name], value)]
            for name, value in values.items() if not kinds.empty(value)
        }  # fmt: skip

    def done(self) -> None:
        """Write what is still held."""
        for rows in (self.rows, self.points, self.relations):
            rows.done()


class Story:
    """Events, numbered and chained, with the cards they are told on."""

    def __init__(self) -> None:
        self.events = Rows(
            Event, "id", "seq", "at", "type", "actor_kind", "actor_id", "primary_type", "primary_id", "record_version",
            "payload", "salt", "digest", "chain",
        )  # fmt: skip
        self.subjects = Rows(EventSubject, "event_id", "type_key", "record_id", after=self.events)
        last = Event.objects.order_by("-id").first()
        self._number = last.id if last else 0
        self._chain = bytes(last.chain or b"") if last else b""

    def tell(
        self, at: datetime, kind: str, by: UUID | None, primary: Ref, version: int | None, payload: dict[str, Any],
        also: Iterable[Ref] = (),
    ) -> None:  # fmt: skip
        """The next event; `by` None is the house itself."""
        self._number += 1
        number, salt, actor_kind = self._number, sequencer.new_salt(), "user" if by else "system"
        digest = sequencer.digest(salt, payload)
        header: Any = SimpleNamespace(
            seq=number, id=number, at=at, type=kind, actor_kind=actor_kind, actor_id=by, digest=digest,
            primary_type=primary[0], primary_id=primary[1], cause_id=None, batch_id=None,
        )  # fmt: skip
        self._chain = sequencer.chain(self._chain, header)
        self.events.add(number, number, at, kind, actor_kind, by, *primary, version, payload, salt, digest, self._chain)
        for ref in (primary, *also):
            self.subjects.add(number, *ref)

    def done(self) -> None:
        """Write what is still held."""
        self.events.done()
        self.subjects.done()
