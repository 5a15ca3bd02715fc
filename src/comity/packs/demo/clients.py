"""A year with clients: who was met when, what changed, who went over to whom; each step run by who would do it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from comity.changes.commands import Create, Link, Restore, ShareRecord, Trash, Update
from comity.changes.files import AddFiles
from comity.changes.undo import Undo
from comity.kernel import clock
from comity.packs.demo import papers
from comity.packs.demo.office import INTERESTS, LOYALTY, Office
from comity.parties.companies.model import KINDS
from comity.parties.consents.commands import NoteConsent
from comity.parties.relations import PARENT, WORKS_AT
from comity.records.models import RecordRef
from comity.work.notes.commands import WriteNote

COMPANIES, PEOPLE = 120, 200
DAYS = 360  # the first client came so many days ago
BEFORE = 5  # days before that the company was founded
OPENS, OPEN = timedelta(hours=9), timedelta(hours=9)  # working hours: when they begin, how long they are
ROLES = ("director", "buyer", "engineer", "accountant", "lawyer", "assistant")


@dataclass
class Year:
    """The steps of the year in any order, done later in the order of their moments."""

    office: Office
    chance: Random
    end: datetime
    steps: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    companies: dict[int, RecordRef] = field(default_factory=dict)
    people: dict[int, RecordRef] = field(default_factory=dict)
    owners: dict[RecordRef, str] = field(default_factory=dict)  # as they are at the moment
    staff: dict[int, list[int]] = field(default_factory=dict)  # company -> people

    @property
    def moment(self) -> datetime:
        """When the step that is being done happens."""
        return clock.now()

    @property
    def zone(self) -> ZoneInfo:
        """Where the company's clocks are."""
        return ZoneInfo(self.office.words["timezone"])

    def at(self, days_ago: float, step: Callable[[], object], after: datetime | None = None) -> datetime:
        """Plan a step; on a weekend it is done on the Friday before, and at all times within working hours.

        It never comes before what it comes `after`; returns its moment.
        """
        moment = (self.end - timedelta(days=days_ago)).astimezone(self.zone)
        moment -= timedelta(days=max(0, moment.weekday() - 4))
        if moment.date() < self.end.astimezone(self.zone).date():
            midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
            moment = midnight + OPENS + (moment - midnight) * (OPEN / timedelta(days=1))
        moment = moment.astimezone(UTC)
        if after is not None:
            moment = max(moment, after + timedelta(minutes=1))
        self.steps.append((moment, len(self.steps), step))
        return moment

    def change_company(self, n: int, values: dict[str, Any]) -> None:
        """What became known of the n-th company."""
        self.change(self.companies[n], **values)

    def change(self, ref: RecordRef, **values: Any) -> int | None:
        """The owner of the moment changes a card; the event."""
        return self.office.do(self.owners[ref], Update(ref.type, ref.id, 0, values)).event


def plan(year: Year) -> None:
    """All that happened."""
    for n in range(COMPANIES):
        _company(year, n)
    for n in range(PEOPLE):
        _person(year, n)
    _subsidiaries(year)
    _handed_over(year)
    _mistakes(year)
    for n in range(60):
        _noted(year, n)
    for n in range(len(year.office.words["files"])):
        year.at(9.1 - n / 10, partial(_filed, year, n))
    for n in range(0, 40, 2):
        year.at(100 - 2 * n, partial(_agreed, year, n))
        if n % 10 == 4:  # thought better of it
            year.at(19.5 - n / 4, partial(_agreed, year, n, given=False))
    year.at(6, lambda: _share(year, 12, "south"))
    year.at(5, lambda: _share(year, 15, "assistant"))


def _company(year: Year, n: int) -> None:
    chance, words = year.chance, year.office.words
    name, latin = words.firms[n]
    owner = "head" if n % 12 == 11 else "north" if n % 2 == 0 else "south"
    met = DAYS - n * 2.8 - chance.random()
    values = {
        "name": name, "legal_name": words["legal"].format(name), "kind": "prospect", "country": words["country"],
        "website": f"https://{latin}.example", "phones": [{"value": words.phone("office", n), "label": ""}],
        "emails": [{"value": f"info@{latin}.example", "label": ""}],
        "legal_address": words.address(chance), "actual_address": words.address(chance),
        "employees": str(chance.choice((4, 9, 15, 28, 60, 140, 320))),
        "tags": chance.sample(year.office.tags, chance.choice((0, 0, 1, 1, 2))),
        "own_interests": chance.sample([one.key for one in INTERESTS], chance.choice((0, 1, 2))),
    }  # fmt: skip

    def made() -> None:
        year.companies[n] = year.office.do(owner, Create("company", values)).record
        year.owners[year.companies[n]] = owner

    year.at(met, made)
    _grows(year, n, met)


def _grows(year: Year, n: int, met: float) -> None:
    """What is learnt of a company later, a piece at a time."""
    chance, words = year.chance, year.office.words
    outcome = chance.choices([kind.key for kind in KINDS], (25, 50, 8, 9, 4, 4))[0]
    since = (year.end - timedelta(days=met * 0.8)).date()
    turnover = chance.choice((12, 25, 40, 75, 120, 310)) * 1000 * thousands(words["currency"])
    pieces: list[dict[str, Any]] = [{"about": chance.choice(words["about"])}]
    if outcome == "former":
        pieces += [{"kind": "customer", "client_since": since}, {"kind": "former"}]
    elif outcome != "prospect":
        pieces.append({"kind": outcome} | ({"client_since": since} if outcome == "customer" else {}))
    if outcome in ("customer", "former", "partner"):
        until = (year.end + timedelta(days=chance.randint(20, 700))).date()
        pieces += [
            {
                "turnover": {"amount": turnover, "currency": words["currency"]},
                "own_loyalty": chance.choice(LOYALTY).key,
            },
            {"discount": chance.choice((2, 3, 5, 7.5)), "payment_days": chance.choice((7, 14, 30))},
            {
                "own_contract_until": until,
                "own_credit_limit": {"amount": turnover // 10, "currency": words["currency"]},
            },
            {
                "own_machines": chance.randint(1, 12),
                "own_service_hours": chance.choice((4, 7.5, 12)),
                "own_our_share": 35,
            },
            {"own_supplier_code": f"S-{4000 + n}", "own_engineer": str(year.office.users["head"])},
            {"turnover": {"amount": turnover * 9 // 8, "currency": words["currency"]}},
        ]
    for piece in pieces[: 2 + chance.randint(0, 6)]:
        met *= 0.55 + chance.random() * 0.35
        year.at(met, partial(year.change_company, n, piece))


def thousands(currency: str) -> int:
    """How many units of a currency are about as much as one euro, in a word."""
    return {"RUB": 100, "UAH": 50, "IDR": 18_000, "SAR": 4}.get(currency, 1)


def _person(year: Year, n: int) -> None:
    chance, words = year.chance, year.office.words
    # The first firms have three people, then two; a few are known by one only.
    company = n % 40 if n < COMPANIES else 40 + (n - COMPANIES) % (COMPANIES - 40)
    values, latin = words.person(n, chance)
    role = ROLES[len(year.staff.setdefault(company, [])) % len(ROLES)]
    year.staff[company].append(n)
    domain = words.firms[company][1]
    values |= {
        "position": words.form(words[role], values["gender"] == "female"),
        "phones": [{"value": words.phone("mobile", n), "label": ""}] if chance.random() < 0.85 else [],
        "emails": [{"value": f"{latin}@{domain}.example", "label": ""}],
        "languages": [words.language, *chance.sample([x for x in ("en", "de", "tr") if x != words.language], 1)],
        "form_of_address": "formal" if chance.random() < 0.8 else "informal",
        "own_newsletter": chance.random() < 0.3,
    }
    if chance.random() < 0.6:
        values["birth_date"] = f"{chance.randint(1960, 2002)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    if chance.random() < 0.2:
        values["handles"] = [{"value": f"{latin}@chat.example", "label": "chat"}]
    met = max(0.5, (DAYS - company * 2.8 - 1) * (0.45 + chance.random() * 0.5))

    def made() -> None:
        firm = year.companies[company]
        by = year.owners[firm]
        ref = year.office.do(by, Create("person", values | {"company": str(firm.id)})).record
        year.people[n], year.owners[ref] = ref, by
        roles = (role, "decider") if role == "director" else (role,)
        year.office.do(by, Link(WORKS_AT.key, ref, firm, roles))

    year.at(met, made)
    if n % 12 == 5:  # keeps the books, or sits on the board, of a second firm
        year.at(0.4 + n / 1000, lambda: _second_firm(year, n, company))
    elif n % 7 == 3:
        about = chance.choice(words["about"])
        year.at(met * 0.4, lambda: year.change(year.people[n], about=about))


def _second_firm(year: Year, n: int, company: int) -> None:
    ref = year.people[n]
    owner = year.owners[ref]
    others = [firm for place, firm in year.companies.items() if place != company and year.owners[firm] == owner]
    year.office.do(owner, Link(WORKS_AT.key, ref, others[n % len(others)], ("accountant",)))


def _noted(year: Year, n: int) -> None:
    """A note on a company, sometimes with a question to a colleague."""
    words, office = year.office.words, year.office
    company, text = n % 50 * 2 + n // 50, words["notes"][n % len(words["notes"])]
    names = {key: name for key, (name, _job) in words["users"].items()}
    asked = [office.users[key] for key in names if f"@{{{key}}}" in text]

    def write() -> None:
        ref = year.companies[company]
        office.do(year.owners[ref], WriteNote(ref.type, ref.id, text.format(**names), asked))

    year.at((DAYS - company * 2.8 - 1) * (0.05 + 0.9 * year.chance.random()), write)


def _filed(year: Year, n: int) -> None:
    """A file on the card of one of the first companies."""
    ref = year.companies[n // 2 * 2]
    kept = papers.keep(year.office.words["files"][n], year.office.words.firms[n // 2 * 2][1])
    year.office.do(year.owners[ref], AddFiles(ref.type, ref.id, [kept]))


def _agreed(year: Year, n: int, *, given: bool = True) -> None:
    """What one of the first people agreed to, or no longer agrees to."""
    ref, day = year.people[n], year.moment.astimezone(year.zone).date().isoformat()
    by, way = year.owners[ref], ("paper", "in_person", "web_form", "mail", "phone")[n // 2 % 5]
    for purpose in ("processing", "mail") if given else ("mail",):
        year.office.do(by, NoteConsent(ref.id, purpose, given, day, way))


def _subsidiaries(year: Year) -> None:
    """One group of firms, all with the same manager: 0 over 2, 4 and 6; 4 over 8."""
    for days_ago, below, above in ((14, 2, 0), (13.9, 4, 0), (13.8, 6, 0), (13.5, 8, 4)):

        def link(below: int = below, above: int = above) -> None:
            year.office.do("north", Link(PARENT.key, year.companies[below], year.companies[above]))

        year.at(days_ago, link)


def _handed_over(year: Year) -> None:
    """The head gives eight firms with their people to the other manager."""
    for days_ago, n in enumerate((21, 33, 45, 57, 69, 22, 34, 46), start=20):

        def hand_over(n: int = n) -> None:
            firm = year.companies[n]
            receiver = "north" if year.owners[firm] == "south" else "south"
            for ref in [firm, *(year.people[one] for one in year.staff.get(n, ()) if one in year.people)]:
                year.office.do("head", Update(ref.type, ref.id, 0, {"owner": str(year.office.users[receiver])}))
                year.owners[ref] = receiver

        year.at(days_ago, hand_over)


def _mistakes(year: Year) -> None:
    """Entered twice and thrown away; thrown away and fetched back; changed and taken back."""
    words, office = year.office.words, year.office
    name, latin = words.firms[10]

    def twice() -> None:
        values = {"name": name, "website": f"https://{latin}.example", "about": words["duplicate"]}
        ref = office.do("south", Create("company", values)).record
        office.do("south", Trash("company", ref.id))

    def fetched_back() -> None:
        ref = year.companies[16]
        office.do(year.owners[ref], Trash("company", ref.id))
        office.do(year.owners[ref], Restore("company", ref.id))

    def taken_back() -> None:
        ref = year.companies[18]
        event = year.change(ref, kind="competitor")
        if event is not None:
            office.do(year.owners[ref], Undo(event))

    year.at(40, twice)
    year.at(11, fetched_back)
    year.at(3, taken_back)


def _share(year: Year, n: int, with_whom: str) -> None:
    ref = year.companies[n]
    year.office.do(year.owners[ref], ShareRecord("company", ref.id, year.office.users[with_whom]))
