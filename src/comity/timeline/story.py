"""The story of a card: its events, those it may tell to the reader, newest first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from comity.access import links, policy
from comity.access.actors import Actor
from comity.records import kinds
from comity.records.models import Merged, RecordRef
from comity.records.prepared import EVERYBODYS, Slot, columns
from comity.timeline import types as event_types
from comity.timeline.models import Event, EventSubject
from comity.timeline.types import EventType, Payload

PAGE = 30
LAST = 2**63 - 1
Titles = Mapping[RecordRef, str]
Named = Mapping[int, set[RecordRef]]  # the cards each event names, by its key
NO_TITLES: Titles = {}


@dataclass(frozen=True)
class Told:
    """An event as one reader may know it: payload cut to his rights."""

    event: Event
    type: EventType
    payload: dict[str, Any]
    primary_title: str
    titles: Titles  # of the cards the batch names, as far as he sees them


@dataclass(frozen=True)
class _OfCard:
    """The newest events that appear on a card of a type."""

    type_key: str
    size: int

    def build(self) -> Any:
        """The query; its slots are the card's key and the event to begin below."""
        subjects = EventSubject.objects.filter(
            type_key=self.type_key,
            record_id=Slot("record_id", EventSubject._meta.get_field("record_id")),
            event_id__lt=Slot("before", Event._meta.pk),
        ).order_by("-event_id")
        names = [f"event__{name}" for name in columns(Event, "salt", "digest", "chain")]
        return subjects.values_list(*names)[: self.size]


@dataclass(frozen=True)
class Ahead:
    """The newest events of a card and the cards they name, read before a page asks for all its titles at once."""

    events: list[Event]
    named: Named

    @property
    def refs(self) -> set[RecordRef]:
        """All cards whose titles the events want."""
        return _primaries(self.events).union(*self.named.values())


def ahead(actor: Actor, ref: RecordRef, kinds: frozenset[str] = frozenset()) -> Ahead:
    """What `story` reads first of a card the actor sees."""
    events = _events(ref, 0, _taken(kinds, PAGE))
    return Ahead(events, _named(actor, events))


def story(
    actor: Actor, ref: RecordRef, kinds: frozenset[str] = frozenset(), before: int = 0, size: int = PAGE,
    read: Ahead | None = None, titles: Titles = NO_TITLES,
) -> tuple[list[Told], int]:  # fmt: skip
    """A page of the story of a card the actor sees: (items, `before` of the next page or 0).

    `read` is what was read `ahead` of these kinds; then `titles` are those of its `refs`, as far as he sees them.

    An event shows to those who see its primary card; on other cards it is simply absent for the rest.
    """
    told: list[Told] = []
    taken = _taken(kinds, size)
    while True:
        events = read.events if read else _events(ref, before, taken)
        for one in _tell(actor, read, ref, titles) if read else tell(actor, events, ref):
            if not kinds or one.type.kind in kinds:
                told.append(one)
            if len(told) == size:
                last = told[-1].event.id
                return told, last if last != events[-1].id or len(events) == taken else 0
        if len(events) < taken:
            return told, 0
        before, read = events[-1].id, None


def _taken(kinds: frozenset[str], size: int) -> int:
    """How many events are read at a time: of those of some kinds only, more are passed over."""
    return size * 2 if kinds else size + 1


def _events(ref: RecordRef, before: int, taken: int) -> list[Event]:
    return EVERYBODYS.of(_OfCard(ref.type, taken)).objects(Event, record_id=ref.id, before=before or LAST)


def _primaries(events: Iterable[Event]) -> set[RecordRef]:
    return {RecordRef(event.primary_type, event.primary_id) for event in events}


def _named(actor: Actor, events: Iterable[Event]) -> Named:
    return {event.id: named_refs(actor, event) for event in events}


def tell(actor: Actor, events: list[Event], known: RecordRef | None = None) -> list[Told]:
    """Those of the events the actor may know, redacted. `known` is a card he is known to see.

    What an event says of cards he does not see is cut out: a link's value looks empty, a relation is not told at all.
    Nor is, on the card it points to, what happens to a card whose link there he may not read.
    """
    read = Ahead(events, _named(actor, events))
    return _tell(actor, read, known, policy.titles(actor, read.refs - {known}))


def _tell(actor: Actor, read: Ahead, known: RecordRef | None, titles: Titles) -> list[Told]:
    became = _became(known, _primaries(read.events) - titles.keys()) if known else frozenset()
    closed = links.closed_kinds(actor)
    unsaid = _unsaid(actor, known, _primaries(read.events) & titles.keys()) if known and closed else frozenset()
    found = []
    named = read.named
    for event in read.events:
        event_type = event_types.get(event.type)
        primary = RecordRef(event.primary_type, event.primary_id)
        if event_type is None or (primary != known and primary not in titles and primary not in became):
            continue
        if "to" in event.payload and (primary.type, event.payload.get("kind")) in closed:
            continue
        hidden = {str(ref.id) for ref in named[event.id] if ref != known and ref not in titles}
        record_type = actor.state.record_types.get(event.primary_type)
        payload = event_type.redact(event.payload, actor, record_type)
        if payload is not None and hidden:
            payload = without(payload, hidden)
        if payload is not None and known and primary in unsaid and not _says(actor, payload, primary, known):
            continue
        if payload is not None:
            found.append(Told(event, event_type, dict(payload), titles.get(primary, ""), titles))
    return found


def _unsaid(actor: Actor, known: RecordRef, primaries: set[RecordRef]) -> frozenset[RecordRef]:
    """Those of the cards he sees that may point to the known one by fields he may not read, and by no other now."""
    found: set[RecordRef] = set()
    for type_key in {ref.type for ref in primaries if ref != known}:
        record_type = actor.state.record_types[type_key]
        specs, others = links.leading_to(actor, record_type, known.type)
        if others:
            asked = {ref for ref in primaries if ref.type == type_key and ref != known}
            found |= asked - links.pointing(actor, specs, record_type, asked, known)
    return frozenset(found)


def _says(actor: Actor, payload: Payload, primary: RecordRef, known: RecordRef) -> bool:
    """Whether an event names the known card by a relation, or by a field that he reads."""
    if "to" in payload:
        return True
    specs, _others = links.leading_to(actor, actor.state.record_types[primary.type], known.type)
    changes = payload.get("changes", {})
    return any(
        known in kinds.refs(spec, kinds.from_json(spec, value)) for spec in specs for value in changes.get(spec.key, ())
    )


def _became(known: RecordRef, unseen: set[RecordRef]) -> frozenset[RecordRef]:
    """Those of the cards not seen that were merged into the known one: their story is its own now."""
    ids = [ref.id for ref in unseen if ref.type == known.type and ref != known]
    if not ids:
        return frozenset()
    rows = Merged.objects.filter(type_key=known.type, record_id__in=ids, into_id=known.id)
    return frozenset(RecordRef(known.type, key) for key in rows.values_list("record_id", flat=True))


def named_refs(actor: Actor, event: Event) -> set[RecordRef]:
    """The cards an event's payload points to: the other end of a relation, the values of link fields."""
    refs = set()
    if "to" in event.payload:
        refs.add(RecordRef(event.payload["to"][0], UUID(event.payload["to"][1])))
    record_type = actor.state.record_types.get(event.primary_type)
    changes = event.payload.get("changes")
    if record_type is not None and changes:
        for spec in record_type.links:
            for value in changes.get(spec.key, ()):
                refs.update(kinds.refs(spec, kinds.from_json(spec, value)))
    return refs


def without(payload: Payload, hidden: set[str]) -> Payload | None:
    """The payload as if the hidden cards were not there; None when nothing is left to tell."""
    if "to" in payload and payload["to"][1] in hidden:
        return None
    if "changes" not in payload:
        return payload
    changes = {}
    for key, change in payload["changes"].items():
        kept = [_cut(value, hidden) for value in change]
        if kept == change or any(value is not None for value in kept):
            changes[key] = kept
    return {**payload, "changes": changes} if changes or not payload["changes"] else None


def _cut(value: Any, hidden: set[str]) -> Any:
    """A value in its JSON form without the hidden cards it points to."""
    if isinstance(value, list):
        return [one for one in value if not isinstance(one, str) or one.rpartition(":")[2] not in hidden] or None
    return None if isinstance(value, str) and value.rpartition(":")[2] in hidden else value


def field_history(actor: Actor, ref: RecordRef, field_key: str, limit: int = 100) -> list[Told]:
    """The changes of one field of a card, newest first; none to those who may not read the field."""
    events = Event.objects.filter(primary_type=ref.type, primary_id=ref.id).order_by("-id")
    found: list[Event] = []
    for event in events.iterator(chunk_size=200):
        if field_key in event.payload.get("changes", {}):
            found.append(event)
            if len(found) == limit:
                break
    return [one for one in tell(actor, found, ref) if field_key in one.payload.get("changes", {})]
