"""A kind of cards made by clicks shows its own fields before anybody has chosen any."""

import re
from typing import Any

import pytest

from comity.access.actors import Actor, user_actor
from comity.changes.bus import run
from comity.changes.commands import create
from comity.changes.settings import SaveSetting
from comity.records.models import CustomType
from support import fields
from support.browser import browser
from support.house import again, company

pytestmark = pytest.mark.django_db
KIND = "own_property"
STATES = [{"key": "free", "label": {"en": "Free"}}, {"key": "let", "label": {"en": "Let"}}]


def text(client: Any, url: str) -> str:
    return str(client.get(url).content.decode())


def heads(client: Any) -> list[str]:
    """The headings of the list, after that of the name."""
    table = text(client, "/properties/").split("</thead>")[0]
    return [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r"<th\b.*?</th>", table, re.S)]


@pytest.fixture
def boss(users: dict[str, Any]) -> Actor:
    return user_actor(users["root"])


@pytest.fixture
def properties(boss: Actor) -> Actor:
    """A kind with a board and seven fields."""
    fields.kind(boss)
    fields.field(boss, KIND, "story", "longtext")
    fields.field(boss, KIND, "plan", "file")
    fields.field(boss, KIND, "state", "choice", choices=STATES)
    fields.field(boss, KIND, "street", "text")
    fields.field(boss, KIND, "area", "number", unit="square_metre")
    fields.field(boss, KIND, "rent", "money")
    fields.field(boss, KIND, "keeper", "relation", target="company")
    fields.field(boss, KIND, "built", "date")
    run(again(boss), SaveSetting("type", {"board_by": "own_state"}, CustomType.objects.get().pk))
    return again(boss)


def test_the_list_begins_with_the_first_fields(properties: Actor) -> None:
    fields.card(properties, KIND, "Flat 4")
    client = browser(again(properties))
    shown = " ".join(heads(client))
    places = [shown.find(word) for word in ("State", "Street", "Area", "Rent", "Keeper")]
    assert places == sorted(places) and places[0] > 0
    assert not [word for word in ("Story", "Plan", "Built") if word in shown]
    client.post("/properties/columns", {"col": ["own_built"], "order": ["own_built"]})
    assert "Built" in " ".join(heads(client)) and "Street" not in " ".join(heads(client))


def test_a_kind_without_fields_shows_whose_a_card_is(boss: Actor) -> None:
    fields.kind(boss)
    assert again(boss).state.record_types[KIND].columns == ("owner", "updated_at")


def test_cards_on_the_board_show_the_first_figure_and_the_first_link(properties: Actor) -> None:
    firm = company(properties, "Rossi & Sons")
    values = {"own_state": "free", "own_area": "87", "own_rent": ["900", "EUR"], "own_keeper": str(firm),
              "own_street": "Mill Lane"}  # fmt: skip
    fields.card(properties, KIND, "Flat 4", **values)
    client = browser(again(properties))
    board = text(client, "/properties/board")
    assert "Flat 4" in board and "Area</span>" in board and "Rossi &amp; Sons" in board
    assert "Mill Lane" not in board and "Rent</span>" not in board
    # The layouts' form begins with what shows; a person's choice goes before it, also the choice of nothing.
    shape = text(client, f"/settings/layouts/{KIND}--board")
    assert re.findall(r'name="on" value="(\w+)"[^>]*checked', shape) == ["own_area", "own_keeper"]
    client.post("/properties/board/show", {"field": ["own_street"]})
    board = text(client, "/properties/board")
    assert "Mill Lane" in board and "Area</span>" not in board
    client.post("/properties/board/show", {"field": [""]})
    board = text(client, "/properties/board")
    assert "Flat 4" in board and "Mill Lane" not in board and "Area</span>" not in board


def test_a_layout_goes_before_what_is_delivered(properties: Actor) -> None:
    fields.card(properties, KIND, "Flat 4", own_state="free", own_area="87", own_street="Mill Lane")
    client = browser(again(properties))
    for part, on in (("list", ["own_built"]), ("board", ["own_street"])):
        run(again(properties), SaveSetting("layout", layout(part, on)))
    assert "Built" in " ".join(heads(client)) and "Area" not in " ".join(heads(client))
    board = text(client, "/properties/board")
    assert "Mill Lane" in board and "Area</span>" not in board


def layout(part: str, on: list[str]) -> dict[str, Any]:
    return {"type_key": KIND, "part": part, "what": {"columns": on, "sort": ""} if part == "list" else {"fields": on}}


def test_cards_of_own_kinds_want_no_step_until_they_have_one(properties: Actor) -> None:
    ref = fields.card(properties, KIND, "Flat 4", own_state="free")
    actor = again(properties)
    client = browser(actor)
    none = 'class="pill warn"'
    assert "Flat 4" in text(client, "/properties/board") and none not in text(client, "/properties/board")
    given = {"name": "Look at it", "about": str(ref), "due_at": "2030-01-01T10:00", "kind": "visit"}
    run(actor, create("task", given))
    assert 'class="pill"' in text(client, "/properties/board")
