"""Kinds of cards made by clicks: made in the settings, they have list, card, search, rights and API at once."""

import re

import pytest

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Create, Trash, Update
from comity.changes.settings import DeleteSetting, RestoreSetting, SaveSetting
from comity.kernel.errors import Invalid, NotFound, Refused
from comity.records.models import RecordRef
from comity.search.consumer import rebuild
from comity.search.find import find
from support.browser import browser
from support.house import again, colleague

pytestmark = pytest.mark.django_db


def kind(actor: Actor, name: str = "Property", several: str = "Properties", **more: object) -> RecordRef:
    values = {"key": f"own_{name.lower()}", "slug": several.lower(), "label": {"en": name}, "plural": {"en": several},
              "name_label": {"en": "Street"}, "icon": "home", "menu": "clients", **more}  # fmt: skip
    return run(again(actor), SaveSetting("type", values)).record


def own(actor: Actor, key: str, name: str, **values: object) -> RecordRef:
    return run(again(actor), Create(key, {"name": name, **values})).record


def test_made_by_clicks_and_lived_in(boss: Actor) -> None:
    client = browser(boss)
    made = client.post("/settings/types/do/new", {"label": "Property", "plural": "Properties", "icon": "home",
                                                  "name_label": "Address"})  # fmt: skip
    assert made.status_code == 302 and made["Location"].startswith("/settings/types/")
    assert "Properties" in client.get("/").content.decode() or "Properties" in client.get("/people/").content.decode()
    form = client.get("/properties/new").content.decode()
    assert "Address" in form
    card = client.post("/properties/new", {"name": "Mill Lane 4"})["Location"]
    assert "Mill Lane 4" in client.get(card).content.decode()
    assert "Mill Lane 4" in client.get("/properties/").content.decode()
    assert client.post(f"{card}/fields/name", {"version": "1", "name": "Mill Lane 5"}).status_code in (200, 302)
    assert "Mill Lane 5" in client.get("/properties/").content.decode()
    rebuild()
    assert [hit.title for hit in find(again(boss), "mill", ["own_property"], 10)] == ["Mill Lane 5"]
    assert client.get(f"/api/v1{card}").json()["title"] == "Mill Lane 5"


def test_two_kinds_share_a_table_and_nothing_else(boss: Actor) -> None:
    kind(boss), kind(boss, "Vehicle", "Vehicles")
    house, car = own(boss, "own_property", "Mill Lane"), own(boss, "own_vehicle", "Van")
    state = again(boss).state
    for key, mine, other in (("own_property", house, car), ("own_vehicle", car, house)):
        seen = policy.visible(again(boss), state.record_types[key]).values_list("pk", flat=True)
        assert list(seen) == [mine.id]
        with pytest.raises(NotFound):
            run(again(boss), Update(key, other.id, 0, {"name": "Stolen"}))
        with pytest.raises(NotFound):
            run(again(boss), Trash(key, other.id))
    client = browser(boss)
    assert client.get(f"/properties/{car.id}").status_code == 404
    assert client.get(f"/api/v1/properties/{car.id}").status_code == 404
    assert "Van" not in client.get("/properties/").content.decode().split("<table")[-1]
    assert policy.titles(again(boss), [RecordRef("own_property", car.id)]) == {}


def test_rights_are_those_of_any_card(boss: Actor) -> None:
    kind(boss)
    mira = colleague("mira", "own")
    hidden = own(boss, "own_property", "Hidden House")
    mine = own(boss, "own_property", "Open House", owner=str(mira.user_id))
    client = browser(again(mira))
    page = client.get("/properties/?view=all").content.decode()
    assert "Open House" in page and "Hidden House" not in page
    assert client.get(f"/properties/{hidden.id}").status_code == 404
    assert client.get(f"/properties/{mine.id}").status_code == 200
    with pytest.raises(Refused):
        kind(mira, "Vehicle", "Vehicles")
    assert client.get("/settings/types").status_code == 404


def test_a_field_of_the_same_key_belongs_to_one_kind_only(boss: Actor) -> None:
    kind(boss), kind(boss, "Vehicle", "Vehicles")
    for key in ("own_property", "own_vehicle"):
        choices = [{"key": "red", "label": {"en": "Red"}}, {"key": "blue", "label": {"en": "Blue"}}]
        values = {
            "type_key": key,
            "key": "own_colour",
            "kind": "choice",
            "label": {"en": "Colour"},
            "indexed": True,
        } | {"choices": choices}
        field = run(again(boss), SaveSetting("field", values)).record
    own(boss, "own_property", "Red House", own_colour="red")
    own(boss, "own_property", "Blue House", own_colour="blue")
    own(boss, "own_vehicle", "Red Van", own_colour="red")
    run(again(boss), DeleteSetting("field", field.id))  # that of vehicles; the other keeps its index
    page = browser(boss).get("/properties/?match=all&f-0=own_colour&op-0=any&v-0=red").content.decode()
    assert "Red House" in page and "Blue House" not in page and "Red Van" not in page


def test_archived_and_taken_back(boss: Actor) -> None:
    made = kind(boss)
    house = own(boss, "own_property", "Mill Lane")
    run(again(boss), DeleteSetting("type", made.id))
    client = browser(boss)
    assert client.get("/properties/").status_code == 404 and client.get(f"/properties/{house.id}").status_code == 404
    assert client.get("/settings/types").status_code == 200
    with pytest.raises(Invalid):
        kind(boss)  # neither its key nor its address is free meanwhile
    run(again(boss), RestoreSetting("type", made.id))
    assert "Mill Lane" in browser(boss).get("/properties/").content.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [("key", "property"), ("key", "own_Property"), ("slug", "people"), ("slug", "settings"), ("slug", "today"),
     ("slug", "a/b"), ("slug", ""), ("label", {}), ("plural", {"en": "x" * 41}), ("icon", "skull"), ("menu", "top")],
)  # fmt: skip
def test_what_does_not_fit_is_refused(boss: Actor, name: str, value: object) -> None:
    with pytest.raises(Invalid) as caught:
        kind(boss, **{name: value})
    assert name in caught.value.fields


def test_a_board_by_a_choice_of_its_own(boss: Actor) -> None:
    made = kind(boss)
    field = {"type_key": "own_property", "key": "own_stage", "kind": "choice", "label": {"en": "Stage"},
             "choices": [{"key": "new", "label": {"en": "New"}}, {"key": "sold", "label": {"en": "Sold"}}]}  # fmt: skip
    run(again(boss), SaveSetting("field", field))
    run(again(boss), SaveSetting("type", {"board_by": "own_stage"}, made.id))
    price = {"type_key": "own_property", "key": "own_price", "kind": "money", "label": {"en": "Price"}}
    run(again(boss), SaveSetting("field", price))
    house = own(boss, "own_property", "Mill Lane", own_stage="new", own_price={"amount": "120000", "currency": "EUR"})
    client = browser(boss)
    page = client.get("/properties/board").content.decode()
    assert "Mill Lane" in page and "Sold" in page and 'href="/properties/"' in page
    assert 'href="/properties/board"' in client.get("/properties/").content.decode()
    own(boss, "own_property", "Back Lane")  # without a stage: in a column of its own
    assert "Back Lane" in client.get("/properties/board").content.decode()
    totals = client.get("/properties/board?part=totals", headers={"HX-Request": "true"}).content.decode()
    assert re.search(r'id="n-_"[^>]*>1<', totals) and re.search(r'id="n-new"[^>]*>1<', totals)
    assert "120,000" in totals or "120\u00a0000" in totals  # what the column is worth
    moved = client.post("/properties/board/move", {"id": str(house.id), "version": "1", "to": "sold"})
    assert moved.status_code == 302
    assert client.get(f"/api/v1/properties/{house.id}").json()["own_stage"] == "sold"
