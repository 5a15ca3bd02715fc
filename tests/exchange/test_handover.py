"""Clients go to other colleagues, with their open work: as the preview says, and back again as one act."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes.bus import run
from comity.changes.commands import ShareRecord, Update
from comity.exchange.handover import commands
from comity.exchange.handover.commands import PlanHandover
from comity.exchange.handover.model import Handover
from comity.exchange.handover.planning import Options, make
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, NotFound
from comity.parties.models import Company, Person
from comity.records.models import RecordRef
from comity.sales.deals.commands import LoseDeal
from comity.sales.models import Deal
from comity.work.models import Task
from support.browser import browser
from support.house import again, colleague, company, person
from support.merging import made

pytestmark = pytest.mark.django_db


class Office:
    """Old has three clients with work; Ann and Ben may get them."""

    def __init__(self, boss: Actor) -> None:
        self.boss = boss
        self.old, self.ann, self.ben = (colleague(name) for name in ("Old", "Ann", "Ben"))
        owner = {"owner": str(self.old.user_id)}
        cities = ("Kyiv", "Kyiv", "Sofia")
        self.firms = [
            company(
                boss,
                f"Firm {n}",
                actual_address={"city": city},
                turnover={"amount": str(n * 100), "currency": "RUB"},
                **owner,
            )
            for n, city in enumerate(cities)
        ]
        self.human = person(boss, "Anna", "Beck", **owner)
        first = self.firms[0]
        self.deals = [made(boss, "deal", {"name": f"Deal {n}", "company": str(first.id), **owner}) for n in range(3)]
        run(again(boss), LoseDeal(self.deals[2].id, 0, "price"))
        self.others_deal = made(boss, "deal", {"name": "Of the boss", "company": str(first.id)})
        due = (now() + timedelta(days=1)).isoformat()
        self.tasks = [
            made(boss, "task", {"name": f"Task {n}", "about": str(about), "due_at": due, **owner})
            for n, about in enumerate((first, self.deals[0]))
        ]
        self.boss = again(boss)

    def handover(self, **what: Any) -> Handover:
        result = run(again(self.boss), PlanHandover(**what))
        return Handover.objects.get(pk=result.data["handover"])

    def options(self, *to: Actor, **more: Any) -> Options:
        return Options(tuple(UUID(str(one.user_id)) for one in to), **more)

    def start(self, handover: Handover, options: Options) -> None:
        plan = make(again(self.boss), handover, options)
        commands.start(again(self.boss), handover, options, plan.digest, "k")
        while jobs.run_due():
            pass
        handover.refresh_from_db()

    def owners(self) -> dict[UUID, UUID]:
        return {
            key: owner for model in (Company, Person, Deal, Task)
            for key, owner in model.unguarded.values_list("pk", "owner_id")
        }  # fmt: skip


@pytest.fixture
def office(boss: Actor) -> Office:
    return Office(boss)


def test_chosen_clients_go_with_their_open_work(office: Office) -> None:
    before = office.owners()
    first = office.firms[0]
    handover = office.handover(type_key="company", ids=[first.id])
    options = office.options(office.ann)
    plan = make(again(office.boss), handover, options)
    about = [first.id, office.deals[0].id, office.deals[1].id]
    tasks = Task.unguarded.filter(owner=office.old.user_id, state="open", about_id__in=about)
    expected = {*about, *tasks.values_list("pk", flat=True)}
    assert {ref.id for ref in office.tasks} < expected
    assert {key for cards in plan.gives.values() for key in cards} == expected
    office.start(handover, options)
    after = office.owners()
    ann = office.ann.user_id
    assert {key for key in after if after[key] != before[key]} == expected
    assert {after[key] for key in expected} == {ann}
    commands.take_back(again(office.boss), handover)
    assert office.owners() == before


def test_all_of_a_colleague_is_split_evenly(office: Office) -> None:
    handover = office.handover(from_user=office.old.user_id)
    options = office.options(office.ann, office.ben)
    plan = make(again(office.boss), handover, options)
    loads = plan.loads
    shares = [sum(load.get(kind, 0) for kind in ("company", "person")) for load in loads.values()]
    assert shares == [2, 2]
    office.start(handover, options)
    after = office.owners()
    done = Task.unguarded.exclude(state="open").values_list("pk", flat=True)
    stays = {office.deals[2].id, *done}  # what is closed stays whose it was
    assert {key for key, owner in after.items() if owner == office.old.user_id} == stays
    for deal in office.deals[:2]:
        assert after[deal.id] == after[office.firms[0].id]


def test_the_ways_to_split(office: Office) -> None:
    handover = office.handover(type_key="company", ids=[ref.id for ref in office.firms])
    firms = [ref.id for ref in office.firms]

    def who(split: str) -> dict[UUID, UUID]:
        cards = make(again(office.boss), handover, office.options(office.ann, office.ben, split=split)).gives["company"]
        return {key: new for key, (_old, new) in cards.items()}

    region = who("region")
    assert region[firms[0]] == region[firms[1]] != region[firms[2]]
    deals = who("deals")  # three open deals with the first: nobody gets another one beside it
    assert deals[firms[1]] == deals[firms[2]] != deals[firms[0]]
    turnover = who("turnover")
    assert turnover[firms[0]] == turnover[firms[1]] != turnover[firms[2]]


def test_rights_pass_and_come_back(office: Office) -> None:
    alien = company(again(office.boss), "Alien")
    run(again(office.boss), ShareRecord("company", alien.id, user_id=office.old.user_id, level="edit"))
    handover = office.handover(from_user=office.old.user_id)
    options = office.options(office.ann, keep_view=True)
    office.start(handover, options)
    shares = set(Share.objects.filter(type_key="company").values_list("record_id", "user_id", "edit"))
    assert (alien.id, office.ann.user_id, True) in shares
    assert (alien.id, office.old.user_id, True) not in shares
    assert {(ref.id, office.old.user_id, False) for ref in office.firms} <= shares
    commands.take_back(again(office.boss), handover)
    shares = set(Share.objects.filter(type_key="company").values_list("record_id", "user_id", "edit"))
    assert shares == {(alien.id, office.old.user_id, True)}


def test_what_was_changed_since_stays(office: Office) -> None:
    handover = office.handover(type_key="company", ids=[ref.id for ref in office.firms])
    office.start(handover, office.options(office.ann, work=False))
    run(again(office.boss), Update("company", office.firms[0].id, 0, {"owner": str(office.ben.user_id)}))
    commands.take_back(again(office.boss), handover)
    owners = office.owners()
    assert owners[office.firms[0].id] == office.ben.user_id
    assert {owners[ref.id] for ref in office.firms[1:]} == {office.old.user_id}


def test_it_is_done_once_and_only_as_shown(office: Office) -> None:
    handover = office.handover(type_key="company", ids=[office.firms[0].id])
    options = office.options(office.ann)
    with pytest.raises(Conflict):
        commands.start(again(office.boss), handover, options, "other", "k")
    office.start(handover, options)
    with pytest.raises(Conflict):
        commands.start(again(office.boss), handover, options, make(office.boss, handover, options).digest, "k2")


def test_only_what_he_may_change_is_in_the_plan(office: Office) -> None:
    """A colleague gives away two cards: his own, and one he merely guessed the key of."""
    mine = company(office.ann, "Mine")
    result = run(again(office.ann), PlanHandover("company", [mine.id, office.firms[0].id]))
    handover = Handover.objects.get(pk=result.data["handover"])
    plan = make(again(office.ann), handover, office.options(office.ben))
    assert set(plan.gives["company"]) == {mine.id}
    with pytest.raises(NotFound):
        commands.of(again(office.ben), handover.pk)


def test_a_large_one_goes_on_in_the_background(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.changes import batch

    monkeypatch.setattr(batch, "AT_ONCE", 2)
    handover = office.handover(from_user=office.old.user_id)
    plan = make(again(office.boss), handover, office.options(office.ann))
    options = office.options(office.ann)
    commands.start(again(office.boss), handover, options, plan.digest, "k")
    handover.refresh_from_db()
    page = browser(office.boss).get(f"/handover/{handover.pk}").content.decode()
    assert "<progress" in page
    while jobs.run_due():
        pass
    assert {office.owners()[ref.id] for ref in office.firms} == {office.ann.user_id}


def test_the_pages(office: Office) -> None:
    client = browser(office.boss)
    chosen = client.post("/companies/bulk/handover", {"id": [str(ref.id) for ref in office.firms]})
    url = chosen["Location"]
    assert client.get(url).status_code == 200
    query = {"to": [str(office.ann.user_id)], "split": "even", "work": "1"}
    page = client.get(url, query).content.decode()
    assert ">Ann<" in page
    digest = page.split('name="digest" value="')[1].split('"')[0]
    assert client.post(f"{url}/go", {**query, "digest": "no"}).status_code == 409
    assert client.post(f"{url}/go", {**query, "digest": digest, "keep_view": "0", "shares": "1"})["Location"] == url
    assert f"{url}/undo" in client.get(url).content.decode()
    assert client.post(f"{url}/undo").status_code == 302
    assert {office.owners()[ref.id] for ref in office.firms} == {office.old.user_id}
    assert client.get(url, {"to": ["nobody"]}).status_code == 200  # carried out already: what became of it
    begun = client.post("/handover", {"from_user": str(office.old.user_id)})
    assert client.get(begun["Location"], {"to": ["x"]}).status_code == 422
    assert client.post("/handover", {"from_user": "x"}).status_code == 422
    assert browser(office.ann).get("/handover").status_code == 404
    assert browser(office.ann).get(begun["Location"]).status_code == 404
    assert client.get("/settings/handover").status_code == 200
    assert RecordRef("company", office.firms[0].id)
