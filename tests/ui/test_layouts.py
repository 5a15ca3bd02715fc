"""Layouts of cards, lists, board cards and the menu: shaped by clicks for everybody, a role or a team."""

import re
from typing import Any

import pytest

from comity.access import snapshot
from comity.access.actors import Actor, user_actor
from comity.access.models import Role, RoleMember
from comity.changes.bus import run
from comity.changes.colleagues import SavePreferences
from comity.changes.commands import create
from comity.changes.settings import DeleteSetting, SaveSetting
from comity.identity.models import Team
from comity.ui.models import Layout
from support import board
from support.browser import browser
from support.house import EVERY, again, colleague, company
from support.layouts import SCRIPT, fields, heads, lines, of_role, order, press, role_of, save, text, titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(users: dict[str, Any]) -> Actor:
    return user_actor(users["root"])


# --- card ------------------------------------------------------------------------------------------------------------


def test_fields_move_fold_and_stand_under_headings_of_the_firm(boss: Actor) -> None:
    client, firm = browser(boss), company(boss, "Meridian")
    before = fields(text(client.get(f"/companies/{firm.id}")))
    assert before[0] == "name" and "phones" in before and "+" not in "".join(before)
    item = "company--card--all"
    names = {"label-en": "How we reach them", "label-ar": "كيف نصل إليهم"}
    assert client.post(f"/settings/layouts/{item}/do/heading", names).status_code == 302
    press(client, item, to__phones="how_we_reach_them", to__emails="how_we_reach_them")
    press(client, item, up="emails")
    press(client, item, on=["country", "language"])
    for _time in range(9):
        press(client, item, earlier="how_we_reach_them")
    page = text(client.get(f"/companies/{firm.id}"))
    assert heads(page)[0] == "how_we_reach_them" and "How we reach them" in page
    now = fields(page)
    assert now[:2] == ["emails", "phones"] and "+country" in now
    assert sorted(one.lstrip("+") for one in now) == sorted(before)  # none is lost, none comes twice
    run(boss, SavePreferences({"language": "ar"}))
    assert "كيف نصل إليهم" in text(client.get(f"/companies/{firm.id}"))
    form = text(client.get("/companies/new"))
    assert form.index("كيف نصل إليهم") < form.index('name="name"')
    assert client.post(f"/settings/layouts/{item}/do/reset").status_code == 302
    assert fields(text(client.get(f"/companies/{firm.id}"))) == before
    assert not Layout.objects.exists()


def test_what_must_be_filled_is_never_folded_in_a_form(boss: Actor) -> None:
    client = browser(boss)
    every = [spec.key for spec in boss.state.record_types["company"].specs]
    press(client, "company", on=every)
    form = text(client.get("/companies/new"))
    folds = "".join(re.findall(r'<details class="fold">.*?</details>', form, re.S))
    assert 'name="website"' in folds and 'name="name"' in form and 'name="name"' not in folds
    # what is wrong behind "more" stands open
    wrong = client.post("/companies/new", {"name": "X", "website": "no address at all"})
    assert wrong.status_code == 422
    assert re.search(r'<details class="fold" open>(?:(?!</details>).)*name="website"', wrong.content.decode(), re.S)


def test_a_field_made_later_shows_at_the_end_and_one_that_goes_breaks_nothing(boss: Actor) -> None:
    client, firm = browser(boss), company(boss, "Meridian")
    press(client, "company", on=[])
    values = {"type_key": "company", "key": "own_fleet", "kind": "text", "label": {"en": "Fleet"}}
    made = run(again(boss), SaveSetting("field", values)).record.id
    assert "own_fleet" in fields(text(client.get(f"/companies/{firm.id}")))
    assert "own_fleet" in order(client, "company")
    press(client, "company", to__own_fleet="business", up="own_fleet")
    page = text(client.get(f"/companies/{firm.id}"))
    business = page.split('id="g-business"')[1].split("<h2")[0]
    assert 'id="f-own_fleet"' in business and "custom" not in heads(page)
    run(again(boss), DeleteSetting("field", made))
    assert "own_fleet" not in fields(text(client.get(f"/companies/{firm.id}")))
    assert "own_fleet" not in order(client, "company")
    assert client.get("/companies/new").status_code == 200


def test_a_layout_gives_no_right(boss: Actor) -> None:
    firm = company(boss, "Meridian", legal_name="Shipping")
    ann = colleague("Ann", "all", fields={"company": {"legal_name": "hide"}})
    what = {"groups": [{"key": "details", "label": {}, "fields": ["legal_name", "name"]}], "folded": []}
    save(boss, "company", "card", what)
    save(boss, "company", "list", {"columns": ["legal_name", "owner"], "sort": "legal_name"})
    mine = text(browser(boss).get(f"/companies/{firm.id}"))
    assert fields(mine)[:2] == ["legal_name", "name"]
    hers = text(browser(again(ann)).get(f"/companies/{firm.id}"))
    assert fields(hers)[0] == "name" and "legal_name" not in fields(hers) and "Shipping" not in hers
    assert "Shipping" in text(browser(boss).get("/companies/"))
    assert "Shipping" not in text(browser(again(ann)).get("/companies/"))


def test_the_page_of_a_card_in_parts(boss: Actor) -> None:
    client, ref = browser(boss), board.deal(boss, "Pumps")
    page = text(client.get(f"/deals/{ref.id}"))
    assert page.index('id="b-stages"') < page.index('id="b-next"') < page.index('class="rel"')
    assert page.index('class="rel"') < page.index('id="l-lines"')
    shown = [key for key in order(client, "deal--panels") if key != "p-files"]
    press(client, "deal--panels", **{"to__p-lines": "flow", "on": shown})
    for _time in range(2):
        press(client, "deal--panels", up="p-lines")
    page = text(client.get(f"/deals/{ref.id}"))
    flow = page.split('class="flow"')[1].split('class="rel"')[0]
    assert 'id="l-lines"' in flow and flow.index('id="l-lines"') < flow.index('id="b-next"')
    assert 'id="l-files"' not in page and 'id="b-stages"' in page


def test_a_list_begins_as_its_layout_says_until_somebody_chooses(boss: Actor) -> None:
    client = browser(boss)
    company(boss, "Amber", legal_name="Mills")
    company(boss, "Birch", legal_name="Ships")
    assert titles(client, "/companies/") == ["Amber", "Birch"] and "Ships" not in text(client.get("/companies/"))
    press(client, "company--list", on=["legal_name"], sort="legal_name", falling=["", "1"])
    assert titles(client, "/companies/") == ["Birch", "Amber"] and "Ships" in text(client.get("/companies/"))
    assert titles(client, "/companies/?sort=title") == ["Amber", "Birch"]
    run(again(boss), SavePreferences({"columns": {"company": ["owner"]}}))
    assert "Ships" not in text(client.get("/companies/"))
    client.post("/companies/columns", {"reset": "1"})
    assert "Ships" in text(client.get("/companies/"))


def test_too_many_columns_are_refused_and_what_was_ticked_stays(boss: Actor) -> None:
    client = browser(boss)
    every = order(client, "company--list")
    answer = press(client, "company--list", 422, on=every)
    assert "at most 12 columns" in answer
    assert answer.count(" checked") >= len(every)
    assert not Layout.objects.exists()


def test_lines_of_the_boards_card_and_no_stale_ones(boss: Actor) -> None:
    client = browser(boss)
    board.deal(boss, "Pumps", expected_on="2026-12-24")
    path = "/deals/board?view=all"
    assert 'class="ex"' not in text(client.get(path))
    for keys, count in ((["expected_on"], 1), (["expected_on", "created_at", "updated_at"], 3), ([], 0)):
        press(client, "deal--board", on=keys)
        assert text(client.get(path)).count('class="ex"') == count
    press(client, "deal--board", on=["expected_on", "created_at", "updated_at"])
    assert text(client.get("/deals/board/show")).count("<select") == 3
    client.post("/deals/board/show", {"field": ["created_at"]})
    assert text(client.get(path)).count('class="ex"') == 1  # his own choice counts more


def test_the_menu_of_a_role_and_what_is_hidden_is_behind_more(boss: Actor) -> None:
    ann = colleague("Ann", "all")
    hers, mine = browser(ann), browser(boss)
    before = lines(text(hers.get("/companies/")))
    assert {"/today", "/companies/", "/reports"} <= set(before) and "/more" not in before
    item = of_role("menu", "menu", ann)
    on = [key for key in order(mine, item) if key not in ("today", "agenda")]
    press(mine, item, on=on)
    press(mine, item, to__company="top", on=on)
    for _time in range(12):
        press(mine, item, up="company")
    now = lines(text(hers.get("/companies/")))
    assert now[0] == "/companies/" and "/today" not in now and "/calendar" not in now and now[-1] == "/more"
    assert "/today" in text(hers.get("/more")) and hers.get("/today").status_code == 200
    assert "/today" in text(hers.get("/palette?q=today", headers=SCRIPT))
    assert hers.get("/")["Location"] == "/companies/"
    assert "/today" in lines(text(mine.get("/companies/")))  # the boss holds no role
    phone = text(hers.get("/companies/")).split('class="bottom"')[1].split("</nav>")[0]
    assert "/today" not in phone and 'href="/companies/"' in phone


def test_a_menu_gives_no_line_that_is_not_his(boss: Actor) -> None:
    ann = colleague("Ann", "none")
    save(boss, "", "menu", {"order": ["company", "deal"], "groups": {"company": ""}, "hidden": []})
    assert "/companies/" not in lines(text(browser(ann).get("/today")))


# --- whose -----------------------------------------------------------------------------------------------------------


def test_the_first_role_with_a_layout_decides_then_the_team_then_everybody(boss: Actor) -> None:
    head = Team.objects.create(name="Head")
    north = Team.objects.create(name="North", parent=head)
    snapshot.changed()
    ann = colleague("Ann", "all", team=north)
    first = role_of(ann)
    second = Role.objects.create(key="second", name={"en": "Second"}, grants={"*": dict.fromkeys(EVERY, "all")})
    RoleMember.objects.create(role=second, user_id=ann.user_id)
    snapshot.changed()

    def sort() -> str:
        page = text(browser(again(ann)).get("/companies/"))
        return "".join(re.findall(r'<th[^>]*aria-sort="(?:ascending|descending)"[^>]*>.*?</th>', page, re.S))

    company(boss, "Amber")
    for whose, key, said in (
        ({}, "updated_at", "Changed"), ({"team": head.pk}, "created_at", "Added"),
        ({"team": north.pk}, "legal_name", "Legal name"), ({"role": second.pk}, "owner", ""),
        ({"role": first.pk}, "website", "Web"),
    ):  # fmt: skip
        save(boss, "company", "list", {"columns": ["updated_at", "created_at", "legal_name", "website"], "sort": key},
             **whose)  # fmt: skip
        if said:
            assert said in sort(), (whose, sort())
    Role.objects.filter(pk=first.pk).delete()
    snapshot.changed()
    assert Layout.objects.count() == 4
    page = text(browser(boss).get("/settings/layouts/company--list"))
    assert "Of several roles the first with a layout decides" in page and "Second" in page


def test_a_role_begins_with_everybodys_and_goes_back_to_it(boss: Actor) -> None:
    client, ann = browser(boss), colleague("Ann", "all")
    company(boss, "Amber", legal_name="Mills")
    press(client, "company--list", on=["legal_name"])
    item = of_role("company", "list", ann)
    page = text(client.get(f"/settings/layouts/{item}"))
    assert "They see what everybody sees" in page and re.search(r'value="legal_name" id="on-legal_name" checked', page)
    press(client, item, on=["country"])
    assert "Mills" not in text(browser(again(ann)).get("/companies/")) and "Mills" in text(client.get("/companies/"))
    assert client.post(f"/settings/layouts/{item}/do/reset").status_code == 302
    assert "Mills" in text(browser(again(ann)).get("/companies/"))


def test_the_preview_has_the_rights_of_the_role(boss: Actor) -> None:
    client = browser(boss)
    ann = colleague("Ann", "all", fields={"company": {"legal_name": "hide", "website": "mask"}})

    def seen(item: str) -> str:
        return text(client.get(f"/settings/layouts/{item}")).split('id="preview"')[1]

    label = boss.state.record_types["company"].spec("legal_name").label["en"]
    for part in ("card", "list"):
        if part == "list":
            press(client, "company--list", on=["legal_name", "website"])
        assert label in seen(f"company--{part}--all") and "•••" not in seen(f"company--{part}--all")
        assert label not in seen(of_role("company", part, ann)) and "•••" in seen(of_role("company", part, ann))
    assert "With the values of" not in seen("company--card--all")  # there is no company yet
    company(boss, "Amber", legal_name="Mills <b>", website="https://amber.example")
    for part in ("card", "list"):
        mine, hers = seen(f"company--{part}--all"), seen(of_role("company", part, ann))
        assert "Mills <b>" in mine and "amber.example" in mine and ">Amber</a>" in mine
        assert "Mills" not in hers and "amber.example" not in hers and ">Amber</a>" in hers
    board = seen("deal--board--all")
    assert "With the values of" not in board and "–" in board
    run(again(boss), create("deal", {"name": "Roof", "amount": {"amount": "1234", "currency": "EUR"}}))
    board = seen("deal--board--all")
    assert "Roof" in board and "1,234" in board
    blind = colleague("Ben", "none")
    assert "only where one is shared" in seen(of_role("company", "card", blind))
    assert "Companies" not in seen(of_role("menu", "menu", blind)).split("</ul>")[0]
