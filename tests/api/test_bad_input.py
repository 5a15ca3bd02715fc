"""What is too large, too deep or not meant: refused by name, nothing written."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.access.actors import Actor
from comity.parties.people.model import Person
from comity.records import conditions
from support.house import person
from support.programs import program

pytestmark = pytest.mark.django_db


def where(tree: Any) -> str:
    return "/people?where=" + quote(json.dumps(tree))


def leaves(number: int) -> list[dict[str, Any]]:
    return [{"field": "given_name", "op": "is", "value": f"N{one}"} for one in range(number)]


def test_a_body_that_is_too_large_is_refused_and_nothing_written(boss: Actor, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 20_000
    api = program(boss)
    large = {"given_name": "Ann", "family_name": "Apple", "about": "x" * 30_000}
    assert api.post("/people", large, 413)["type"] == "/api/docs#problems-too-large"
    api.post("/people/bulk", {"items": [{"do": "create", "values": large}]}, 413)
    assert not Person.unguarded.exists()
    assert api.post("/people", {"given_name": "Ann", "family_name": "Apple"}, 201)


def test_a_file_that_is_too_large_is_refused(boss: Actor, settings: Any) -> None:
    settings.FILE_LIMIT = 1000
    api, ann = program(boss), person(boss, "Ann", "Apple")
    sent = {"file": SimpleUploadedFile("large.bin", b"x" * 2000)}
    assert api.client.post(f"/api/v1/people/{ann.id}/files", sent).status_code == 413
    assert api.get(f"/people/{ann.id}/files")["items"] == []


def test_conditions_that_are_too_deep_or_too_many_are_refused(boss: Actor) -> None:
    api = program(boss)
    deep: Any = leaves(1)[0]
    for _level in range(200):
        deep = {"not": deep}
    assert api.get(where(deep), 422)["fields"]["where"]
    assert api.get(where({"any": leaves(conditions.MAX_NODES + 1)}), 422)["fields"]["where"]
    assert api.get("/people?where=" + "[" * 5000, 422)["fields"]["where"]
    assert api.get("/people?" + "&".join(["given_name=x"] * (conditions.MAX_NODES + 1)), 422)["fields"]["where"]
    assert api.get(where({"any": leaves(conditions.MAX_NODES - 2)}))["items"] == []


def test_more_filters_than_anybody_asks_are_refused(boss: Actor) -> None:
    answer = program(boss).client.get("/api/v1/people?" + "&".join(f"given_name={one}" for one in range(3000)))
    assert answer.status_code in (413, 422) and answer["Content-Type"] == "application/problem+json"


def test_a_filter_with_many_values_is_answered(boss: Actor) -> None:
    ann = person(boss, "Ann", "Apple")
    owners = ",".join([str(boss.user_id), *(str(ann.id)[:-4] + f"{one:04x}" for one in range(150))])
    assert len(program(boss).get(f"/people?owner={owners}")["items"]) == 1


@pytest.mark.parametrize("path", ["/people?given_name=%00", "/people?q=%00", "/people?sort=%00", "/people?at=%00",
                                  "/people?where=%00", "/people/trash?at=%00", "/hooks/samples/%00"])  # fmt: skip
def test_zero_bytes_are_no_way_in(boss: Actor, path: str) -> None:
    api = program(boss)
    answer = api.client.get(f"/api/v1{path}")
    assert answer.status_code in (200, 404, 422), (path, answer.status_code)


@pytest.mark.parametrize("key", ["k" * 5000, "ключ", "a\tb"])
def test_odd_idempotency_keys_work_or_are_refused(boss: Actor, key: str) -> None:
    api, sent = program(boss), {"given_name": "Ann", "family_name": "Apple"}
    for _time in range(2):
        body = json.dumps(sent)
        answer = api.client.post(
            "/api/v1/people", body, content_type="application/json", headers={"Idempotency-Key": key}
        )
        assert answer.status_code in (201, 422)
    assert Person.unguarded.count() <= 1


def test_a_key_of_one_act_is_none_of_another(boss: Actor) -> None:
    api, ann = program(boss), person(boss, "Ann", "Apple")
    sent = {"items": [{"do": "update", "id": str(ann.id), "version": 1, "values": {"position": "Buyer"}}]}
    told = api.post("/people/bulk", sent, Idempotency_Key="one")
    other = api.post("/people/bulk", sent, Idempotency_Key="two")
    api.post(f"/batches/{told['batch']}/undo", Idempotency_Key="three")
    api.post(f"/batches/{other['batch']}/undo", status=409, Idempotency_Key="three")
    api.post(f"/batches/{told['batch']}/undo", status=409, Idempotency_Key="one")


def test_every_answer_tells_what_is_left_of_the_rate(boss: Actor, settings: Any, stopped_clock: Any) -> None:
    settings.API_RATE = 10
    api = program(boss)
    asked = (("GET", "/me", 200), ("GET", "/nothing", 404), ("POST", "/people", 422), ("PUT", "/people", 405),
             ("GET", "/people?at=x", 422), ("GET", "/batches", 200), ("DELETE", "/hooks", 405))  # fmt: skip
    for left, (method, path, status) in enumerate(asked):
        api.ask(method, path, None if method == "GET" else {}, status)
        assert api.answer["RateLimit-Remaining"] == str(9 - left), path
