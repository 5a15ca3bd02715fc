"""Links made by clicks: one to one kind of cards or several to any, as any other field, seen from both sides."""

from typing import Any

import pytest

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Trash, Unlink, Update
from comity.changes.settings import DeleteSetting
from comity.changes.undo import Undo
from comity.kernel.errors import Invalid
from comity.records.models import CustomRecord, RecordRef, Relation
from comity.ui.panels import related, relation_panels
from support import fields
from support.browser import browser
from support.fields import card
from support.house import again, colleague

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(boss: Actor) -> dict[str, RecordRef]:
    """Properties with an owner and any number of parties; two people."""
    fields.kind(boss, columns=["own_owner", "own_parties"])
    fields.field(boss, "own_property", "owner", "relation", target="company", backward={"en": "Owns"})
    fields.field(boss, "own_property", "parties", "relation", several=True)
    anna = card(boss, "company", "Annas House")
    bert = card(boss, "company", "Bertram")
    first = card(boss, "own_property", "Mill Lane", own_owner=str(anna.id), own_parties=[str(anna), str(bert)])
    second = card(boss, "own_property", "High Street")
    return {"anna": anna, "bert": bert, "first": first, "second": second}


def test_values_are_rows_and_never_keys_in_json(house: dict[str, RecordRef]) -> None:
    assert Relation.objects.filter(kind="own_owner", from_id=house["first"].id, to_id=house["anna"].id).count() == 1
    assert Relation.objects.filter(kind="own_parties", from_id=house["first"].id).count() == 2
    assert CustomRecord.unguarded.get(pk=house["first"].id).custom == {}


def test_it_shows_everywhere(boss: Actor, house: dict[str, RecordRef]) -> None:
    client = browser(boss)
    page = client.get(f"/properties/{house['first'].id}").content.decode()
    assert "Annas House" in page and "Bertram" in page
    form = client.get(f"/properties/{house['first'].id}/edit").content.decode()
    assert 'data-cb="/lookup/company"' in form and 'data-cb="/lookup/card"' in form and 'value="Annas House"' in form
    line = client.get("/properties/").content.decode().split(">Mill Lane<")[1].split("</tr>")[0]
    assert "Annas House" in line and "Bertram" in line
    told = client.get(f"/api/v1/properties/{house['first'].id}").json()
    assert told["own_owner"] == [str(house["anna"])]
    assert sorted(told["own_parties"]) == sorted([str(house["anna"]), str(house["bert"])])
    listed = client.get("/api/v1/properties?fields=own_owner&include=own_owner&sort=title").json()
    assert str(house["anna"].id) in str(listed)
    far = client.get(f"/companies/{house['anna'].id}").content.decode()
    assert "Owns" in far and "Mill Lane" in far
    assert "Properties" in far  # the other field has no word of its own for this side


def ids(client: object, query: str) -> list[str]:
    answer = client.get(f"/api/v1/properties?{query}")  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.content
    return [one["title"] for one in answer.json()["items"]]


def test_filters_by_card_by_emptiness_and_by_the_fields_of_the_card(boss: Actor, house: dict[str, RecordRef]) -> None:
    client = browser(boss)
    anna, bert = house["anna"], house["bert"]
    assert ids(client, f"own_owner={anna.id}") == ["Mill Lane"]
    assert ids(client, f"own_owner={bert.id}") == []
    assert ids(client, f"own_parties={bert}") == ["Mill Lane"]
    assert ids(client, "own_owner__empty=1") == ["High Street"]
    assert ids(client, "own_parties__filled=1") == ["Mill Lane"]
    assert ids(client, f"own_owner__none={anna.id}") == ["High Street"]
    assert ids(client, "own_owner.name__contains=annas") == ["Mill Lane"]
    assert ids(client, "own_owner.name__contains=bert") == []
    page = client.get(f"/properties/?match=all&f-0=own_owner&op-0=any&v-0={anna.id}").content.decode()
    assert "Mill Lane" in page and "High Street" not in page.split("<table")[-1]


def test_changed_in_place_told_and_undone(boss: Actor, house: dict[str, RecordRef]) -> None:
    client, url = browser(boss), f"/properties/{house['first'].id}"
    answer = client.post(
        f"{url}/fields/own_owner", {"version": "1", "own_owner": str(house["bert"].id)}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200 and "Bertram" in answer.content.decode()
    history = client.get(f"{url}/history?field=own_owner").content.decode()
    assert "Annas House" in history and "Bertram" in history
    assert "Mill Lane" in client.get(f"/companies/{house['bert'].id}/story").content.decode()
    undo = answer.content.decode().split("/undo/")[1].split('"')[0]
    run(again(boss), Undo(int(undo)))
    assert list(Relation.objects.filter(kind="own_owner").values_list("to_id", flat=True)) == [house["anna"].id]


def test_by_names_alone_without_scripts(boss: Actor, house: dict[str, RecordRef]) -> None:
    client, url = browser(boss), f"/properties/{house['second'].id}"
    assert client.post(f"{url}/fields/own_owner", {"version": "1", "own_owner": "", "own_owner_text": "Bertram"})
    answer = client.post(
        f"{url}/fields/own_parties", {"version": "2", "own_parties": "", "own_parties_new": "bertram, Annas House"}
    )
    assert answer.status_code == 302
    assert Relation.objects.filter(from_id=house["second"].id).count() == 3


def test_a_hidden_card_looks_empty_and_stays(boss: Actor, house: dict[str, RecordRef]) -> None:
    mira = colleague("mira", "own")
    for ref in (house["first"], house["bert"]):
        run(again(boss), Update(ref.type, ref.id, 0, {"owner": str(mira.user_id)}))
    client, url = browser(again(mira)), f"/properties/{house['first'].id}"
    for path in (url, f"{url}/edit", f"{url}/history", f"{url}/story", "/properties/?view=all"):
        text = client.get(path).content.decode()
        assert "Annas House" not in text and str(house["anna"].id) not in text, path
    told = client.get(f"/api/v1/properties/{house['first'].id}").json()
    assert told["own_owner"] is None and told["own_parties"] == [str(house["bert"])]
    assert ids(client, "own_owner__empty=1") == ["Mill Lane"]
    assert ids(client, f"own_owner={house['anna'].id}") == []
    with pytest.raises(Invalid):  # a guess tells nothing
        run(again(mira), Update("own_property", house["first"].id, 0, {"own_owner": str(house["anna"].id)}))
    form = {"version": "2", "own_owner": "", "own_owner_text": "", "own_parties": [""]}
    assert client.post(f"{url}/fields/own_owner", form).status_code == 302
    assert client.post(f"{url}/fields/own_parties", form).status_code == 302
    left = set(Relation.objects.filter(from_id=house["first"].id).values_list("kind", "to_id"))
    assert left == {("own_owner", house["anna"].id), ("own_parties", house["anna"].id)}


def test_the_far_side_shows_no_field_he_may_not_read(boss: Actor, house: dict[str, RecordRef]) -> None:
    mira = again(colleague("mira", "all", fields={"own_property": {"own_owner": "hide", "own_parties": "mask"}}))
    record_type, ref = mira.state.record_types["company"], house["anna"]

    def panels_of(actor: Actor) -> list[dict[str, Any]]:
        card = CustomRecord(id=ref.id)
        found = related(actor, record_type, card)
        return relation_panels(actor, record_type, card, False, found.rows, found.titles)

    shown, hidden = panels_of(again(boss)), panels_of(mira)
    assert [one["label"] for one in shown if one["items"]]
    assert not [one for one in hidden if one["items"]]


def test_in_the_trash_it_looks_empty_and_comes_back(boss: Actor, house: dict[str, RecordRef]) -> None:
    run(again(boss), Trash("company", house["anna"].id))
    client = browser(boss)
    assert client.get(f"/api/v1/properties/{house['first'].id}").json()["own_owner"] is None
    assert ids(client, "own_owner__empty=1") == ["High Street", "Mill Lane"]


def test_taken_away_from_the_far_side(boss: Actor, house: dict[str, RecordRef]) -> None:
    row = Relation.objects.get(kind="own_parties", to_id=house["anna"].id)
    result = run(again(boss), Unlink(row.pk))
    told = browser(boss).get(f"/api/v1/properties/{house['first'].id}").json()
    assert told["own_parties"] == [str(house["bert"])] and result.event


@pytest.mark.parametrize("raw", ["person:nonsense", "no-key", "person:00000000-0000-7000-8000-000000000001"])
def test_what_is_no_card_of_the_kind_is_refused(boss: Actor, house: dict[str, RecordRef], raw: str) -> None:
    with pytest.raises(Invalid) as caught:
        run(again(boss), Update("own_property", house["first"].id, 0, {"own_owner": raw}))
    assert "own_owner" in caught.value.fields


def test_one_means_one(boss: Actor, house: dict[str, RecordRef]) -> None:
    both = [str(house["anna"].id), str(house["bert"].id)]
    with pytest.raises(Invalid):
        run(again(boss), Update("own_property", house["first"].id, 0, {"own_owner": both}))


def test_a_field_keeps_its_target_and_leaves_with_its_values(boss: Actor, house: dict[str, RecordRef]) -> None:
    made = fields.field(boss, "own_property", "seller", "relation", target="person")
    with pytest.raises(Invalid):
        fields.change(boss, made, target="company")
    with pytest.raises(Invalid):
        fields.field(boss, "own_property", "buyer", "relation", target="nothing")
    parties = fields.field(boss, "own_property", "again", "relation", several=True, target="company")
    run(again(boss), DeleteSetting("field", parties.id))
    assert browser(boss).get(f"/companies/{house['anna'].id}").status_code == 200


def test_a_list_asks_as_often_for_many_cards_as_for_one(boss: Actor, house: dict[str, RecordRef]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = browser(boss)
    url = "/api/v1/properties?include=own_owner"

    def asked() -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    before = asked()
    for n in range(8):
        card(boss, "own_property", f"House {n}", own_owner=str(house["bert"].id), own_parties=[str(house["bert"])])
    assert asked() == before
