"""What sales adds to the base: deals on their way, with every stay in a stage told and indexed, tasks, inquiries.

All of it is dated by the hour of the run: a year of deals, the later ones more often open, so that late steps, stuck
deals and what was won this month are there whenever the benchmark runs. Nothing falls due while it runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import cycle
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from comity.access import snapshot
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.settings import SaveSetting
from comity.config.bench import names
from comity.config.bench.bulk import Rows
from comity.config.bench.cards import Card, Cards, Ref, Story
from comity.kernel.clock import now
from comity.kernel.ids import new_id
from comity.records import kinds
from comity.records.models import RecordRef
from comity.sales.deals import signals
from comity.sales.deals.model import StageVisit
from comity.sales.pipelines import state as pipeline_state
from comity.sales.pipelines.goals import COMPANY, SetGoals
from comity.sales.pipelines.state import StageState
from comity.work.tasks.next_step import zone_of
from comity.work.tasks.repeating import end_of_day

DEALS = 0.3  # of the number of people
MOVES = 10  # of each deal: as many events "deal.stage_changed"
LEADS = 0.05  # of the number of people
LATE, TODAY = 120, 80  # tasks of each measured colleague: 200 lines on his Today
YEAR = timedelta(days=330)  # how long ago the first deal was made: in any month, within the reports' twelve
FRESH = timedelta(days=11)  # and the last one
SOURCES = ("website", "phone", "mail", "recommended", "fair", "cold_call")
MONEY = 10_000  # units of money in one


@dataclass(slots=True)
class Stay:
    """A stay in a stage, or the move that began it."""

    stage: StageState
    at: datetime
    back: bool = False


@dataclass(slots=True)
class Deal(Card):
    """A deal on its way."""

    stays: list[Stay] = field(default_factory=list)
    clients: tuple[Ref, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether it is neither won nor lost."""
        return self.stays[-1].stage.kind == "open"


def settings(system: Actor, measured: list[UUID]) -> None:
    """A second currency with its rate, and goals for this month."""
    run(system, SaveSetting("rate", {"currency": "USD", "day": "2020-01-01", "rate": "0.9"}))
    goals = {COMPANY: 40_000_000 * MONEY} | {("user", user): 700_000 * MONEY for user in measured}
    run(system, SetGoals(now().date(), goals))


def generate(
    chance: Random, people: list[Card], teams: dict[UUID, UUID], measured: list[UUID], story: Story
) -> list[Card]:
    """Write it all; the deals in the order they were made."""
    moment = now().replace(minute=0, second=0, microsecond=0)
    deals = list(_deals(chance, people, teams, moment))
    _write_deals(deals, _tasks(chance, deals, teams, measured, moment, story))
    _tell(deals, moment, story)
    _leads(chance, people, teams, moment, story)
    return list[Card](deals)


# --- deals -----------------------------------------------------------------------------------------------------------


def _deals(chance: Random, people: list[Card], teams: dict[UUID, UUID], moment: datetime) -> Iterator[Deal]:
    number = max(1, int(len(people) * DEALS))
    for n in range(number):
        contact = people[n * len(people) // number]
        created = (moment - YEAR + (YEAR - FRESH) * (n / number)).replace(microsecond=0)
        ends = chance.random() > (n / number) ** 2
        took = min(timedelta(days=chance.uniform(10, 90)), (moment - created) * 0.97)
        stays = list(_way(chance, created, took, chance.choice(("won", "lost")) if ends else ""))
        owner, last, language = contact.owner, stays[-1], names.LANGUAGES[n % len(names.LANGUAGES)]
        values: dict[str, Any] = {
            "name": names.deal(chance, language), "company": contact.also, "person": contact.id,
            "amount": (chance.randrange(500, 200_000) * MONEY, "USD" if n % 10 == 0 else "EUR"),
            "pipeline": last.stage.pipeline, "stage": last.stage.key, "state": last.stage.kind,
            "expected_on": last.at.date() + timedelta(days=chance.randrange(5, 60)),
            "source": chance.choice(SOURCES), "stage_since": last.at, "moves_back": sum(one.back for one in stays),
            "owner": owner, "team": teams[owner],
        }  # fmt: skip
        if ends:
            values |= {"closed_at": last.at, f"{last.stage.kind}_reason": "price"}
        clients: tuple[Ref, ...] = (("company", contact.also or contact.id), ("person", contact.id))
        yield Deal(new_id(), "deal", owner, "", None, stays, clients, values)


def _way(chance: Random, created: datetime, took: timedelta, ending: str) -> Iterator[Stay]:
    """Where a deal was and from when on: to and fro among the open stages, at last won or lost."""
    pipeline = next(iter(pipeline_state.of(snapshot.snapshot()).by_key.values()))
    place = 0
    yield Stay(pipeline.first, created)
    for turn in range(1, MOVES + 1):
        at = (created + took * ((turn - chance.random() / 2) / MOVES)).replace(microsecond=0)
        if turn == MOVES and ending:
            yield Stay(pipeline.ending(ending), at)
            return
        before = place
        while place == before or not 0 <= place < len(pipeline.open):
            place = before + chance.choices((-1, 1, 2), (35, 50, 15))[0]
        yield Stay(pipeline.open[place], at, place < before)


def _write_deals(deals: list[Deal], steps: dict[UUID, tuple[datetime, str, str]]) -> None:
    cards = Cards("deal")
    visits = Rows(StageVisit, "deal_id", "pipeline", "stage", "entered_at", "left_at", "back")
    for deal in deals:
        at, kind, text = steps.get(deal.id, (None, "", ""))
        deal.title = cards.add(
            deal.id, deal.values, len(deal.stays), deal.stays[0].at, deal.stays[-1].at,
            next_at=at, next_kind=kind, next_text=text,
        )  # fmt: skip
    cards.done()
    # In the order they came about: a base that has grown has the stays of one deal far apart.
    held = [(stay.at, deal, n) for deal in deals for n, stay in enumerate(deal.stays)]
    for at, deal, n in sorted(held, key=lambda one: (one[0], one[2])):
        stage, left = deal.stays[n].stage, deal.stays[n + 1].at if n + 1 < len(deal.stays) else None
        visits.add(deal.id, stage.pipeline, stage.key, at, left, deal.stays[n].back)
    visits.done()


def _tell(deals: list[Deal], moment: datetime, story: Story) -> None:
    """How the deals were made and moved, and which were found stuck, in the order it happened."""
    cards = Cards("deal")
    found = [(stay.at, deal, n) for deal in deals for n, stay in enumerate(deal.stays)]
    found += [(at, deal, -1) for deal in deals if deal.open and (at := _found_stuck(deal, moment))]
    for at, deal, n in sorted(found, key=lambda one: (one[0], one[2])):
        ref = ("deal", deal.id)
        if n < 0:
            story.tell(at, "deal.stuck", None, ref, None, _stuck(deal, at), deal.clients)
        elif n == 0:
            payload = {"title": deal.title, "changes": cards.told(deal.values | _begun(deal))}
            story.tell(at, "record.created", deal.owner, ref, 1, payload, deal.clients)
        else:
            payload = _moved(cards, deal, n)
            story.tell(at, "deal.stage_changed", deal.owner, ref, n + 1, payload, deal.clients)


def _begun(deal: Deal) -> dict[str, Any]:
    """What a deal began with, where it is something else by now."""
    first = deal.stays[0]
    return {"stage": first.stage.key, "state": "open", "stage_since": first.at, "moves_back": 0, "closed_at": None,
            "won_reason": "", "lost_reason": ""}  # fmt: skip


def _moved(cards: Cards, deal: Deal, n: int) -> dict[str, Any]:
    before, stay = deal.stays[n - 1], deal.stays[n]
    changes = {"stage": [before.stage.key, stay.stage.key], "stage_since": [_json(cards, before), _json(cards, stay)]}
    if stay.back:
        times = sum(one.back for one in deal.stays[:n])
        changes["moves_back"] = [times, times + 1]
    if stay.stage.kind != "open":
        reason = f"{stay.stage.kind}_reason"
        changes |= {"state": ["open", stay.stage.kind], "closed_at": [None, _json(cards, stay)],
                    reason: [None, deal.values[reason]]}  # fmt: skip
    return {"title": deal.title, "changes": changes, "back": stay.back, "override": "", "owner": str(deal.owner),
            "planned": [], "dropped": []}  # fmt: skip


def _json(cards: Cards, stay: Stay) -> Any:
    return kinds.to_json(cards.specs["stage_since"], stay.at)


def _found_stuck(deal: Deal, moment: datetime) -> datetime | None:
    """When the day began on which an open deal was found to be in its stage for too long; None when it is not."""
    last, zone = deal.stays[-1], zone_of(snapshot.snapshot(), None)
    day = last.at.astimezone(zone).date() + timedelta(days=last.stage.norm_days + 1)
    at = datetime.combine(day, time(), zone).astimezone(UTC)
    return at if at <= moment else None


def _stuck(deal: Deal, at: datetime) -> dict[str, Any]:
    last = deal.stays[-1]
    return {"title": deal.title, "stage": last.stage.key, "since": last.at.isoformat(),
            "days": signals.days_in_stage(deal.values, at), "owner": str(deal.owner)}  # fmt: skip


# --- tasks -----------------------------------------------------------------------------------------------------------


def _tasks(
    chance: Random, deals: list[Deal], teams: dict[UUID, UUID], measured: list[UUID], moment: datetime, story: Story
) -> dict[UUID, tuple[datetime, str, str]]:
    """Write the open tasks, one on four open deals of five; the next step of each deal."""
    cards, steps = Cards("task"), dict[UUID, tuple[datetime, str, str]]()
    zone = zone_of(snapshot.snapshot(), None)
    for n, (owner, deal, due, whole) in enumerate(_planned(chance, deals, measured, moment, zone)):
        key, kind = new_id(), chance.choice(("call", "task", "meeting", "letter"))
        values = {
            "name": names.task(chance, names.LANGUAGES[n % len(names.LANGUAGES)]), "kind": kind, "state": "open",
            "about": RecordRef("deal", deal.id) if deal else None, "due_at": due, "whole_day": whole, "moves": 0,
            "owner": owner, "team": teams[owner],
        }  # fmt: skip
        made = moment - timedelta(days=15)
        title = cards.add(key, values, 1, made, made, told_late=due if due < moment else None)
        story.tell(made, "record.created", owner, ("task", key), 1, {"title": title, "changes": cards.told(values)},
                   [("deal", deal.id)] if deal else ())  # fmt: skip
        if deal and (deal.id not in steps or due < steps[deal.id][0]):
            steps[deal.id] = (due, kind, title)
    cards.done()
    return steps


def _planned(
    chance: Random, deals: list[Deal], measured: list[UUID], moment: datetime, zone: ZoneInfo
) -> Iterator[tuple[UUID, Deal | None, datetime, bool]]:
    """Whose, about which deal, when, and whether at any time of that day. Nothing falls due within the day."""
    standing = [deal for n, deal in enumerate(one for one in deals if one.open) if n % 5]
    today = moment.astimezone(zone).date()
    for n, deal in enumerate(standing):
        days = chance.randrange(-9, 21)
        if deal.owner not in measured:
            whole = n % 4 == 0 and days >= 0
            due = end_of_day(today + timedelta(days), zone) if whole else moment + timedelta(days=days, hours=-1)
            yield deal.owner, deal, due, whole
    for owner in measured:
        about = cycle([deal for deal in standing if deal.owner == owner] or [None])
        for n in range(LATE + TODAY):
            late = n < LATE
            yield owner, next(about), moment - timedelta(hours=LATE - n) if late else end_of_day(today, zone), not late


# --- inquiries -------------------------------------------------------------------------------------------------------


def _leads(chance: Random, people: list[Card], teams: dict[UUID, UUID], moment: datetime, story: Story) -> None:
    """Inquiries of a year; the last tenth waits for an answer that is not late yet."""
    cards = Cards("lead")
    number = max(1, int(len(people) * LEADS))
    for n in range(number):
        owner, language = people[n * len(people) // number].owner, names.LANGUAGES[n % len(names.LANGUAGES)]
        new = n >= number * 0.9
        created = moment - (timedelta(hours=1) if new else YEAR * (1 - n / number))
        family = names.family(chance, language)
        values: dict[str, Any] = {
            "contact_name": f"{names.given(chance, language)} {family}", "company_name": names.firm(chance, language),
            "phones": f"+49160{n * 7_368_787 % 10**8:08}", "emails": f"lead{n}@example.com",
            "need": names.deal(chance, language), "source": chance.choice(SOURCES),
            "state": "new" if new else chance.choice(("working", "qualified", "refused", "refused")),
            "answer_due_at": (moment if new else created) + timedelta(hours=24),
            "owner": owner, "team": teams[owner],
        }  # fmt: skip
        if not new:
            values |= {"answered_at": created + timedelta(minutes=n % 90), "answer_minutes": n % 90}
        key = new_id()
        title = cards.add(key, values, 1, created, created)
        told = {"title": title, "changes": {"state": [None, "new"], "source": [None, values["source"]]}}
        story.tell(created, "record.created", owner, ("lead", key), 1, told)
    cards.done()
