"""Files in fields of a card: sent with the form or in their place, shown with name and size, kept when they leave."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.changes.undo import Undo
from comity.kernel.errors import Invalid
from comity.records.models import RecordRef, StoredFile
from support import fields
from support.browser import browser
from support.fields import card
from support.house import again, colleague

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(boss: Actor) -> Client:
    """Properties with one plan and any number of photos."""
    fields.kind(boss, columns=["own_plan"])
    fields.field(boss, "own_property", "plan", "file", accept="pdf, PNG", max_size=2_000_000)
    fields.field(boss, "own_property", "photos", "file", several=True)
    return browser(boss)


def sent(name: str, text: bytes = b"content") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text)


def put(client: Client, ref: RecordRef, key: str, *files: Any, keep: tuple[str, ...] = (), version: int = 1) -> Any:
    post = {"version": str(version), key: ["", *keep], f"{key}-new": list(files)}
    return client.post(f"/properties/{ref.id}/fields/{key}", post, headers={"HX-Request": "true"})


def test_a_new_card_brings_its_files(house: Client, boss: Actor) -> None:
    form = house.get("/properties/new").content.decode()
    assert 'enctype="multipart/form-data"' in form and 'name="own_plan-new"' in form and 'accept=".pdf,.png"' in form
    post = {"name": "Mill Lane", "own_plan": "", "own_plan-new": sent("plan.pdf", b"x" * 2000), "own_photos": "",
            "own_photos-new": [sent("one.jpg"), sent("two.jpg")]}  # fmt: skip
    answer = house.post("/properties/new", post)
    assert answer.status_code == 302
    page = house.get(answer["Location"]).content.decode()
    assert re.search(r"plan\.pdf</a> <small[^>]*>2\s", page) and "one.jpg" in page and "two.jpg" in page
    row = StoredFile.objects.get(name="plan.pdf")
    assert row.field == "own_plan" and row.created_by == boss.user_id
    answer = house.get(f"/files/{row.pk}")
    assert answer.status_code == 200 and answer["Content-Disposition"].startswith("attachment")
    assert "plan.pdf" in house.get("/properties/").content.decode()


def test_put_exchanged_taken_back_and_told(house: Client, boss: Actor) -> None:
    ref = card(boss, "own_property", "Mill Lane")
    assert put(house, ref, "own_plan", sent("first.pdf")).status_code == 200
    answer = put(house, ref, "own_plan", sent("second.pdf"), keep=(str(StoredFile.objects.get().pk),), version=2)
    text = answer.content.decode()
    assert "second.pdf" in text and "first.pdf" not in text
    assert dict(StoredFile.objects.values_list("name", "field")) == {"first.pdf": "", "second.pdf": "own_plan"}
    history = house.get(f"/properties/{ref.id}/history?field=own_plan").content.decode()
    assert "first.pdf" in history and "second.pdf" in history
    run(again(boss), Undo(int(text.split("/undo/")[1].split('"')[0])))
    assert dict(StoredFile.objects.values_list("name", "field")) == {"first.pdf": "own_plan", "second.pdf": ""}


def test_several_are_added_and_taken_out_one_by_one(house: Client, boss: Actor) -> None:
    ref = card(boss, "own_property", "Mill Lane")
    put(house, ref, "own_photos", sent("a.jpg"), sent("b.jpg"))
    kept = StoredFile.objects.get(name="b.jpg")
    put(house, ref, "own_photos", sent("c.jpg"), keep=(str(kept.pk),), version=2)
    assert set(StoredFile.objects.filter(field="own_photos").values_list("name", flat=True)) == {"b.jpg", "c.jpg"}
    told = house.get(f"/api/v1/properties/{ref.id}").json()["own_photos"]
    assert [one["name"] for one in told] == ["b.jpg", "c.jpg"] and told[0]["size"] == 7


@pytest.mark.parametrize(("name", "size"), [("plan.exe", 10), ("plan", 10), ("plan.pdf", 2_000_001)])
def test_what_the_field_does_not_take_is_refused(house: Client, boss: Actor, name: str, size: int) -> None:
    ref = card(boss, "own_property", "Mill Lane")
    assert put(house, ref, "own_plan", sent(name, b"x" * size)).status_code == 422
    assert not StoredFile.objects.exists()


def test_found_by_whether_there_is_one(house: Client, boss: Actor) -> None:
    ref = card(boss, "own_property", "Mill Lane")
    card(boss, "own_property", "High Street")
    put(house, ref, "own_plan", sent("plan.pdf"))
    for op, title in (("filled", "Mill Lane"), ("empty", "High Street")):
        answer = house.get(f"/api/v1/properties?own_plan__{op}=1").json()
        assert [one["title"] for one in answer["items"]] == [title]
    house.post(f"/files/{StoredFile.objects.get().pk}/remove")
    assert len(house.get("/api/v1/properties?own_plan__empty=1").json()["items"]) == 2


def test_a_field_he_may_not_read_hides_its_files(house: Client, boss: Actor) -> None:
    ref = card(boss, "own_property", "Mill Lane")
    put(house, ref, "own_plan", sent("secret.pdf"))
    row = StoredFile.objects.get()
    mira = colleague("mira", "all", fields={"own_property": {"own_plan": "hide"}})
    client = browser(again(mira))
    assert "secret.pdf" not in client.get(f"/properties/{ref.id}").content.decode()
    assert client.get(f"/files/{row.pk}").status_code == 404
    assert client.post(f"/files/{row.pk}/remove").status_code == 404
    assert "secret" not in client.get(f"/api/v1/properties/{ref.id}/files").content.decode()
    assert client.get(f"/api/v1/properties/{ref.id}/files/{row.pk}").status_code == 404
    house.post(f"/files/{row.pk}/remove")
    assert "secret.pdf" not in client.get(f"/properties/{ref.id}/story").content.decode()


def test_no_file_of_another_card_is_named(house: Client, boss: Actor) -> None:
    first, second = card(boss, "own_property", "Mill Lane"), card(boss, "own_property", "High Street")
    put(house, first, "own_plan", sent("plan.pdf"))
    row = StoredFile.objects.get()
    for key in (str(row.pk), str(first.id), "nonsense"):
        with pytest.raises(Invalid):
            run(again(boss), Update("own_property", second.id, 0, {"own_plan": key}))
    row.refresh_from_db()
    assert row.record_id == first.id
    run(again(boss), Update("own_property", first.id, 0, {"own_photos": [str(row.pk)]}))  # its own may change its place
    row.refresh_from_db()
    assert row.field == "own_photos"
