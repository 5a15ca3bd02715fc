"""Many changes in one request, actions, files: each with the token's rights, each answered in words."""

from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.access.actors import Actor
from comity.changes import actions, batch, bulk
from comity.changes.bus import run
from comity.changes.commands import Create
from comity.changes.models import Batch
from comity.parties.people.model import Person
from comity.timeline.models import Event
from support.house import again, colleague, company, person
from support.programs import program

pytestmark = pytest.mark.django_db


def make(name: str) -> dict[str, Any]:
    return {"do": "create", "values": {"given_name": name, "family_name": "Bulk"}}


def test_each_of_many_changes_is_answered_for_itself(boss: Actor) -> None:
    ann, bea, cid = (str(person(boss, name, "Apple").id) for name in ("Ann", "Bea", "Cid"))
    api = program(boss)
    api.ask("DELETE", f"/people/{cid}")
    sent = [
        make("New"), {"do": "update", "id": ann, "version": 1, "values": {"position": "Buyer"}},
        {"do": "update", "id": ann, "version": 1, "values": {"position": "Seller"}},
        {"do": "create", "values": {"no_such": 1}}, {"do": "delete", "id": bea}, {"do": "restore", "id": cid},
        {"do": "delete", "id": ann, "version": 1}, {"do": "update", "id": str(UUID(int=1)), "version": 1, "values": {}},
    ]  # fmt: skip
    told = api.post("/people/bulk", {"items": sent})
    assert [one["status"] for one in told["items"]] == [201, 200, 409, 422, 200, 200, 409, 404]
    assert {key: told[key] for key in ("created", "updated", "deleted", "restored", "refused")} == {
        "created": 1, "updated": 1, "deleted": 1, "restored": 1, "refused": 4,
    }  # fmt: skip
    assert told["items"][0]["card"]["given_name"] == "New"
    assert told["items"][2]["problem"]["current"]["theirs"] == {"position": "Buyer"}
    assert list(told["items"][3]["problem"]["fields"]) == ["no_such"]
    assert set(Event.objects.filter(batch_id=told["batch"]).values_list("type", flat=True)) == {
        "record.created", "record.updated", "record.trashed", "record.restored",
    }  # fmt: skip


def test_a_request_sent_again_is_carried_out_once(boss: Actor) -> None:
    api, sent = program(boss), {"items": [make("One"), make("Two")]}
    first = api.post("/people/bulk", sent, Idempotency_Key="load")
    assert api.post("/people/bulk", sent, Idempotency_Key="load") == first
    assert Person.unguarded.count() == 2
    api.post("/people/bulk", {"items": [make("Other")]}, 409, Idempotency_Key="load")


def test_a_request_that_broke_off_goes_on_where_it_stopped(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    api, sent = program(boss), {"items": [make(f"N{number}") for number in range(7)]}
    monkeypatch.setattr(bulk, "CHUNK", 3)
    real, seen = bulk._one, list[int]()

    def dies(*given: Any) -> Any:
        seen.append(1)
        if len(seen) == 5:
            raise RuntimeError("the process is killed")
        return real(*given)

    monkeypatch.setattr(bulk, "_one", dies)
    assert api.post("/people/bulk", sent, 500, Idempotency_Key="k")["reference"]
    assert Person.unguarded.count() == 3
    told = api.post("/people/bulk", sent, Idempotency_Key="k")
    assert told["created"] == 7 and Person.unguarded.count() == 7
    assert len({one["id"] for one in told["items"]}) == 7


def test_a_thousand_go_in_one_request_and_no_more(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    api = program(boss)
    assert api.post("/people/bulk", {"items": [make("x")] * 1001}, 422)["fields"]["items"]
    monkeypatch.setattr(bulk, "_one", lambda actor, batch, item, tell: {"do": "create", "status": 422})
    assert api.post("/people/bulk", {"items": [make("x")] * 1000})["refused"] == 1000


@pytest.mark.parametrize(
    "items",
    [None, [], {}, [1], [{"do": "sing"}], [{"do": "update", "id": str(UUID(int=1))}], [{"do": "delete"}],
     [{"do": "delete", "id": 7}], [{"do": "create", "values": []}], [{"do": "delete", "id": "x", "version": True}]],
)  # fmt: skip
def test_what_can_not_be_read_changes_nothing(boss: Actor, items: Any) -> None:
    assert program(boss).post("/people/bulk", {"items": items}, 422)["fields"]
    assert not Batch.objects.exists()


def test_all_of_it_is_taken_back_at_once(boss: Actor) -> None:
    api = program(boss)
    ann = str(person(boss, "Ann", "Apple").id)
    sent = [make("New"), {"do": "update", "id": ann, "version": 1, "values": {"position": "Buyer"}}]
    told = api.post("/people/bulk", {"items": sent})
    batch.undo(again(boss), UUID(told["batch"]))
    api.get(f"/people/{told['items'][0]['id']}", 404)
    assert api.get(f"/people/{ann}")["position"] is None


def test_bulk_tells_nothing_of_what_is_hidden(boss: Actor) -> None:
    secret, never = str(person(boss, "Zqx", "Secret").id), str(UUID(int=5))
    api = program(colleague("Mira", "own"))
    sent = [{"do": do, "id": one, "version": 1, "values": {}} for one in (secret, never)
            for do in ("update", "delete", "restore")]  # fmt: skip
    told = api.post("/people/bulk", {"items": sent})
    plain = [{**one, "id": "", "problem": {**one["problem"], "reference": ""}} for one in told["items"]]
    assert plain[:3] == plain[3:] and "Zqx" not in str(told) and told["refused"] == 6


# --- actions ---------------------------------------------------------------------------------------------------------


def test_every_automatable_command_of_a_card_is_an_action(boss: Actor) -> None:
    assert {"move", "win", "lose", "reopen", "note-write", "relation-set"} <= set(actions.of_type("deal"))
    assert {"qualify", "answer", "refuse", "convert", "reopen"} <= set(actions.of_type("lead"))
    assert {"finish", "move", "give", "drop", "reopen", "help"} <= set(actions.of_type("task"))
    assert set(actions.of_type("gadget")) == {"polish", "note-write", "relation-set", "access-open", "data-erase"}
    told = {one["name"]: one for one in program(boss).get("/types/deals")["actions"]}
    assert told["lose"]["inputs"][1] == {"key": "reason", "kind": "text", "required": True, "nullable": False}


def test_a_deal_goes_its_way_by_actions(boss: Actor) -> None:
    api = program(boss)
    deal = api.post("/deals", {"name": "Roof", "amount": {"amount": "1000", "currency": "RUB"}}, 201)
    path = f"/deals/{deal['id']}/actions"
    moved = api.post(f"{path}/move", {"stage": "qualified", "version": deal["version"]})
    assert moved["card"]["stage"] == "qualified" and moved["event"]
    assert api.post(f"{path}/move", {"stage": "meeting", "version": 1}, 409)["current"]["version"]
    problem = api.post(f"{path}/lose", {}, 422)
    assert list(problem["fields"]) == ["reason"]
    assert api.post(f"{path}/lose", {"reason": "nonsense"}, 422)["fields"]["reason"]
    reason = api.get("/types/deals")["fields"]
    value = next(one for one in reason if one["key"] == "lost_reason")["choices"]
    lost = api.post(f"{path}/lose", {"reason": next(one["value"] for one in value if one["value"] != "competitor")})
    assert lost["card"]["state"] == "lost"
    assert api.post(f"{path}/reopen", If_Match=f'"{lost["card"]["version"]}"')["card"]["state"] == "open"
    for name in ("sing", "create", "update", "polish", "move-"):
        api.post(f"{path}/{name}", {}, 404)


def test_a_lead_becomes_clients_and_a_deal(boss: Actor) -> None:
    api = program(boss)
    lead = api.post("/leads", {"contact_name": "Ann Apple", "company_name": "Orchard"}, 201)
    sent = {"person": "new", "company": "new", "deal": {"name": "Roof", "amount": {"amount": "1.5"}}}
    made = api.post(f"/leads/{lead['id']}/actions/convert", sent, Idempotency_Key="c")
    assert api.get(f"/deals/{made['data']['deal']}")["amount"] == {"amount": "1.5", "currency": "RUB"}
    assert api.post(f"/leads/{lead['id']}/actions/convert", sent, Idempotency_Key="c")["data"] == made["data"]
    assert api.get(f"/people/{made['data']['person']}")["company"] == made["data"]["company"]


def test_notes_and_links_are_actions_of_every_card(boss: Actor) -> None:
    api = program(boss)
    ann, works = person(boss, "Ann", "Apple"), company(boss, "Orchard")
    api.post(f"/people/{ann.id}/actions/note-write", {"text": "Called back"})
    api.post(f"/people/{ann.id}/actions/relation-set", {"kind": "related", "to_ref": f"company:{works.id}"})
    told = [one["type"] for one in api.get(f"/people/{ann.id}/story")["items"]]
    assert told[:2] == ["relation.set", "note.written"]
    for wrong in ({"text": 1}, {"text": ""}, {}, {"text": "x", "mentions": ["x"]}, {"text": "x", "more": 1}):
        assert api.post(f"/people/{ann.id}/actions/note-write", wrong, 422)["fields"]


def test_actions_on_hidden_cards_are_not_there(boss: Actor) -> None:
    made = run(boss, Create("gadget", {"name": "One"})).record.id
    api = program(colleague("Mira", "own"))
    hidden, never = (api.post(f"/gadgets/{one}/actions/polish", {}, 404) for one in (made, UUID(int=7)))
    hidden.pop("instance"), never.pop("instance"), hidden.pop("reference"), never.pop("reference")
    assert hidden == never
    shown = program(colleague("Reader", "all"))
    assert shown.post(f"/gadgets/{made}/actions/polish")["event"]


# --- files -----------------------------------------------------------------------------------------------------------


def test_files_come_and_go(boss: Actor) -> None:
    api = program(boss)
    ann = person(boss, "Ann", "Apple")
    path = f"/api/v1/people/{ann.id}/files"

    def send(**headers: str) -> Any:
        file = SimpleUploadedFile("letter.txt", b"Dear Ann")
        return api.client.post(path, {"file": file, "kind": "brief"}, headers=headers)

    first = send(**{"Idempotency-Key": "f"})
    assert first.status_code == 201
    made = first.json()["items"][0]
    assert (made["name"], made["kind"], made["size"]) == ("letter.txt", "brief", 8)
    assert send(**{"Idempotency-Key": "f"}).json()["items"][0]["id"] == made["id"]
    assert [one["id"] for one in api.get(f"/people/{ann.id}/files")["items"]] == [made["id"]]
    answer = api.client.get(made["url"])
    assert b"".join(answer.streaming_content) == b"Dear Ann" and "attachment" in answer["Content-Disposition"]
    other = person(boss, "Bea", "Berry")
    api.get(f"/people/{other.id}/files/{made['id']}", 404)
    hidden = program(colleague("Mira", "own"))
    hidden.get(f"/people/{ann.id}/files", 404)
    hidden.get(f"/people/{ann.id}/files/{made['id']}", 404)
    reads = program(boss, [("person", "read")])
    assert reads.client.post(path, {"file": SimpleUploadedFile("x.txt", b"x")}).status_code == 403
    assert api.ask("DELETE", f"/people/{ann.id}/files/{made['id']}")["removed"]
    api.get(f"/people/{ann.id}/files/{made['id']}", 404)


def test_an_upload_that_is_none_is_refused(boss: Actor) -> None:
    api, ann = program(boss), person(boss, "Ann", "Apple")
    path = f"/api/v1/people/{ann.id}/files"
    assert api.client.post(path, {}).status_code == 422
    assert api.client.post(path, {"file": SimpleUploadedFile("x.txt", b"x"), "kind": "nonsense"}).status_code == 422
    for kind, body in (("multipart/form-data", b"x"), ("multipart/form-data; boundary=b", b"--b\r\nbad"), ("x/y", b"")):
        answer = api.client.generic("POST", path, body, content_type=kind)
        assert answer.status_code == 422, kind
