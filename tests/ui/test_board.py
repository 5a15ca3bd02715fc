"""A board for any type: registered once, with columns of a choice, and what it needs no room above for."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Create, Update
from comity.changes.settings import SaveSetting
from comity.kernel.clock import now
from comity.ui import boards, cards, views
from support.browser import browser
from support.house import again, colleague

pytestmark = pytest.mark.django_db

SCRIPT = {"HX-Request": "true"}
LANE = boards.Lane("", "Sizes", (boards.Column("small", "Small", 1), boards.Column("large", "Large", 2)))


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> boards.Board:
    """A board of gadgets by their size: no lanes to choose, no ends, no figures."""
    made = boards.Board(
        "gadget", "size", lambda actor: [LANE], lambda key, version, to: Update("gadget", key, version, {"size": to}),
        lambda key, to: f"/gadgets/{key}/edit?", money="price",
    )  # fmt: skip
    monkeypatch.setitem(boards.boards, "gadget", made)
    return made


def gadget(actor: Actor, name: str, **more: Any) -> Any:
    return run(again(actor), Create("gadget", {"name": name, "size": "small", **more})).record


def answer(client: Client, path: str = "", **headers: str) -> str:
    found = client.get(f"/gadgets/board{path}", headers=headers)  # type: ignore[arg-type]
    assert found.status_code == 200, found.content
    return unescape(found.content.decode())


def test_any_choice_makes_columns(boss: Actor, board: boards.Board) -> None:
    ref = gadget(boss, "Wheel", price={"amount": "12", "currency": "RUB"})
    gadget(boss, "Gear", size="large")
    client = browser(boss)
    text = answer(client)
    assert [len(re.findall("<article", one)) for one in text.split('<section class="col"')[1:]] == [1, 1]
    assert "pipeline" not in text.partition('id="main"')[2]
    moved = client.post("/gadgets/board/move", {"id": str(ref.id), "version": 1, "to": "large"}, headers=SCRIPT)  # type: ignore[arg-type]
    assert moved.status_code == 200 and 'data-c="large"' in moved.content.decode()
    assert 'id="n-large" hx-swap-oob="true">2</span>' in answer(client, "?part=totals", **SCRIPT)


def test_an_empty_board_says_what_belongs_there(boss: Actor, board: boards.Board) -> None:
    client = browser(boss)
    for mine in ("", "?view=mine"):
        assert "/gadgets/new?next=%2Fgadgets%2Fboard" in answer(client, mine).partition('class="none"')[2]
    values = {"type_key": "gadget", "name": "Large ones", "sort": "", "columns": [], "shared": False}
    large = {"all": [{"field": "size", "op": "any", "value": ["large"]}]}
    view = run(again(boss), SaveSetting("view", values | {"where": large})).record.id
    client = browser(again(boss))
    assert 'href="/gadgets/board?view=all"' in answer(client, f"?view={view}").partition('class="none"')[2]
    filtered = answer(client, f"?view={view}&match=all&f-0=size&op-0=is&v-0=small").partition('class="none"')[2]
    assert f'href="/gadgets/board?view={view}"' in filtered


def test_a_filter_he_may_not_use_shows_nothing_and_says_so(boss: Actor, board: boards.Board) -> None:
    where = {"all": [{"field": "price", "op": "more", "value": "1"}]}
    values = {"type_key": "gadget", "name": "Dear ones", "where": where, "sort": "", "columns": [], "shared": True}
    view = run(again(boss), SaveSetting("view", values)).record.id
    ann = colleague("Ann", "own", {"gadget": {"price": "mask"}}, language="en")
    gadget(boss, "Secret price", owner=str(ann.user_id), price={"amount": "77", "currency": "RUB"})
    client = browser(again(ann))
    text = answer(client, f"?view={view}")
    assert "Secret price" not in text and "you may not use" in text
    assert "Secret price" in answer(client) and "77" not in re.sub(r"<[^>]*>", "", answer(client))


def test_types_without_a_board_have_no_address_of_one(boss: Actor) -> None:
    client = browser(boss)
    for path in ("/people/board", "/people/board/show", "/people/board/move?id=x", "/nothing/board"):
        assert client.get(path).status_code == 404
    assert client.post("/people/board/undo/1").status_code == 404


def test_a_board_is_registered_once_and_own_views_leave_a_way_to_all(board: boards.Board) -> None:
    with pytest.raises(ValueError, match="already"):
        boards.add(board)
    with pytest.raises(ValueError, match="leaves nothing out"):
        views.build_in("gadget", views.BuiltIn("some", lambda: "Some", lambda actor: views.MINE))


def test_places_sort_as_the_columns_do() -> None:
    moment = now()
    order = [moment - timedelta(days=400), moment - timedelta(minutes=1), None, moment, moment + timedelta(days=9000)]
    places = [cards.place(at, moment) for at in order]
    assert places == sorted(places) and len(set(places)) == len(places)
