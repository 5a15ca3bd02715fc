"""A house with visible and hidden cards that touch each other in every way a hidden one could show."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from comity.access.actors import Actor, user_actor
from comity.access.models import Role
from comity.access.snapshot import changed
from comity.changes import commands, dispatcher
from comity.changes.bus import run
from comity.changes.colleagues import SavePreferences
from comity.changes.commands import Link, ShareRecord, Trash
from comity.identity.models import Team, User
from comity.notices.models import Notice
from comity.records import types
from comity.records.models import RecordRef, Relation
from comity.timeline.models import Event
from leaks import happenings
from support import samples
from support.house import colleague

MARK = "Zqxhidden"
FRAGMENT = "zqxhi"  # what the snooper looks for: found by itself in an answer it proves nothing
PHONE = "9990077"  # stands in every phone of a hidden card
LINKS = {"deal": ("company", "person"), "person": ("company",), "gadget": ("maker", "about"), "task": ("about",)}


@dataclass
class World:
    """Who looks, what is his, what he must not know of.

    visible, hidden, trashed   one card of each type
    mine, theirs               further ones: of his, and of those he must not see
    given_away                 what a lead of his became, in other hands by now
    """

    boss: Actor
    snooper: Actor
    owner: Actor
    mate: Actor | None  # whom the snooper leads; None when he sees that one's cards
    visible: dict[str, UUID] = field(default_factory=dict)
    hidden: dict[str, UUID] = field(default_factory=dict)
    trashed: dict[str, UUID] = field(default_factory=dict)
    mine: list[RecordRef] = field(default_factory=list)
    theirs: list[RecordRef] = field(default_factory=list)
    given_away: list[RecordRef] = field(default_factory=list)
    conversion: list[int] = field(default_factory=list)  # the event that made those
    events: list[int] = field(default_factory=list)
    files: list[UUID] = field(default_factory=list)
    notes: list[UUID] = field(default_factory=list)
    relations: list[UUID] = field(default_factory=list)
    notices: list[int] = field(default_factory=list)

    def secrets(self) -> list[str]:
        """The keys of everything hidden."""
        refs = [ref.id for ref in (*self.theirs, *self.given_away)]
        return [str(one) for one in (*self.hidden.values(), *self.trashed.values(), *refs, *self.files, *self.notes)]

    def traces(self) -> list[str]:
        """Strings that betray a hidden card."""
        ids = self.secrets()
        return [MARK.lower(), PHONE, *ids, *(one.replace("-", "") for one in ids)]


def fresh(actor: Actor) -> Actor:
    """The actor with his rights as they are now."""
    assert actor.user_id is not None
    return user_actor(actor.user_id)


def id_of(actor: Actor) -> UUID:
    """The user he is."""
    assert actor.user_id is not None
    return actor.user_id


def build(boss: Actor, keys: tuple[str, ...], scope: str = "own") -> World:
    """What the snooper may see: cards of each type, before anything hidden exists. He leads one team, the owner of
    what will be hidden works in another, and answers to him: notices of that one's work go to the snooper."""
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    snooper = colleague("Snooper", scope, team=north, lead=True)
    mate = colleague("Mate", team=north)
    owner = colleague("Owner", team=south)
    User.objects.filter(pk=owner.user_id).update(manager=snooper.user_id)
    for role in Role.objects.filter(key="role-Snooper"):
        Role.objects.filter(pk=role.pk).update(grants={"*": role.grants["*"] | {"export": scope}}, permits=["gates"])
    changed()
    world = World(fresh(boss), fresh(snooper), fresh(owner), fresh(mate) if scope == "own" else None)
    for key in keys:
        made = run(world.snooper, commands.create(key, values(world.snooper, key, "Plain", 1)))
        world.visible[key] = made.record.id
    happenings.before(world)
    known = world.snooper.state.record_types
    columns = {key: [spec.key for spec in known[key].specs if spec.in_list] for key in keys}
    run(world.snooper, SavePreferences({"columns": columns, "board": {"deal": ["person", "source"]}}))
    world.snooper = fresh(world.snooper)
    dispatcher.drain()
    return world


def values(actor: Actor, key: str, mark: str, n: int) -> dict[str, Any]:
    """Raw values of a card, with the mark in every text, the telling phone in those of a hidden one."""
    found = samples.values(actor, types.get(key), mark, n)
    if mark == MARK:
        for spec in types.get(key).specs:
            if spec.kind == "phones":
                found[spec.key] = [{"label": "work", "value": f"+7495{PHONE}"}]
    return found


def hide(world: World) -> None:
    """Hidden cards of each type, with their notes, files, links, events, and one in the trash."""
    for key in world.visible:
        made = run(world.owner, commands.create(key, values(world.owner, key, MARK, 2)))
        world.hidden[key] = made.record.id
        world.events += made.events
        title = {types.get(key).title_fields[0]: f"{MARK} again"}
        world.events += run(world.owner, commands.update(key, made.record.id, 0, title)).events
        gone = run(world.owner, commands.create(key, values(world.owner, key, MARK, 3))).record.id
        world.events += run(world.owner, Trash(key, gone)).events
        world.trashed[key] = gone
    _tie(world)
    share(world, "view")
    happenings.after(world)
    dispatcher.drain()
    share(world, "")
    pinned = [[key, str(one)] for key, one in world.hidden.items()]
    run(world.snooper, SavePreferences({"pinned": pinned}))
    world.snooper = fresh(world.snooper)
    dispatcher.drain()
    world.events = _not_his(world)
    world.relations = list(Relation.objects.values_list("id", flat=True))
    world.notices = list(Notice.objects.values_list("id", flat=True))


def _not_his(world: World) -> list[int]:
    """The events that name a hidden card: what happened between cards of his is his to know."""
    secrets = set(world.secrets())
    rows = Event.objects.filter(pk__in=world.events).values_list("pk", "primary_id", "payload")
    return [key for key, primary, payload in rows if secrets & {str(primary), *map(str, payload.get("to", ()))}]


def share(world: World, level: str) -> None:
    """Share what is hidden with the snooper, or take that back."""
    for key, one in world.hidden.items():
        run(world.boss, ShareRecord(key, one, id_of(world.snooper), level=level))
    dispatcher.drain()


def _tie(world: World) -> None:
    """Relations of all visible cards to all hidden ones, and fields that point from each side to the other."""
    for key, mine in world.visible.items():
        for other, theirs in world.hidden.items():
            linked = run(world.boss, Link("related", RecordRef(key, mine), RecordRef(other, theirs)))
            world.events += linked.events
    for key, fields in LINKS.items():
        for name in fields if key in world.visible else ():
            spec = types.get(key).spec(name)
            away, back = (
                f"deal:{ids['deal']}" if spec.kind == "card" else str(ids[spec.target])
                for ids in (world.hidden, world.visible)
            )
            run(world.boss, commands.update(key, world.visible[key], 0, {name: away}))
            if key == "task":
                back = away  # a task about a card of his he may see, whosever it is
            run(world.boss, commands.update(key, world.hidden[key], 0, {name: back}))
    for ref in world.mine[:3]:  # deals of his with a person he sees, at a company he does not
        run(world.boss, commands.update("deal", ref.id, 0, {"company": str(world.hidden["company"])}))
