"""Today: what is late and due by the reader's own clock; lines done, moved, given where they stand, and taken back."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.changes import commands
from comity.changes.bus import run
from comity.identity.models import Membership, Organization, Team, User
from comity.kernel import clock
from comity.records.models import RecordRef
from comity.sales.pipelines.goals import SetGoals
from comity.work.models import Task
from comity.work.notes.commands import WriteNote
from support.browser import browser
from support.house import again, colleague, company, person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)  # a Tuesday
SCRIPT = {"HX-Request": "true"}
MOST = 12  # statements of any page


@pytest.fixture(autouse=True)
def _noon(db: None) -> Iterator[None]:
    Organization.objects.create(name="House", country="DE", timezone="UTC", language="en", currency="EUR")
    with clock.stopped(NOON):
        yield


def plan(actor: Actor, name: str = "Call", due: str = "2026-03-03T15:00Z", about: Any = None, **more: Any) -> UUID:
    """A task of the actor's, planned through the ordinary door."""
    values = {"name": name, "due_at": due, **({"about": str(about)} if about else {}), **more}
    return run(again(actor), commands.create("task", values)).record.id


def task(key: UUID) -> Any:
    return Task.unguarded.get(pk=key)


def get(client: Client, path: str = "/today", script: bool = False) -> str:
    answer = client.get(path, headers=SCRIPT if script else {})
    assert answer.status_code == 200
    return answer.content.decode()


def lines(page: str) -> dict[str, list[str]]:
    """The words of each section's lines, by the section's key."""
    parts = re.split(r'<section aria-labelledby="s-(\w+)"', page)
    return {
        key: [unescape(text) for text in re.findall(r'<a href="/\w+/[^"]+" dir="auto">([^<]*)</a>', body)]
        for key, body in zip(parts[1::2], parts[2::2], strict=True) if key != "goals"
    }  # fmt: skip


def undo_of(page: str) -> str:
    """Where the message's button leads."""
    found = re.search(r'class="toast"><span>[^<]*</span><form method="post" action="([^"]+)"', page)
    assert found, "no message with Undo"
    return unescape(found[1])


def message(page: str) -> str:
    found = re.search(r'class="toast"><span>([^<]*)</span>', page)
    return unescape(found[1]) if found else ""


def do(client: Client, key: UUID, what: str, **post: str) -> Any:
    """Answer a line's form: with its version and idempotency key, as a browser would."""
    form = get(client, f"/today/{key}/{what}", script=True)
    hidden = dict(re.findall(r'type="hidden" name="(version|idempotency)" value="([^"]*)"', form))
    return client.post(f"/today/{key}/{what}", hidden | post, headers=SCRIPT)


@pytest.fixture
def ann() -> Actor:
    return colleague("Ann")


# --- what is there ---------------------------------------------------------------------------------------------------


def test_it_is_the_page_one_starts_with_and_an_empty_one_says_so(ann: Actor) -> None:
    client = browser(ann)
    assert client.get("/")["Location"] == "/today"
    page = get(client)
    assert lines(page) == {}
    assert "Nothing is due" in page
    assert "New: Lead" in page, "what to begin with"


def test_late_and_today_are_judged_by_the_readers_own_midnight() -> None:
    tokyo, lisbon = colleague("Toshi", timezone="Asia/Tokyo"), colleague("Luis", timezone="Atlantic/Azores")
    for one in (tokyo, lisbon):
        plan(one, "An hour ago", "2026-03-03T13:30Z")
        plan(one, "In an hour", "2026-03-03T15:15Z")
        plan(one, "In the small hours", "2026-03-03T23:30Z")
    with clock.stopped(datetime(2026, 3, 3, 14, 30, tzinfo=UTC)):  # 23:30 in Tokyo, 13:30 on the Azores
        assert lines(get(browser(again(tokyo)))) == {"late": ["An hour ago"]}
        there = lines(get(browser(again(lisbon))))
        assert there == {"late": ["An hour ago"], "today": ["In an hour", "In the small hours"]}
    with clock.stopped(datetime(2026, 3, 3, 15, 5, tzinfo=UTC)):  # five past midnight in Tokyo
        assert lines(get(browser(again(tokyo)))) == there


def test_a_task_for_any_time_of_a_day_is_late_when_the_day_is_over(ann: Actor) -> None:
    plan(ann, "Some time today", "2026-03-03", whole_day=True)
    page = get(browser(again(ann)))
    assert lines(page) == {"today": ["Some time today"]}
    with clock.stopped(NOON + timedelta(hours=11, minutes=59, seconds=30)):
        assert list(lines(get(browser(again(ann))))) == ["late"]
    with clock.stopped(NOON + timedelta(days=1)):
        page = get(browser(again(ann)))
    assert lines(page) == {"late": ["Some time today"]}
    assert "1 day late" in page


def test_what_is_done_dropped_or_due_later_is_not_there(ann: Actor) -> None:
    plan(ann, "Tomorrow", "2026-03-04T09:00Z")
    done = plan(ann, "Done already")
    do(browser(again(ann)), done, "done", result="Fine")
    assert lines(get(browser(again(ann)))) == {}


def test_the_first_line_brings_what_one_needs_to_act_at_once(ann: Actor) -> None:
    firm = company(ann, "Amber", phones=["+49301234567"])
    run(again(ann), WriteNote("company", firm.id, "Ask for Ms Stone"))
    plan(ann, "Call them", "2026-03-03T09:00Z", about=firm)
    page = get(browser(again(ann)))
    assert "Ask for Ms Stone" in page
    assert 'href="tel:+49301234567"' in page


def test_of_a_deal_the_number_is_that_of_its_contact_masked_where_the_reader_may_not_know_it() -> None:
    for name, fields, seen in (("Ann", {}, True), ("Bo", {"person": {"phones": "mask"}}, False)):
        one = colleague(name, fields=fields)
        contact = person(one, "Ada", "Reed") if fields else person(one, "Ada", "Reed", phones=["+49301234567"])
        made = run(again(one), commands.create("deal", {"name": "Oven", "person": str(contact.id)})).record
        plan(one, "Call first", "2026-03-03T08:00Z", about=made)
        assert ("tel:+49301234567" in get(browser(again(one)))) is seen


def test_a_line_says_how_often_it_moved_and_what_was_promised(ann: Actor) -> None:
    key = plan(ann, "Quote", promised_on="2026-03-02")
    assert "promised for 2 Mar" in get(browser(again(ann)))
    other, client = plan(ann, "Samples"), browser(again(ann))
    for hour in (16, 17):
        do(client, other, "later", due_at=f"2026-03-03T{hour}:00", move_reason="no_time")
    assert "moved 2 times" in get(client)
    assert task(key).moves == 0


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


def test_who_has_only_his_own_sees_nobody_elses_lines(team: dict[str, Actor]) -> None:
    client = browser(team["Cy"])
    for path in ("/today", "/today?scope=team", f"/today?scope=team&who={team['Ann'].user_id}"):
        page = get(client, path)
        assert lines(page) == {"late": ["Of Cy"]}
        assert "Of Ann" not in page
        assert "scope=team" not in page


def test_a_head_sees_his_team_who_holds_what_and_one_of_them_alone(team: dict[str, Actor]) -> None:
    client = browser(team["head"])
    assert lines(get(client)) == {}
    page = get(client, "/today?scope=team")
    assert sorted(lines(page)["late"]) == ["Of Ann", "Of Bo"]
    assert ">Ann</span>" in page
    assert ">Bo</span>" in page
    assert lines(get(client, f"/today?scope=team&who={team['Bo'].user_id}")) == {"late": ["Of Bo"]}
    stranger = get(client, f"/today?scope=team&who={team['Cy'].user_id}")
    assert "Of Cy" not in stranger


def test_the_title_of_a_hidden_card_stands_nowhere(team: dict[str, Actor]) -> None:
    firm = company(team["Ann"], "Hidden Harbour", phones=["+49307654321"])
    run(again(team["Ann"]), WriteNote("company", firm.id, "Nobody may read this"))
    plan(team["Ann"], "Help with it", "2026-03-03T09:00Z", about=firm, owner=str(team["Cy"].user_id))
    page = get(browser(again(team["Cy"])))
    assert "Help with it" in page
    assert "Hidden Harbour" not in page
    assert "+49307654321" not in page
    assert "Nobody may read this" not in page
    assert "Hidden Harbour" in get(browser(again(team["Ann"])), "/companies/")


# --- done, later ------------------------------------------------------------------------------------------------------


def test_a_line_is_done_where_it_stands_with_its_next_step_and_taken_back(ann: Actor) -> None:
    firm = company(ann, "Amber")
    key, client = plan(ann, "Call Amber", about=firm), browser(again(ann))
    assert 'id="do"' in get(client, f"/today/{key}/done", script=True)
    refused = do(client, key, "done", result="")
    assert refused.status_code == 422
    assert 'id="do"' in refused.content.decode()
    following = {"next-name": "Write the quote", "next-due_at": "2026-03-03T17:00"}
    answer = do(client, key, "done", result="They want it", **following)
    assert (answer.status_code, answer["Location"]) == (302, "/today")
    part = get(client, script=True)
    assert lines(part) == {"today": ["Write the quote"]}
    assert "<html" not in part
    assert message(part) == "Done: Call Amber"
    assert (task(key).state, task(key).result) == ("done", "They want it")
    assert client.post(undo_of(part), headers=SCRIPT)["Location"] == "/today?beside=1"
    assert lines(get(client)) == {"today": ["Call Amber"]}
    assert task(key).state == "open"


def test_later_by_a_chip_wants_a_reason_and_goes_back(ann: Actor) -> None:
    key, client = plan(ann, "Call", "2026-03-03T09:30Z"), browser(again(ann))
    assert do(client, key, "later", when="tomorrow").status_code == 422
    assert task(key).moves == 0
    assert do(client, key, "later", when="tomorrow", move_reason="client_asked").status_code == 302
    assert task(key).due_at == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    page = get(client)
    assert lines(page) == {}
    client.post(undo_of(page))
    assert lines(get(client)) == {"late": ["Call"]}


def test_later_to_another_time_of_ones_own(ann: Actor) -> None:
    key, client = plan(ann), browser(again(ann))
    assert do(client, key, "later", due_at="2026-03-09T08:15", move_reason="no_time").status_code == 302
    assert task(key).due_at == datetime(2026, 3, 9, 8, 15, tzinfo=UTC)
    assert do(client, key, "later", due_at="", move_reason="no_time").status_code == 422


def test_a_line_of_which_he_sees_nothing_or_only_reads_cannot_be_done(team: dict[str, Actor]) -> None:
    key = Task.unguarded.get(name="Of Ann").pk
    for what in ("done", "later"):
        assert browser(team["Cy"]).get(f"/today/{key}/{what}").status_code == 404
    assert browser(team["Cy"]).post("/today/give", {"id": str(key), "user": str(team["Cy"].user_id)}).status_code == 404
    assert task(key).owner_id == team["Ann"].user_id


def test_everything_goes_without_scripts(ann: Actor) -> None:
    key, client = plan(ann, "Call"), browser(again(ann))
    page = get(client)
    assert re.findall(r'form="(line-\w+)" name="task" value="([^"]+)"', page) == [
        (f"line-{what}", str(key)) for what in ("done", "later", "give")
    ]
    for what in ("done", "later", "give"):
        assert f'<form id="line-{what}" action="/today/{what}"' in page
        whole = get(client, f"/today/{what}?task={key}")
        assert "<html" in whole
        assert '<form class="form' in whole
    answer = client.post(f"/today/{key}/done", {"result": "Fine", "version": "1"}, follow=True)
    assert "Done: Call" in answer.content.decode()


def test_a_line_is_asked_for_by_the_form_all_lines_share(team: dict[str, Actor]) -> None:
    key = Task.unguarded.get(name="Of Ann").pk
    for what in ("done", "later"):
        answer = browser(team["Ann"]).get(f"/today/{what}?task={key}", headers=SCRIPT)
        assert (answer.status_code, answer["HX-Retarget"]) == (200, f"[id='{key}'] .nmc")
        assert f'action="/today/{key}/{what}"' in answer.content.decode()
        assert browser(team["Cy"]).get(f"/today/{what}?task={key}", headers=SCRIPT).status_code == 404
        assert browser(team["Ann"]).get(f"/today/{what}?task=nonsense", headers=SCRIPT).status_code == 404
        assert browser(team["Ann"]).post(f"/today/{what}", {"task": key}).status_code == 405
    assert f'<tr id="{key}"' in get(browser(team["Ann"]))


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


def deal(actor: Actor, **values: Any) -> RecordRef:
    return run(again(actor), commands.create("deal", values)).record


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


def test_markup_of_people_stays_text(team: dict[str, Actor]) -> None:
    evil = """<b onclick=x>&"'"""
    ann = team["Ann"]
    User.objects.filter(pk=ann.user_id).update(name=evil)
    changed()
    firm = company(ann, evil, phones=["+49301234567"])
    run(again(ann), WriteNote("company", firm.id, evil))
    for due in ("2026-03-01T09:00Z", "2026-03-03T15:00Z"):
        plan(ann, evil, due, about=firm)
    made = deal(ann, name=evil, company=str(firm.id))
    for one in Task.unguarded.filter(about_id=made.id):
        do(browser(again(ann)), one.pk, "done", result="Fine")
    run(again(ann), commands.create("lead", {"contact_name": evil}))
    for who, path, least in ((ann, "/today", 10), (team["head"], "/today?scope=team", 15)):
        page = get(browser(again(who)), path)
        assert "<b onclick" not in page
        assert page.count("&lt;b onclick=x&gt;&amp;") >= least, "title and tick, the card below, note, owner"


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
