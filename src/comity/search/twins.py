"""Keeps the keys by which likely duplicates are found true to what the cards say."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from comity.access import policy
from comity.access.actors import Actor, system
from comity.changes import dispatcher
from comity.kernel import jobs
from comity.kernel.transaction import write_transaction
from comity.records.types import RecordType
from comity.search import rules as duplicate_rules
from comity.search import said
from comity.search.duplicates import keys_of
from comity.search.models import DuplicateKey
from comity.timeline.models import Event

CHUNK = 2000


def keyed(actor: Actor, record_type: RecordType) -> list[str]:
    """The rules of a type whose values have keys."""
    rules = duplicate_rules.of(actor.state, record_type).weights
    return [rule for rule in rules if not duplicate_rules.contact(record_type, rule)]


def touched(events: Iterable[Event]) -> dict[str, list[UUID]]:
    """The cards of types with rules that these events have made, changed, put away or brought back."""
    state = system("search").state
    types = {one.key for one in duplicate_rules.checked_types(state)}
    found: dict[str, dict[UUID, None]] = {}
    for event in events:
        if event.primary_type in types and (event.type.startswith("record.") or "changes" in event.payload):
            found.setdefault(event.primary_type, {})[event.primary_id] = None
            if "lost" in event.payload:
                found[event.primary_type][UUID(event.payload["lost"][1])] = None
    return {type_key: list(ids) for type_key, ids in found.items()}


def handle(events: Sequence[Event]) -> None:
    """Write the keys of the cards these events are about anew."""
    for type_key, ids in touched(events).items():
        house = system("search")
        write(house, house.state.record_types[type_key], ids)


def write(house: Actor, record_type: RecordType, ids: Sequence[UUID]) -> None:
    """Make the keys of these cards as the cards are now; what is right already is not touched."""
    usable = keyed(house, record_type)
    with write_transaction():
        found = said.of_records(record_type, policy.visible(house, record_type), ids, usable)
        true = {
            (record_id, rule, key)
            for record_id, values in found.items()
            for rule, one in values.items()
            for key in keys_of(record_type, rule, one)
        }
        held = {
            (record_id, rule, key): pk
            for pk, record_id, rule, key in _rows(record_type, ids).values_list("pk", "record_id", "rule", "key")
        }
        gone = [pk for one, pk in held.items() if one not in true]
        for start in range(0, len(gone), 500):
            DuplicateKey.objects.filter(pk__in=gone[start : start + 500]).delete()
        DuplicateKey.objects.bulk_create(
            [DuplicateKey(type_key=record_type.key, record_id=record_id, rule=rule, key=key)
             for record_id, rule, key in sorted(true - held.keys(), key=str)],
            batch_size=1000,
        )  # fmt: skip


def _rows(record_type: RecordType, ids: Sequence[UUID]) -> Any:
    """The keys of those cards; in the order of cards, so that their index serves a whole chunk."""
    rows = DuplicateKey.objects.filter(type_key=record_type.key)
    return rows.filter(record_id__in=list(ids))


def rebuild(record_type: RecordType, step: Callable[[int], None] = lambda done: None) -> int:
    """Write the keys of all cards of a type anew, chunk by chunk; `step` is told how many were read. How many keys of
    cards that are gone were dropped comes back."""
    house = system("search")
    records = policy.visible(house, record_type)
    last: UUID | None = None
    done = 0
    while True:
        page = records.filter(pk__gt=last) if last else records
        ids = list(page.order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not ids:
            break
        write(house, record_type, ids)
        done, last = done + len(ids), ids[-1]
        step(done)
    with write_transaction():
        stale = DuplicateKey.objects.filter(type_key=record_type.key).exclude(record_id__in=records.values("pk"))
        return int(stale.delete()[0])


@jobs.job("search.twins", lease=300)
def _rebuild(args: dict[str, Any], beat: jobs.Beat) -> None:
    for record_type in duplicate_rules.checked_types(system("search").state):
        rebuild(record_type, lambda done: beat())


dispatcher.register(dispatcher.Consumer("search.twins", handle))
