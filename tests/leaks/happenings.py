"""What happens in sales and tasks around the snooper: to what is his, and to what he must not know of."""

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import run
from comity.changes.commands import Link
from comity.changes.files import AddFiles, NewFile
from comity.kernel import storage
from comity.kernel.clock import now
from comity.parties.consents.commands import NoteConsent
from comity.records.models import RecordRef
from comity.sales.deals import signals
from comity.sales.deals.commands import LoseDeal, MoveDeal, SetLines, WinDeal
from comity.sales.leads import events as lead_events
from comity.sales.leads.commands import ConvertLead
from comity.sales.models import Deal, Lead
from comity.sales.pipelines import shipped
from comity.sales.pipelines.goals import COMPANY, SetGoals
from comity.sales.pipelines.model import GatePass, Pipeline
from comity.work.notes.commands import WriteNote
from comity.work.tasks import alarms
from comity.work.tasks.commands import DropTask, GiveTask, HelpTask, open_tasks
from support.house import again

if TYPE_CHECKING:
    from leaks.world import World

GOAL = 30_000_000 * 10_000
SHORT = "+74957000001"  # of every visible card


def _made(actor: Actor, key: str, values: dict[str, Any]) -> RecordRef:
    return run(again(actor), commands.create(key, values)).record


def deal(actor: Actor, name: str, amount: str = "1000", currency: str = "EUR", **values: Any) -> RecordRef:
    """A deal of somebody's that is worth something."""
    return _made(actor, "deal", {"name": name, "amount": {"amount": amount, "currency": currency}, **values})


# --- before anything is hidden ---------------------------------------------------------------------------------------


def before(world: "World") -> None:
    """Deals won, lost and open of the snooper's, his tasks, everybody's goals; a lead of his whose deal others have."""
    if "deal" not in world.visible:
        return
    snooper, boss = world.snooper, world.boss
    person, company = str(world.visible["person"]), str(world.visible["company"])
    works_at = RecordRef("person", world.visible["person"]), RecordRef("company", world.visible["company"])
    run(snooper, Link("works_at", *works_at))
    alone = deal(snooper, "Plain without a client", "300")
    run(snooper, WinDeal(alone.id, 0, "price"))
    paired, sold, idle = (deal(snooper, f"Plain {word}", person=person) for word in ("paired", "sold", "idle"))
    run(snooper, WinDeal(sold.id, 0, "price"))
    for one in _tasks_about(boss, idle.id):
        run(snooper, DropTask(one, 0, "x"))
    won = deal(snooper, "Plain won", "5000", company=company, source="fair")
    run(snooper, WinDeal(won.id, 0, "price"))
    lost = deal(snooper, "Plain lost", "700", "USD", person=person)
    run(snooper, LoseDeal(lost.id, 0, "price"))
    soon = (now() + timedelta(hours=1)).isoformat()
    task = _made(snooper, "task", {"name": "Plain today", "about": f"deal:{paired.id}", "due_at": soon})
    world.mine += [paired, sold, idle, won, lost, alone, task]
    users = [snooper.user_id, world.owner.user_id]
    goals = dict.fromkeys([COMPANY, *(("user", one) for one in users)], GOAL)
    run(boss, SetGoals(now().date(), goals))
    shipped.save()
    _converted_and_given_away(world)
    Lead.unguarded.filter(pk=world.visible["lead"]).update(answer_due_at=now() - timedelta(hours=1))
    tell()


def tell() -> None:
    """What the clock finds by itself: stuck deals, inquiries without an answer, late tasks."""
    signals.tell_stuck({}, lambda: None)
    lead_events._tell_unanswered({}, lambda: None)
    alarms.tell_due()


def _converted_and_given_away(world: "World") -> None:
    """The lead stays his, what it became does not."""
    lead = _made(world.snooper, "lead", {"contact_name": "Plain Given", "company_name": "Plain Given Ltd"})
    result = run(again(world.snooper), ConvertLead(lead.id, 0, "new", "new", {"name": "Plain given away"}))
    made, world.conversion = result.data, result.events[:1]
    world.mine.append(lead)
    for key in ("deal", "person", "company"):
        ref = RecordRef(key, UUID(made[key]))
        title = {"deal": "name", "person": "family_name", "company": "name"}[key]
        values = {"owner": str(world.owner.user_id), "team": str(world.owner.main_team), title: "Zqxhidden given"}
        run(world.boss, commands.update(key, ref.id, 0, values))
        world.given_away.append(ref)
    for task in _tasks_about(world.boss, UUID(made["deal"])):
        run(world.boss, GiveTask(task, 0, world.owner.user_id))
        world.given_away.append(RecordRef("task", task))


def _tasks_about(actor: Actor, deal_id: UUID) -> list[UUID]:
    return [row["id"] for row in open_tasks(again(actor), RecordRef("deal", deal_id))]


# --- what he must not know of ----------------------------------------------------------------------------------------


def after(world: "World") -> None:
    """Everything that can happen to hidden cards, while they are shared with the snooper."""
    _notes_and_files(world)
    if "deal" not in world.hidden:
        return
    owner, hidden = again(world.owner), world.hidden
    lines = [{"name": "Zqxhidden line", "quantity": "2", "price": "3000000"}]
    for command in (
        SetLines(hidden["deal"], 0, lines),
        MoveDeal(hidden["deal"], 0, "qualified"),
        MoveDeal(hidden["deal"], 0, "new"),
        MoveDeal(hidden["deal"], 0, "quote"),
    ):
        world.events += run(owner, command).events
    for name, currency in (("Zqxhidden won", "EUR"), ("Zqxhidden dollars", "USD")):
        won = deal(owner, name, "9000", currency, source="fair")
        world.events += run(owner, WinDeal(won.id, 0, "price", "Zqxhidden note")).events
        lost = deal(owner, f"{name} lost", "9000", currency, source="fair")
        world.events += run(owner, LoseDeal(lost.id, 0, "price", note="Zqxhidden note")).events
        world.theirs += [won, lost]
    GatePass.objects.create(
        client_type="company", client_id=hidden["company"], pipeline=Pipeline.objects.get(key=shipped.KEY),
        until=now().date() + timedelta(days=30), reason="Zqxhidden reason",
    )  # fmt: skip
    _deciders(world)
    _twins(world)
    _converted(world)
    _tasks(world)
    if world.mate:
        _of_whom_he_leads(world, world.mate)
    Deal.unguarded.filter(pk=hidden["deal"]).update(stage_since=now() - timedelta(days=90))
    Lead.unguarded.filter(pk=hidden["lead"]).update(answer_due_at=now() - timedelta(hours=1))
    tell()


def _notes_and_files(world: "World") -> None:
    """A note that names the snooper and a file on each hidden card, on the deal of a kind gates ask for; a consent."""
    for key, one in world.hidden.items():
        written = run(world.owner, WriteNote(key, one, "Zqxhidden note for @Snooper", [world.snooper.user_id]))
        world.events += written.events
        world.notes.append(UUID(written.data["note"]))
        stored = storage.save(io.BytesIO(b"Zqxhidden file"), 1000)
        new = NewFile("Zqxhidden.txt", stored.sha256, stored.size, "text/plain")
        kinds = world.owner.state.options["file_kind"]
        made = run(world.owner, AddFiles(key, one, [new], kinds[0].key if key == "deal" else ""))
        world.files += [UUID(file) for file in made.data["files"]]
        if key == "person":
            agreed = NoteConsent(one, "mail", True, "2026-01-01", "paper", "Zqxhidden said so", world.files[-1])
            told = run(world.owner, agreed)
            world.events += told.events
            world.consents.append(UUID(told.data["consent"]))


def _deciders(world: "World") -> None:
    """Who decides on his deal is hidden, and the other way round; a person of his decides at a hidden company."""
    pairs = ((world.visible, world.hidden), (world.hidden, world.visible))
    for deals, people in pairs:
        link = Link(
            "deal_person", RecordRef("deal", deals["deal"]), RecordRef("person", people["person"]), ("decider",)
        )
        world.events += run(world.boss, link).events
    works_at = RecordRef("person", world.visible["person"]), RecordRef("company", world.hidden["company"])
    world.events += run(world.boss, Link("works_at", *works_at, roles=("director",))).events


def _twins(world: "World") -> None:
    """Cards that are what his lead is, too, by its phone."""
    phones = [{"label": "work", "value": SHORT}]
    world.theirs += [
        _made(world.owner, "lead", {"contact_name": "Zqxhidden twin", "phones": phones}),
        _made(world.owner, "person", {"family_name": "Zqxhidden twin", "phones": phones}),
        _made(world.owner, "company", {"name": "Zqxhidden twin", "phones": phones}),
    ]


def _converted(world: "World") -> None:
    """A hidden lead becomes a hidden deal of his person and company, with a next step."""
    lead = _made(world.owner, "lead", {"contact_name": "Zqxhidden lead", "need": "Zqxhidden need"})
    following = {"name": "Zqxhidden step", "due_at": now().isoformat(), "owner": str(world.owner.user_id)}
    person, company = str(world.visible["person"]), str(world.visible["company"])
    made = run(world.boss, ConvertLead(lead.id, 0, person, company, {"name": "Zqxhidden became"}, following))
    world.events += made.events
    world.theirs += [lead, RecordRef("deal", UUID(made.data["deal"]))]
    world.theirs += [RecordRef("task", one) for one in _tasks_about(world.boss, UUID(made.data["deal"]))]


def _tasks(world: "World") -> None:
    """A hidden task was the snooper's for a while, and he helped with it."""
    task, snooper, owner = world.hidden["task"], world.snooper.user_id, world.owner.user_id
    for command in (
        GiveTask(task, 0, snooper),
        GiveTask(task, 0, owner),
        HelpTask(task, snooper, True),
        HelpTask(task, snooper, False),
    ):
        world.events += run(world.boss, command).events
    world.theirs += [RecordRef("task", one) for one in _tasks_about(world.boss, world.hidden["deal"])
                     if one not in (task, world.visible["task"])]  # fmt: skip


def _of_whom_he_leads(world: "World", mate: Actor) -> None:
    """To lead somebody is not to see his cards: his pages of a team's work ask for them all the same."""
    idle = deal(mate, "Zqxhidden idle")
    for one in _tasks_about(world.boss, idle.id):
        run(again(mate), DropTask(one, 0, "Zqxhidden reason"))
    lead = _made(mate, "lead", {"contact_name": "Zqxhidden new"})
    tasks = [_made(mate, "task", {"name": "Zqxhidden task", "due_at": (now() + timedelta(minutes=n)).isoformat()})
             for n in (-60, 60)]  # fmt: skip
    world.theirs += [idle, lead, *tasks]
