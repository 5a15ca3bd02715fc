"""How many statements each page of sales and tasks sends: a committed baseline, the same for few cards and for many."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comity.access.actors import Actor
from comity.changes import commands, dispatcher
from comity.changes.bus import run
from comity.identity.models import Team
from comity.kernel.clock import now
from comity.notices.models import Notice
from comity.sales.deals.commands import MoveDeal, SetLines, WinDeal
from comity.sales.pipelines.goals import SetGoals
from support.browser import browser
from support.house import again, colleague, company, person

pytestmark = pytest.mark.django_db

MOST, MOST_OF_CARD = 12, 13  # of any page that is read; of a card, which shows something of every room
FEW, MANY = 5, 50

# Statements of a page. Nobody has unread notices here; with them the bell asks once more.
BASELINE = {
    "/today": 11,  # four sections, what the first line's card says, what is won of the goals
    "/today?scope=team": 11,
    "/calendar": 4,
    "/calendar/feed?from={month}-01&to={month}-28": 3,
    "/deals/board": 5,
    "/deals/board?part=totals": 3,  # comes after the cards
    "/deals/board?part=board": 6,
    "/deals/": 4,
    "/deals/totals": 3,
    "/deals/new": 3,
    "{deal}": 11,  # as any card; further its lines
    "{deal}/move?stage=meeting": 3,
    "{deal}/lines": 4,
    "{company}": 12,  # as any card; further stage and amount of its deals
    "/leads/": 4,
    "{lead}": 12,  # as any card; further whether it is here already: by points and keys, by words
    "{lead}/convert": 7,
    "/tasks/": 4,
    "{task}": 10,
    "{task}/finish": 4,
    "/reports": 2,
    "/reports/funnel": 4,
    "/reports/funnel?by=period": 4,
    "/reports/funnel/records?what=reached&stage=qualified&by=period": 4,
    "/reports/sales?rows=client&columns=person": 5,
    "/reports/leads": 3,
    "/reports/plan": 6,
}
# On SQLite the search for likely duplicates looks first how much he sees who does not see most of it.
LOOKS_FIRST = {"{lead}", "{lead}/convert"}


@pytest.fixture
def reader(boss: Actor) -> Callable[[int, str], Client]:
    """A colleague of that scope with so many deals, leads and tasks, each of which touches other cards."""

    def make(number: int, scope: str) -> Client:
        ann = colleague("Ann", scope, team=Team.objects.create(name="North"))
        run(again(boss), SetGoals(now().date(), {("user", ann.user_id): 10**9}))
        ann = again(ann)
        for n in range(number):
            firm = company(ann, f"Firm {n:02}")
            who = person(ann, f"Given{n:02}", "Sample", company=firm.id, phones=[f"+7495{1000000 + n}"])
            deal = _deal(ann, n, firm.id, who.id)
            run(ann, WinDeal(_deal(ann, n, firm.id, who.id), 0, "price"))
            late = (now() - timedelta(hours=n + 1)).isoformat()
            task = _made(ann, "task", {"name": f"Task {n}", "about": f"deal:{deal}", "due_at": late})
            lead = _made(ann, "lead", {"contact_name": f"Lead {n}", "phones": [f"+7495{2000000 + n}"]})
        dispatcher.drain()
        Notice.objects.update(read_at=now())
        client = browser(ann)
        client.addresses = {  # type: ignore[attr-defined]
            "deal": f"/deals/{deal}", "lead": f"/leads/{lead}", "task": f"/tasks/{task}",
            "company": f"/companies/{firm.id}", "month": f"{now():%Y-%m}",
        }  # fmt: skip
        return client

    return make


def _made(actor: Actor, key: str, values: dict[str, Any]) -> Any:
    return run(actor, commands.create(key, values)).record.id


def _deal(actor: Actor, n: int, company_id: Any, person_id: Any) -> Any:
    values = {"name": f"Deal {n}", "company": str(company_id), "person": str(person_id), "source": "fair"}
    deal = _made(actor, "deal", values | {"amount": {"amount": str(100 + n), "currency": "EUR"}})
    run(actor, SetLines(deal, 0, [{"name": "Pump", "quantity": "2", "price": str(50 + n)}]))
    run(actor, MoveDeal(deal, 0, "qualified"))
    return deal


def statements(client: Any, page: str) -> int:
    """How many the page sends when its queries are compiled already."""
    path, headers = page.format(**client.addresses), {"HX-Request": "true"} if "part=" in page else {}
    client.get(path, headers=headers)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path, headers=headers).status_code == 200, path
    return len(seen.captured_queries)


@pytest.mark.parametrize("number", [FEW, MANY])
@pytest.mark.parametrize("scope", ["team", "own"])
def test_pages_ask_the_base_as_often_as_the_baseline_says(
    reader: Callable[..., Client], scope: str, number: int
) -> None:
    client, expected = reader(number, scope), dict(BASELINE)
    if scope == "own" and connection.vendor == "sqlite":
        expected |= {page: expected[page] + 1 for page in LOOKS_FIRST}
    assert {page: statements(client, page) for page in expected} == expected


def test_no_page_may_ask_more_often_than_the_limit() -> None:
    cards = {"{deal}", "{lead}", "{company}", "{task}"}
    assert max(number for page, number in BASELINE.items() if page not in cards) <= MOST
    assert max(BASELINE[page] for page in cards) < MOST_OF_CARD
