"""Today: what is late and due by the reader's own clock; lines done, moved where they stand, and taken back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.changes import commands
from comity.changes.bus import run
from comity.identity.models import Organization, Team, User
from comity.kernel import clock
from comity.work.models import Task
from comity.work.notes.commands import WriteNote
from support.browser import browser
from support.house import again, colleague, company, person
from support.today import NOON, SCRIPT, deal, do, get, lines, message, plan, task, undo_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon(db: None) -> Iterator[None]:
    Organization.objects.create(name="House", country="DE", timezone="UTC", language="en", currency="EUR")
    with clock.stopped(NOON):
        yield


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
