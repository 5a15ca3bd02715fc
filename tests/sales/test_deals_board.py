"""The board of deals: the order of its columns, cards that go on, what a card shows, views and filters."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.changes.colleagues import SavePreferences
from comity.changes.commands import ShareRecord
from comity.identity.models import Organization, Team, User
from comity.sales.deals.commands import WinDeal
from comity.sales.pipelines import shipped
from comity.sales.pipelines.model import Pipeline, Stage
from comity.ui import boards
from support.board import MARKUP, NOON, SCRIPT, column, deal, head, move, of, page, part, pills, put, step, titles
from support.browser import browser
from support.house import administrator, again, colleague, company, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(db: None) -> Actor:
    """The administrator of an English-speaking company in Berlin that counts in euros."""
    Organization.objects.create(name="House", country="DE", language="en", currency="EUR", timezone="Europe/Berlin")
    return administrator("Ann Archer")


@pytest.fixture
def noon(stopped_clock: Any) -> Any:
    """The clock stands at a moment of a known week."""
    stopped_clock.move(NOON)
    return stopped_clock


# --- the order -------------------------------------------------------------------------------------------------------


def test_late_first_then_no_next_step_then_today_then_later(chief: Actor, noon: Any) -> None:
    for name, at in (
        ("later", NOON + timedelta(days=9)), ("soon", NOON + timedelta(days=2)), ("today", NOON + timedelta(hours=3)),
        ("nothing", None), ("just late", NOON - timedelta(hours=2)), ("late", NOON - timedelta(days=2)),
    ):  # fmt: skip
        step(deal(chief, name), at)
    text = page(browser(chief))
    assert column(text, "new") == ["late", "just late", "nothing", "today", "soon", "later"]
    assert pills(text) == {
        "late": "2 days late", "just late": "Late since 11:00", "nothing": "No next step", "today": "Call today",
        "soon": "Call, Fri", "later": "Call, 27 Nov",
    }  # fmt: skip
    orders = re.findall(r'data-o="(\w+)"', text)
    assert orders == sorted(orders) and len(set(orders)) == 6


def test_today_is_judged_where_the_reader_lives(chief: Actor, noon: Any) -> None:
    """At 23:30 of Wednesday in UTC it is Thursday in Berlin."""
    step(deal(chief, "tomorrow by UTC"), NOON.replace(hour=23, minute=30))
    assert pills(page(browser(chief))) == {"tomorrow by UTC": "Call, Thu"}
    User.objects.filter(pk=chief.user_id).update(timezone="UTC")
    changed()
    assert pills(page(browser(again(chief))))["tomorrow by UTC"] == "Call today"


@pytest.mark.parametrize("scope", ["all", "team", "own"])
def test_every_card_comes_once_however_many_there_are(
    chief: Actor, noon: Any, scope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "PAGE", 4)
    ann = colleague("Ann", scope, team=Team.objects.create(name="North"))
    moments = [NOON - timedelta(days=2)] * 3 + [NOON - timedelta(days=1)] * 3 + [None] * 5 + [NOON + timedelta(1)] * 6
    for n, at in enumerate(moments):
        step(deal(ann, f"Deal {n:02}"), at)
    client = browser(again(ann))
    text = page(client, "view=all")
    assert len(column(text, "new")) == 4
    found = column(text, "new")
    while link := re.search(r'hx-get="([^"]*part=column[^"]*)"', text):
        answer = client.get(unescape(link[1]), headers=SCRIPT)  # type: ignore[arg-type]
        text = answer.content.decode()
        found += titles(text)
    assert sorted(found) == [f"Deal {n:02}" for n in range(len(moments))]
    places = [moments[int(name[5:])] for name in found]
    assert places == sorted(places, key=lambda at: (at is None, at or NOON) if at is None or at < NOON else (2, at))  # type: ignore[misc,arg-type]


def test_a_card_that_falls_late_meanwhile_is_not_passed_over(
    chief: Actor, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of a column stays the one it was begun with."""
    monkeypatch.setattr(boards, "PAGE", 1)
    for n in range(3):
        step(deal(chief, f"Deal {n}"), NOON + timedelta(minutes=n + 1))
    client = browser(chief)
    text = page(client)
    found = column(text, "new")
    noon.tick(hours=1)
    while link := re.search(r'hx-get="([^"]*part=column[^"]*)"', text):
        text = client.get(unescape(link[1]), headers=SCRIPT).content.decode()  # type: ignore[arg-type]
        found += titles(text)
    assert found == ["Deal 0", "Deal 1", "Deal 2"]


def test_the_place_to_go_on_is_no_door(chief: Actor) -> None:
    client = browser(chief)
    for query in ("part=column&column=won&at=x", "part=column&column=new&at=x", "part=column&column=&at="):
        assert client.get(f"/deals/board?{query}", headers=SCRIPT).status_code == 404  # type: ignore[arg-type]


def test_a_refresh_shows_as_many_cards_as_were_on_the_screen(chief: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "PAGE", 2)
    monkeypatch.setattr(boards, "MOST", 6)
    for n in range(9):
        deal(chief, f"Deal {n}")
    client = browser(chief)
    assert len(column(part(client, "board"), "new")) == 2
    assert len(column(part(client, "board", "n-new=3"), "new")) == 4
    assert len(column(part(client, "board", "n-new=99999999999"), "new")) == 2
    assert len(column(part(client, "board", "n-new=900"), "new")) == 6


# --- what a card shows -----------------------------------------------------------------------------------------------


def test_markup_of_people_stays_text(chief: Actor, noon: Any) -> None:
    firm = company(chief, MARKUP)
    User.objects.filter(pk=chief.user_id).update(name=MARKUP)
    changed()
    step(deal(chief, MARKUP, company=str(firm.id)), NOON - timedelta(days=1), MARKUP)
    text = page(browser(again(chief)))
    assert "<b onclick" not in text
    assert text.count("&lt;b onclick=x&gt;&amp;&quot;&#x27;") >= 4


def test_a_hidden_client_leaves_no_trace_on_the_card(chief: Actor) -> None:
    firm, contact = company(chief, "Secret Firm"), person(chief, "Secret", "Contact")
    ref = deal(chief, "Shared deal", company=str(firm.id), person=str(contact.id))
    ann = colleague("Ann", "own")
    run(again(chief), ShareRecord("deal", ref.id, user_id=ann.user_id, level="edit"))
    text = page(browser(again(ann)), "view=all")
    assert "Shared deal" in text and "Secret" not in text
    assert "Secret Firm" in page(browser(again(chief)))


def test_a_card_without_a_company_names_its_contact(chief: Actor) -> None:
    contact = person(chief, "Mara", "Sample")
    deal(chief, "For a person", person=str(contact.id))
    assert "Mara" in page(browser(again(chief)))


def test_stuck_is_marked_after_the_days_of_the_stage(chief: Actor, noon: Any) -> None:
    """New is left within 3 days."""
    put(deal(chief, "fresh"), stage_since=NOON - timedelta(days=3, hours=11))
    put(deal(chief, "old"), stage_since=NOON - timedelta(days=4))
    text = page(browser(chief))
    marks = [re.findall(r'class="stuck".*?title="(.*?)"', one) for one in re.findall(r"<article.*?</article>", text)]
    assert dict(zip(titles(text), marks, strict=True)) == {"fresh": [], "old": ["Stuck: 4 days in this column"]}


def test_a_person_adds_two_fields_to_the_cards(chief: Actor) -> None:
    ann = colleague("Ann", "own")
    deal(ann, "With more", source="fair", expected_on="2099-12-24")
    assert "Trade fair" not in page(browser(again(ann)))
    browser(again(ann)).post("/deals/board/show", {"field": ["source", "expected_on", "moves_back"]})
    text = page(browser(again(ann)))
    assert "Trade fair" in text and "24 Dec 2099" in text and "Went back" not in text
    browser(again(ann)).post("/deals/board/show", {"field": ["", ""]})
    assert "Trade fair" not in page(browser(again(ann)))


def test_fields_he_may_not_see_are_not_on_the_board(chief: Actor) -> None:
    hidden = {"deal": {"amount": "hide", "company": "hide", "source": "mask"}}
    ann = colleague("Ann", "own", hidden)
    firm = company(chief, "Secret Firm")
    ref = deal(chief, "A deal", "77777", company=str(firm.id), source="fair", owner=str(ann.user_id))
    run(again(chief), ShareRecord("company", firm.id, user_id=ann.user_id, level="view"))
    run(again(ann), SavePreferences({"board": {"deal": ["source"]}}))
    client = browser(again(ann))
    for text in (page(client), part(client, "totals"), move(client, ref, "qualified").content.decode()):
        assert not re.search("77.?777|Secret|Trade fair", text)
    assert head(part(client, "totals"), "qualified") == ("1", "")


def test_who_may_not_read_stages_has_no_board(chief: Actor) -> None:
    ann = colleague("Ann", "own", {"deal": {"stage": "hide"}})
    client = browser(ann)
    assert client.get("/deals/board").status_code == 404
    assert 'href="/deals/board' not in client.get("/deals/").content.decode()


def test_only_those_who_may_edit_have_handles(chief: Actor) -> None:
    ref = deal(chief, "A deal")
    ann = colleague("Ann", "none")
    run(again(chief), ShareRecord("deal", ref.id, user_id=ann.user_id, level="view"))
    client = browser(again(ann))
    assert "A deal" in page(client, "view=all")
    assert move(client, ref, "qualified").status_code == 403
    assert of(ref).stage == "new"


# --- views and filters -----------------------------------------------------------------------------------------------


def test_the_views_of_deals_are_the_same_on_board_and_list(chief: Actor, noon: Any) -> None:
    mia = colleague("Mia", "own")
    for name, owner, more in (
        ("fine", chief, {"expected_on": date(2027, 5, 1)}), ("closing", chief, {"expected_on": date(2026, 11, 30)}),
        ("late", chief, {"next_at": NOON - timedelta(days=1)}), ("empty", chief, {"next_at": None}),
        ("stuck", chief, {"stage_since": NOON - timedelta(days=9)}), ("hers", mia, {}),
    ):  # fmt: skip
        put(deal(owner, name), **{"next_at": NOON + timedelta(days=1), **more})
    run(again(chief), WinDeal(deal(chief, "won").id, 0, "price"))
    client = browser(again(chief))
    expected = {
        "mine": {"fine", "closing", "late", "empty", "stuck"}, "attention": {"late", "empty", "stuck"},
        "month": {"closing"}, "all": {"fine", "closing", "late", "empty", "stuck", "hers"},
    }  # fmt: skip
    for key, names in expected.items():
        assert set(titles(page(client, f"view={key}"))) == names, key
        listed = client.get(f"/deals/?view={key}").content.decode()
        found = set(re.findall(r'<a href="/deals/[^"]*" dir="auto">(\w+)</a>', listed))
        assert found == names | ({"won"} if key == "all" else set()), key
    assert set(titles(page(client))) == expected["mine"]
    assert 'id="n-view-attention" hx-swap-oob="true">3</span>' in part(client, "totals")


def test_who_has_no_deals_of_his_own_begins_with_all_of_them(chief: Actor, noon: Any) -> None:
    window = browser(chief)
    current = r'view=(\w+)"[^>]*aria-current'
    assert "No cards yet." in page(window)  # nobody has any: the board is his to begin
    other = colleague("Bill")
    put(deal(chief, "of Bill"), owner_id=other.user_id)
    text = page(window)
    assert column(text, "new") == ["of Bill"] and set(re.findall(current, text)) == {"all"}
    live = re.search(r'/deals/board\?[^"]*part=board', unescape(text))
    assert live and "view=all" in live[0]
    chosen = page(window, "view=mine")
    assert column(chosen, "new") == [] and set(re.findall(current, chosen)) == {"mine"}
    live = re.search(r'/deals/board\?[^"]*part=board', unescape(chosen))
    assert live and "view=mine" in live[0]
    put(deal(chief, "of Ann"), owner_id=chief.user_id)
    assert column(page(window), "new") == ["of Ann"]


def test_a_filter_works_as_in_the_list_and_leads_back(chief: Actor) -> None:
    deal(chief, "Big", "900")
    deal(chief, "Small", "5")
    client = browser(chief)
    query = "match=all&f-0=amount&op-0=more&v-0=100"
    text = page(client, query)
    assert titles(text) == ["Big"]
    assert head(part(client, "totals", query), "new") == ("1", "€900")
    editor = client.get("/deals/filter?in=board&pipeline=sales", headers=SCRIPT).content.decode()  # type: ignore[arg-type]
    assert 'action="/deals/board"' in editor and 'name="pipeline" value="sales"' in editor
    saved = client.post("/deals/views/new", {"name": "Big ones", "query": f"{query}&in=board"})
    assert saved["Location"].startswith("/deals/board?view=")
    assert titles(client.get(saved["Location"]).content.decode()) == ["Big"]


def test_board_and_list_lead_to_each_other(chief: Actor) -> None:
    client = browser(chief)
    assert 'href="/deals/?view=attention"' in page(client, "view=attention")
    assert 'href="/deals/board?view=attention"' in client.get("/deals/?view=attention").content.decode()
    assert '<a class="item" href="/deals/board" aria-current="page"' in page(client)


def second_pipeline(*teams: Team) -> None:
    """Another way deals go, of two stages."""
    shipped.save()
    service = Pipeline.objects.create(
        key="service", name={"en": "Service"}, position=5, teams=[str(one.pk) for one in teams]
    )
    for n, (key, kind) in enumerate((("asked", "open"), ("agreed", "open"), ("s_won", "won"), ("s_lost", "lost"))):
        Stage.objects.create(pipeline=service, key=key, name={"en": key.title()}, kind=kind, position=n)
    changed()


def test_each_pipeline_has_its_board_and_teams_see_theirs(chief: Actor) -> None:
    second_pipeline(Team.objects.create(name="North"))
    deal(chief, "Repair", pipeline="service")
    deal(chief, "Sale", pipeline="sales")
    client = browser(again(chief))
    text = page(client, "pipeline=service")
    assert titles(text) == ["Repair"] and "col-agreed" in text and "col-new" not in text
    assert titles(page(client, "pipeline=sales")) == ["Sale"]
    assert "pipeline=service" in re.search(r'id="board".*?>', text)[0]  # type: ignore[index]
    ann = browser(colleague("Ann", "own"))
    text = page(ann, "pipeline=service")
    assert "Service" not in text and "col-new" in text
