"""A house with visible and hidden cards that touch each other in every way a hidden one could show."""

import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from comity.access.actors import Actor, user_actor
from comity.access.models import AccessRequest, Role, Share
from comity.access.snapshot import changed, snapshot
from comity.changes import batch, commands, dispatcher
from comity.changes.bus import run
from comity.changes.colleagues import SavePreferences
from comity.changes.commands import Link, ShareRecord, Trash
from comity.changes.openings import AskForAccess, OpenCard
from comity.changes.settings import SaveSetting
from comity.exchange.exports.commands import StartExport
from comity.exchange.handover.commands import PlanHandover
from comity.exchange.imports.commands import BeginImport
from comity.exchange.keeping.model import KeepingMark
from comity.identity.models import Team, User
from comity.kernel import storage
from comity.kernel.clock import now
from comity.notices.models import Notice
from comity.records.fields import FieldSpec
from comity.records.models import RecordRef, Relation
from comity.records.types import RecordType
from comity.timeline.models import Event
from leaks import happenings
from support import fields, samples
from support.house import again, colleague

MARK = "Zqxhidden"
FRAGMENT = "zqxhi"  # what the snooper looks for: found by itself in an answer it proves nothing
PHONE = "9990077"  # stands in every phone of a hidden card
OWN = "own_property"  # a kind of cards made by clicks
KEYS = ("company", "person", "gadget", "lead", "deal", "task", OWN)
LINKS = {"deal": ("company", "person"), "person": ("company",), "gadget": ("maker", "about"), "task": ("about",),
         OWN: ("own_client", "own_near")}  # fmt: skip


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
    consents: list[UUID] = field(default_factory=list)
    relations: list[UUID] = field(default_factory=list)
    notices: list[int] = field(default_factory=list)
    others: dict[str, UUID] = field(default_factory=dict)  # what is of the administrator alone: a load, a file, a plan

    def secrets(self) -> list[str]:
        """The keys of everything hidden."""
        refs = [ref.id for ref in (*self.theirs, *self.given_away)]
        rows = (*self.files, *self.notes, *self.consents)
        return [str(one) for one in (*self.hidden.values(), *self.trashed.values(), *refs, *rows)]

    def traces(self) -> list[str]:
        """Strings that betray a hidden card."""
        ids = self.secrets()
        return [MARK.lower(), PHONE, *ids, *(one.replace("-", "") for one in ids)]

    def traces_in(self, text: str) -> list[str]:
        """Those of them that a text holds."""
        text = text.lower()
        return [one for one in self.traces() if one in text]


def type_of(key: str) -> RecordType:
    """A type as it is in force, one of the firm's own among them."""
    return snapshot().record_types[key]


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
        Role.objects.filter(pk=role.pk).update(
            grants={"*": role.grants["*"] | {"export": scope}}, permits=["gates", "import", "erase"]
        )
    changed()
    if OWN in keys:
        own_kind(boss)
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


def own_kind(boss: Actor) -> None:
    """A kind of cards made by clicks, with a board, linked cards both ways, and a formula."""
    made = fields.kind(boss)
    choices = [{"key": key, "label": {"en": key.capitalize()}} for key in ("free", "let")]
    fields.field(boss, OWN, "stage", "choice", choices=choices)
    fields.field(boss, OWN, "price", "money", indexed=True)
    fields.field(boss, OWN, "area", "number", unit="square_metre")
    fields.field(boss, OWN, "phone", "phones", duplicate=True)
    fields.field(boss, OWN, "said", "longtext")
    fields.field(boss, OWN, "client", "relation", target="person")
    fields.field(boss, OWN, "near", "relation", target=OWN, several=True)
    fields.field(boss, OWN, "metre", "formula", formula="own_price / own_area", indexed=True)
    run(again(boss), SaveSetting("type", {"board_by": "own_stage"}, made.id))


def values(actor: Actor, key: str, mark: str, n: int) -> dict[str, Any]:
    """Raw values of a card, with the mark in every text, the telling phone in those of a hidden one."""
    found = samples.values(actor, type_of(key), mark, n)
    if mark == MARK:
        for spec in type_of(key).specs:
            if spec.kind == "phones":
                found[spec.key] = [{"label": "work", "value": f"+7495{PHONE}"}]
    return found


def hide(world: World) -> None:
    """Hidden cards of each type, with their notes, files, links, events, and one in the trash."""
    for key in world.visible:
        made = run(world.owner, commands.create(key, values(world.owner, key, MARK, 2)))
        world.hidden[key] = made.record.id
        world.events += made.events
        title = {type_of(key).title_fields[0]: f"{MARK} again"}
        world.events += run(world.owner, commands.update(key, made.record.id, 0, title)).events
        gone = run(world.owner, commands.create(key, values(world.owner, key, MARK, 3))).record.id
        world.events += run(world.owner, Trash(key, gone)).events
        world.trashed[key] = gone
    _tie(world)
    share(world, "view")
    happenings.after(world)
    dispatcher.drain()
    share(world, "")
    _opened_for_a_time(world)
    _of_the_administrator(world)
    pinned = [[key, str(one)] for key, one in world.hidden.items()]
    run(world.snooper, SavePreferences({"pinned": pinned}))
    world.snooper = fresh(world.snooper)
    dispatcher.drain()
    world.events = _not_his(world)
    world.relations = list(Relation.objects.values_list("id", flat=True))
    world.notices = list(Notice.objects.values_list("id", flat=True))


def _opened_for_a_time(world: World) -> None:
    """All of it was open to him until a minute ago; nobody has tidied up. A rule opens what fits it: nothing does."""
    until = (now() + timedelta(days=1)).date().isoformat()
    for key, one in world.hidden.items():
        run(world.boss, OpenCard(key, one, id_of(world.snooper), None, "edit", until, "Plain reason"))
        where = {"all": [{"field": type_of(key).title_fields[0], "op": "is", "value": "Nothing of the kind"}]}
        rule = {"name": key, "type_key": key, "where": where, "user": str(world.snooper.user_id), "edit": True}
        run(again(world.boss), SaveSetting("sharing_rule", rule))
    dispatcher.drain()
    Share.objects.filter(until__isnull=False).update(until=now() - timedelta(minutes=1))


def _of_the_administrator(world: World) -> None:
    """What belongs to its maker alone, over hidden cards: a plan, a load, a file, a bulk act, a request for access."""
    boss, key = again(world.boss), "person"
    stored = storage.save(io.BytesIO(b"Name,Phone\nZqxhidden,1\n"), 1000)
    made = {
        "handover": run(boss, PlanHandover(key, [world.hidden[key]])).data["handover"],
        "import": run(boss, BeginImport("Zqxhidden.csv", stored.sha256, stored.size)).data["import"],
        "export": run(boss, StartExport(key, {}, "title", "all", "csv")).data["export"],
    }  # fmt: skip
    world.others = {name: UUID(one) for name, one in made.items()}
    owner = again(world.owner)
    world.others["batch"] = batch.start(owner, batch.StartBatch(key, "update", [world.hidden[key]], {"values": {}})).pk
    run(again(world.snooper), AskForAccess(key, world.hidden[key], "Plain reason"))
    world.others["request"] = AccessRequest.objects.get().pk
    rule = {"name": "Zqxhidden", "type_key": key, "then": "trash"}
    world.others["rule"] = run(again(boss), SaveSetting("keeping_rule", rule)).record.id
    for one in (world.hidden[key], world.trashed[key]):
        values = {"rule_id": world.others["rule"], "type_key": key, "record_id": one}
        KeepingMark.objects.create(**values, due_on=now().date())


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


def pointer(spec: FieldSpec, ids: dict[str, UUID]) -> str:
    """A card for a field that points to one."""
    if spec.kind == "card":
        return f"deal:{ids['deal']}"
    return f"{spec.target}:{ids[spec.target]}" if spec.kind == "relation" else str(ids[spec.target])


def _tie(world: World) -> None:
    """Relations of all visible cards to all hidden ones, and fields that point from each side to the other."""
    for key, mine in world.visible.items():
        for other, theirs in world.hidden.items():
            linked = run(world.boss, Link("related", RecordRef(key, mine), RecordRef(other, theirs)))
            world.events += linked.events
    for key, names in LINKS.items():
        for name in names if key in world.visible else ():
            spec = type_of(key).spec(name)
            away, back = (pointer(spec, ids) for ids in (world.hidden, world.visible))
            run(world.boss, commands.update(key, world.visible[key], 0, {name: away}))
            if key == "task":
                back = away  # a task about a card of his he may see, whosever it is
            run(world.boss, commands.update(key, world.hidden[key], 0, {name: back}))
    for ref in world.mine[:3]:  # deals of his with a person he sees, at a company he does not
        run(world.boss, commands.update("deal", ref.id, 0, {"company": str(world.hidden["company"])}))
