"""A house with visible and hidden cards that touch each other in every way a hidden one could show."""

import io
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from comity.access.actors import Actor, user_actor
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.colleagues import SavePreferences
from comity.changes.commands import Create, Link, ShareRecord, Trash, Update
from comity.changes.files import AddFiles, NewFile
from comity.kernel import storage
from comity.notices.models import Notice
from comity.records import types
from comity.records.models import RecordRef, Relation
from comity.work.notes.commands import WriteNote
from support import samples
from support.house import colleague

MARK = "Zqxhidden"
FRAGMENT = "zqxhi"  # what the snooper looks for: found by itself in an answer it proves nothing
PHONE = "9990077"  # stands in every phone of a hidden card


@dataclass
class World:
    """Who looks, what is his, what he must not know of."""

    boss: Actor
    snooper: Actor
    owner: Actor
    visible: dict[str, UUID] = field(default_factory=dict)
    hidden: dict[str, UUID] = field(default_factory=dict)
    trashed: dict[str, UUID] = field(default_factory=dict)
    events: list[int] = field(default_factory=list)
    files: list[UUID] = field(default_factory=list)
    notes: list[UUID] = field(default_factory=list)
    relations: list[UUID] = field(default_factory=list)
    notices: list[int] = field(default_factory=list)

    def traces(self) -> list[str]:
        """Strings that betray a hidden card."""
        ids = [str(one) for one in (*self.hidden.values(), *self.trashed.values(), *self.files, *self.notes)]
        return [MARK.lower(), PHONE, *ids, *(one.replace("-", "") for one in ids)]


def fresh(actor: Actor) -> Actor:
    """The actor with his rights as they are now."""
    assert actor.user_id is not None
    return user_actor(actor.user_id)


def build(boss: Actor, keys: tuple[str, ...]) -> World:
    """What the snooper may see: a card of each type, before anything hidden exists."""
    snooper, owner = colleague("Snooper"), colleague("Owner")
    world = World(fresh(boss), fresh(snooper), owner)
    for key in keys:
        made = run(world.snooper, Create(key, _values(world.snooper, key, "Plain", 1)))
        world.visible[key] = made.record.id
    dispatcher.drain()
    return world


def _values(actor: Actor, key: str, mark: str, n: int) -> dict[str, Any]:
    values = samples.values(actor, types.get(key), mark, n)
    if mark == MARK:
        for spec in types.get(key).specs:
            if spec.kind == "phones":
                values[spec.key] = [{"label": "work", "value": f"+7495{PHONE}"}]
    return values


def hide(world: World) -> None:
    """Hidden cards of each type, with their notes, files, links, events, and one in the trash."""
    for key in world.visible:
        made = run(world.owner, Create(key, _values(world.owner, key, MARK, 2)))
        world.hidden[key] = made.record.id
        world.events += made.events
        changed = run(world.owner, Update(key, made.record.id, 0, {types.get(key).title_fields[0]: f"{MARK} again"}))
        world.events += changed.events
        gone = run(world.owner, Create(key, _values(world.owner, key, MARK, 3))).record.id
        world.events += run(world.owner, Trash(key, gone)).events
        world.trashed[key] = gone
    for key, mine in world.visible.items():
        for other in world.hidden.values():
            linked = run(world.boss, Link("related", RecordRef(key, mine), RecordRef(_type_of(world, other), other)))
            world.events += linked.events
        if mine != world.visible["company"]:
            spec = next(
                (spec for spec in types.get(key).specs if spec.kind == "link" and spec.target == "company"), None
            )
            if spec is not None:
                run(world.boss, Update(key, mine, 0, {spec.key: str(world.hidden["company"])}))
    _notes_and_files(world)
    for level in ("view", ""):  # once shared and noticed, then taken back
        for key, one in world.hidden.items():
            run(world.boss, ShareRecord(key, one, _id(world.snooper), level=level))
        dispatcher.drain()
    pinned = [[key, str(one)] for key, one in world.hidden.items()]
    run(world.snooper, SavePreferences({"pinned": pinned}))
    world.snooper = fresh(world.snooper)
    dispatcher.drain()
    world.relations = list(Relation.objects.values_list("id", flat=True))
    world.notices = list(Notice.objects.values_list("id", flat=True))


def _type_of(world: World, record_id: UUID) -> str:
    return next(key for key, one in world.hidden.items() if one == record_id)


def _notes_and_files(world: World) -> None:
    """A note that names the snooper, and a file, on each hidden card."""
    for key, one in world.hidden.items():
        written = run(world.owner, WriteNote(key, one, f"{MARK} note for @Snooper", [_id(world.snooper)]))
        world.events += written.events
        world.notes.append(UUID(written.data["note"]))
        stored = storage.save(io.BytesIO(f"{MARK} file".encode()), 1000)
        new = NewFile(f"{MARK}.txt", stored.sha256, stored.size, "text/plain")
        made = run(world.owner, AddFiles(key, one, [new]))
        world.files += [UUID(file) for file in made.data["files"]]


def _id(actor: Actor) -> UUID:
    assert actor.user_id is not None
    return actor.user_id
