"""Filters over a link and over what is counted: chosen in the editor, told in chips, judged with one's own eyes."""

from typing import Any

import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Create, Update
from comity.changes.settings import SaveSetting
from comity.records.models import CustomField
from support import fields
from support.browser import browser
from support.formulas import formula, settle
from support.house import again, colleague

pytestmark = pytest.mark.django_db


@pytest.fixture
def firms(boss: Actor) -> dict[str, Any]:
    """Two firms with a person each; a roll-up of people on the firm."""
    fields.field(boss, "company", "floors", "integer", unit="pieces")
    formula(boss, "company", "heads", "count(person)")
    found = {}
    for name, floors, family in (("Rossi", 3, "Bianchi"), ("Weber", 40, "Kranz")):
        found[name] = run(again(boss), Create("company", {"name": name, "own_floors": floors})).record
        values = {"family_name": family, "company": str(found[name].id)}
        found[family] = run(again(boss), Create("person", values)).record
    run(again(boss), Create("person", {"family_name": "Zweig", "company": str(found["Weber"].id)}))
    settle()
    return found


def shown(client: Client, slug: str, field: str, op: str, value: str) -> str:
    answer = client.get(f"/{slug}/", {"match": "all", "f-0": field, "op-0": op, "v-0": value})
    assert answer.status_code == 200
    return answer.content.decode()


def test_people_by_a_field_of_their_firm(boss: Actor, firms: dict[str, Any]) -> None:
    client = browser(again(boss))
    editor = client.get("/people/filter").content.decode()
    for key in ("company.country", "company.own_floors", "company.own_heads"):
        assert f'value="{key}"' in editor, key
    page = shown(client, "people", "company.own_floors", "more", "10")
    assert "Kranz" in page and "Bianchi" not in page
    assert "own_floors" in page and "Floors" in page  # the chip names the field and leads back to the editor
    query = {"match": "all", "f-0": "company.own_floors", "op-0": "more", "v-0": "10"}
    again_editor = client.get("/people/filter", query).content.decode()
    assert '<option value="company.own_floors" selected' in again_editor and 'value="10"' in again_editor


def test_by_what_is_counted_here_and_over_the_link(boss: Actor, firms: dict[str, Any]) -> None:
    client = browser(again(boss))
    assert 'value="own_heads"' in client.get("/companies/filter").content.decode()
    page = shown(client, "companies", "own_heads", "more", "1")
    assert "Weber" in page and "Rossi" not in page
    page = shown(client, "people", "company.own_heads", "is", "1")
    assert "Bianchi" in page and "Kranz" not in page


def test_a_view_keeps_it(boss: Actor, firms: dict[str, Any]) -> None:
    where = {"all": [{"field": "company.own_floors", "op": "less", "value": "10"}]}
    run(again(boss), SaveSetting("view", {"type_key": "person", "name": "Low", "where": where, "shared": True}))
    client = browser(again(boss))
    page = client.get("/people/").content.decode()
    link = next(part.split('"')[0] for part in page.split('href="') if part.split('"')[0].startswith("/people/?view="))
    seen = client.get(link.replace("&amp;", "&")).content.decode()
    assert "Low" in page and seen


def test_a_hidden_field_and_a_hidden_firm_tell_nothing(boss: Actor, firms: dict[str, Any]) -> None:
    mira = colleague("mira", "all", fields={"company": {"own_floors": "hide"}})
    client = browser(again(mira))
    assert "company.own_floors" not in client.get("/people/filter").content.decode()
    page = shown(client, "people", "company.own_floors", "more", "10")  # no such field for her: it is left out
    assert "Kranz" in page and "Bianchi" in page
    nils = colleague("nils", "own")
    run(again(boss), Update("person", firms["Kranz"].id, 0, {"owner": str(nils.user_id)}))
    page = shown(browser(again(nils)), "people", "company.own_floors", "more", "10")
    assert "Kranz" not in page


def test_only_what_a_path_may_be(boss: Actor, firms: dict[str, Any]) -> None:
    client = browser(again(boss))
    for path in ("company.", ".name", "company.nothing", "owner.name", "company.owner.name", "nothing.name"):
        page = shown(client, "people", path, "is", "x")
        assert "Kranz" in page, path


def test_how_far_the_counting_is_stands_on_the_fields_page(boss: Actor, firms: dict[str, Any]) -> None:
    formula(boss, "person", "twice", "1 + 1")
    row = CustomField.objects.get(key="own_twice")
    client = browser(again(boss))
    told = client.get(f"/settings/fields/{row.pk}").content.decode()
    running = [one for one in told.split("<") if "0" in one and "3" in one and "из" in one]
    assert running
    settle()
    assert not [one for one in client.get(f"/settings/fields/{row.pk}").content.decode().split("<")
                if "0" in one and "3" in one and "из" in one]  # fmt: skip
