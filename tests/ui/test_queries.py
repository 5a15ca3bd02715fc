"""How many statements each page sends: a committed baseline, the same for few rows and for many, on both engines."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comity.access.actors import Actor, user_actor
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import ShareRecord, Update
from comity.identity.models import Team
from comity.kernel.clock import now
from comity.notices.models import Notice
from support.browser import browser
from support.house import colleague, company, person

pytestmark = pytest.mark.django_db

MOST = 12  # of any page that is read
FEW, MANY, BEYOND = 5, 50, 51  # rows: a page has 50 of them

# Statements of a page for who sees his team's cards, and for who sees only what is shared with him: he asks once more
# for the menu, and once whether he may edit. Nobody has unread notices here; with them the bell asks once more.
BASELINE = {
    "/people/": (6, 7),
    "/people/?match=all&f-0=position&op-0=contains&v-0=buyer": (6, 7),
    "/companies/": (4, 5),
    "/search?q=sample": (6, 7),
    "/palette?q=sample": (5, 6),
    "/people/new": (3, None),  # he may not make any
    "card": (11, 12),
    "form": (7, 8),
}
TEAM, GUEST = 0, 1


@pytest.fixture
def reader(boss: Actor) -> Callable[[int, str], Client]:
    """A colleague of that scope who sees so many people, each with a company, phone, mail and a story."""

    def make(number: int, scope: str = "team") -> Client:
        ann = colleague("Ann", scope, team=Team.objects.create(name="North"))
        owner = {} if scope == "none" else {"owner": ann.user_id}
        house = user_actor(boss.user_id)  # type: ignore[arg-type]
        for n in range(number):
            firm = company(house, f"Firm {n:02}", kind="customer", **owner)
            ref = person(
                house, f"Given{n:02}", "Sample", company=firm.id, phones=[f"+7495{1000000 + n}"],
                emails=[f"p{n}@firm.example"], position="Buyer", **owner,
            )  # fmt: skip
            run(house, Update("person", ref.id, 0, {"position": "Chief buyer"}))
            if scope == "none":
                for one in (firm, ref):
                    run(house, ShareRecord(one.type, one.id, user_id=ann.user_id, level="edit"))
        dispatcher.drain()
        Notice.objects.update(read_at=now())
        client = browser(ann)
        client.card = f"/people/{ref.id}"  # type: ignore[attr-defined]
        return client

    return make


def statements(client: Any, page: str) -> int:
    """How many the page sends when its queries are compiled already."""
    path = {"card": client.card, "form": f"{client.card}/edit"}.get(page, page)
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen.captured_queries)


@pytest.mark.parametrize("number", [FEW, MANY])
@pytest.mark.parametrize(("scope", "which"), [("team", TEAM), ("none", GUEST)])
def test_pages_ask_the_base_as_often_as_the_baseline_says(
    reader: Callable[..., Client], scope: str, which: int, number: int
) -> None:
    client = reader(number, scope)
    expected = {page: counts[which] for page, counts in BASELINE.items() if counts[which] is not None}
    if which == GUEST and connection.vendor == "sqlite":  # search looks first how much he sees
        expected |= {page: expected[page] + 1 for page in expected if "q=" in page}  # type: ignore[operator]
    assert {page: statements(client, page) for page in expected} == expected


def test_no_page_may_ask_more_often_than_the_limit() -> None:
    assert max(most for counts in BASELINE.values() for most in counts if most) <= MOST


def test_a_list_of_several_pages_is_counted_by_one_more(reader: Callable[..., Client]) -> None:
    client = reader(BEYOND)
    assert statements(client, "/people/") == BASELINE["/people/"][TEAM] + 1


def test_the_bell_asks_no_more_while_something_is_unread_and_nothing_happens(
    reader: Callable[..., Client], stopped_clock: object
) -> None:
    client = reader(FEW)
    Notice.objects.update(read_at=None)
    assert Notice.objects.exists()
    assert statements(client, "card") == BASELINE["card"][TEAM]
