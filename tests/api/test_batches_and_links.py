"""Acts over many cards taken back, what lies in the trash, links to other cards: each with the token's rights."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from comity.access.actors import Actor
from comity.changes import batch
from comity.changes.batch import StartBatch
from comity.changes.bus import run
from comity.changes.commands import Link
from comity.changes.settings import SaveSetting
from comity.exchange.merging.commands import MergeRecords
from comity.kernel import jobs
from comity.kernel.errors import Invalid
from comity.parties.people.model import Person
from comity.records.models import RecordRef, Relation
from support import fields
from support.house import again, colleague, company, person
from support.imports import loaded, table
from support.programs import program

pytestmark = pytest.mark.django_db
NEVER = UUID(int=7)


def plain(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem without what names the request."""
    return {key: value for key, value in problem.items() if key not in ("instance", "reference")}


# --- many cards ------------------------------------------------------------------------------------------------------


def test_a_bulk_request_is_taken_back_by_its_address(boss: Actor) -> None:
    api = program(boss)
    ann = str(person(boss, "Ann", "Apple").id)
    bea = str(person(boss, "Bea", "Berry").id)
    sent = [
        {"do": "create", "values": {"given_name": "New", "family_name": "One"}},
        {"do": "update", "id": ann, "version": 1, "values": {"position": "Buyer"}},
        {"do": "update", "id": bea, "version": 1, "values": {"position": "Buyer"}},
    ]
    told = api.post("/people/bulk", {"items": sent})
    held = api.get(f"/batches/{told['batch']}")
    assert (held["act"], held["type"], held["state"], held["total"], held["done"]) == ("bulk", "person", "done", 3, 3)
    api.ask("PATCH", f"/people/{bea}", {"version": 2, "position": "Head"})
    back = api.post(f"/batches/{told['batch']}/undo", Idempotency_Key="u")
    assert (back["act"], back["undoes"], back["done"], back["refused"]) == ("undo", told["batch"], 2, 1)
    assert api.post(f"/batches/{told['batch']}/undo", Idempotency_Key="u")["id"] == back["id"]
    api.get(f"/people/{told['items'][0]['id']}", 404)
    assert api.get(f"/people/{ann}")["position"] is None and api.get(f"/people/{bea}")["position"] == "Head"
    assert api.get(f"/batches/{told['batch']}")["state"] == "undone"
    for again_key in ({}, {"Idempotency_Key": "another"}):
        problem = api.post(f"/batches/{told['batch']}/undo", status=409, **again_key)
        assert problem["current"] == {"state": "undone"} and problem["detail"] and problem["title"]
    assert [one["id"] for one in api.get("/batches")["items"]] == [back["id"], told["batch"]]
    assert api.get(f"/people/{ann}/story")["items"][1]["batch"] == told["batch"]


def test_a_large_act_is_taken_back_behind_the_answer(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "AT_ONCE", 1)
    made = [person(boss, "Ann", f"N{number}").id for number in range(3)]
    begun = batch.start(again(boss), StartBatch("person", "update", made, {"values": {"position": "Buyer"}}))
    jobs.run_due()
    api = program(boss)
    back = api.post(f"/batches/{begun.pk}/undo")
    assert (back["state"], back["done"]) == ("running", 0)
    reads, other_type = program(boss, [("person", "read")]), program(boss, [("company", "write")])
    assert reads.get(f"/batches/{back['id']}")["state"] == "running"
    other_type.get(f"/batches/{begun.pk}", 404)
    jobs.run_due()
    assert api.get(f"/batches/{back['id']}")["state"] == "done"
    assert not Person.unguarded.exclude(position="").exists()


def test_a_token_that_reads_takes_nothing_back(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "AT_ONCE", 0)
    ann = person(boss, "Ann", "Apple").id
    begun = batch.start(again(boss), StartBatch("person", "update", [ann], {"values": {"position": "Buyer"}}))
    jobs.run_due()
    program(boss, [("person", "read")]).post(f"/batches/{begun.pk}/undo", status=403)
    jobs.run_due()
    assert Person.unguarded.get().position == "Buyer"


def test_anothers_act_is_not_there(boss: Actor) -> None:
    told = program(boss).post("/people/bulk", {"items": [{"do": "delete", "id": str(NEVER)}]})
    mira = program(colleague("Mira", "all"))
    for method, ending in (("GET", ""), ("POST", "/undo")):
        real, never = (mira.ask(method, f"/batches/{one}{ending}", None, 404) for one in (told["batch"], NEVER))
        assert plain(real) == plain(never)
    assert mira.get("/batches") == {"items": []}


def test_an_import_is_taken_back_by_its_address(boss: Actor) -> None:
    load = loaded(boss, table([["First name", "Last name"], ["Ann", "Apple"], ["Bea", "Berry"]]))
    api = program(boss)
    (held,) = api.get("/batches")["items"]
    assert (held["id"], held["act"], held["type"], held["done"]) == (str(load.batch), "import", "person", 2)
    program(boss, [("person", "write")]).get(f"/batches/{load.batch}", 404)  # it has not the right to import
    program(colleague("Mira", "all")).post(f"/batches/{load.batch}/undo", status=404)
    assert api.post(f"/batches/{load.batch}/undo", Idempotency_Key="i")["state"] == "undoing"
    assert api.post(f"/batches/{load.batch}/undo", Idempotency_Key="i")["state"] == "undoing"
    jobs.run_due()
    assert api.get(f"/batches/{load.batch}")["state"] == "undone" and api.get("/people")["items"] == []
    api.post(f"/batches/{load.batch}/undo", status=409)


@pytest.mark.parametrize("slug", ["batches", "hooks"])
def test_no_type_takes_their_addresses(boss: Actor, slug: str) -> None:
    names = {"label": {"en": "X"}, "plural": {"en": "X"}, "icon": "car", "menu": "clients"}
    with pytest.raises(Invalid):
        run(boss, SaveSetting("type", {"key": "own_x", "slug": slug, **names}))


# --- the trash -------------------------------------------------------------------------------------------------------


def test_the_trash_is_listed_and_taken_out_of(boss: Actor) -> None:
    api = program(boss)
    made = [str(person(boss, name, "Apple").id) for name in ("Ann", "Bea", "Cid")]
    for one in made:
        api.ask("DELETE", f"/people/{one}")
    first = api.get("/people/trash?size=2")
    assert [one["id"] for one in first["items"]] == [made[2], made[1]]
    assert first["items"][0]["deleted_by"] == str(boss.user_id) and first["items"][0]["deleted_at"]
    second = api.get(f"/people/trash?size=2&at={quote(first['next'])}")
    assert [one["id"] for one in second["items"]] == [made[0]] and second["next"] is None
    api.post(f"/people/{made[1]}/restore")
    assert [one["id"] for one in api.get("/people/trash")["items"]] == [made[2], made[0]]
    assert api.get(f"/companies/trash?at={quote(first['next'])}", 422)["fields"]["at"]
    assert api.get(f"/people?at={quote(first['next'])}", 422)["fields"]["at"]
    assert api.get("/people/trash?size=0", 422)["fields"]["size"]


def test_the_trash_shows_what_one_may_restore(boss: Actor) -> None:
    mira = colleague("Mira", "own")
    hers, other = person(mira, "Ann", "Apple"), person(boss, "Zqx", "Secret")
    for one in (hers, other):
        program(boss).ask("DELETE", f"/people/{one.id}")
    told = program(mira).get("/people/trash")
    assert [one["id"] for one in told["items"]] == [str(hers.id)] and "Zqx" not in str(told)
    assert program(boss, [("person", "read")]).get("/people/trash")["items"] == []
    assert "/api/v1/people/trash" not in program(boss, [("person", "read")]).get("/openapi.json")["paths"]
    program(boss, [("company", "write")]).get("/people/trash", 404)


def test_a_merged_card_names_the_one_it_became_part_of(boss: Actor) -> None:
    kept, lost = company(boss, "Orchard"), company(boss, "Orchard Ltd")
    mira, secret = colleague("Mira", "own"), company(boss, "Secret")
    run(again(boss), MergeRecords("company", kept.id, lost.id, 1, 1, {}))
    problem = program(boss).get(f"/companies/{lost.id}", 410, Accept_Language="en")
    assert problem["current"] == {"merged_into": str(kept.id)} and "merged" in problem["title"]
    assert problem["type"] == "/api/docs#problems-merged"
    hidden = program(mira)
    told = [plain(hidden.get(f"/companies/{one}", 404)) for one in (lost.id, secret.id, NEVER)]
    assert told[0] == told[1] == told[2]
    assert program(boss).get("/companies/trash")["items"] == []
    program(boss).post(f"/companies/{lost.id}/restore", status=404)


def test_hidden_trashed_and_missing_cards_answer_alike_at_every_door(boss: Actor) -> None:
    mira = colleague("Mira", "own")
    secret, gone = company(boss, "Secret"), company(boss, "Gone")
    program(boss).ask("DELETE", f"/companies/{gone.id}")
    api = program(mira)
    doors: tuple[tuple[str, str, Any], ...] = (
        ("GET", "", None), ("PATCH", "", {"version": 1, "name": "X"}), ("DELETE", "", None), ("POST", "/restore", {}),
        ("GET", "/story", None), ("GET", "/files", None), ("GET", f"/files/{NEVER}", None),
        ("DELETE", f"/files/{NEVER}", None), ("POST", "/actions/note-write", {"text": "x"}),
        ("GET", "/relations", None), ("POST", "/relations", {"kind": "related", "card": f"company:{NEVER}"}),
        ("DELETE", f"/relations/{NEVER}", None),
    )  # fmt: skip
    for method, ending, body in doors:
        answers = [
            plain(api.ask(method, f"/companies/{one}{ending}", body, 404)) for one in (secret.id, gone.id, NEVER)
        ]
        assert answers[0] == answers[1] == answers[2], (method, ending)


# --- links -----------------------------------------------------------------------------------------------------------


def test_links_are_read_added_and_taken_away(boss: Actor) -> None:
    api = program(boss)
    ann, works = person(boss, "Ann", "Apple"), company(boss, "Orchard")
    path = f"/people/{ann.id}/relations"
    assert api.get(path) == {"items": [], "next": None}
    made = api.post(path, {"kind": "related", "card": f"company:{works.id}", "note": "Neighbours"}, 201)
    assert made["card"] == {"type": "company", "id": str(works.id), "title": "Orchard"} and made["event"]
    (there,) = api.get(f"/companies/{works.id}/relations")["items"]
    assert (there["id"], there["direction"], there["note"]) == (made["id"], "from", "Neighbours")
    changed = api.post(path, {"kind": "related", "card": f"company:{works.id}", "note": "Friends"}, 201)
    assert (changed["id"], changed["note"]) == (made["id"], "Friends")
    gone = api.ask("DELETE", f"{path}/{made['id']}", Idempotency_Key="r")
    assert gone["removed"] and api.ask("DELETE", f"{path}/{made['id']}", Idempotency_Key="r") == gone
    api.ask("DELETE", f"{path}/{made['id']}", None, 404)
    back = api.post(path, {"kind": "related", "card": f"company:{works.id}", "direction": "from"}, 201)
    assert back["direction"] == "from"
    row = Relation.objects.get()
    assert (row.from_id, row.to_id) == (works.id, ann.id)
    told = [one for one in api.get("/types/people")["relations"] if one["kind"] == "related"]
    assert {one["direction"] for one in told} == {"to", "from"} and all(one["label"] for one in told)


def test_links_go_page_by_page(boss: Actor) -> None:
    api = program(boss)
    works = company(boss, "Orchard")
    for number in range(5):
        other = company(boss, f"Works {number}")
        run(again(boss), Link("related", RecordRef("company", works.id), RecordRef("company", other.id)))
    seen: list[str] = []
    place = ""
    for _page in range(3):
        told = api.get(f"/companies/{works.id}/relations?size=2{place and '&at=' + quote(place)}")
        seen += [one["card"]["title"] for one in told["items"]]
        place = told["next"]
    assert seen == [f"Works {number}" for number in range(5)] and place is None
    other_card = company(boss, "Other")
    first = api.get(f"/companies/{works.id}/relations?size=2")["next"]
    assert api.get(f"/companies/{other_card.id}/relations?at={quote(first)}", 422)["fields"]["at"]


def test_links_to_hidden_cards_are_not_there(boss: Actor) -> None:
    mira = colleague("Mira", "own")
    mine, secret = company(mira, "Mine"), company(boss, "Zqxsecret")
    run(again(boss), Link("related", RecordRef("company", mine.id), RecordRef("company", secret.id)))
    row, api = Relation.objects.get(), program(mira)
    told = api.get(f"/companies/{mine.id}/relations?size=1")
    assert told == {"items": [], "next": None}
    real, never = (api.ask("DELETE", f"/companies/{mine.id}/relations/{one}", None, 404) for one in (row.pk, NEVER))
    assert plain(real) == plain(never)
    link = {"kind": "related", "card": ""}
    told = [plain(api.post(f"/companies/{mine.id}/relations", {**link, "card": f"company:{one}"}, 404))
            for one in (secret.id, NEVER)]  # fmt: skip
    assert told[0] == told[1] and Relation.objects.count() == 1


def test_values_of_a_relation_field_are_no_links_beside_it(boss: Actor) -> None:
    fields.kind(boss)
    fields.field(boss, "own_property", "owner", "relation", target="company")
    works = fields.card(boss, "company", "Orchard")
    mill = fields.card(boss, "own_property", "Mill Lane", own_owner=str(works))
    api = program(boss)
    assert api.get(f"/properties/{mill.id}")["own_owner"] == [str(works)]
    assert api.get(f"/properties/{mill.id}/relations")["items"] == []
    sent = {"kind": "own_owner", "card": str(works)}
    assert api.post(f"/properties/{mill.id}/relations", sent, 422)["fields"]["kind"]


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"kind": 7}, "kind"), ({"kind": "no_such"}, "kind"), ({"card": "x"}, "card"), ({"card": "company:x"}, "card"),
        ({"card": None}, "card"), ({"direction": "up"}, "direction"), ({"roles": "x"}, "roles"),
        ({"roles": ["no_such"]}, "roles"), ({"roles": [7]}, "roles"), ({"note": 7}, "note"), ({"more": 1}, "more"),
    ],
)  # fmt: skip
def test_a_link_that_does_not_fit_is_refused_by_name(boss: Actor, more: dict[str, Any], wrong: str) -> None:
    ann, works = person(boss, "Ann", "Apple"), company(boss, "Orchard")
    sent = {"kind": "related", "card": f"company:{works.id}", **more}
    assert list(program(boss).post(f"/people/{ann.id}/relations", sent, 422)["fields"]) == [wrong]
    assert not Relation.objects.exists()


def test_a_token_that_reads_links_nothing(boss: Actor) -> None:
    ann, works = person(boss, "Ann", "Apple"), company(boss, "Orchard")
    run(again(boss), Link("related", RecordRef("person", ann.id), RecordRef("company", works.id)))
    reads = program(boss, [("person", "read"), ("company", "read")])
    (told,) = reads.get(f"/people/{ann.id}/relations")["items"]
    reads.post(f"/people/{ann.id}/relations", {"kind": "related", "card": f"company:{works.id}"}, 403)
    reads.ask("DELETE", f"/people/{ann.id}/relations/{told['id']}", None, 403)
    assert program(boss, [("person", "write")]).get(f"/people/{ann.id}/relations")["items"] == []
