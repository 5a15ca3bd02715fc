"""One page of a list: which records, in which order, where the next and previous pages begin."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.writer import points_of
from comity.records import conditions, kinds
from comity.records.conditions import BadCondition
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.models import RecordRef, TagLink
from comity.records.types import RecordType

PAGE = 50
CAP = 10_001
COUNT_KEPT = 30.0  # seconds a filtered count stays good enough
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

    def column(self, sortable: Mapping[str, FieldSpec]) -> str:
        """The database column that carries the order."""
        spec = sortable.get(self.key)
        if spec is None:
            return "sort_key"
        return f"{spec.key}_fold" if spec.has_twin else spec.key


@dataclass(frozen=True)
class Cursor:
    """A place in the order: the value and key of a row, and whether the page lies before or after it."""

    value: Any
    id: UUID
    backwards: bool = False
    at: int = 0  # how many rows stand before the page, for "51 to 100"

    def text(self) -> str:
        """For addresses."""
        value: Any = self.value
        if isinstance(value, bytes | memoryview):
            value = {"b": base64.b64encode(bytes(value)).decode()}
        elif isinstance(value, datetime):
            value = {"t": value.isoformat()}
        elif isinstance(value, date):
            value = {"d": value.isoformat()}
        packed = json.dumps([value, self.id.hex, int(self.backwards), self.at], separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """From an address; None when it is damaged."""
        try:
            value, key, backwards, at = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            if isinstance(value, dict):
                ((kind, inner),) = value.items()
                value = {"b": base64.b64decode, "t": datetime.fromisoformat, "d": date.fromisoformat}[kind](inner)
            if not isinstance(value, str | int | bytes | datetime | date | None):
                return None
            return cls(value, UUID(hex=key), bool(backwards), max(0, int(at)))
        except (ValueError, TypeError, KeyError, AttributeError):
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
    return {spec.key: spec for spec in policy.readable_fields(actor, record_type) if _orders(spec)}


def _orders(spec: FieldSpec) -> bool:
    return spec.sortable and spec.kind not in ("user", "team")


def load(
    actor: Actor,
    record_type: RecordType,
    shown: list[tuple[FieldSpec, str]],
    where: conditions.Where,
    order: Order,
    cursor: Cursor | None = None,
    size: int = PAGE,
) -> ListPage:
    """A page of the records an actor sees that fulfil `where`; `shown` are the columns with their levels."""
    sortable = sortable_fields(actor, record_type)
    column = order.column(sortable)
    try:
        q = conditions.compile_q(where, policy.condition_scope(actor, record_type)) if where else Q()
    except BadCondition:
        return ListPage([], None, None, 0, impossible=True)
    backwards = bool(cursor and cursor.backwards)
    descending = order.descending != backwards
    nullable = bool(record_type.model._meta.get_field(column).null)
    if cursor is not None:
        q &= _beyond(column, cursor, descending, backwards, nullable)
    ordering = _ordering(column, descending, backwards, nullable)
    records = _narrowed(actor, record_type, q, ordering, size + 1)
    rows = list(records.order_by(*ordering).values(*_names(record_type, shown, column))[: size + 1])
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


def _ordering(column: str, descending: bool, backwards: bool, nullable: bool) -> list[Any]:
    """Empty values stand last on every engine and in both directions; walking backwards they come first."""
    direction = "-" if descending else ""
    if not nullable:
        return [f"{direction}{column}", f"{direction}id"]
    expression = F(column).desc if descending else F(column).asc
    place = {"nulls_first": True} if backwards else {"nulls_last": True}
    return [expression(**place), f"{direction}id"]


def _beyond(column: str, cursor: Cursor, descending: bool, backwards: bool, nullable: bool) -> Q:
    """The rows past the cursor, in a form that lets the index of the order begin right there."""
    op, id_op = ("lte", "gte") if descending else ("gte", "lte")
    if cursor.value is None:
        tail = Q(**{f"{column}__isnull": True}) & ~Q(**{f"id__{id_op}": cursor.id})
        return tail | Q(**{f"{column}__isnull": False}) if backwards else tail
    past = Q(**{f"{column}__{op}": cursor.value}) & ~Q(**{column: cursor.value, f"id__{id_op}": cursor.id})
    return past | Q(**{f"{column}__isnull": True}) if nullable and not backwards else past


def _narrowed(actor: Actor, record_type: RecordType, q: Q, ordering: list[Any], size: int) -> Any:
    """The records he sees with `q`. For narrow actors: the first rows of each index he reaches, merged."""
    parts = policy.branches(actor, record_type.key)
    if parts is None or len(parts) > MAX_BRANCHES:
        return policy.visible(actor, record_type).filter(q)
    live = record_type.model.unguarded.filter(q, deleted_at__isnull=True)
    found = Q(pk__in=[])
    for part in parts:
        found |= Q(pk__in=live.filter(part).order_by(*ordering).values("pk")[:size])
    return record_type.model.unguarded.filter(found)


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
        tags: dict[UUID, list[UUID]] = {}
        found = TagLink.objects.filter(type_key=record_type.key, record_id__in=ids)
        for record_id, tag in found.values_list("record_id", "tag_id"):
            tags.setdefault(record_id, []).append(tag)
        page.tags = tags
    by_key = {spec.key: spec for spec in record_type.specs}
    readable = {spec.key for spec in policy.readable_fields(actor, record_type)}
    links = [spec for spec in specs if spec.kind == "link"]
    links += [by_key[key] for key in record_type.context_fields if by_key[key].kind == "link" and key in readable]
    refs = {
        RecordRef(spec.target, key) for spec in links for row in page.rows if (key := kinds.read(spec, row)) is not None
    }
    if refs:
        page.links = {(ref.type, ref.id): title for ref, title in policy.titles(actor, refs).items()}


_counts: dict[tuple[Any, ...], tuple[float, int]] = {}


def count(actor: Actor, record_type: RecordType, where: conditions.Where) -> int:
    """How many there are, at most CAP. A filtered count is kept for half a minute: it costs more than the page."""
    key = (actor.user_id, actor.state.stamp, record_type.key, json.dumps(where, sort_keys=True, default=str))
    kept = _counts.get(key)
    if where and kept and time.monotonic() - kept[0] < COUNT_KEPT:
        return kept[1]
    try:
        q = conditions.compile_q(where, policy.condition_scope(actor, record_type)) if where else Q()
    except BadCondition:
        return 0
    number = policy.visible(actor, record_type).filter(q).order_by()[:CAP].count()
    if where:
        if len(_counts) > 500:
            _counts.clear()
        _counts[key] = (time.monotonic(), number)
    return number


def ids(actor: Actor, record_type: RecordType, where: conditions.Where, action: str, limit: int) -> list[UUID]:
    """The keys of all records of a filter he may do `action` with: for "select all 248"."""
    q = conditions.compile_q(where, policy.condition_scope(actor, record_type)) if where else Q()
    seen = policy.visible(actor, record_type).filter(q).values("pk")
    return list(policy.visible(actor, record_type, action).filter(pk__in=seen).values_list("pk", flat=True)[:limit])
