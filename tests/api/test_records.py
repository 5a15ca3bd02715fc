"""Cards through the programs' door: lists with filters, order and cursor; made, changed, trashed, restored."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Create, Update
from comity.records import types
from support.house import colleague, company, person
from support.programs import program

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(boss: Actor) -> dict[str, str]:
    """A company and three people, two of whom work there."""
    works = company(boss, "Orchard", country="RU")
    made = {"company": str(works.id)}
    for given, family, at in (("Ann", "Apple", True), ("Bea", "Berry", True), ("Cid", "Cherry", False)):
        more = {"company": str(works.id)} if at else {}
        made[given] = str(person(boss, given, family, position=f"{given} head", **more).id)
    return made


def titles(answer: dict[str, Any]) -> list[str]:
    return [one["title"].split()[0] for one in answer["items"]]


def test_lists_filter_simply_and_by_a_tree(boss: Actor, firm: dict[str, str]) -> None:
    api = program(boss)
    assert titles(api.get("/people?sort=title")) == titles(api.get("/people"))
    assert len(api.get("/people")["items"]) == 3
    ask = {"given_name=Bea": 1, "given_name__is_not=Bea": 2, "position__contains=HEAD": 3, "position__starts=bea": 1,
           f"company={firm['company']}": 2, f"company__none={firm['company']}": 1, "company.name__contains=orch": 2,
           "company__empty=": 1, "owner=me": 3, "created_at__today=": 3}  # fmt: skip
    for query, number in ask.items():
        assert len(api.get(f"/people?{query}")["items"]) == number, query
    where = {"any": [{"field": "given_name", "op": "is", "value": "Ann"},
                     {"field": "given_name", "op": "is", "value": "Cid"}]}  # fmt: skip
    assert len(api.get(f"/people?{urlencode({'where': str(where).replace(chr(39), chr(34))})}")["items"]) == 2
    both = urlencode({"where": str(where).replace("'", '"'), "company": firm["company"]})
    assert [one["id"] for one in api.get(f"/people?{both}")["items"]] == [firm["Ann"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("nonsense=1", "nonsense"), ("given_name__more=1", "given_name__more"), ("where=[1]", "where"),
        ("where={", "where"), ("where=%7B%22field%22%3A%22x%22%7D", "where"), ("sort=phones", "sort"),
        ("size=0", "size"), ("size=201", "size"), ("fields=secret", "fields"), ("include=owner", "include"),
        ("at=forged", "at"), ("created_at=then", "where"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(boss: Actor, query: str, field: str) -> None:
    problem = program(boss).get(f"/people?{query}", 422)
    assert list(problem["fields"]) == [field] and all(problem["fields"][field])


def test_a_cursor_walks_the_whole_list_and_back(boss: Actor, firm: dict[str, str]) -> None:
    api = program(boss)
    first = api.get("/people?size=1&sort=-created_at&count=1")
    assert first["count"] == {"number": 3, "more": False} and first["previous"] is None
    second = api.get(f"/people?size=1&sort=-created_at&at={quote(first['next'])}")
    third = api.get(f"/people?size=1&sort=-created_at&at={quote(second['next'])}")
    assert [one["items"][0]["id"] for one in (first, second, third)] == [firm["Cid"], firm["Bea"], firm["Ann"]]
    assert third["next"] is None
    back = api.get(f"/people?size=1&sort=-created_at&at={quote(third['previous'])}")
    assert back["items"] == second["items"]


def test_a_cursor_of_another_list_or_hand_is_refused(boss: Actor, firm: dict[str, str]) -> None:
    api, mira = program(boss), program(colleague("Mira", "all"))
    given = api.get("/people?size=1")["next"]
    place, _dot, rest = given.partition(".")
    for query in ("&sort=-title", "&given_name__filled=", "&where=%7B%22all%22%3A%5B%5D%7D"):
        problem = api.get(f"/people?size=1{query}&at={quote(given)}", 422)
        assert "filter" in problem["fields"]["at"][0] or "фильтр" in problem["fields"]["at"][0].lower()
    assert api.get(f"/companies?at={quote(given)}", 422)["fields"]["at"]
    assert mira.get(f"/people?size=1&at={quote(given)}", 422)["fields"]["at"]
    forged = place[:-2] + ("AA" if place[-2:] != "AA" else "BB") + "." + rest
    assert api.get(f"/people?size=1&at={quote(forged)}", 422)["fields"]["at"]
    assert api.get("/people?size=1&at=a.b.c", 422)["fields"]["at"]


def test_fields_are_chosen_and_links_come_along(boss: Actor, firm: dict[str, str]) -> None:
    api = program(boss)
    found = api.get(f"/people?fields=position&include=company&company={firm['company']}")
    assert set(found["items"][0]) == {"id", "type", "version", "title", "position"}
    assert list(found["included"]) == ["company"]
    assert found["included"]["company"][firm["company"]]["name"] == "Orchard"
    single = api.get(f"/people/{firm['Ann']}?fields=company&include=company")
    assert single["included"]["company"][firm["company"]]["title"] == "Orchard"
    assert api.get("/people?include=company&given_name=Cid")["included"] == {}


def test_included_cards_are_one_query_a_type(boss: Actor, firm: dict[str, str]) -> None:
    api = program(boss)
    api.get("/people?include=company")

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            api.get("/people?include=company")
        return len(seen)

    before = asked()
    for number in range(6):
        works = company(boss, f"Works {number}")
        person(boss, "Dee", f"Date {number}", company=str(works.id))
    assert len(api.get("/people?include=company")["included"]["company"]) == 7
    assert asked() == before


def test_a_card_from_making_to_restoring(boss: Actor) -> None:
    api = program(boss)
    made = api.post("/people", {"given_name": "Ann", "family_name": "Apple"}, 201)
    place, mark = api.answer["Location"], api.answer["ETag"]
    assert place == f"/api/v1/people/{made['id']}" and mark.startswith('"1.')
    held = api.get(f"/people/{made['id']}")
    assert api.answer["ETag"].startswith('"1.')
    assert api.get(f"/people/{made['id']}", 304, If_None_Match=api.answer["ETag"]) is None
    changed = api.ask("PATCH", f"/people/{made['id']}", {"position": "Buyer"}, If_Match=mark)
    assert (changed["version"], changed["position"], held["position"]) == (2, "Buyer", None)
    assert api.ask("PATCH", f"/people/{made['id']}", {"position": "x"}, 422)["fields"]["version"]
    assert api.ask("PATCH", f"/people/{made['id']}", {"position": "x"}, 422, If_Match='"soon"')["fields"]["version"]
    assert api.ask("PATCH", f"/people/{made['id']}", {"position": "Any"}, If_Match="*")["position"] == "Any"
    assert api.ask("DELETE", f"/people/{made['id']}", None, 409, If_Match='"2"')["current"] == {"version": 3}
    assert api.ask("DELETE", f"/people/{made['id']}")["trashed"] is True
    api.get(f"/people/{made['id']}", 404)
    assert api.post(f"/people/{made['id']}/restore")["title"] == made["title"]
    assert [one["type"] for one in api.get(f"/people/{made['id']}/story")["items"]][:2] == [
        "record.restored", "record.trashed",
    ]  # fmt: skip


def test_a_conflict_tells_both_values(boss: Actor) -> None:
    api, mira = program(boss), colleague("Mira", "all")
    made = run(boss, Create("gadget", {"name": "One", "price": {"amount": "10", "currency": "EUR"}})).record.id
    run(mira, Update("gadget", made, 1, {"price": {"amount": "20.5", "currency": "EUR"}}))
    sent = {"version": 1, "price": {"amount": "30", "currency": "EUR"}}
    problem = api.ask("PATCH", f"/gadgets/{made}", sent, 409)
    assert api.answer["Content-Type"] == "application/problem+json"
    assert problem["current"]["mine"] == {"price": {"amount": "30", "currency": "EUR"}}
    assert problem["current"]["theirs"] == {"price": {"amount": "20.5", "currency": "EUR"}}
    assert problem["current"]["version"] == 2 and problem["current"]["who"]["price"]["user"] == str(mira.user_id)
    other = api.ask("PATCH", f"/gadgets/{made}", {"version": 1, "name": "Two"})
    assert (other["name"], other["version"]) == ("Two", 3)


def test_the_value_of_a_conflict_that_is_hidden_looks_empty(boss: Actor) -> None:
    mira = colleague("Mira", "own")
    mine = company(mira, "Mine")
    secret = company(boss, "Secret")
    made = run(mira, Create("gadget", {"name": "One"})).record.id
    run(boss, Update("gadget", made, 1, {"maker": str(secret.id)}))
    problem = program(mira).ask("PATCH", f"/gadgets/{made}", {"version": 1, "maker": str(mine.id)}, 409)
    assert str(secret.id) not in str(problem)
    assert problem["current"]["theirs"] == {"maker": None} and problem["current"]["mine"] == {"maker": str(mine.id)}


def test_numbers_are_written_as_programs_do_in_any_language(boss: Actor) -> None:
    """An Indonesian would read 1.125 as a thousand; a program means one and an eighth."""
    api = program(colleague("Sari", "all", language="id"))
    for sent in ("1.125", 1.125):
        made = api.post("/gadgets", {"name": "G", "weight": sent, "price": {"amount": sent, "currency": "IDR"}}, 201)
        assert (made["weight"], made["price"]) == ("1.125", {"amount": "1.125", "currency": "IDR"})
    again = api.ask("PATCH", f"/gadgets/{made['id']}", {"version": 1, "weight": made["weight"], "name": "H"})
    assert again["weight"] == "1.125"


def test_a_number_keeps_all_its_digits(boss: Actor) -> None:
    api = program(boss)
    raw = '{"name": "G", "weight": 98765432101234.5678}'
    answer = api.client.generic("POST", "/api/v1/gadgets", raw, content_type="application/json")
    assert answer.json()["weight"] == "98765432101234.5678"
    for bad in ('{"name": "G", "weight": NaN}', '{"weight": 1e999}', "[" * 100_000, "\xff", "[]", '{"a"'):
        answer = api.client.generic("POST", "/api/v1/gadgets", bad.encode("latin-1"), content_type="application/json")
        assert answer.status_code == 422, bad[:20]


def test_no_field_of_any_type_hides_what_every_card_tells(boss: Actor) -> None:
    for record_type in boss.state.record_types.values():
        assert not {"id", "type", "version", "title", "event", "included"} & {spec.key for spec in record_type.specs}
    words = {"me", "types", "users", "teams", "tags", "openapi.json", "docs"}
    assert not words & {one.slug for one in types.all_types()}
