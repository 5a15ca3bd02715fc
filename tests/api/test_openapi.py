"""What describes the interface is made from the types in force, for its reader: the document, /types, the page."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from comity.access import policy
from comity.access.actors import Actor
from comity.api import openapi
from comity.api.urls import urlpatterns
from comity.changes.bus import run
from comity.changes.settings import SaveSetting
from support.browser import browser
from support.house import again, colleague
from support.programs import program

pytestmark = pytest.mark.django_db


def schema_of(actor: Actor) -> dict[str, Any]:
    found: dict[str, Any] = program(actor).get("/openapi.json")
    return found


def test_every_type_with_all_its_fields_and_doors(boss: Actor) -> None:
    made = schema_of(boss)
    assert made["openapi"].startswith("3.1") and made["servers"] == [{"url": "http://localhost"}]
    parts = made["components"]["schemas"]
    for record_type in again(boss).state.record_types.values():
        root = f"/api/v1/{record_type.slug}"
        assert set(made["paths"][root]) == {"get", "post"}
        assert {"get", "patch", "delete", "parameters"} == set(made["paths"][f"{root}/{{id}}"])
        name = openapi.schemas.name_of(record_type)
        shown = {spec.key for spec, _level in policy.shown_fields(again(boss), record_type)}
        assert shown <= set(parts[name]["properties"])
        written = {spec.key for spec, level in policy.shown_fields(again(boss), record_type) if level == "write"}
        assert set(parts[f"{name}New"]["properties"]) == written
    operations = [one["operationId"] for methods in made["paths"].values() for key, one in methods.items()
                  if key != "parameters"]  # fmt: skip
    assert len(operations) == len(set(operations)) > 100


def test_every_address_of_the_description_is_there(boss: Actor) -> None:
    """No 404 of an unknown address, no 405: each path and method leads to a view of its own."""
    from django.urls import resolve

    made = schema_of(boss)
    key = "0190a0b0-0000-7000-8000-000000000000"
    api = program(boss)
    for path, methods in made["paths"].items():
        address = re.sub(r"\{\w+\}", key, path)
        resolve(address)
        answer = api.client.generic("PUT", address)
        assert {one.upper() for one in methods if one != "parameters"} <= set(answer["Allow"].split(", ")), path


def test_every_address_of_the_door_is_in_the_description(boss: Actor) -> None:
    """Nothing answers that is not described, but for the description itself."""
    told = {re.sub(r"\{\w+\}", "{}", path.replace("/people", "/{}")): methods
            for path, methods in schema_of(boss)["paths"].items()}  # fmt: skip
    told["/api/v1/{}/{}/actions/{}"] = told["/api/v1/{}/{}/actions/note-write"]
    api = program(boss)
    for pattern in addresses(urlpatterns, "/api/"):
        if not pattern.startswith("/api/v1/") or pattern in ("/api/v1/openapi.json", "/api/v1/types/{}"):
            continue
        address = pattern.replace("/api/v1/{}", "/api/v1/people").replace("/actions/{}", "/actions/note-write")
        answer = api.client.generic("PUT", address.replace("{}", str(UUID(int=1))))
        assert pattern in told and {one.lower() for one in answer["Allow"].split(", ")} <= told[pattern].keys(), pattern


def addresses(patterns: Any, before: str = "/") -> Iterator[str]:
    """The addresses of a list of patterns, with {} for what they take."""
    for one in patterns:
        here = before + re.sub(r"<[^>]+>", "{}", str(one.pattern))
        if hasattr(one, "url_patterns"):
            yield from addresses(one.url_patterns, here)
        else:
            yield here


def test_what_he_may_not_see_is_not_in_it(boss: Actor) -> None:
    narrow = colleague("Mira", "own", {"person": {"about": "hide", "phones": "mask", "position": "read"}})
    made = schema_of(narrow)
    person = made["components"]["schemas"]["Person"]["properties"]
    assert "about" not in person and "about" not in str(made["paths"]["/api/v1/people"]["get"]["parameters"])
    assert person["phones"]["items"] == {"$ref": "#/components/schemas/MaskedPoint"}
    new = made["components"]["schemas"]["PersonNew"]["properties"]
    assert not {"about", "phones", "position"} & set(new) and "given_name" in new
    told = {one["key"]: one for one in program(narrow).get("/types/people")["fields"]}
    assert "about" not in told and told["phones"]["level"] == "mask" and told["phones"]["operators"] == []
    nobody = colleague("Nobody", "none")
    assert not [path for path in schema_of(nobody)["paths"] if path.startswith("/api/v1/people")]
    assert program(nobody).get("/types")["items"] == [] and program(nobody).get("/people", 404)


def test_a_new_field_and_a_new_type_are_in_it_at_once(boss: Actor) -> None:
    label = {"en": "Shoe size", "ru": "Размер"}
    run(boss, SaveSetting("field", {"type_key": "person", "key": "own_shoe", "kind": "integer", "unit": "pieces",
                                    "label": label}))  # fmt: skip
    boss = again(boss)
    api = program(boss)
    told = {one["key"]: one for one in api.get("/types/people", Accept_Language="en")["fields"]}
    assert (told["own_shoe"]["label"], told["own_shoe"]["unit"]["key"]) == ("Shoe size", "pieces")
    assert schema_of(boss)["components"]["schemas"]["Person"]["properties"]["own_shoe"]["title"] == "Размер"
    made = api.post("/people", {"given_name": "Ann", "family_name": "Apple", "own_shoe": 38}, 201)
    assert made["own_shoe"] == 38
    assert [one["id"] for one in api.get("/people?own_shoe=38")["items"]] == [made["id"]]
    assert api.get("/people?own_shoe__more=38")["items"] == []


def test_cards_of_a_type_of_the_firms_own_go_through_every_door(boss: Actor) -> None:
    names = {"label": {"en": "Vehicle"}, "plural": {"en": "Vehicles"}, "icon": "car", "menu": "clients"}
    run(boss, SaveSetting("type", {"key": "own_vehicle", "slug": "vehicles", **names}))
    run(again(boss), SaveSetting("field", {"type_key": "own_vehicle", "key": "own_seats", "kind": "integer",
                                           "unit": "pieces", "label": {"en": "Seats"}}))  # fmt: skip
    api = program(again(boss))
    made = schema_of(again(boss))
    assert "own_seats" in made["components"]["schemas"]["OwnVehicle"]["properties"]
    assert "/api/v1/vehicles/{id}/actions/note-write" in made["paths"]
    car = api.post("/vehicles", {"name": "Bus", "own_seats": 40}, 201)
    car = api.ask("PATCH", f"/vehicles/{car['id']}", {"version": 1, "own_seats": 42})
    assert (car["type"], car["own_seats"]) == ("own_vehicle", 42)
    api.post("/vehicles/bulk", {"items": [{"do": "create", "values": {"name": "Van", "own_seats": 9}}]})
    assert [one["title"] for one in api.get("/vehicles?own_seats__more=10&sort=title&count=1")["items"]] == ["Bus"]
    assert [one["title"] for one in api.get("/vehicles?sort=-title")["items"]] == ["Van", "Bus"]
    api.post(f"/vehicles/{car['id']}/actions/note-write", {"text": "Washed"})
    assert api.get(f"/vehicles/{car['id']}/story")["items"][0]["type"] == "note.written"
    assert program(colleague("Mira", "own")).get("/vehicles")["items"] == []
    assert not program(again(boss), [("person", "write")]).get("/vehicles", 404).get("items")


@pytest.mark.parametrize("slug", ["me", "types", "users", "teams", "tags"])
def test_no_type_takes_an_address_of_the_door(boss: Actor, slug: str) -> None:
    from comity.kernel.errors import Invalid

    names = {"label": {"en": "X"}, "plural": {"en": "X"}, "icon": "car", "menu": "clients"}
    with pytest.raises(Invalid):
        run(boss, SaveSetting("type", {"key": "own_x", "slug": slug, **names}))


def test_types_tell_choices_and_units(boss: Actor) -> None:
    told = {one["key"]: one for one in program(boss).get("/types/gadgets", Accept_Language="ru")["fields"]}
    assert told["size"]["choices"][0] == {"value": "small", "label": "Малый", "retired": False}
    assert told["weight"]["unit"]["key"] == "kilogram" and told["maker"]["target"]["slug"] == "companies"
    assert told["name"]["required"] == "always" and told["name"]["sortable"] and "starts" in told["name"]["operators"]


def test_lists_for_dropdowns(boss: Actor) -> None:
    api = program(boss)
    assert api.get("/users")["items"][0]["name"] == "Boss"
    assert api.get("/teams")["items"] == [] and api.get("/tags")["items"] == []


def test_the_page_tells_it_with_examples(boss: Actor) -> None:
    client = browser(boss)
    index = client.get("/api/docs")
    text = index.content.decode()
    assert index.status_code == 200 and "curl http://localhost/api/v1/me" in text and "openapi.json" in text
    for record_type in again(boss).state.record_types.values():
        page = client.get(f"/api/docs/{record_type.slug}").content.decode()
        assert f"/api/v1/{record_type.slug}/bulk" in page, record_type.key
    page = client.get("/api/docs/deals").content.decode()
    assert "/actions/lose" in page and "lost_reason" in page and "&#34;reason&#34;" in page
    narrow = browser(colleague("Mira", "own", {"deal": {"amount": "hide"}}))
    assert "amount" not in narrow.get("/api/docs/deals").content.decode()
    assert browser(colleague("Nobody", "none")).get("/api/docs/deals").status_code == 404
