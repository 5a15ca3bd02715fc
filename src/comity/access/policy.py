"""The only door to records: what an actor sees, and which fields of it he reads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import CharField, Exists, OuterRef, Q, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.lookups import IsNull

from comity.access.actors import Actor
from comity.access.models import Share
from comity.access.rules import conditions, ruled_types
from comity.kernel.clock import now
from comity.kernel.errors import NotFound, Refused
from comity.records.conditions import Scope
from comity.records.erased import named
from comity.records.fields import LEVELS, FieldSpec
from comity.records.formulas.book import far_names, own_names
from comity.records.models import Merged, Record, RecordRef
from comity.records.prepared import Moment, Slot, columns, key_slots, keys, portions
from comity.records.types import RecordType

WIDE = 0.25  # a team scope of at least this share of all teams' people walks the sort index


def visible(
    actor: Actor, record_type: RecordType, action: str = "view", *, every: bool = False, each: bool = False
) -> Any:
    """The records of a type an actor may do `action` with, trash left out ("restore": only the trash).

    The SQL form follows how much he sees (measured: 0.2 ms against 148 ms): wide actors walk the sort index with a
    test per row, narrow ones collect keys from the indexes of owner, team and shares. `every`: all of them are going to
    be read, counted or summed, so what is shared with him is better looked up once than row by row. `each`: the caller
    names the records by their keys, so it is better looked up row by row.
    """
    records = record_type.rows.filter(deleted_at__isnull=action != "restore")
    if action == "restore":  # what was merged into another card comes back by undoing the merge alone
        records = records.exclude(Exists(Merged.objects.filter(type_key=record_type.key, record_id=OuterRef("pk"))))
    q = visible_q(actor, record_type.key, action, every=every, each=each)
    return records if q is None else records.filter(q)


def own(actor: Actor, record_type: RecordType) -> Any:
    """Those of `visible` for which he is responsible himself.

    Who may see anything by his roles sees what is his own, so the base need not be asked who else would see it.
    """
    rows = visible(actor, record_type)
    if actor.scope(record_type.key, "view") != "none":
        rows = record_type.rows.filter(deleted_at__isnull=True)
    return rows.filter(owner__in=[actor.user_id] if actor.user_id else [])


def visible_q(
    actor: Actor, type_key: str, action: str = "view", *, every: bool = False, each: bool = False
) -> Q | None:
    """The rows an actor reaches, as a Q over the type's table; None = all of them."""
    scope = actor.scope(type_key, action)
    if scope == "all":
        return None
    q = Q(pk__in=[])
    if scope in ("own", "team"):
        q |= Q(owner=actor.user_id)
    if scope == "team" and actor.branch:
        q |= Q(team__in=sorted(actor.branch))
    if action in ("view", "edit"):
        shares = _shares(actor, type_key, action)
        if each or (scope == "team" and is_wide(actor) and not every):
            q |= Q(Exists(shares.filter(record_id=OuterRef("pk"))))
        else:
            q |= Q(pk__in=shares.values("record_id"))
        for part in [*conditions(actor, type_key, action), *_followed(actor, type_key, action)]:
            q |= part
    return q


def _followed(actor: Actor, type_key: str, action: str, *, walk: bool = False) -> list[Q]:
    """The rows he reaches because they follow a card he reaches: one Q per type of such cards.

    As a test of rows that are looked at anyway, the card of each is looked up. Told by an EXISTS, PostgreSQL may read
    all the cards he sees first (measured: 24 ms for a page, so 3). To `walk` them, the cards a narrow actor sees come
    from their own indexes, and to each card its rows: one test of them all reads the whole table.
    """
    record_type = actor.state.record_types[type_key]
    if not record_type.follows or actor.scope(type_key, action) == "none":
        return []
    kind, key = f"{record_type.follows}_type", f"{record_type.follows}_id"
    found = []
    for one in actor.state.types_on:
        if one.follows:
            continue
        parts = branches(actor, one.key, action) if walk else None
        if parts:
            cards = [one.rows.filter(part, deleted_at__isnull=True).values("pk") for part in parts]
            found.append(_following(record_type, one.key, cards))
        else:
            card = Subquery(visible(actor, one, action).filter(pk=OuterRef(key)).values("pk")[:1])
            found.append(Q(**{kind: one.key}) & Q(IsNull(card, False)))
    return found


def _following(record_type: RecordType, type_key: str, cards: list[Any]) -> Q:
    """The rows that follow one of these cards of a type.

    SQLite sorts all cards of an IN before it looks at the first; told as a join it does not (measured: 2.5 ms, so 1.5).
    PostgreSQL finds the join by itself, and told so it plans it longer (18 ms for a page, by the IN 13).
    """
    kind, key = f"{record_type.follows}_type", f"{record_type.follows}_id"
    if connection.vendor != "sqlite":
        first, *rest = cards
        return Q(**{kind: type_key, f"{key}__in": first.union(*rest, all=True) if rest else first})
    joins, parameters = [], []
    for one in cards:
        sql, args = one.query.sql_with_params()
        table = record_type.model._meta.db_table
        join = f"({sql}) c CROSS JOIN {table} f WHERE f.{kind} = %s AND f.{key} = c.pk AND f.deleted_at IS NULL"
        joins.append(f"SELECT f.id FROM {join}")  # noqa: S608 - the ORM's, and names of ours
        parameters += [*args, type_key]
    return Q(pk__in=RawSQL(" UNION ALL ".join(joins), parameters))  # noqa: S611 - the same


def branches(actor: Actor, type_key: str, action: str = "view", *, followed: bool = True) -> list[Q] | None:
    """For narrow actors: one Q per index to walk (owner, each team, shares); None = use `visible` as it is.

    A list takes the first rows of each branch and merges them, so that a narrow actor's page costs no more than a
    wide one's. Without `followed` the rows are left out that he reaches by the cards they follow.
    """
    scope = actor.scope(type_key, action)
    if scope == "all" or (scope == "team" and is_wide(actor)):
        return None
    found = [Q(pk__in=_shares(actor, type_key, action).values("record_id"))] if action in ("view", "edit") else []
    found += conditions(actor, type_key, action)
    if scope in ("own", "team"):
        found.append(Q(owner=actor.user_id))
    if scope == "team":
        found.extend(Q(team=team) for team in sorted(actor.branch))
    return found + _followed(actor, type_key, action, walk=True) if followed and action in ("view", "edit") else found


def reached(actor: Actor, record_type: RecordType, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these his right to view reaches, those in the trash too: for the word that something has changed."""
    records = record_type.rows.filter(pk__in=list(ids))
    q = visible_q(actor, record_type.key)
    return set((records if q is None else records.filter(q)).values_list("pk", flat=True))


def _shares(actor: Actor, type_key: str, action: str) -> Any:
    """The shares that let him view, or edit, records of a type; of no type where his token leaves nothing of it."""
    key = "" if actor.barred(type_key, action) else type_key
    shares = in_force().filter(type_key=key).filter(_share_target(actor))
    return shares.filter(edit=True) if action == "edit" else shares


def in_force() -> Any:
    """The shares that have not ended: judged whenever the query runs, so that a term needs nobody to end it."""
    return Share.objects.filter(Q(until=None) | Q(until__gt=Moment(Share._meta.get_field("until"))))


def _share_target(actor: Actor) -> Q:
    return Q(user=actor.user_id) | Q(team__in=sorted(actor.own_teams)) if actor.own_teams else Q(user=actor.user_id)


@dataclass(frozen=True)
class _Shared:
    """The types of what is shared with him."""

    actor: Actor

    def build(self) -> Any:
        """The query."""
        return in_force().filter(_share_target(self.actor)).values_list("type_key").distinct()


def shared_types(actor: Actor) -> frozenset[str]:
    """The keys of the types of which anything is shared with him, one by one or by a rule."""
    rows = actor.state.statements.of(_Shared(actor)).rows()
    return frozenset(row[0] for row in rows if not actor.barred(row[0], "view")) | ruled_types(actor)


def is_wide(actor: Actor) -> bool:
    """Whether the actor's branch holds so many people that walking the sort index is the cheaper way."""
    return actor.colleagues_share >= WIDE


@dataclass(frozen=True)
class _One:
    """One of the records he may do `action` with."""

    actor: Actor
    type_key: str
    action: str

    def build(self) -> Any:
        """The query; its slot is the record's key."""
        record_type = self.actor.state.record_types[self.type_key]
        model = record_type.model
        records = visible(self.actor, record_type, self.action, each=True).filter(pk=Slot("id", model._meta.pk))
        return records.values_list(*columns(model))


def find(actor: Actor, record_type: RecordType, record_id: UUID, action: str = "view") -> Any:
    """One record; None when he may not do that with it, or it is not there."""
    statement = actor.state.statements.of(_One(actor, record_type.key, action))
    return next(iter(statement.objects(record_type.model, id=record_id)), None)


def get(actor: Actor, record_type: RecordType, record_id: UUID, action: str = "view") -> Any:
    """One record. NotFound when he may not see it (or it is not there); Refused when he sees it but may not act."""
    record = find(actor, record_type, record_id, action)
    if record is not None:
        return record
    if action not in ("view", "restore") and find(actor, record_type, record_id) is not None:
        raise Refused()
    raise NotFound()


@dataclass(frozen=True)
class _SharedOne:
    """Whether one record is shared with him, to edit or at all."""

    actor: Actor
    type_key: str
    edit: bool

    def build(self) -> Any:
        """The query; its slot is the record's key."""
        record_id = Slot("id", Share._meta.get_field("record_id"))
        shares = in_force().filter(_share_target(self.actor), type_key=self.type_key, record_id=record_id)
        return (shares.filter(edit=True) if self.edit else shares).values_list("pk")[:1]


def may(actor: Actor, record_type: RecordType, record: Record, action: str) -> bool:
    """Whether he may do `action` with a record he sees."""
    scope = actor.scope(record_type.key, action)
    if scope == "all":
        return True
    if scope in ("own", "team") and record.owner_id is not None and record.owner_id == actor.user_id:
        return True
    if scope == "team" and record.team_id in actor.branch:
        return True
    if action not in ("view", "edit") or actor.barred(record_type.key, action):
        return False
    if record_type.follows and scope != "none":
        ref = RecordRef(getattr(record, f"{record_type.follows}_type"), getattr(record, f"{record_type.follows}_id"))
        followed = actor.state.record_types.get(ref.type)
        if followed is not None and find(actor, followed, ref.id, action) is not None:
            return True
    if conditions(actor, record_type.key, action) and find(actor, record_type, record.pk, action) is not None:
        return True
    statement = actor.state.statements.of(_SharedOne(actor, record_type.key, action == "edit"))
    return bool(statement.rows(id=record.pk))


def readable_fields(actor: Actor, record_type: RecordType) -> list[FieldSpec]:
    """The fields he reads in clear: only these filter, sort, search and match."""
    return [spec for spec, one in _levels(actor, record_type) if one in ("read", "write")]


def shown_fields(actor: Actor, record_type: RecordType) -> list[tuple[FieldSpec, str]]:
    """The fields he is shown with their level (mask, read, write), in the order of forms."""
    return [(spec, one) for spec, one in _levels(actor, record_type) if one != "hide"]


def _levels(actor: Actor, record_type: RecordType) -> tuple[tuple[FieldSpec, str], ...]:
    """Every field with its level, worked out once per actor."""
    key = ("levels", record_type.key)
    held = actor.derived.get(key)
    if held is None or held[0] is not record_type:
        levels = tuple((spec, level(actor, record_type, spec)) for spec in record_type.specs)
        held = actor.derived[key] = (record_type, levels)
    found: tuple[tuple[FieldSpec, str], ...] = held[1]
    return found


def level(actor: Actor, record_type: RecordType, spec: FieldSpec) -> str:
    """hide, mask, read or write: the narrower of what the field and the actor's roles allow.

    Of a formula, no more than of what it is made from, on its own card and behind its links: its value would tell. Who
    reads what is summed up over cards that point here, an administrator says.
    """
    levels = [actor.level(record_type.key, spec.key), spec.level]
    if spec.formula:
        names = own_names(spec.formula) - {spec.key}
        levels += [level(actor, record_type, other) for other in record_type.specs if other.key in names]
        levels += [level(actor, target, other) for target, other in _behind(actor, record_type, spec)]
    return min(levels, key=LEVELS.index)


def _behind(actor: Actor, record_type: RecordType, spec: FieldSpec) -> Iterator[tuple[RecordType, FieldSpec]]:
    """The fields of linked cards that a formula reads."""
    links = {link.key: actor.state.record_types.get(link.target) for link in record_type.links}
    for head, key in far_names(spec.formula):
        target = links.get(head)
        if target is not None:
            yield from ((target, other) for other in target.specs if other.key == key)


def today(actor: Actor) -> date:
    """The day it is where he lives."""
    return now().astimezone(ZoneInfo(actor.timezone)).date()


def condition_scope(actor: Actor, record_type: RecordType, day: date | None = None) -> Scope:
    """The eyes with which conditions about a type look, on a day (default: today)."""

    def linked(type_key: str) -> tuple[dict[str, FieldSpec], Any]:
        target = actor.state.record_types[type_key]
        return {spec.key: spec for spec in readable_fields(actor, target)}, visible(actor, target)

    return Scope(
        fields={spec.key: spec for spec in readable_fields(actor, record_type)},
        type_key=record_type.key,
        user_id=actor.user_id,
        team_ids=actor.branch,
        timezone=actor.timezone,
        today=day or today(actor),
        linked=linked,
        types=tuple(actor.state.record_types),
    )


@dataclass(frozen=True)
class _Titles:
    """The titles of so many records of each of some types, as far as he sees them."""

    actor: Actor
    sizes: tuple[tuple[str, int], ...]  # (type key, how many)

    def build(self) -> Any:
        """The query; its slots are the records' keys, named by their types."""
        first, *rest = [self._of(type_key, size) for type_key, size in self.sizes]
        return first.union(*rest, all=True) if rest else first

    def _of(self, type_key: str, size: int) -> Any:
        record_type = self.actor.state.record_types[type_key]
        slots = key_slots(record_type.model._meta.pk, size, type_key)
        named = (
            visible(self.actor, record_type, each=True).filter(pk__in=slots).annotate(of=Value(type_key, CharField()))
        )
        return named.values_list("of", "pk", "title")


def title_behind(actor: Actor, link: FieldSpec) -> Any:
    """The title of the card a link field of a row leads to, as part of that row's query; null where he sees none."""
    card = visible(actor, actor.state.record_types[link.target], each=True).filter(pk=OuterRef(link.attname))
    return Subquery(card.values("title")[:1])


def titles(actor: Actor, refs: Iterable[RecordRef]) -> dict[RecordRef, str]:
    """The titles of those records he may see, in one query: the only way to make link text."""
    wanted: dict[str, list[UUID]] = {}
    for ref in set(refs):
        wanted.setdefault(ref.type, []).append(ref.id)
    language = actor.language
    return {RecordRef(kind, key): named(title, language) for kind, key, title in _titles(actor, wanted)}


def titles_of(actor: Actor, type_key: str, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The same for records of one type, by their keys."""
    language = actor.language
    return {key: named(title, language) for _kind, key, title in _titles(actor, {type_key: ids})}


def seen(actor: Actor, wanted: Mapping[str, Sequence[UUID]]) -> dict[str, set[UUID]]:
    """Those of records, by type and key, that he may see; one query."""
    found: dict[str, set[UUID]] = {}
    for kind, key, _title in _titles(actor, wanted):
        found.setdefault(kind, set()).add(key)
    return found


def _titles(actor: Actor, wanted: Mapping[str, Sequence[UUID]]) -> Iterator[Sequence[Any]]:
    """(type key, record's key, title): one query, unless there are more keys than one takes."""
    kinds = sorted(wanted.keys() & actor.state.record_types.keys())
    for parts in zip_longest(*(portions(wanted[kind]) for kind in kinds)):
        taken = [(kind, *part) for kind, part in zip(kinds, parts, strict=True) if part]
        statement = actor.state.statements.of(_Titles(actor, tuple((kind, size) for kind, _ids, size in taken)))
        slots: dict[str, UUID] = {}
        for kind, ids, size in taken:
            slots |= keys(ids, size, kind)
        yield from statement.rows(**slots)
