"""One page of a list: which records, in which order, where the next and previous pages begin."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import connection
from django.db.models import Q

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import row_values
from comity.changes.row_values import points_of, tags_of
from comity.records import conditions, kinds, ordering
from comity.records.conditions import BadCondition
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.prepared import Slot
from comity.records.types import RecordType

PAGE = 50
CAP = 10_001
COUNT_KEPT = 30.0  # seconds a count stays good enough
LARGE = 1000
COUNTS = 100  # of one person
MAX_BRANCHES = 8


@dataclass(frozen=True)
class Order:
    """What a list is sorted by: a field key or "title", and the direction."""

    key: str = "title"
    descending: bool = False

    @classmethod
    def parse(cls, text: str, sortable: Mapping[str, FieldSpec]) -> "Order":
        """From "title" or "-updated_at"; anything unknown or unreadable gives the order by title."""
        key = text.removeprefix("-")
        return cls(key, text.startswith("-")) if key in sortable else cls("title", text == "-title")

    def __str__(self) -> str:
        return f"-{self.key}" if self.descending else self.key


# How the value of a cursor comes back, by the letter before it.
_READ: dict[str, Callable[[bytes], Any]] = {
    "b": bytes,
    "t": lambda raw: datetime.fromisoformat(raw.decode()),
    "d": lambda raw: date.fromisoformat(raw.decode()),
    "j": json.loads,
}


@dataclass(frozen=True)
class Cursor:
    """A place in the order: the value and key of a row, and whether the page lies before or after it."""

    value: Any
    id: UUID
    backwards: bool = False
    at: int = 0  # how many rows stand before the page, for "51 to 100"

    def text(self) -> str:
        """For addresses: short, and with the key as it stands in the page's other addresses, for they are packed."""
        value: Any = self.value
        if isinstance(value, bytes | memoryview):
            kind, raw = "b", bytes(value)
        elif isinstance(value, date):
            kind, raw = "t" if isinstance(value, datetime) else "d", value.isoformat().encode()
        else:
            kind, raw = "j", json.dumps(value).encode()
        packed = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return f"{kind}{packed}.{self.id}.{int(self.backwards)}.{self.at}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """From an address; None when it is damaged."""
        try:
            packed, key, backwards, at = text.split(".")
            raw = base64.urlsafe_b64decode(packed[1:] + "=" * (-len(packed[1:]) % 4))
            value = _READ[packed[:1]](raw)
            if not isinstance(value, str | int | bytes | datetime | date | None):
                return None
            return cls(value, UUID(hex=key), backwards == "1", max(0, int(at)))
        except (ValueError, KeyError, RecursionError):
            return None


@dataclass
class ListPage:
    """The rows of one page with everything their cells need."""

    rows: list[dict[str, Any]]
    previous: Cursor | None
    next: Cursor | None
    at: int
    points: Mapping[UUID, Mapping[str, Any]] = field(default_factory=dict)
    tags: Mapping[UUID, list[UUID]] = field(default_factory=dict)
    links: Mapping[tuple[str, UUID], str] = field(default_factory=dict)
    impossible: bool = False  # the filter names a field the reader may not use


def sortable_fields(actor: Actor, record_type: RecordType) -> dict[str, FieldSpec]:
    """The fields a list may be ordered by: those he reads in clear."""
    return {spec.key: spec for spec in policy.readable_fields(actor, record_type) if spec.sortable}


class Among(Protocol):
    """A set of records no tree of conditions tells (the deals that reached a stage). Like a plan of records.prepared it
    is a frozen dataclass that holds all its query needs: equal ones are the same set."""

    def q(self) -> Q:
        """The set, over the type's table."""


def load(
    actor: Actor,
    record_type: RecordType,
    shown: list[tuple[FieldSpec, str]],
    where: conditions.Where,
    order: Order,
    cursor: Cursor | None = None,
    size: int = PAGE,
    among: Among | None = None,
) -> ListPage:
    """A page of the records an actor sees that fulfil `where`; `shown` are the columns with their levels.

    A cursor that is no place in this order (a view's field is not sorted by any more) leads to the first page.
    """
    spec = sortable_fields(actor, record_type).get(order.key)
    place = ordering.of(record_type.model, spec)
    column = place.name
    if cursor is not None and not place.fits(cursor.value):
        cursor = None
    backwards = bool(cursor and cursor.backwards)
    start = "" if cursor is None else "empty" if cursor.value is None else "value"
    plan = _Rows(
        Filter.of(actor, record_type, where, among), spec.key if spec else "", order.descending != backwards, backwards,
        start, tuple(_names(record_type, shown, column)), size + 1,
    )  # fmt: skip
    slots = {"value": cursor.value, "id": cursor.id} if cursor else {}
    try:
        rows = actor.state.statements.of(plan).values(**slots)
    except BadCondition:
        return ListPage([], None, None, 0, impossible=True)
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    at = cursor.at if cursor else 0
    page = ListPage(rows, None, None, at)
    if rows:
        has_next = more if not backwards else True
        has_previous = more if backwards else cursor is not None
        if has_next:
            page.next = Cursor(rows[-1][column], rows[-1]["id"], False, at + len(rows))
        if has_previous:
            page.previous = Cursor(rows[0][column], rows[0]["id"], True, max(0, at - size))
    _load_batches(actor, record_type, shown, page)
    return page


@dataclass(frozen=True)
class Filter:
    """Which records: those of a type an actor sees that fulfil a tree of conditions, judged on a day."""

    actor: Actor
    type_key: str
    where: str  # JSON; "" = all
    day: date | None
    among: Among | None = None

    @classmethod
    def of(cls, actor: Actor, record_type: RecordType, where: conditions.Where, among: Among | None = None) -> "Filter":
        """The filter of a tree, as of today; `among`: of those in a set."""
        if not where:
            return cls(actor, record_type.key, "", None, among)
        tree = json.dumps(where, sort_keys=True, default=str)
        return cls(actor, record_type.key, tree, policy.today(actor), among)

    @property
    def type(self) -> RecordType:
        """The type as the actor's state knows it."""
        return self.actor.state.record_types[self.type_key]

    def q(self) -> Q:
        """The tree as SQL; raises BadCondition."""
        q = self.among.q() if self.among else Q()
        if not self.where:
            return q
        scope = policy.condition_scope(self.actor, self.type, self.day)
        return q & conditions.compile_q(json.loads(self.where), scope)

    def build(self) -> Any:
        """At most CAP of them, for counting."""
        return self.records(self.q()).order_by().values("pk")[:CAP]

    def records(self, q: Q, first: Callable[[Any], Any] = lambda part: part, *, every: bool = False) -> Any:
        """Those of the records he sees that fulfil `q`. For narrow actors: index by index, `first` of each, merged.
        `every`: all of them are going to be read.

        PostgreSQL reads the whole table for an "or" of two subqueries, so each stands alone and their keys are united.
        """
        parts = policy.branches(self.actor, self.type_key)
        if parts is None or len(parts) > MAX_BRANCHES:
            return policy.visible(self.actor, self.type, every=every).filter(q)
        live = self.type.rows.filter(q, deleted_at__isnull=True)
        if len(parts) == 1:
            return live.filter(parts[0])
        return _united(self.type.model.unguarded, [first(live.filter(part).values("pk")) for part in parts])


def _united(model: Any, keys: list[Any]) -> Any:
    """The records whose keys stand in one of these queries; each of them may have an order and an end of its own.

    SQLite takes one with an end within one more query only; without those PostgreSQL plans a board in two thirds of the
    time.
    """
    if not connection.features.supports_slicing_ordering_in_compound:
        keys = [model.filter(pk__in=one).values("pk") if one.query.is_sliced else one for one in keys]
    found, *rest = keys
    return model.filter(pk__in=found.union(*rest, all=True) if rest else found)


@dataclass(frozen=True)
class _Rows:
    """The rows of one page. Slots: `value` and `id` of the cursor's row, as `start` says."""

    filter: Filter
    key: str  # of the field that gives the order; "" = the title
    descending: bool
    backwards: bool
    start: str  # "" = from the top | "value" | "empty" = among the rows without a value
    names: tuple[str, ...]
    size: int

    def build(self) -> Any:
        """The query."""
        type_ = self.filter.type
        place = ordering.of(type_.model, type_.spec(self.key) if self.key else None)
        q = self.filter.q()
        if self.start:
            q &= self._beyond(place)
        by = [place.ordered(self.descending, self.backwards), "-id" if self.descending else "id"]
        records = self.filter.records(q, lambda part: part.order_by(*by)[: self.size])
        return place.read(records).order_by(*by).values(*self.names)[: self.size]

    def _beyond(self, place: ordering.Place) -> Q:
        """The rows past the cursor, in a form that lets the index of the order begin right there."""
        op, id_op = ("lte", "gte") if self.descending else ("gte", "lte")
        key = Slot("id", self.filter.type.model._meta.pk)
        if self.start == "empty":
            tail = place.missing() & ~Q(**{f"id__{id_op}": key})
            return tail | place.missing(False) if self.backwards else tail
        value = Slot("value", place.field)
        past = place.compare(op, value) & ~(place.compare("exact", value) & Q(**{f"id__{id_op}": key}))
        return past | place.missing() if place.null and not self.backwards else past


def _names(record_type: RecordType, shown: list[tuple[FieldSpec, str]], column: str) -> list[str]:
    """The columns to read: key, title, what cells, title and second line need, and the order."""
    names = {"id": None, "title": None, "version": None, column: None}
    by_key = {spec.key: spec for spec in record_type.specs}
    wanted = [spec for spec, _level in shown]
    wanted += [
        by_key[key] for key in (*record_type.context_fields, *(record_type.title_fields if record_type.display else ()))
    ]
    for spec in wanted:
        names.update(dict.fromkeys(kinds.column_names(spec)))
    return list(names)


def _load_batches(actor: Actor, record_type: RecordType, shown: list[tuple[FieldSpec, str]], page: ListPage) -> None:
    """Contact points, tags and link titles of all rows: one query each, only where a column shows them."""
    ids = [row["id"] for row in page.rows]
    if not ids:
        return
    specs = [spec for spec, _level in shown]
    points = [spec for spec in specs if spec.kind in CONTACT_KINDS]
    if points:
        page.points = points_of(record_type, ids, points)
    if any(spec.kind == "tags" for spec in specs):
        page.tags = tags_of(record_type, ids)
    row_values.fill(record_type, page.rows, specs)
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    links = [spec for spec in specs if spec in record_type.links]
    links += [spec for spec in record_type.links if spec.key in record_type.context_fields and spec.key in readable]
    wanted = {ref for spec in links for row in page.rows for ref in kinds.refs(spec, kinds.read(spec, row))}
    if wanted:
        page.links = {(ref.type, ref.id): title for ref, title in policy.titles(actor, wanted).items()}


def count(actor: Actor, record_type: RecordType, where: conditions.Where, among: Among | None = None) -> int:
    """How many there are, at most CAP. What costs more than the page is kept for half a minute: a filtered count, and
    one so large that nobody misses what was added meanwhile."""
    plan = Filter.of(actor, record_type, where, among)
    counts: dict[Filter, tuple[float, int]] = actor.derived.setdefault("counts", {})
    kept = counts.get(plan)
    if kept and time.monotonic() - kept[0] < COUNT_KEPT:
        return kept[1]
    try:
        number = actor.state.statements.of(plan).count()
    except BadCondition:
        return 0
    if where or among or number >= LARGE:
        if len(counts) > COUNTS:
            counts.clear()
        counts[plan] = (time.monotonic(), number)
    return number


def ids(actor: Actor, record_type: RecordType, where: conditions.Where, action: str, limit: int) -> list[UUID]:
    """The keys of all records of a filter he may do `action` with: for "select all 248"."""
    q = conditions.compile_q(where, policy.condition_scope(actor, record_type)) if where else Q()
    seen = policy.visible(actor, record_type).filter(q).values("pk")
    return list(policy.visible(actor, record_type, action).filter(pk__in=seen).values_list("pk", flat=True)[:limit])
