"""A client made by a stock generator from /api/v1/openapi.json works against a running Comity."""

import importlib
import io
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import comity
from support.installation import ADMINISTRATOR, Installation

UNSENT: Any = object()
SOURCE = str(Path(comity.__file__).parent.parent)  # the server is of the code this run tests


@pytest.fixture(scope="module")
def running(make_installation: Callable[..., Installation]) -> Installation:
    return make_installation(PYTHONPATH=SOURCE).init().start()


@pytest.fixture(scope="module")
def token(running: Installation) -> str:
    return running.ok("token", ADMINISTRATOR).strip()


@pytest.fixture(scope="module")
def package(running: Installation, token: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package, importable."""
    folder = tmp_path_factory.mktemp("generated")
    request = urllib.request.Request(f"{running.url}/api/v1/openapi.json", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as answer:
        description = json.load(answer)
    (folder / "openapi.json").write_text(json.dumps(description))
    (folder / "config.yml").write_text("post_hooks: []\n")
    done = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none",
         "--output-path", "comity_client", "--config", "config.yml"],
        cwd=folder, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr, done.stdout[:3000]
    sys.path.insert(0, str(folder))
    yield "comity_client"
    sys.path.remove(str(folder))


def api(package: str, place: str) -> Any:
    return importlib.import_module(f"{package}.{place}")


@pytest.fixture
def client(running: Installation, token: str, package: str) -> Any:
    return api(package, "client").AuthenticatedClient(
        base_url=running.url, token=token, raise_on_unexpected_status=True
    )


@pytest.mark.full
def test_a_person_from_making_to_changing(client: Any, package: str) -> None:
    models, people = api(package, "models"), "api.people."
    new = models.PersonNew(
        given_name="Ann", family_name="Apple", position="Buyer",
        emails=[models.ContactPoint(value="ann@orchard.example", label="work")],
    )  # fmt: skip
    made = api(package, people + "create_person").sync(client=client, body=new, idempotency_key="one")
    again = api(package, people + "create_person").sync(client=client, body=new, idempotency_key="one")
    assert made.id == again.id and made.version == 1 and made.emails[0].value == "ann@orchard.example"
    change = models.PersonChange(version=made.version, position="Head of buying")
    changed = api(package, people + "update_person").sync(made.id, client=client, body=change)
    assert (changed.version, changed.position) == (2, "Head of buying")
    stale = models.PersonChange(version=1, position="Other")
    problem = api(package, people + "update_person").sync(made.id, client=client, body=stale)
    assert problem.status == 409 and problem.current.additional_properties["theirs"] == {"position": "Head of buying"}
    read = api(package, people + "get_person").sync(made.id, client=client)
    assert read.position == "Head of buying" and read.title == made.title
    page = api(package, people + "list_person").sync(client=client, given_name="Ann", size=10)
    assert [one.id for one in page.items] == [made.id] and page.next_ is None
    sort = models.ListPersonSort
    page = api(package, people + "list_person").sync(client=client, sort=sort("-created_at"), fields="position")
    assert page.items[0].position == "Head of buying"
    me = api(package, "api.all_.get_me").sync(client=client)
    assert me.additional_properties["email"] == ADMINISTRATOR
    acted = api(package, people + "note_write_on_person").sync(
        made.id, client=client, body=models.NoteWriteOnPersonBody(text="Called back")
    )
    assert acted.event
    story = api(package, people + "story_person").sync(made.id, client=client)
    assert [one.type_ for one in story.items] == ["note.written", "record.updated", "record.created"]


@pytest.mark.full
def test_a_list_with_a_filter_goes_page_by_page(client: Any, package: str) -> None:
    models, companies = api(package, "models"), "api.companies."
    item, values = models.CompanyBulkItemsItem, models.CompanyBulkItemsItemValues
    items = [item(do=models.CompanyBulkItemsItemDo.CREATE, values=values(name=f"Works {number}", country="DE"))
             for number in range(5)]  # fmt: skip
    items.append(item(do=models.CompanyBulkItemsItemDo.CREATE, values=values(name="Elsewhere", country="FR")))
    items.append(item(do=models.CompanyBulkItemsItemDo.DELETE, id=UUID(int=7)))
    bulk = api(package, companies + "bulk_company")
    told = bulk.sync(client=client, body=models.CompanyBulk(items=items), idempotency_key="bulk")
    assert (told.created, told.refused, told.items[-1].status) == (6, 1, 404)
    assert bulk.sync(client=client, body=models.CompanyBulk(items=items), idempotency_key="bulk").batch == told.batch
    listing, seen, place = api(package, companies + "list_company"), list[str](), UNSENT
    while place is not None:
        more = {} if place is UNSENT else {"at": place}
        page = listing.sync(client=client, country="DE", sort=models.ListCompanySort.TITLE, size=2, **more)
        seen += [one.title for one in page.items]
        place = page.next_
    assert seen == [f"Works {number}" for number in range(5)]
    first = listing.sync(client=client, country="DE", size=2)
    refused = listing.sync(client=client, country="FR", size=2, at=first.next_)
    assert refused.status == 422 and "at" in refused.fields.additional_properties
    stands = api(package, "api.batches.undo_batch").sync(told.batch, client=client)
    assert (stands.done, stands.refused, stands.state) == (6, 0, "done")
    assert listing.sync(client=client, country="DE").items == []
    trash = api(package, companies + "list_trash_company").sync(client=client, size=200)
    assert {one.title for one in trash.items} >= set(seen)
    back = api(package, companies + "restore_company").sync(trash.items[0].id, client=client)
    assert back.id == trash.items[0].id


@pytest.mark.full
def test_actions_files_and_links(client: Any, package: str) -> None:
    models, deals = api(package, "models"), "api.deals."
    types = api(package, "types")
    new = models.DealNew(name="Roof", amount=models.MoneyGiven(amount="1250.50", currency="EUR"))
    deal = api(package, deals + "create_deal").sync(client=client, body=new)
    assert (deal.amount.amount, deal.stage) == ("1250.5", "new")
    moved = api(package, deals + "move_on_deal").sync(
        deal.id, client=client, body=models.MoveOnDealBody(stage="qualified", version=deal.version)
    )
    assert moved.card.stage == "qualified" and moved.event
    sent = types.File(payload=io.BytesIO(b"Dear Ann"), file_name="letter.txt", mime_type="text/plain")
    upload = api(package, deals + "upload_files_deal")
    files = upload.sync(deal.id, client=client, body=models.UploadFilesDealBody(file=[sent], kind=""))
    assert (files.items[0].name, files.items[0].size) == ("letter.txt", 8)
    got = api(package, deals + "download_file_deal").sync(deal.id, files.items[0].id, client=client)
    assert got.payload.read() == b"Dear Ann"
    works = api(package, "api.companies.create_company").sync(client=client, body=models.CompanyNew(name="Neighbours"))
    link = models.RelationNew(kind="related", card=f"company:{works.id}", note="Next door")
    made = api(package, deals + "add_relation_deal").sync(deal.id, client=client, body=link)
    assert (made.card.title, made.direction) == ("Neighbours", "to")
    (there,) = api(package, "api.companies.list_relations_company").sync(works.id, client=client).items
    assert (there.id, there.direction) == (made.id, "from")
    assert api(package, deals + "remove_relation_deal").sync(deal.id, made.id, client=client).removed
    gone = api(package, deals + "trash_deal").sync(deal.id, client=client)
    assert gone.trashed and api(package, deals + "get_deal").sync(deal.id, client=client).status == 404


@pytest.mark.full
def test_hooks_are_described(client: Any, package: str) -> None:
    models, hooks = api(package, "models"), "api.hooks."
    events = api(package, hooks + "list_hook_events").sync(client=client)
    assert "record.created" in {one.additional_properties["key"] for one in events.items}
    (sample, *_more) = api(package, hooks + "list_hook_samples").sync("record.created", client=client)
    assert sample.type_ == "record.created"
    subscribe = api(package, hooks + "subscribe_hook")
    private = models.HookNew(hook_url="https://127.0.0.1/in", event="record.created")
    refused = subscribe.sync(client=client, body=private)
    assert refused.status == 422 and "hookUrl" in refused.fields.additional_properties
    assert api(package, hooks + "list_hooks").sync(client=client).items == []
    assert api(package, hooks + "get_hook").sync(UUID(int=7), client=client).status == 404
