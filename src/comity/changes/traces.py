"""What is left of a card besides its own row, taken away for good: words in what was told, numbers, files, search.

Rooms register what they hold of cards: see `Holder`. Whoever erases calls `scrub` inside his command, before he writes
the card's own row: its values tell what to look for.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models.functions import Cast

from comity.access.snapshot import snapshot
from comity.changes import merging, writer
from comity.changes.cleaned_texts import clean_texts, every_spec
from comity.changes.needles import Gathering, Needles
from comity.records import kinds, saving
from comity.records.erased import ERASED
from comity.records.fields import FieldSpec
from comity.records.models import Merged, RecordRef, Relation, StoredFile
from comity.records.types import RecordType
from comity.timeline.models import Event, EventSubject
from comity.timeline.shredding import shred

CHUNK = 200
NAMES = ("title", "title_before", "lost_title")  # where a payload names the card
UNDOING = ("moved", "relations", "led")  # what only an undo reads, and there is none any more
EXPORTED = ("list.exported", "report.exported", "setting.changed", "setting.removed")  # they tell of conditions


@dataclass(frozen=True)
class Traces:
    """Of which card, and what of it.

    refs    the card and those that were merged into it
    keep    keys of the fields whose values stay
    spare   keys of the holders that are left as they are
    files   which of the card's files go; None = all
    """

    ref: RecordRef
    refs: tuple[RecordRef, ...]
    keep: frozenset[str] = frozenset()
    spare: frozenset[str] = frozenset()
    files: frozenset[UUID] | None = None

    @cached_property
    def record_type(self) -> RecordType:
        """The card's type."""
        return snapshot().record_types[self.ref.type]

    @property
    def ids(self) -> list[UUID]:
        """The keys of the card and those merged into it."""
        return [ref.id for ref in self.refs]

    @cached_property
    def specs(self) -> tuple[FieldSpec, ...]:
        """The fields whose values go, those out of use among them."""
        return tuple(spec for spec in every_spec(self.record_type) if spec.key not in self.keep)

    @cached_property
    def gone(self) -> frozenset[str]:
        """Their keys, and those of formulas: they may be made of them."""
        return frozenset(spec.key for spec in self.specs) | {
            spec.key for spec in self.record_type.specs if spec.formula
        }

    @cached_property
    def nameless(self) -> bool:
        """Whether what the card is called goes."""
        return any(key in self.gone for key in self.record_type.title_fields)

    @cached_property
    def needles(self) -> Needles:
        """The words to look for elsewhere."""
        return _gather(self)

    @cached_property
    def near(self) -> tuple[RecordRef, ...]:
        """The cards that point to it, and what hangs on those: what is said there is likely said of it."""
        return tuple(_near(self.refs))

    @cached_property
    def file_ids(self) -> frozenset[str]:
        """The files that go."""
        if "files" in self.spare:
            return frozenset()
        rows = self.hanging(StoredFile)
        rows = rows if self.files is None else rows.filter(pk__in=self.files)
        return frozenset(str(key) for key in rows.values_list("pk", flat=True))

    def look(self) -> "Traces":
        """Read what to look for, while everything is there yet."""
        for _found in (self.needles, self.near, self.file_ids):
            pass
        return self

    def conditions(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """A payload with the conditions in it cleaned, nothing else: it is told of something other than the card."""
        wide = self.needles.wide
        cut = {key: wide.clean(one) if key == "where" else one for key, one in payload.items()}
        if isinstance(cut.get("changes"), Mapping):
            cut["changes"] = {key: wide.clean(one) if key == "where" else one for key, one in cut["changes"].items()}
        return cut

    def hanging(self, model: Any, type_column: str = "type_key", id_column: str = "record_id") -> Any:
        """The rows of a table that hang on the card."""
        return model.objects.filter(**{type_column: self.ref.type, f"{id_column}__in": self.ids})

    def beside(self, model: Any, type_column: str = "type_key", id_column: str = "record_id") -> Any:
        """The rows that hang on it or on a card that points to it."""
        q = models.Q()
        for type_key, ids in by_type([*self.refs, *self.near]).items():
            q |= models.Q(**{type_column: type_key, f"{id_column}__in": ids})
        return model.objects.filter(q)


@dataclass(frozen=True)
class Holder:
    """Something that keeps words of cards. `label` for who looks what is known of somebody; None = nothing to tell.

    erase   takes away what it holds; gives of how many rows
    count   how many rows that would be; by itself none is told
    last    it makes something anew out of what the others hold, and comes behind them
    """

    key: str
    erase: Callable[[Traces], int]
    count: Callable[[Traces], int] = lambda traces: 0
    label: Callable[[], str] | None = None
    last: bool = False


@dataclass
class Counts:
    """What was taken away. `rows`: by holder; `near`: the cards that point to it and whose texts named it."""

    events: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    near: list[RecordRef] = field(default_factory=list)

    def __getitem__(self, key: str) -> int:
        return self.rows.get(key, 0)


_holders: dict[str, Holder] = {}


def register(holder: Holder) -> Holder:
    """Make a holder known; a key is registered once."""
    if holder.key in _holders:
        raise ValueError(f"Holder {holder.key} exists already")
    _holders[holder.key] = holder
    return holder


def unregister(key: str) -> None:
    """Forget a holder: for the fake room of the tests."""
    _holders.pop(key, None)


def all_holders() -> tuple[Holder, ...]:
    """Every holder, in the order they are asked in."""
    return tuple(sorted(_holders.values(), key=lambda one: one.last))


def deleting(key: str, rows: Callable[[Traces], Any], label: Callable[[], str] | None = None) -> Holder:
    """A holder whose rows go altogether."""
    return Holder(key, lambda traces: int(rows(traces).delete()[0]), lambda traces: int(rows(traces).count()), label)


def cleaning(
    key: str, rows: Callable[[Traces], Any], *columns: str, label: Callable[[], str] | None = None, wide: bool = False
) -> Holder:  # fmt: skip
    """A holder whose rows stay, their columns (texts or JSON) without the words that go. `wide`: its rows need not be
    about the card."""

    def looked(traces: Traces) -> Needles:
        return traces.needles.wide if wide else traces.needles

    def holding(traces: Traces) -> list[Any]:
        needles = looked(traces)
        found = rows(traces).iterator(chunk_size=CHUNK) if needles else ()
        return [row for row in found if any(needles.holds(getattr(row, column)) for column in columns)]

    def erase(traces: Traces) -> int:
        found = holding(traces)
        for row in found:
            for column in columns:
                setattr(row, column, looked(traces).clean(getattr(row, column)))
            row.save(update_fields=list(columns))
        return len(found)

    return Holder(key, erase, lambda traces: len(holding(traces)), label)


def naming(traces: Traces, rows: Any, column: str) -> Any:
    """Those of the rows whose JSON column has the key of the card in it."""
    q = models.Q()
    for record_id in traces.ids:
        q |= models.Q(_as_text__contains=str(record_id)) | models.Q(_as_text__contains=record_id.hex)
    return rows.annotate(_as_text=Cast(column, models.TextField())).filter(q)


def of(
    type_key: str, record_id: UUID, *, keep_fields: Collection[str] = (), spare: Collection[str] = (),
    files: Collection[UUID] | None = None,
) -> Traces:  # fmt: skip
    """What would be looked for and where, before anything is taken away."""
    merged = Merged.objects.filter(type_key=type_key, into_id=record_id).order_by("record_id")
    ids = [record_id, *merged.values_list("record_id", flat=True)]
    chosen = None if files is None else frozenset(files)
    refs = tuple(RecordRef(type_key, one) for one in ids)
    return Traces(refs[0], refs, frozenset(keep_fields), frozenset(spare), chosen)


def scrub(
    type_key: str, record_id: UUID, *, keep_fields: Collection[str] = (), spare: Collection[str] = (),
    files: Collection[UUID] | None = None,
) -> Counts:  # fmt: skip
    """Take away for good what is left of a card besides its own row, inside a command's transaction.

    keep_fields   keys of fields whose values stay, in the story too
    spare         keys of holders that are left as they are ("notes")
    files         which of its files go; None = all. Their contents leave the store after the transaction

    What was told of the card stays told, without the words; it can't be undone any more. The card's own columns are the
    caller's to blank or delete, as are those of the cards merged into it (`of(...).refs`).
    """
    return clear(of(type_key, record_id, keep_fields=keep_fields, spare=spare, files=files))


def clear(traces: Traces) -> Counts:
    """The same for traces made before."""
    counts = Counts()
    traces.look()
    _overwrite()
    counts.events = _clear_story(traces)
    counts.near = [ref for ref in traces.near if _clear_near(traces, ref)]
    for holder in all_holders():
        if holder.key not in traces.spare and (number := holder.erase(traces)):
            counts.rows[holder.key] = number
    return counts


def _overwrite() -> None:
    """Have what is deleted overwritten in the file of the base too; PostgreSQL does so when it tidies up."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


# --- what to look for -------------------------------------------------------------------------------------------------


def _gather(traces: Traces) -> Needles:
    found, record_type = Gathering(), traces.record_type
    specs = {spec.key: spec for spec in traces.specs}
    for record in record_type.rows.filter(pk__in=traces.ids):
        values = values_of(record_type, record, traces.specs)
        for key, value in values.items():
            found.value(specs[key], value)
        if traces.nameless:
            found.title(record.title)
        if record_type.display is not None:
            found.names(str(values[key]) for key in record_type.title_fields if values.get(key))
    for payload in _own_events(traces).values_list("payload", flat=True).iterator(chunk_size=CHUNK):
        _from_payload(traces, found, specs, payload)
    return found.needles()


def values_of(record_type: RecordType, record: Any, specs: Sequence[FieldSpec]) -> dict[str, Any]:
    """Values of a record in their JSON form, of fields out of use too."""
    values = writer.current(record_type, record, tuple(specs))
    return {spec.key: kinds.to_json(spec, values[spec.key]) for spec in specs}


def _from_payload(traces: Traces, found: Gathering, specs: Mapping[str, FieldSpec], payload: Mapping[str, Any]) -> None:
    changes = payload.get("changes") or {}
    named: dict[int, list[str]] = {0: [], 1: []}
    for key, pair in changes.items():
        if key in specs:
            for place, value in enumerate(pair):
                found.value(specs[key], value)
                if key in traces.record_type.title_fields and isinstance(value, str) and place in named:
                    named[place].append(value)
    if traces.nameless:
        for name in NAMES:
            found.title(str(payload.get(name) or ""))
    if traces.record_type.display is not None:
        for parts in named.values():
            found.names(parts)


def by_type(refs: Iterable[RecordRef]) -> dict[str, list[UUID]]:
    """Keys of cards by the key of their type."""
    found: dict[str, list[UUID]] = {}
    for ref in refs:
        found.setdefault(ref.type, []).append(ref.id)
    return found


def _near(refs: Sequence[RecordRef]) -> list[RecordRef]:
    found: dict[RecordRef, None] = {}
    for record_type, spec in linking(refs[0].type):
        for ref in refs:
            found |= dict.fromkeys(RecordRef(record_type.key, key) for key in pointing_ids(record_type, spec, ref))
    for ref in refs:
        ends = Relation.objects.filter(to_type=ref.type, to_id=ref.id).values_list("from_type", "from_id")
        found |= dict.fromkeys(RecordRef(kind, key) for kind, key in ends)
    near = [ref for ref in found if ref not in refs and ref.type in snapshot().record_types]
    return list(dict.fromkeys([*near, *_following(near)]))


def _following(near: Sequence[RecordRef]) -> list[RecordRef]:
    """What hangs on the cards that point to it: the tasks of its deals."""
    found: list[RecordRef] = []
    for record_type in snapshot().record_types.values():
        for type_key, ids in by_type(near).items() if record_type.follows else ():
            column = record_type.spec(record_type.follows).attname
            for start in range(0, len(ids), CHUNK):
                rows = record_type.rows.filter(
                    **{f"{record_type.follows}_type": type_key, f"{column}__in": ids[start : start + CHUNK]}
                )
                found += [RecordRef(record_type.key, key) for key in rows.values_list("pk", flat=True)]
    return found


def linking(type_key: str) -> list[tuple[RecordType, FieldSpec]]:
    """The fields of all types that can point to a card of a type."""
    return [
        (record_type, spec) for record_type in snapshot().record_types.values() for spec in record_type.links
        if spec.stored != "rows" and (spec.kind == "card" or spec.target == type_key)
    ]  # fmt: skip


def pointing_ids(record_type: RecordType, spec: FieldSpec, ref: RecordRef) -> list[UUID]:
    """The keys of the cards whose field points to a card, whoever sees them."""
    return list(merging.pointing(record_type, spec, ref).values_list("pk", flat=True))


# --- what was told ----------------------------------------------------------------------------------------------------


def _own_events(traces: Traces) -> Any:
    return Event.objects.filter(primary_type=traces.ref.type, primary_id__in=traces.ids).order_by("id")


def _clear_story(traces: Traces) -> int:
    changed = _shred(_own_events(traces), lambda payload: _own_payload(traces, payload))
    if not traces.needles:
        return changed
    told_here = EventSubject.objects.filter(type_key=traces.ref.type, record_id__in=traces.ids)
    some: list[Any] = [Event.objects.filter(pk__in=told_here.values("event_id"))]
    for type_key, ids in by_type(traces.near).items():
        for start in range(0, len(ids), CHUNK):
            some.append(Event.objects.filter(primary_type=type_key, primary_id__in=ids[start : start + CHUNK]))
    changed += sum(_shred(events.order_by("id"), traces.needles.clean) for events in some)
    return changed + _shred(Event.objects.filter(type__in=EXPORTED).order_by("id"), traces.conditions)


def _shred(events: Any, cut: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> int:
    changed = last = 0
    while page := list(events.filter(id__gt=last)[:CHUNK]):
        last = page[-1].id
        told = [(event, after) for event in page if (after := cut(event.payload)) != event.payload]
        changed += shred(told) if told else 0
    return changed


def _own_payload(traces: Traces, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What an event of the card itself told, without what goes."""
    cut = dict(payload)
    if traces.nameless:
        cut = {key: ERASED if key == "title" else one for key, one in cut.items() if key == "title" or key not in NAMES}
    if "changes" in cut:
        cut["changes"] = {key: pair for key, pair in cut["changes"].items() if key not in traces.gone}
    if cut.get("file") in traces.file_ids:
        cut["name"] = ERASED
    cut |= {key: {} if isinstance(cut[key], Mapping) else [] for key in UNDOING if key in cut}
    return dict(traces.needles.clean(cut))


# --- texts of the cards that point to it ------------------------------------------------------------------------------


def _clear_near(traces: Traces, ref: RecordRef) -> bool:
    """Take the words out of the texts of a card that points to it; whether there were any."""
    record_type = snapshot().record_types[ref.type]
    record: Any = record_type.rows.filter(pk=ref.id).first()
    columns = clean_texts(record_type, record, traces.needles) if record is not None else set()
    if columns:
        saving.change(record, sorted(columns))
    return bool(columns)
