"""Boards: cards of a type in columns by one of its choices. Rooms above register theirs; here is what they show."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IsNull
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.changes import commands, row_values
from comity.changes.bus import Command
from comity.changes.row_values import tags_of
from comity.kernel.clock import now
from comity.records import json_access, kinds
from comity.records.conditions import BadCondition, Where
from comity.records.fields import CONTACT_KINDS, LINK_KINDS, FieldSpec
from comity.records.prepared import Slot
from comity.records.types import RecordType
from comity.ui import lists
from comity.ui.layouts.state import of as layout_of
from comity.ui.lists import Cursor
from comity.ui.views import View

PAGE = 30  # cards of a column that are shown at once
MOST = 150  # of a column that is shown again after somebody has asked for more
EXTRAS = 2  # fields a person may add to the cards
EMPTY = "_"  # the column of cards whose field says nothing: no key of a choice
PARTS = ("late", "none", "later")  # the order in a column: what is late, what has no next step, what comes


@dataclass(frozen=True)
class Column:
    """A column: the value of the board's field, its name and colour; after `days` in it a card counts as stuck."""

    key: str
    label: str
    hue: int
    days: int = 0


@dataclass(frozen=True)
class End:
    """Where a card leaves the board: the value of the field, its name and icon, and what it looks like."""

    key: str
    label: str
    icon: str
    tone: str  # good | bad


@dataclass(frozen=True)
class Lane:
    """One way cards go, with its columns: what is on the screen at a time."""

    key: str
    label: str
    columns: tuple[Column, ...]
    ends: tuple[End, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its columns."""
        return tuple(one.key for one in self.columns)


@dataclass(frozen=True)
class Sums:
    """What a column holds: how many cards, what they are worth by currency (none where he may not read that)."""

    number: int = 0
    money: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A figure above the board. `share` of 100 makes a bar; `note` is said beside the figure."""

    key: str
    label: str
    text: str
    small: str = ""
    note: str = ""
    share: int | None = None


@dataclass(frozen=True)
class Board:
    """A type's board.

    field    the choice whose values are the columns; it changes by `move` only
    lanes    the ways an actor may work in, in order; `by` is the choice that names the way ("" = there is one)
    money    the field that is summed; since: the moment a card came into its column
    move     (key, version, column) -> the command that moves a card there
    asked    (key, column) -> the address that asks for what is missing before a card may go there, or how it ends
    figures  (actor, lane, view, sums by column) -> the figures above the columns
    """

    type_key: str
    field: str
    lanes: Callable[[Actor], list[Lane]]
    move: Callable[[UUID, int, str], Command]
    asked: Callable[[UUID, str], str]
    by: str = ""
    money: str = ""
    since: str = ""
    figures: Callable[[Actor, Lane, View, Mapping[str, Sums]], list[Figure]] | None = None


boards: dict[str, Board] = {}


def add(board: Board) -> None:
    """Register the board of a type; one each."""
    if board.type_key in boards:
        raise ValueError(f"{board.type_key} has a board already")
    boards[board.type_key] = board


def open_to(actor: Actor, type_key: str) -> Board | None:
    """The board of a type, where there is one and he reads what makes its columns."""
    record_type = actor.state.record_types[type_key]
    board = of(record_type)
    if board is None:
        return None
    needed = {board.field, "next_at"}
    return board if needed <= readable(actor, record_type) else None


def of(record_type: RecordType) -> Board | None:
    """The board of a type, whoever may see it."""
    return boards.get(record_type.key) or _own(record_type)


def _own(record_type: RecordType) -> Board | None:
    """The board of a kind of cards that an administrator made, by the choice he named; cards without a value stand in
    a column of their own."""
    key = record_type.extra.get("board", "")
    spec = next((one for one in record_type.custom if one.key == key and one.kind == "choice"), None)
    if spec is None:
        return None

    def lanes(actor: Actor) -> list[Lane]:
        columns = [Column(one.key, one.label[actor.language], one.hue) for one in spec.choices if not one.retired]
        if not spec.required:
            columns.insert(0, Column(EMPTY, _("Not set"), 0))
        return [Lane("", "", tuple(columns))]

    def move(record_id: UUID, version: int, column: str) -> Command:
        return commands.update(record_type.key, record_id, version, {spec.key: "" if column == EMPTY else column})

    money = next((one.key for one in record_type.custom if one.kind == "money" and not one.formula), "")
    return Board(record_type.key, spec.key, lanes, move, lambda key, column: f"/{record_type.slug}/{key}?", money=money)


def stands(spec: FieldSpec, column: str) -> Q:
    """The cards that stand in a column."""
    if spec.stored == "column":
        return Q(**{spec.key: column})
    value = json_access.CustomText(spec.key)
    return Q(IsNull(value, True)) if column == EMPTY else Q(Exact(value, column))


def inside(board: Board, lane: Lane) -> Where:
    """The condition of all cards that stand in columns of a lane."""
    named: Where = {"field": board.field, "op": "any", "value": [key for key in lane.keys if key != EMPTY]}
    return {"any": [named, {"field": board.field, "op": "empty"}]} if EMPTY in lane.keys else named


def _placed(spec: FieldSpec, rows: Iterable[dict[str, Any]]) -> None:
    """Tell of each row in which column it stands."""
    if spec.stored == "custom":
        for row in rows:
            row[spec.key] = (row["custom"] or {}).get(spec.key) or EMPTY


def readable(actor: Actor, record_type: RecordType) -> set[str]:
    """The keys of the fields he reads in clear."""
    return {spec.key for spec in policy.readable_fields(actor, record_type)}


@dataclass
class Page:
    """The cards of some columns, with the place where each goes on, and what their cells need."""

    columns: dict[str, list[dict[str, Any]]]
    more: dict[str, Cursor] = field(default_factory=dict)
    links: Mapping[tuple[str, UUID], str] = field(default_factory=dict)
    tags: Mapping[UUID, list[UUID]] = field(default_factory=dict)
    impossible: bool = False  # the filter names a field the reader may not use


def extra_fields(board: Board, record_type: RecordType) -> list[FieldSpec]:
    """The fields a card may show besides its own."""
    own = {board.field, board.by, board.money, "next_at", "owner", *record_type.title_fields}
    own |= set(_context_keys(record_type)[:1])
    return [spec for spec in record_type.specs
            if spec.in_list and spec.key not in own and spec.kind not in CONTACT_KINDS]  # fmt: skip


def extras(actor: Actor, board: Board, record_type: RecordType) -> list[tuple[FieldSpec, str]]:
    """Those of them he is shown, each with its level."""
    levels = {spec.key: level for spec, level in policy.shown_fields(actor, record_type)}
    return [(spec, levels[spec.key]) for spec in extra_fields(board, record_type) if spec.key in levels]


def chosen_extras(actor: Actor, board: Board, record_type: RecordType) -> list[tuple[FieldSpec, str]]:
    """Those of them he has chosen, else those of his layout, else the first of a kind made by clicks."""
    chosen = actor.member.prefs.get("board", {}).get(record_type.key) if actor.member else None
    what = None if chosen else layout_of(actor, record_type.key, "board")
    if what is not None:
        chosen = what["fields"]
    elif chosen is None:
        chosen = delivered(record_type)
    known = {spec.key: (spec, level) for spec, level in extras(actor, board, record_type)}
    return [known[key] for key in chosen if key in known]


def delivered(record_type: RecordType) -> list[str]:
    """What cards show while nobody has said: of a kind made by clicks the first figure and the first link."""
    board = of(record_type) if record_type.own else None
    if board is None:
        return []
    found = extra_fields(board, record_type)
    kept = (("money", "number", "integer"), LINK_KINDS)
    return [spec.key for some in kept for spec in [one for one in found if one.kind in some][:1]]


def _context_keys(record_type: RecordType) -> list[str]:
    """The links the line under the name is made of; the first that is filled shows."""
    return [key for key in record_type.context_fields if record_type.spec(key).kind == "link"]


def load(
    actor: Actor, board: Board, where: Where, columns: Sequence[str], sizes: Mapping[str, int],
    after: Cursor | None = None,
) -> Page:  # fmt: skip
    """The first cards of some columns, of those he sees that fulfil `where`; `after`: of one column, from there on.

    Three queries at most, each for the columns that are not full yet: an index gives each part in its order.
    """
    record_type = actor.state.record_types[board.type_key]
    shown = chosen_extras(actor, board, record_type)
    names = _names(actor, board, record_type, [spec for spec, _level in shown])
    moment = datetime.fromtimestamp(after.at, UTC) if after else now().replace(microsecond=0)
    filter_ = lists.Filter.of(actor, record_type, where)
    found: dict[str, list[dict[str, Any]]] = {key: [] for key in columns}
    begin = PARTS.index(_part(after.value, moment)) if after else 0
    try:
        for part in PARTS[begin:]:
            short = tuple(key for key in columns if len(found[key]) <= sizes.get(key, PAGE))
            if not short:
                break
            size = max(sizes.get(key, PAGE) for key in short) + 1
            behind = after is not None and part == PARTS[begin]
            plan = _Cards(filter_, board.field, short, part, behind, names, size)
            slots: dict[str, Any] = {"now": moment}
            if behind and after is not None:
                slots |= {"value": after.value, "id": after.id}
            rows = actor.state.statements.of(plan).values(**slots)
            _placed(record_type.spec(board.field), rows)
            rows.sort(key=lambda row: (row["next_at"] or moment, row["id"].int))
            for row in rows:
                found[row[board.field]].append(row)
    except BadCondition:
        return Page({key: [] for key in columns}, impossible=True)
    page = Page({key: rows[: sizes.get(key, PAGE)] for key, rows in found.items()})
    for key, rows in found.items():
        if len(rows) > len(page.columns[key]):
            last = page.columns[key][-1]
            page.more[key] = Cursor(last["next_at"], last["id"], at=int(moment.timestamp()))
    return _with_words(actor, record_type, page, [spec for spec, _level in shown])


def one(actor: Actor, board: Board, record_id: UUID) -> tuple[dict[str, Any] | None, Page]:
    """The row of one card with what its cells need; None when he does not see it."""
    record_type = actor.state.record_types[board.type_key]
    specs = [spec for spec, _level in chosen_extras(actor, board, record_type)]
    row = _row(actor, board, record_id, _names(actor, board, record_type, specs))
    page = Page({row[board.field]: [row]} if row else {})
    return row, _with_words(actor, record_type, page, specs)


def head(actor: Actor, board: Board, record_id: UUID) -> dict[str, Any] | None:
    """Title, version and column of one card; None when he does not see it."""
    field = actor.state.record_types[board.type_key].spec(board.field)
    return _row(actor, board, record_id, ("id", "title", "version", *kinds.column_names(field)))


def _row(actor: Actor, board: Board, record_id: UUID, names: tuple[str, ...]) -> dict[str, Any] | None:
    plan = _One(actor, board.type_key, names)
    rows = actor.state.statements.of(plan).values(id=record_id)
    _placed(actor.state.record_types[board.type_key].spec(board.field), rows)
    return rows[0] if rows else None


def _part(value: datetime | None, moment: datetime) -> str:
    return "none" if value is None else "late" if value < moment else "later"


def _names(actor: Actor, board: Board, record_type: RecordType, specs: Iterable[FieldSpec]) -> tuple[str, ...]:
    """The columns to read for a card. What he may not read in clear is not read at all."""
    clear = readable(actor, record_type)
    by_key = {spec.key: spec for spec in record_type.specs}
    own = [board.field, board.money, board.since, "next_at", "owner"]
    wanted = [by_key[key] for key in own if key in clear] + list(specs)
    if record_type.display:
        wanted += [by_key[key] for key in record_type.title_fields]
    names = dict.fromkeys(("id", "title", "version", "under"))
    for spec in wanted:
        names.update(dict.fromkeys(kinds.column_names(spec)))
    return tuple(names)


def _with_words(actor: Actor, record_type: RecordType, page: Page, specs: list[FieldSpec]) -> Page:
    """Titles of other cards that are shown, tags: a query each, where needed."""
    if not specs:
        return page
    rows = [row for rows in page.columns.values() for row in rows]
    row_values.fill(record_type, rows, specs)
    links = [spec for spec in specs if spec.kind in LINK_KINDS]
    wanted = {ref for spec in links for row in rows for ref in kinds.refs(spec, kinds.read(spec, row))}
    if wanted:
        page.links = {(ref.type, ref.id): title for ref, title in policy.titles(actor, wanted).items()}
    if any(spec.kind == "tags" for spec in specs) and rows:
        page.tags = tags_of(record_type, [row["id"] for row in rows])
    return page


@dataclass(frozen=True)
class _One:
    """One card he sees. Slot: its key, `id`."""

    actor: Actor
    type_key: str
    names: tuple[str, ...]

    def build(self) -> Any:
        """The query."""
        record_type = self.actor.state.record_types[self.type_key]
        key = Slot("id", record_type.model._meta.pk)
        records = policy.visible(self.actor, record_type, each=True).filter(pk=key)
        return _under(self.actor, record_type, records).values(*self.names)


def _under(actor: Actor, record_type: RecordType, records: Any) -> Any:
    """With the line under each name: the first of its context links that is filled with a card he sees."""
    clear = readable(actor, record_type)
    titles = [policy.title_behind(actor, record_type.spec(key)) for key in _context_keys(record_type) if key in clear]
    return records.annotate(under=Coalesce(*titles, Value(""), Value("")))


@dataclass(frozen=True)
class _Cards:
    """The first cards of some columns out of one part of the order. Slots: `now`; behind a card its `value`, `id`."""

    filter: lists.Filter
    field: str
    columns: tuple[str, ...]
    part: str
    behind: bool
    names: tuple[str, ...]
    size: int

    def build(self) -> list[Any]:
        """A query a column."""
        order = ["id"] if self.part == "none" else ["next_at", "id"]
        type_, q = self.filter.type, self.filter.q()
        found = []
        for column in self.columns:
            here = q & stands(type_.spec(self.field), column) & self._here()
            records = self.filter.records(here, lambda part: part.order_by(*order)[: self.size])
            found.append(_under(self.filter.actor, type_, records.order_by(*order)).values(*self.names)[: self.size])
        return found

    def _here(self) -> Q:
        """The part, from the card on where it begins behind one; a form that lets the index begin right there."""
        meta = self.filter.type.model._meta
        key, value = Slot("id", meta.pk), Slot("value", meta.get_field("next_at"))
        if self.part == "none":
            empty = Q(next_at__isnull=True)
            return empty & Q(id__gt=key) if self.behind else empty
        moment = Slot("now", meta.get_field("next_at"))
        part = Q(next_at__lt=moment) if self.part == "late" else Q(next_at__gte=moment)
        return part & Q(next_at__gte=value) & ~Q(next_at=value, id__lte=key) if self.behind else part
