"""Today of a team: lines given to others, what sales adds to it, and what two hundred lines cost."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import run
from comity.identity.models import Membership, Organization, Team
from comity.kernel import clock
from comity.sales.pipelines.goals import SetGoals
from comity.work.models import Task
from support.browser import browser
from support.house import again, colleague, company
from support.today import NOON, SCRIPT, deal, do, get, lines, message, plan, task, undo_of

pytestmark = pytest.mark.django_db
MOST = 12  # statements of any page


@pytest.fixture(autouse=True)
def _noon(db: None) -> Iterator[None]:
    Organization.objects.create(name="House", country="DE", timezone="UTC", language="en", currency="EUR")
    with clock.stopped(NOON):
        yield


# --- whose ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def team() -> dict[str, Actor]:
    """A head, two of his people, and a stranger of another team who sees his own only."""
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    made = {"head": colleague("Hedda", "team", team=north, lead=True)}
    for name in ("Ann", "Bo"):
        made[name] = colleague(name, "own", team=north)
    made["Cy"] = colleague("Cy", "own", team=south)
    for name in ("Ann", "Bo", "Cy"):
        plan(made[name], f"Of {name}", "2026-03-02T09:00Z")
    return {name: again(one) for name, one in made.items()}


# --- given ------------------------------------------------------------------------------------------------------------


def test_a_line_is_given_in_two_presses_and_back(team: dict[str, Actor]) -> None:
    key, client = Task.unguarded.get(name="Of Ann").pk, browser(team["head"])
    page = get(client, "/today?scope=team")
    assert f'form="line-give" name="task" value="{key}"' in page
    assert re.search(
        r'<form id="line-give" action="/today/give"[^>]*><input type="hidden" name="scope" value="team">', page
    )
    people = get(client, f"/today/give?scope=team&task={key}", script=True)
    assert f'name="user" value="{team["Bo"].user_id}"' in people
    answer = client.post("/today/give?scope=team", {"id": str(key), "user": str(team["Bo"].user_id)}, headers=SCRIPT)
    assert answer["Location"] == "/today?scope=team"
    assert task(key).owner_id == team["Bo"].user_id
    page = get(client, "/today?scope=team")
    assert message(page) == "Given to Bo."
    assert client.post(undo_of(page))["Location"] == "/today?scope=team"
    assert task(key).owner_id == team["Ann"].user_id


def test_forty_steps_of_a_person_off_sick_are_given_at_once_and_taken_back(team: dict[str, Actor]) -> None:
    for n in range(39):
        plan(team["Ann"], f"Step {n}", "2026-03-03T08:00Z")
    client, sick = browser(again(team["head"])), team["Ann"].user_id
    page = get(client, f"/today?scope=team&who={sick}")
    ids = re.findall(r'name="id" value="([^"]+)"', page)
    assert len(ids) == 40
    asked = client.post("/today/give", {"id": ids, "query": f"scope=team&who={sick}"}, headers=SCRIPT).content.decode()
    assert "40 lines" in asked
    posted = {"id": ids, "query": f"scope=team&who={sick}", "user": str(team["Bo"].user_id), "idempotency": "once"}
    for _press in range(2):  # a double press gives them once
        assert client.post("/today/give", posted, headers=SCRIPT).status_code == 302
    page = get(client, f"/today?scope=team&who={sick}")
    assert message(page) == "40 lines given to Bo."
    assert lines(page) == {}
    assert Task.unguarded.filter(owner=team["Bo"].user_id).count() == 41
    client.post(undo_of(page))
    assert message(get(client)) == "Taken back."
    assert Task.unguarded.filter(owner=sick).count() == 40


def test_all_of_them_are_meant_also_those_the_page_has_no_room_for(team: dict[str, Actor]) -> None:
    for n in range(60):
        plan(team["Ann"], f"Step {n:02}", "2026-03-03T08:00Z")
    client, sick = browser(again(team["head"])), team["Ann"].user_id
    page = get(client, f"/today?scope=team&who={sick}")
    assert len(lines(page)["late"]) == 50
    more = re.search(r'class="more"><a class="u" href="([^"]+)">11 more', page)
    assert more
    assert client.get(unescape(more[1])).content.decode().count('name="id"') == 50, "the list that holds them all"
    assert "Select all 61 lines" in page
    posted = {"all": "1", "query": f"scope=team&who={sick}", "user": str(team["Bo"].user_id)}
    client.post("/today/give", posted, headers=SCRIPT)
    assert Task.unguarded.filter(owner=sick).count() == 0
    assert Task.unguarded.get(name="Of Cy").owner_id == team["Cy"].user_id


def test_what_he_may_not_give_is_refused_line_by_line(team: dict[str, Actor]) -> None:
    foreign, own = Task.unguarded.get(name="Of Cy").pk, Task.unguarded.get(name="Of Ann").pk
    posted = {"id": [str(foreign), str(own)], "user": str(team["Bo"].user_id)}
    client = browser(team["head"])
    client.post("/today/give?scope=team", posted, headers=SCRIPT)
    assert task(foreign).owner_id == team["Cy"].user_id
    assert task(own).owner_id == team["Bo"].user_id
    assert client.post("/today/give", {"id": "nonsense"}).status_code == 302


# --- what sales adds --------------------------------------------------------------------------------------------------


def test_cards_without_a_next_step_and_new_inquiries(team: dict[str, Actor]) -> None:
    ann, client = team["Ann"], browser(team["Ann"])
    firm = company(ann, "Amber")
    made = deal(ann, name="New oven", company=str(firm.id))
    for one in Task.unguarded.filter(about_id=made.id):
        do(client, one.pk, "done", result="Fine")
    lead = run(again(ann), commands.create("lead", {"contact_name": "Ada Reed"})).record
    page = get(client)
    assert lines(page) == {"late": ["Of Ann"], "unplanned": ["New oven"], "new": ["Ada Reed"]}
    assert ">Amber</a>" in page
    assert f'form="line-plan" name="about" value="deal:{made.id}"' in page
    assert "New oven" in get(client, f"/tasks/plan?about=deal:{made.id}&next=/today")
    plan(ann, "Visit", "2026-03-09T09:00Z", about=made)
    assert "unplanned" not in lines(get(client))
    stranger = get(browser(team["Cy"]))
    assert "Ada Reed" not in stranger
    assert "Ada Reed" in get(browser(again(team["head"])), "/today?scope=team")
    assert lead.type == "lead"


def test_goals_show_what_is_won_of_them_to_those_who_see_all_that_counts(team: dict[str, Actor]) -> None:
    from comity.sales.deals.commands import WinDeal

    boss = colleague("Boss", "all", administrator=True)
    north = Membership.objects.get(user=team["Ann"].user_id).team_id
    goals = {("user", team["Ann"].user_id): 400_000_000, ("team", north): 1_000_000_000}
    run(again(boss), SetGoals(date(2026, 3, 1), goals))  # type: ignore[arg-type]
    won = deal(team["Ann"], name="Oven", amount={"amount": "10000", "currency": "EUR"})
    run(again(team["Ann"]), WinDeal(won.id, 0, "price"))
    mine = get(browser(again(team["Ann"])))
    assert "€10,000 of €40,000" in mine
    assert "€100,000" not in mine, "she does not see all of the team's deals"
    assert "€10,000 of €100,000" in get(browser(again(team["head"])), "/today?scope=team")
    assert "Goals of the month" not in get(browser(again(team["Cy"])))
    with clock.stopped(NOON + timedelta(days=40)):
        assert "€10,000" not in get(browser(again(team["Ann"])))


# --- speed ------------------------------------------------------------------------------------------------------------


def test_two_hundred_lines_ask_the_base_no_more_often_than_two(team: dict[str, Actor]) -> None:
    boss, north = colleague("Boss", "all", administrator=True), Team.objects.get(name="North").pk
    run(again(boss), SetGoals(date(2026, 3, 1), {("user", team["Ann"].user_id): 10_000, ("team", north): 10_000}))
    found = {}
    for number in (2, 100):
        for n in range(number):
            firm = company(team["Ann"], f"Firm {number} {n}")
            plan(team["Ann"], f"Late {n}", "2026-03-02T09:00Z", about=firm)
            plan(team["Ann"], f"Due {n}", about=deal(team["Ann"], name=f"Deal {number} {n}"))
        for who, path in (("Ann", "/today"), ("head", "/today?scope=team")):
            client = browser(again(team[who]))
            get(client, path)
            with CaptureQueriesContext(connection) as seen:
                get(client, path)
            found[who, number] = len(seen.captured_queries)
    assert found["Ann", 2] == found["Ann", 100] <= MOST
    assert found["head", 2] == found["head", 100] <= MOST
