"""What comes by programs is told its likely twins, as a form tells while somebody types."""

import pytest

from comity.access.actors import Actor
from support.house import colleague, company, person
from support.merging import settle
from support.programs import program

pytestmark = pytest.mark.django_db


def test_a_new_card_is_told_its_likely_twins(boss: Actor) -> None:
    firm = company(boss, "Rossi", phones=["+493012345678"])
    anna = person(boss, "Anna", "Beck", phones=["+493012345678"], emails=["anna@beck.example"])
    namesake = person(boss, "Анна", "Бек")
    settle()
    api = program(boss)
    sent = {"given_name": "Anna", "family_name": "Beck", "phones": ["+49 30 12345678"]}
    made = api.post("/people", sent, 201)
    assert [one["id"] for one in made["likely"]] == [str(anna.id), str(namesake.id)]
    first = made["likely"][0]
    assert set(first) == {"id", "type", "title", "score", "why"}
    assert (first["type"], first["title"], first["score"]) == ("person", "Beck Anna", 85)
    assert "likely" not in api.get(f"/people/{made['id']}")
    # A lead may be here already as a person or a company; who is like nobody is told so.
    lead = api.post("/leads", {"contact_name": "Carl", "phones": ["+493012345678"]}, 201)
    assert {one["id"] for one in lead["likely"]} == {str(anna.id), str(firm.id), made["id"]}
    assert api.post("/people", {"given_name": "Ole", "family_name": "Holm"}, 201)["likely"] == []


def test_the_same_request_again_is_no_twin_of_itself(boss: Actor) -> None:
    api, sent = program(boss), {"given_name": "Ann", "family_name": "Apple", "emails": ["ann@apple.example"]}
    once = api.post("/people", sent, 201, Idempotency_Key="one")
    settle()
    again = api.post("/people", sent, 201, Idempotency_Key="one")
    assert again["id"] == once["id"] and again["likely"] == once["likely"] == []


def test_a_twin_is_told_by_fields_read_in_clear_alone(boss: Actor) -> None:
    person(boss, "Anna", "Beck", phones=["+493012345678"])
    settle()
    sent = {"given_name": "Carl", "family_name": "Dorn", "phones": ["+493012345678"]}
    assert program(boss).post("/people", sent, 201)["likely"]
    masked = program(colleague("Masked", "all", {"person": {"phones": "mask"}}))
    masked.post("/people", sent, 422)
    named = masked.post("/people", {"given_name": "Anna", "family_name": "Beck"}, 201)["likely"]
    assert [one["score"] for one in named] == [50] and "12345678" not in str(named)
