"""The generic commands on records of any type: create, update, trash, restore, link, share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes import writer
from comity.changes.bus import Work, automatable
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.records import kinds, relations
from comity.records.models import Record, RecordRef, Relation
from comity.records.types import RecordType
from comity.timeline.models import Event


def type_of(actor: Actor, key: str) -> RecordType:
    """The type by key with its custom fields; NotFound when there is none."""
    try:
        return actor.state.record_types[key]
    except KeyError:
        raise NotFound() from None


def linked_refs(record_type: RecordType, values: dict[str, Any]) -> list[RecordRef]:
    """The records a record's links point to: its events appear on their cards too."""
    return [ref for spec in record_type.links for ref in kinds.refs(spec, values.get(spec.key))]


@automatable
@dataclass
class Create:
    """Make a record from raw input {field key: value}. A room's own way of making its cards extends this: see `use`."""

    key: ClassVar[str] = "record.create"
    type_key: str
    values: dict[str, Any]
    record_id: UUID | None = None
    # What a room's command hands over from another card: values as in records.kinds, whatever level the fields have.
    handed: dict[str, Any] = field(default_factory=dict, init=False)
    beside: dict[str, Any] = field(default_factory=dict, init=False)  # columns of the card that are no fields

    def given(self, work: Work, record_type: RecordType, values: dict[str, Any]) -> dict[str, Any]:
        """What the house itself gives a new card, fields nobody may write among it; raises Invalid."""
        return {}

    def made(self, work: Work, record_type: RecordType, record: Any) -> None:
        """What follows in the same transaction, after the event was told."""

    def check_owner(self, actor: Actor, record_type: RecordType, owner: UUID | None) -> None:
        """Whom he may make cards for; raises Invalid."""
        check_owner(actor, record_type, owner, "create")

    def apply(self, work: Work) -> None:
        """Raises Refused, Invalid."""
        record_type = type_of(work.actor, self.type_key)
        if work.actor.scope(record_type.key, "create") == "none":
            raise Refused()
        values = writer.clean(work.actor, record_type, self.values, None) | self.handed
        self.check_owner(work.actor, record_type, values.get("owner", work.actor.user_id))
        values |= self.given(work, record_type, values)
        record = writer.insert(work.actor, record_type, values, self.record_id, self.beside)
        ref = RecordRef(record_type.key, record.pk)
        changes = writer.diff(record_type, {}, {key: one for key, one in values.items() if not kinds.empty(one)})
        payload = {"title": record.title, "changes": changes}
        work.tell("record.created", ref, payload, linked_refs(record_type, values), record.version)
        self.made(work, record_type, record)


@automatable
@dataclass
class Update:
    """Change fields of a record from raw input. `version` is the one the input was made against; 0 = whatever is there.

    When others have changed the record since, the change goes through where it touches other fields than theirs;
    the same field raises Conflict with both versions. A room's own way extends this: see `use`.
    """

    key: ClassVar[str] = "record.update"
    type_key: str
    record_id: UUID
    version: int
    values: dict[str, Any]

    def given(
        self, work: Work, record_type: RecordType, before: dict[str, Any], values: dict[str, Any]
    ) -> dict[str, Any]:
        """What the house itself changes along with `values`; raises Invalid."""
        return {}

    def told_as(self, payload: dict[str, Any]) -> str:
        """The type of the event that tells the change; its payload may be added to."""
        return "record.updated"

    def made(self, work: Work, record_type: RecordType, record: Any, before: dict[str, Any]) -> None:
        """What follows in the same transaction, after the event was told."""

    def check_owner(self, actor: Actor, record_type: RecordType, owner: UUID | None) -> None:
        """To whom he may give cards; raises Invalid."""
        check_owner(actor, record_type, owner, "edit")

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        record_type = type_of(work.actor, self.type_key)
        record = writer.held(work.actor, record_type, self.record_id, "edit")
        before = writer.current(record_type, record)
        values = writer.clean(work.actor, record_type, self.values, before)
        if self.version and self.version != record.version:
            self._check_conflict(work.actor, record_type, record, before, values)
        if "owner" in values and values["owner"] != before["owner"]:
            self.check_owner(work.actor, record_type, values["owner"])
        values |= self.given(work, record_type, before, values)
        title_before = record.title
        relations_before = writer.mirrored(record_type, record, before, values)
        changes = writer.update(work.actor, record_type, record, before, values)
        if not changes:
            work.result.records.append(RecordRef(record_type.key, record.pk))
            return
        payload = {"title": record.title, "changes": changes}
        if record.title != title_before:
            payload["title_before"] = title_before
        if relations_before:
            payload["relations"] = relations_before
        refs = dict.fromkeys(linked_refs(record_type, before) + linked_refs(record_type, before | values))
        ref = RecordRef(record_type.key, record.pk)
        work.tell(self.told_as(payload), ref, payload, refs, record.version)
        self.made(work, record_type, record, before)

    def _check_conflict(
        self, actor: Actor, record_type: RecordType, record: Record, before: dict[str, Any], values: dict[str, Any]
    ) -> None:
        theirs = changed_since(record_type.key, record.pk, self.version)
        readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
        clash = {key: event for key, event in theirs.items() if key in values and values[key] != before.get(key)}
        if not clash:
            return
        raise Conflict(current={
            "version": record.version,
            "mine": {key: kinds.to_json(record_type.spec(key), values[key]) for key in clash},
            "theirs": {key: kinds.to_json(record_type.spec(key), before[key]) for key in clash if key in readable},
            "who": {key: [str(event.actor_id or ""), event.at.isoformat()] for key, event in clash.items()},
        })  # fmt: skip


_creates: dict[str, type[Create]] = {}
_updates: dict[str, type[Update]] = {}


def use(type_key: str, create: type[Create] = Create, update: type[Update] = Update) -> None:
    """Make cards of a type by its room's own commands at every door: forms, lists, API, bulk."""
    _creates[type_key], _updates[type_key] = create, update


def create(type_key: str, values: dict[str, Any], record_id: UUID | None = None) -> Create:
    """The command that makes a card of a type."""
    return _creates.get(type_key, Create)(type_key, values, record_id)


def update(type_key: str, record_id: UUID, version: int, values: dict[str, Any]) -> Update:
    """The command that changes fields of a card."""
    return _updates.get(type_key, Update)(type_key, record_id, version, values)


def amend(work: Work, record_type: RecordType, record: Any, values: dict[str, Any]) -> dict[str, Any]:
    """For commands of rooms: write values (as in records.kinds) into a record held for the change, whatever level its
    fields have; the command has checked the right. Returns {field: [old, new]} for the event's "changes"."""
    concerned = {*values, "owner", "team", *record_type.title_fields}
    before = writer.current(record_type, record, tuple(one for one in record_type.specs if one.key in concerned))
    return writer.update(work.actor, record_type, record, before, values)


def hold(work: Work, type_key: str, record_id: UUID, action: str = "edit", version: int = 0) -> tuple[RecordType, Any]:
    """For commands of rooms: a type and a record nobody else changes until the transaction ends.

    Raises NotFound, Refused, and Conflict when `version` is given and not the record's.
    """
    record_type = type_of(work.actor, type_key)
    record = writer.held(work.actor, record_type, record_id, action)
    if version and version != record.version:
        raise Conflict(current={"version": record.version})
    return record_type, record


def keep(work: Work, record: Any, columns: dict[str, Any], *, silent: bool = False) -> None:
    """For commands of rooms: write columns of a held record that are no fields. It is one more version of the card,
    unless `silent`: what the house notes for itself makes nobody's edit fail."""
    writer.keep(work.actor, record, columns, silent=silent)


def set_next_step(ref: RecordRef, record_type: RecordType, at: Any, kind: str, text: str) -> None:
    """Keep a card's next step true when its tasks change. It is told by the task's event, and is no version of the
    card: nobody's edit of the card fails because a call was planned."""
    writer.set_next_step(record_type, ref.id, at, kind, text)


def changed_since(type_key: str, record_id: UUID, version: int) -> dict[str, Event]:
    """The fields others' events changed after `version`: {field key: the last event}."""
    events = Event.objects.filter(primary_type=type_key, primary_id=record_id, record_version__gt=version)
    found: dict[str, Event] = {}
    for event in events.order_by("id"):
        for key in event.payload.get("changes", {}):
            found[key] = event
    return found


def values_at(type_key: str, record_id: UUID, version: int) -> dict[str, Any]:
    """What the fields changed after `version` held at that version: {field key: the value in its JSON form}."""
    events = Event.objects.filter(primary_type=type_key, primary_id=record_id, record_version__gt=version)
    found: dict[str, Any] = {}
    for payload in events.order_by("id").values_list("payload", flat=True):
        for key, (old, _new) in payload.get("changes", {}).items():
            found.setdefault(key, old)
    return found


def check_owner(actor: Actor, record_type: RecordType, owner: UUID | None, action: str) -> None:
    """Scope "own" makes and keeps records for oneself; "team" gives them within the branch; "all" to anyone."""
    scope = actor.scope(record_type.key, action)
    if scope == "all" or owner == actor.user_id:
        return
    places = actor.state.memberships.get(owner, ()) if owner else ()
    if scope == "team" and any(team in actor.branch for team, _lead in places):
        return
    raise Invalid(fields={"owner": [_("You may not give records to this colleague.")]})


_follow_trash: dict[str, Callable[[Work, RecordType, Any], None]] = {}


def after_trash(type_key: str, follow: Callable[[Work, RecordType, Any], None]) -> None:
    """What follows in the same transaction when a card of a type has gone into the trash or come out of it."""
    _follow_trash[type_key] = follow


@automatable
@dataclass
class Trash:
    """Put a record into the trash; it can be restored."""

    key: ClassVar[str] = "record.trash"
    type_key: str
    record_id: UUID
    version: int = 0

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Conflict."""
        record_type = type_of(work.actor, self.type_key)
        record = writer.held(work.actor, record_type, self.record_id, "delete")
        if self.version and self.version != record.version:
            raise Conflict(current={"version": record.version})
        writer.set_deleted(work.actor, record, True)
        ref = RecordRef(record_type.key, record.pk)
        refs = linked_refs(record_type, writer.current(record_type, record))
        work.tell("record.trashed", ref, {"title": record.title}, refs, record.version)
        if record_type.key in _follow_trash:
            _follow_trash[record_type.key](work, record_type, record)


@automatable
@dataclass
class Restore:
    """Take a record out of the trash."""

    key: ClassVar[str] = "record.restore"
    type_key: str
    record_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        record_type = type_of(work.actor, self.type_key)
        record = writer.held(work.actor, record_type, self.record_id, "restore")
        writer.set_deleted(work.actor, record, False)
        ref = RecordRef(record_type.key, record.pk)
        refs = linked_refs(record_type, writer.current(record_type, record))
        work.tell("record.restored", ref, {"title": record.title}, refs, record.version)
        if record_type.key in _follow_trash:
            _follow_trash[record_type.key](work, record_type, record)


@automatable
@dataclass
class Link:
    """Relate two records, or change roles and note of a relation. Needs edit on the first, view on the second."""

    key: ClassVar[str] = "relation.set"
    kind: str
    from_ref: RecordRef
    to_ref: RecordRef
    roles: tuple[str, ...] = ()
    note: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        kind = relations.get(work.actor.state.relation_kinds, self.kind)
        if kind is None or self.from_ref == self.to_ref or not kind.fits(self.from_ref.type, self.to_ref.type):
            raise Invalid(fields={"kind": [_("These two cannot be linked this way.")]})
        if any(kind.role(role) is None for role in self.roles):
            raise Invalid(fields={"roles": [_("Choose one of the list.")]})
        writer.held(work.actor, type_of(work.actor, self.from_ref.type), self.from_ref.id, "edit")
        policy.get(work.actor, type_of(work.actor, self.to_ref.type), self.to_ref.id)
        roles = f"|{'|'.join(self.roles)}|" if self.roles else ""
        note = " ".join(self.note.split())[:200]
        relation = Relation.objects.filter(
            kind=self.kind, from_type=self.from_ref.type, from_id=self.from_ref.id,
            to_type=self.to_ref.type, to_id=self.to_ref.id,
        ).first()  # fmt: skip
        before = [relation.roles, relation.note] if relation else None
        if before == [roles, note]:
            return
        if relation is None:
            relation = Relation(
                kind=self.kind, from_type=self.from_ref.type, from_id=self.from_ref.id, to_type=self.to_ref.type,
                to_id=self.to_ref.id, created_at=now(), created_by=work.actor.user_id,
            )  # fmt: skip
        relation.roles, relation.note = roles, note
        relation.save()
        payload = {"kind": self.kind, "to": [self.to_ref.type, str(self.to_ref.id)], "before": before,
                   "after": [roles, note]}  # fmt: skip
        work.tell("relation.set", self.from_ref, payload, [self.to_ref])


@automatable
@dataclass
class Unlink:
    """Take a relation away. Needs edit on either of the two, view on both."""

    key: ClassVar[str] = "relation.remove"
    relation_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused."""
        relation = Relation.objects.filter(pk=self.relation_id).first()
        if relation is None:
            raise NotFound()
        first = RecordRef(relation.from_type, relation.from_id)
        second = RecordRef(relation.to_type, relation.to_id)
        records = [
            (type_of(work.actor, ref.type), policy.get(work.actor, type_of(work.actor, ref.type), ref.id))
            for ref in (first, second)
        ]
        if not any(policy.may(work.actor, record_type, record, "edit") for record_type, record in records):
            raise Refused()
        named = {one.key if one.kind == "relation" else one.relation: one for one in records[0][0].links}
        spec = named.get(relation.kind)
        if spec is not None and (relation.main or spec.kind == "relation"):  # it is a value of that field
            held = writer.current(*records[0])[spec.key]
            left = [ref for ref in held if ref != second] if spec.kind == "relation" else None
            Update(first.type, first.id, 0, {spec.key: left}).apply(work)
            return
        payload = {"kind": relation.kind, "to": [second.type, str(second.id)],
                   "before": [relation.roles, relation.note], "after": None}  # fmt: skip
        relation.delete()
        work.tell("relation.removed", first, payload, [second])


@dataclass
class ShareRecord:
    """Open one record to a colleague or a team, or take that back (`level` "")."""

    key: ClassVar[str] = "record.share"
    type_key: str
    record_id: UUID
    user_id: UUID | None = None
    team_id: UUID | None = None
    level: str = field(default="view")  # "" | view | edit

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        record_type = type_of(work.actor, self.type_key)
        record = writer.held(work.actor, record_type, self.record_id, "share")
        state = work.actor.state
        if (self.user_id in state.users) == (self.team_id in state.teams) or self.level not in ("", "view", "edit"):
            raise Invalid(fields={"user": [_("Choose a colleague or a team.")]})
        if self.level == "edit":
            policy.get(work.actor, record_type, self.record_id, "edit")  # nobody gives what he has not
        whom: dict[str, Any] = {"user_id": self.user_id, "team_id": self.team_id}
        rows = Share.objects.filter(type_key=record_type.key, record_id=record.pk, until=None, **whom)
        held = rows.values_list("edit", flat=True).first()
        before = "" if held is None else "edit" if held else "view"
        if before == self.level:
            return
        rows.delete()
        if self.level:
            Share.objects.create(
                type_key=record_type.key, record_id=record.pk, user_id=self.user_id, team_id=self.team_id,
                edit=self.level == "edit", created_at=now(), created_by=work.actor.user_id,
            )  # fmt: skip
        payload = {"user": str(self.user_id or ""), "team": str(self.team_id or ""), "before": before,
                   "after": self.level}  # fmt: skip
        work.tell("record.shared", RecordRef(record_type.key, record.pk), payload)
