"""A year of sales: inquiries, deals on their way, what is done and what is next; each step run by who would do it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from comity.access import policy
from comity.changes import commands
from comity.changes.options import SaveOption
from comity.packs.demo.clients import COMPANIES, DAYS, Year, thousands
from comity.packs.demo.office import Office
from comity.records.fields import SCALE
from comity.records.models import RecordRef
from comity.sales.deals.commands import LoseDeal, MoveDeal, WinDeal
from comity.sales.leads.commands import AnswerLead, ConvertLead, QualifyLead, RefuseLead
from comity.sales.options import LOST_REASONS, REFUSE_REASONS, SOURCES, WON_REASONS
from comity.sales.pipelines.commands import MakePipeline
from comity.sales.pipelines.goals import COMPANY, SetGoals
from comity.sales.pipelines.state import of as pipelines_of
from comity.work.notes.commands import WriteNote
from comity.work.tasks.commands import FinishTask, MoveTask

LEADS, DEALS = 60, 90
SERVICE = "service"  # the key of the second pipeline
CONVERTED = 24  # of the leads; as many of the deals come from them
CLOSED = 54  # of the deals
CALLS = 150  # tasks on clients outside the stages, over the year
AHEAD = 60  # of the same, planned for the coming weeks
QUICK = 0.02  # of a day: most inquiries are answered within the hour
WON_SHARE = 5  # of nine closed ones


@dataclass
class Book:
    """What is sold, as it stands at the moment."""

    deals: dict[int, RecordRef] = field(default_factory=dict)
    leads: dict[int, RecordRef] = field(default_factory=dict)


def plan(year: Year) -> None:
    """All that happened."""
    book = Book()
    for n in range(DEALS):
        _deal(year, book, n)
    for n in range(CONVERTED, LEADS):
        _lead(year, book, n)
    for n in range(CALLS):
        year.at(DAYS * (0.02 + 0.93 * year.chance.random()), partial(_talked, year, n))
    for n in range(AHEAD):
        year.at(0.3 + n / 500, partial(_ahead, year, n))


def establish(office: Office) -> None:
    """The second way deals go, and who else sells lamps."""
    words, language = office.words["sales"], office.words.language
    for name in words["competitors"]:
        office.do("owner", SaveOption("competitor", "", {"label": {language: name}}))
    shapes = (
        ("open", 2, 15, 2), ("open", 3, 40, 7), ("open", 5, 60, 10), ("open", 7, 85, 14), ("won", 7, 100, 0),
        ("lost", 4, 0, 0),
    )  # fmt: skip
    stages = [
        {"name": {language: name}, "kind": kind, "hue": hue, "probability": probability, "norm_days": norm}
        for name, (kind, hue, probability, norm) in zip(words["service_stages"], shapes, strict=True)
    ]
    office.do("owner", MakePipeline({"name": {language: words["service_pipeline"]}}, stages, SERVICE))


def goals(year: Year) -> None:
    """What each month was to bring: the company, the team, the managers."""
    office, unit = year.office, SCALE * 1000 * thousands(year.office.words["currency"])
    whose = {
        COMPANY: 60, ("team", office.teams[0]): 60, ("user", office.users["north"]): 26,
        ("user", office.users["south"]): 26,
    }  # fmt: skip
    for back in range(12):
        amounts = {one: amount * unit for one, amount in whose.items()}
        office.do("owner", SetGoals(_month(year.end.date(), back), amounts))


def _month(day: date, back: int) -> date:
    number = day.year * 12 + day.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)


# --- deals -----------------------------------------------------------------------------------------------------------


def _deal(year: Year, book: Book, n: int) -> None:
    """One deal from its first day to where it stands now; the first ones came as inquiries."""
    chance, words = year.chance, year.office.words
    closed, moves = n < CLOSED, n % 5
    if closed:
        rests = 0.6 + n * 37 % 300  # so many days ago it ended
        began = rests + 9 + 35 * chance.random()
    else:
        rests = 15 + n % 9 if n % 4 == 0 else 0.4 + 2.4 * chance.random()  # so long it is in its stage; a few are stuck
        began = rests + (3 + 5 * chance.random()) * moves
    company = n * 7 % min(COMPANIES - 10, int((DAYS - 8 - began) / 2.8))
    service = n % 6 == 5
    names = words["sales"]["services" if service else "deals"]
    values: dict[str, Any] = {
        "name": names[n % len(names)],
        "amount": {"amount": _amount(year, n, service), "currency": words["currency"]},
        "source": SOURCES.shipped[n % len(SOURCES.shipped)].key, "pipeline": SERVICE if service else "sales",
    }  # fmt: skip
    if n < CONVERTED:
        last = year.at(began + 2.5, partial(_inquiry, year, book, n, company, words["sales"]["needs"][n % 8]))
        last = year.at(began + 2.5 - (0.3 if n % 4 == 1 else QUICK), partial(_answered, year, book, n), last)
        last = year.at(began, partial(_converted, year, book, n, company, values), last)
    else:
        last = year.at(began, partial(_opened, year, book, n, company, values))
    _goes_on(year, book, n, (began, rests, 4 if closed and n % 9 < WON_SHARE else moves), closed, last)


def _known(company: int) -> float:
    """So many days a company has been known."""
    return DAYS - company * 2.8 - 4


def _amount(year: Year, n: int, service: bool) -> int:
    size = (18, 42, 7, 65, 120, 9, 30, 12, 55)[n % 9] * (100 if service else 200)
    return size * thousands(year.office.words["currency"])


def _opened(year: Year, book: Book, n: int, company: int, values: Mapping[str, Any]) -> None:
    firm = year.companies[company]
    owner = year.owners[firm]
    people = [year.people[one] for one in year.staff.get(company, ()) if one in year.people]
    given = {**values, "company": str(firm.id)} | ({"person": str(people[0].id)} if people and n % 6 else {})
    ref = year.office.do(owner, commands.create("deal", given)).record
    book.deals[n], year.owners[ref] = ref, owner


def _goes_on(year: Year, book: Book, n: int, course: tuple[float, float, int], closed: bool, last: datetime) -> None:
    """The deal's stages: closed ones went to their end, open ones stand somewhere, a few went back or stand still."""
    began, rests, moves = course
    for move in range(1, moves + 1):
        days_ago = began - (began - rests) * move / (moves + 1 if closed else moves)
        last = year.at(days_ago, partial(_moved, year, book, n, 1), last)
    if closed:
        won = n % 9 < WON_SHARE
        year.at(rests, partial(_won if won else _lost, year, book, n), last)
        return
    if n % 8 == 3 and moves > 1:
        last = year.at(rests * 0.8, partial(_moved, year, book, n, -1), last)
    year.at(0.1 + n / 2000, partial(_planned, year, book, n), last)


def _deal_now(year: Year, book: Book, n: int) -> tuple[str, Any]:
    ref = book.deals[n]
    owner = year.owners[ref]
    actor = year.office.actor(owner)
    return owner, policy.get(actor, actor.state.record_types["deal"], ref.id)


def _moved(year: Year, book: Book, n: int, by: int) -> None:
    """One stage on, or back: what was planned is done first, what the gate asks for is filled in."""
    owner, deal = _deal_now(year, book, n)
    actor = year.office.actor(owner)
    stages = [stage.key for stage in pipelines_of(actor.state).by_key[deal.pipeline].open]
    place = stages.index(deal.stage) + by
    if deal.state != "open" or not 0 <= place < len(stages):
        return
    if by > 0:
        _finish_all(year, owner, book.deals[n], n)
    expected = (year.moment + timedelta(days=10 + n % 30)).date().isoformat()
    year.office.do(owner, MoveDeal(deal.id, 0, stages[place], {"expected_on": expected}))


def _finish_all(year: Year, owner: str, ref: RecordRef, n: int) -> None:
    """Everything planned on a card is done, with what came of it."""
    actor, results = year.office.actor(owner), year.office.words["sales"]["results"]
    tasks = policy.visible(actor, actor.state.record_types["task"], "edit")
    for key in list(tasks.filter(about_id=ref.id, state="open").values_list("id", flat=True)):
        year.office.do(owner, FinishTask(key, 0, results[n % len(results)]))


def _planned(year: Year, book: Book, n: int) -> None:
    """Where an open deal stands today: late, without a next step, or with the next one today or in the days to come."""
    if n % 6 == 0:
        return
    owner, ref = year.owners[book.deals[n]], book.deals[n]
    _finish_all(year, owner, ref, n)
    if n % 6 > 1:
        days = (0, 1 + n % 3, 4 + n % 5, 2)[n % 6 - 2]
        _kind, values = _task(year, n)
        values |= {"about": str(ref), "due_at": _due(year, days, 10 + n % 8)}
        year.office.do(owner, commands.create("task", values))


def _won(year: Year, book: Book, n: int) -> None:
    owner, deal = _deal_now(year, book, n)
    _finish_all(year, owner, book.deals[n], n)
    words = year.office.words["sales"]["won"]
    reason = WON_REASONS.shipped[n % len(WON_REASONS.shipped)].key
    year.office.do(owner, WinDeal(deal.id, 0, reason, words[n % len(words)]))


def _lost(year: Year, book: Book, n: int) -> None:
    owner, deal = _deal_now(year, book, n)
    words = year.office.words["sales"]["lost"]
    reason = LOST_REASONS.shipped[n % len(LOST_REASONS.shipped)].key
    known = year.office.actor(owner).state.options["competitor"]
    competitor = known[n % len(known)].key if reason == "competitor" else ""
    year.office.do(owner, LoseDeal(deal.id, 0, reason, competitor, words[n % len(words)]))


# --- inquiries -------------------------------------------------------------------------------------------------------


def _inquiry(year: Year, book: Book, n: int, company: int, need: str) -> None:
    """Somebody of a firm we know asks."""
    words, firm = year.office.words, year.companies[company]
    owner = year.owners[firm]
    given_name = words.person((n * 13) % 200, year.chance)[0]["given_name"]
    values = {
        "contact_name": given_name, "company_name": words.firms[company][0], "need": need,
        "phones": [{"value": words.phone("mobile", 300 + n), "label": ""}],
        "source": SOURCES.shipped[n % len(SOURCES.shipped)].key,
    }  # fmt: skip
    if n % 3 == 0:
        values["campaign"] = words["sales"]["campaigns"][n % 3]
    ref = year.office.do(owner, commands.create("lead", values)).record
    book.leads[n], year.owners[ref] = ref, owner


def _answered(year: Year, book: Book, n: int) -> None:
    ref = book.leads[n]
    year.office.do(year.owners[ref], AnswerLead(ref.id, 0))


def _converted(year: Year, book: Book, n: int, company: int, values: dict[str, Any]) -> None:
    ref = book.leads[n]
    owner = year.owners[ref]
    firm = year.companies[company]
    person = next((year.people[one] for one in year.staff.get(company, ()) if one in year.people), None)
    who = str(person.id) if person else ""
    made = year.office.do(owner, ConvertLead(ref.id, 0, who, str(firm.id), values))
    book.deals[n] = RecordRef("deal", UUID(str(made.data["deal"])))
    year.owners[book.deals[n]] = owner


def _lead(year: Year, book: Book, n: int) -> None:
    """An inquiry that became no deal: refused, in talks, or not answered yet."""
    chance, words = year.chance, year.office.words
    left = LEADS - n
    company = n % 40
    came = left * 0.35 + chance.random() * 0.2 if left <= 16 else 20 + chance.random() * _known(company) * 0.8
    last = year.at(came, partial(_inquiry, year, book, n, company, words["sales"]["needs"][n % 8]))
    if left <= 6:
        return  # nobody has answered yet
    last = year.at(max(0.15, came - (0.2 if n % 4 == 1 else QUICK)), partial(_answered, year, book, n), last)
    if left > 16:
        reason = REFUSE_REASONS.shipped[n % 4].key
        year.at(came - 3, lambda: year.office.do(_owner(year, book, n), RefuseLead(book.leads[n].id, 0, reason)), last)
        return
    if left > 12:
        last = year.at(0.12, lambda: year.office.do(_owner(year, book, n), QualifyLead(book.leads[n].id, 0)), last)
    if n % 5:
        year.at(0.1, partial(_asked_next, year, book, n), last)


def _asked_next(year: Year, book: Book, n: int) -> None:
    """What comes next with an inquiry: late, today, or soon."""
    _kind, values = _task(year, n)
    values |= {"about": str(book.leads[n]), "due_at": _due(year, (-1, 0, 1, 2)[n % 4], 10 + n % 7)}
    year.office.do(_owner(year, book, n), commands.create("task", values))


def _owner(year: Year, book: Book, n: int) -> str:
    return year.owners[book.leads[n]]


# --- what is to be done ----------------------------------------------------------------------------------------------


def _due(year: Year, days: float, hour: int) -> str:
    """A clock time so many days on, as a form sends it; weekends become Monday, but today."""
    day = (year.moment.astimezone(year.zone) + timedelta(days=days)).date()
    if days and day.weekday() > 4:
        day += timedelta(days=7 - day.weekday())
    return datetime.combine(day, time(hour)).isoformat(timespec="minutes")


def _task(year: Year, n: int) -> tuple[str, dict[str, Any]]:
    """A kind of task and its words."""
    words = year.office.words["sales"]
    kind, texts = (("call", "calls"), ("task", "tasks"), ("call", "calls"), ("meeting", "meetings"))[n % 4]
    return kind, {"kind": kind, "name": words[texts][n % len(words[texts])]}


def _talked(year: Year, n: int) -> None:
    """A call or meeting with a client, done the same day; some were moved first."""
    firms = sorted(year.companies)
    ref = year.companies[firms[(n * 5) % len(firms)]]
    owner = year.owners[ref]
    kind, values = _task(year, n)
    values |= {"about": str(ref), "due_at": _due(year, 1, 11)} | ({"minutes": "60"} if kind == "meeting" else {})
    task = year.office.do(owner, commands.create("task", values)).record.id
    if n % 7 == 2:
        year.office.do(owner, MoveTask(task, 0, _due(year, 3, 11), False, "client_asked"))
    results = year.office.words["sales"]["results"]
    year.office.do(owner, FinishTask(task, 0, results[n % len(results)]))
    if n % 9 == 4:
        year.office.do(owner, WriteNote(ref.type, ref.id, results[(n + 1) % len(results)]))


def _ahead(year: Year, n: int) -> None:
    """Planned on a client for the days to come; a few are late already, some today, some are for the chief to do."""
    firms = sorted(year.companies)
    ref = year.companies[firms[(n * 3 + 1) % len(firms)]]
    owner = year.owners[ref]
    kind, values = _task(year, n)
    days = (-2, -1, 0, 0, 1, 1, 2, 3, 4, 6, 8, 12)[n % 12]
    values |= {"about": str(ref), "due_at": _due(year, days, 9 + n % 8)}
    if kind == "meeting":
        values["minutes"] = "60"
    if n % 7 == 2:
        values["owner"] = str(year.office.users["owner"])
    year.office.do(owner, commands.create("task", values))
