"""Formulas that depend on other cards, or on the day: counted behind the change, in jobs of short transactions.

The consumer only notes whose figures a change may have moved. A job then counts those cards, each figure by one query
whatever the number of cards it is over, and passes on to what depends on them; counting twice gives the same.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection
from django.db.models import F

from comity.access.actors import system
from comity.access.snapshot import Snapshot, snapshot
from comity.changes import computed, dispatcher
from comity.changes.bus import Work, run
from comity.changes.models import Recount
from comity.kernel import jobs
from comity.kernel.transaction import write_transaction
from comity.records import kinds
from comity.records.formulas.book import Follower
from comity.records.formulas.rollups import linked
from comity.records.models import Record, RecordRef, Relation
from comity.records.types import RecordType
from comity.timeline.models import Event
from comity.timeline.types import EventType, register

CHUNK = 100  # cards of one transaction
TOLD = 10  # of its changed cards that open pages hear of one by one; lists hear of one for all
PORTION = 1000  # cards named in one job
HOUSE = "formulas"
COUNTED = "record.counted"
PLAIN = ("record.created", "record.updated", "record.trashed", "record.restored", "record.shared")


# --- whose figures a change moves ------------------------------------------------------------------------------------


class _Marks:
    """The cards to be counted anew: by type the cards and formulas; and cards known by what their link leads to."""

    def __init__(self) -> None:
        self.cards: dict[str, tuple[dict[UUID, None], set[str]]] = {}
        self.linked: dict[tuple[str, str], tuple[dict[UUID, None], set[str]]] = {}

    def add(self, type_key: str, ids: Iterable[UUID], keys: Iterable[str]) -> None:
        """These cards."""
        held, wanted = self.cards.setdefault(type_key, ({}, set()))
        held.update(dict.fromkeys(ids))
        wanted.update(keys)

    def link(self, type_key: str, link: str, to: Iterable[UUID], keys: Iterable[str]) -> None:
        """All cards whose link leads to one of these."""
        held, wanted = self.linked.setdefault((type_key, link), ({}, set()))
        held.update(dict.fromkeys(to))
        wanted.update(keys)

    def enqueue(self, key: str = "") -> None:
        """One job for so many cards; a `key` makes the same marks no second one."""
        for (type_key, link), (ids, keys) in [*((((one, "")), held) for one, held in self.cards.items()),
                                              *self.linked.items()]:  # fmt: skip
            named = sorted(one.hex for one in ids)
            for start in range(0, len(named), PORTION):
                args = {"type": type_key, "link": link, "ids": named[start : start + PORTION], "keys": sorted(keys)}
                jobs.enqueue("changes.count", args, key=f"count:{key}:{type_key}:{link}:{start}" if key else None)


def handle(events: Sequence[Event]) -> None:
    """Note whose figures these changes may have moved."""
    state = snapshot()
    marks = _Marks()
    for event in events:
        if event.type in ("setting.changed", "setting.removed"):
            _setting(state, event)
        elif event.type != COUNTED and event.primary_type in state.record_types and computed.book(state).by_type:
            _event(state, event, marks)
    marks.enqueue(f"{events[0].seq}-{events[-1].seq}")


def _setting(state: Snapshot, event: Event) -> None:
    """New rates, another day or currency of the company move what is converted, or counted by days."""
    changes = event.payload.get("changes", {})
    if event.payload.get("setting") == "rate":
        start_restless(state, rates=True)
    elif event.payload.get("setting") == "organization" and not changes.keys().isdisjoint({"timezone", "currency"}):
        start_restless(state, rates=True, daily=True)


def _event(state: Snapshot, event: Event, marks: _Marks) -> None:
    record_type, formulas = state.record_types[event.primary_type], computed.book(state)
    changes = event.payload.get("changes")
    # Made, put away, brought back: the card as a whole comes to the figures, or leaves them.
    whole = event.type == "record.created" or (changes is None and event.type.startswith("record."))
    if not whole and not changes:
        return
    # Merged, taken apart, turned to another card: links moved, those of others among them, whatever is told of it.
    moved = event.type.startswith("record.") and event.type not in PLAIN
    keys = None if whole else set(changes or ()) | formulas.touched(record_type.key, changes or (), behind=False)
    mine = [
        one.spec.key for one in formulas.of(record_type.key)
        if one.behind and one.checked and (keys is None or moved or not keys.isdisjoint(one.checked.uses.own))
    ]  # fmt: skip
    if mine or (formulas.of(record_type.key) and moved):
        marks.add(record_type.key, [event.primary_id], mine)
    for follower in formulas.followers(record_type.key, None if moved else keys):
        if follower.rollup is None and (moved or not whole):
            marks.link(follower.formula.type_key, follower.link, [event.primary_id], [follower.formula.spec.key])
        elif follower.rollup is not None:
            old = _pointed(state, follower, (changes or {}).get(follower.rollup.via, ()))
            rows = record_type.rows.filter(pk=event.primary_id)
            marks.add(follower.formula.type_key, [*old, *_targets(record_type, follower, rows)],
                      [follower.formula.spec.key])  # fmt: skip


def _pointed(state: Snapshot, follower: Follower, values: Iterable[Any]) -> list[UUID]:
    """The cards of the follower's type that values of a link, in JSON, lead or led to."""
    assert follower.rollup is not None  # noqa: S101
    spec = state.record_types[follower.rollup.type_key].spec(follower.rollup.via)
    refs = [ref for value in values for ref in kinds.refs(spec, kinds.from_json(spec, value))]
    return [ref.id for ref in refs if ref.type == follower.formula.type_key]


def _targets(source: RecordType, follower: Follower, rows: Any) -> list[UUID]:
    """The cards that the link of a roll-up's cards leads to now."""
    assert follower.rollup is not None  # noqa: S101
    spec, to_type = source.spec(follower.rollup.via), follower.formula.type_key
    if spec.kind == "relation":
        found = Relation.objects.filter(kind=spec.key, from_type=source.key, to_type=to_type)
        return list(found.filter(from_id__in=rows.values("pk")).values_list("to_id", flat=True))
    if spec.kind == "card":
        rows = rows.filter(**{f"{spec.key}_type": to_type})
    return [key for key in rows.values_list(spec.attname, flat=True) if key]


# --- counting --------------------------------------------------------------------------------------------------------


@dataclass
class CountCards:
    """Count formulas of some cards anew: no new version, nobody's change. Result.data: {"left": those others hold}.

    wait  for those that others hold; only ever for one card, so that two who wait never wait for each other
    """

    key: ClassVar[str] = "formulas.count"
    type_key: str
    ids: Sequence[UUID]
    keys: Collection[str]
    wait: bool = False

    def apply(self, work: Work) -> None:
        """Tells "record.counted" for what changed."""
        state = work.actor.state
        record_type = state.record_types.get(self.type_key)
        work.result.data["left"] = []
        if record_type is None:
            return
        rows = record_type.rows.filter(pk__in=list(self.ids)).order_by("pk")
        if connection.vendor != "sqlite":
            rows = rows.select_for_update(no_key=True, skip_locked=not self.wait)
        records = list(rows)
        held = {record.pk for record in records}
        work.result.data["left"] = [] if self.wait else [one.hex for one in self.ids if one not in held]
        before = {record.pk: record.custom for record in records}
        changed = computed.refill(state, record_type, records, self.keys)
        moved = [record for record in records if record.custom != before[record.pk]]
        for record in moved:
            record_type.rows.filter(pk=record.pk).update(custom=record.custom)
        if moved:
            _pass_on(state, record_type, moved, changed)
            _tell(work, record_type, moved)


def _pass_on(state: Snapshot, record_type: RecordType, moved: Sequence[Record], changed: set[str]) -> None:
    """What depends on the formulas that changed is counted next; circles are refused when formulas are written."""
    marks, ids = _Marks(), [record.pk for record in moved]
    later = computed.book(state).touched(record_type.key, changed) - changed
    behind = {one.spec.key for one in computed.book(state).of(record_type.key) if one.behind}
    if later & behind:
        marks.add(record_type.key, ids, later & behind)
    for follower in computed.book(state).followers(record_type.key, changed):
        if follower.rollup is None:
            marks.link(follower.formula.type_key, follower.link, ids, [follower.formula.spec.key])
        else:
            rows = record_type.rows.filter(pk__in=ids)
            marks.add(follower.formula.type_key, _targets(record_type, follower, rows), [follower.formula.spec.key])
    marks.enqueue()


def _tell(work: Work, record_type: RecordType, moved: Sequence[Record]) -> None:
    """Let open pages and the search know. It is no line of any story."""
    for record in moved if len(moved) <= TOLD else moved[:1]:
        work.tell(COUNTED, RecordRef(record_type.key, record.pk), {"title": record.title})


register(EventType(COUNTED, lambda payload, actor: "", redact=lambda payload, actor, record_type: None))


def count(type_key: str, ids: Sequence[UUID], keys: Collection[str]) -> None:
    """Count formulas of at most CHUNK cards anew."""
    left = run(system(HOUSE), CountCards(type_key, ids, keys)).data["left"]
    for one in left:
        run(system(HOUSE), CountCards(type_key, [UUID(hex=one)], keys, wait=True))


@jobs.job("changes.count", lease=120)
def _count_job(args: dict[str, Any], beat: jobs.Beat) -> None:
    """Count the cards that are named, or those whose link leads to them."""
    ids = [UUID(hex=one) for one in args["ids"]]
    if args["link"]:
        record_type = snapshot().record_types.get(args["type"])
        if record_type is None:
            return
        spec = record_type.spec(args["link"])
        rows = linked(record_type, spec, spec.target, ids)
        for chunk in _chunks(rows, None):
            count(args["type"], chunk, args["keys"])
            beat()
        return
    for start in range(0, len(ids), CHUNK):
        count(args["type"], ids[start : start + CHUNK], args["keys"])
        beat()


def _chunks(rows: Any, last: UUID | None) -> Iterable[list[UUID]]:
    """The keys of rows, in their order, so many at a time."""
    while True:
        page = rows.filter(pk__gt=last) if last else rows
        found = list(page.order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not found:
            return
        yield found
        last = found[-1]


# --- all cards of a type ---------------------------------------------------------------------------------------------


def start(state: Snapshot, type_key: str, keys: Collection[str], day: date | None = None) -> Recount | None:
    """Begin to count formulas over all cards of a type, within the caller's transaction."""
    record_type = state.record_types.get(type_key)
    if record_type is None or not keys:
        return None
    total = record_type.rows.count()
    recount = Recount.objects.create(type_key=type_key, keys=sorted(keys), total=total, day=day)
    jobs.enqueue("changes.recount", {"recount": str(recount.pk)}, key=f"recount:{recount.pk}")
    return recount


def start_restless(state: Snapshot, *, rates: bool = False, daily: bool = False, day: date | None = None) -> None:
    """Begin to count what the rates or the day move; `day`: unless that was begun for the same day already."""
    for type_key, formulas in computed.book(state).by_type.items():
        keys = [
            one.spec.key for one in formulas
            if one.checked and ((rates and one.checked.uses.rates) or (daily and one.checked.uses.daily))
        ]  # fmt: skip
        if keys and not (day and Recount.objects.filter(type_key=type_key, day=day).exists()):
            start(state, type_key, keys, day)


@jobs.job("changes.recount", lease=120)
def _recount_job(args: dict[str, Any], beat: jobs.Beat) -> None:
    """Go through all cards of a type; a killed worker's successor goes on behind the last chunk that was noted."""
    recount = Recount.objects.get(pk=args["recount"])
    record_type = snapshot().record_types.get(recount.type_key)
    if recount.state == "running" and record_type is not None:
        for chunk in _chunks(record_type.rows, recount.last):
            count(recount.type_key, chunk, recount.keys)
            with write_transaction():
                Recount.objects.filter(pk=recount.pk).update(last=chunk[-1], done=F("done") + len(chunk))
            beat()
    with write_transaction():
        Recount.objects.filter(pk=recount.pk).update(state="done")


@jobs.schedule("changes.count_daily", every=900)
def _daily(args: dict[str, Any], beat: jobs.Beat) -> None:
    """Once the company's day has begun, what is counted by days is counted anew; a night missed is made up for."""
    state = snapshot()
    day = computed.around(state).today
    with write_transaction():
        start_restless(state, rates=True, daily=True, day=day)


def progress(type_key: str, key: str) -> Recount | None:
    """The counting that is under way for a formula of a type."""
    running = Recount.objects.filter(type_key=type_key, state="running").order_by("-created_at")
    return next((one for one in running if key in one.keys), None)


dispatcher.register(dispatcher.Consumer("formulas", handle))
