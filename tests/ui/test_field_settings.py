"""The settings of fields: each kind made and set up by clicks, in force at once."""

import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.access.models import Role
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Create, Update
from comity.changes.custom_fields import KINDS
from comity.changes.settings import SaveSetting
from comity.kernel.errors import Invalid
from comity.records.models import CustomField, CustomRecord, CustomType
from support import fields
from support.browser import browser
from support.fields import card
from support.forms import read_form
from support.house import again, colleague

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(boss: Actor) -> Client:
    """The administrator's browser; there are properties."""
    fields.kind(boss)
    return browser(boss)


def make(client: Client, kind: str, **more: str) -> CustomField:
    post = {"label-en": f"My {kind}", "kind": kind, "unit": "pieces", "choices": "Red\nBlue", **more}
    answer = client.post("/settings/fields/do/new?type=own_property", post)
    assert answer.status_code == 302, (kind, answer.content.decode()[-3000:])
    return CustomField.objects.get(pk=answer["Location"].rpartition("/")[2])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_made_and_its_cards_save_unchanged(client: Client, kind: str) -> None:
    row = make(client, kind)
    page = client.get(f"/settings/fields/{row.pk}").content.decode()
    assert page.count('class="card"') >= 3
    before = CustomField.objects.filter(pk=row.pk).values().get()
    for name in ("labels", "help", "use", "begins", "relation", "file", "rights"):
        action = f"/settings/fields/{row.pk}/do/{name}"
        form = next((one for one in page.split("<form")[1:] if f'"{action}"' in one.partition(">")[0]), None)
        if form is None:
            continue
        posted = read_form(f"<form{form.partition('</form>')[0]}</form>")
        answer = client.post(action, posted)
        assert answer.status_code == 302, (name, answer.content.decode()[-3000:])
    assert CustomField.objects.filter(pk=row.pk).values().get() == before
    assert client.get("/properties/new").status_code == 200
    assert client.get("/settings/fields?type=own_property").status_code == 200


def test_linked_cards_by_clicks(client: Client, boss: Actor) -> None:
    row = make(client, "relation", target="company", several="1")
    assert (row.target, row.several) == ("company", True)
    client.post(f"/settings/fields/{row.pk}/do/relation", {"several": "1", "backward-en": "Owns"})
    firm = card(boss, "company", "Rossi")
    card(boss, "own_property", "Mill Lane", own_my_relation=[str(firm.id)])
    assert "Owns" in client.get(f"/companies/{firm.id}").content.decode()


def test_files_by_clicks(client: Client) -> None:
    row = make(client, "file")
    url = f"/settings/fields/{row.pk}/do/file"
    assert client.post(url, {"several": "", "accept": ".PDF, jpg", "max_size": "5"}).status_code == 302
    row.refresh_from_db()
    assert (row.accept, row.max_size, row.several) == (["pdf", "jpg"], 5_000_000, False)
    assert client.post(url, {"accept": "p/df"}).status_code == 422
    assert client.post(url, {"accept": "", "max_size": "100000"}).status_code == 422


@pytest.mark.parametrize(
    ("kind", "post", "shown"),
    [
        ("text", {"own_my_text": "Brick"}, "Brick"),
        ("number", {"own_my_number": "12,5"}, "12,5"),
        ("money", {"own_my_money-amount": "10", "own_my_money-currency": "EUR"}, "10"),
        ("choice", {"own_my_choice": "red"}, "Red"),
        ("date", {"word": "1"}, None),
        ("user", {"word": "1"}, None),
    ],
)
def test_a_new_card_begins_with_it(
    client: Client, boss: Actor, kind: str, post: dict[str, str], shown: str | None
) -> None:
    row = make(client, kind)
    answer = client.post(f"/settings/fields/{row.pk}/do/begins", post)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    form = read_form(client.get("/properties/new").content.decode())
    assert any(value for name, values in form.items() if name.startswith(f"own_my_{kind}") for value in values)
    made = run(again(boss), Create("own_property", {"name": "Mill Lane"})).record
    assert CustomRecord.unguarded.get(pk=made.id).custom.get(f"own_my_{kind}")
    if shown:
        assert shown in client.get(f"/properties/{made.id}").content.decode()
    emptied = run(again(boss), Create("own_property", {"name": "High Street", f"own_my_{kind}": ""})).record
    assert not CustomRecord.unguarded.get(pk=emptied.id).custom.get(f"own_my_{kind}")


def test_a_beginning_that_the_field_does_not_take_is_refused(client: Client) -> None:
    row = make(client, "number")
    assert client.post(f"/settings/fields/{row.pk}/do/begins", {"own_my_number": "many"}).status_code == 422


def test_demanded_from_a_column_of_the_board_on(client: Client, boss: Actor) -> None:
    choices = [{"key": one, "label": {"en": one.capitalize()}} for one in ("found", "viewed", "sold")]
    fields.field(boss, "own_property", "stage", "choice", choices=choices)
    run(again(boss), SaveSetting("type", {"board_by": "own_stage"}, CustomType.objects.get(key="own_property").pk))
    row = make(client, "text")
    page = client.get(f"/settings/fields/{row.pk}").content.decode()
    assert "Viewed" in page
    use = {"required": "since", "since": "own_nothing"}
    assert client.post(f"/settings/fields/{row.pk}/do/use", use).status_code == 422
    assert client.post(f"/settings/fields/{row.pk}/do/use", use | {"since": "viewed"}).status_code == 302
    ref = card(boss, "own_property", "Mill Lane", own_stage="found")
    for stage in ("viewed", "sold"):
        with pytest.raises(Invalid) as caught:
            run(again(boss), Update("own_property", ref.id, 0, {"own_stage": stage}))
        assert "own_my_text" in caught.value.fields
    run(again(boss), Update("own_property", ref.id, 0, {"own_stage": "sold", "own_my_text": "Brick"}))
    with pytest.raises(Invalid):
        run(again(boss), Update("own_property", ref.id, 0, {"own_my_text": ""}))
    run(again(boss), Update("own_property", ref.id, 0, {"own_stage": "found"}))
    run(again(boss), Update("own_property", ref.id, 0, {"own_my_text": ""}))


def test_rights_are_set_from_the_fields_side(client: Client, boss: Actor) -> None:
    row = make(client, "text")
    mira = colleague("mira", "all")
    Role.objects.filter(key="role-mira").update(key="mira")
    role = Role.objects.get(key="mira")
    answer = client.post(f"/settings/fields/{row.pk}/do/rights", {f"role-{role.pk}": "hide"})
    assert answer.status_code == 302, answer.content.decode().split("err")[1][:500]
    ref = card(boss, "own_property", "Mill Lane", own_my_text="Secret brick")
    assert "Secret brick" not in browser(again(mira)).get(f"/properties/{ref.id}").content.decode()
    assert client.post(f"/settings/fields/{row.pk}/do/rights", {f"role-{role.pk}": "write"}).status_code == 302
    role.refresh_from_db()
    assert role.fields == {}
    assert "Secret brick" in browser(again(mira)).get(f"/properties/{ref.id}").content.decode()


def test_order_by_a_click(client: Client) -> None:
    first, second = make(client, "text"), make(client, "date")
    assert client.post(f"/settings/fields/{second.pk}/do/earlier").status_code == 302
    found = CustomField.objects.filter(type_key="own_property").order_by("position").values_list("pk", flat=True)
    assert list(found) == [second.pk, first.pk]
    form = client.get("/properties/new").content.decode()
    assert form.index('"i-own_my_date"') < form.index('"i-own_my_text"')


def test_order_goes_up_and_down_and_the_focus_with_it(client: Client) -> None:
    rows = [make(client, kind) for kind in ("text", "date", "bool")]

    def order() -> list[int]:
        found = CustomField.objects.filter(type_key="own_property").order_by("position").values_list("pk", flat=True)
        return [[row.pk for row in rows].index(key) for key in found]

    answer = client.post(f"/settings/fields/{rows[0].pk}/do/later")
    assert order() == [1, 0, 2]
    page = client.get(answer["Location"]).content.decode()
    focused = [tag for tag in page.split("<") if "autofocus" in tag]
    assert len(focused) == 1
    assert f"/settings/fields/{rows[0].pk}/do/later" in page.split(focused[0])[0][-600:] + focused[0]
    client.post(f"/settings/fields/{rows[0].pk}/do/later")
    answer = client.post(f"/settings/fields/{rows[0].pk}/do/later")  # the last one stays where it is
    assert order() == [1, 2, 0]
    page = client.get(answer["Location"]).content.decode()
    assert f"{rows[0].pk}/do/later" not in page and f"{rows[1].pk}/do/earlier" not in page


def test_values_to_choose_from_go_up_and_down(client: Client) -> None:
    row = make(client, "choice")
    url = f"/settings/fields/{row.pk}/do"
    red, blue = (one["key"] for one in row.choices)
    assert client.post(f"{url}/down?key={red}").status_code == 302
    row.refresh_from_db()
    assert [one["key"] for one in row.choices] == [blue, red]
    client.post(f"{url}/up?key={red}")
    row.refresh_from_db()
    assert [one["key"] for one in row.choices] == [red, blue]


def test_the_same_value_speaks_for_a_duplicate(client: Client, boss: Actor) -> None:
    row = make(client, "taxnumber")
    assert client.post(f"/settings/fields/{row.pk}/do/use", {"required": "", "duplicate": "1"}).status_code == 302
    card(boss, "own_property", "Mill Lane", own_my_taxnumber="7707083893")
    dispatcher.drain()
    box = client.get("/properties/duplicates", {"name": "Other", "own_my_taxnumber-number": "7707083893"})
    assert "Mill Lane" in box.content.decode()
