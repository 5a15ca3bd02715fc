"""A person's data erased on his request: nothing of it is left anywhere, and everything else is."""

import json
import zipfile
from contextlib import nullcontext, suppress
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection

from comity.access import policy
from comity.access.models import Role
from comity.access.snapshot import changed
from comity.changes import commands
from comity.changes.bus import run
from comity.changes.commands import Link, Trash, Update
from comity.changes.files import AddFiles, NewFile
from comity.changes.settings import SaveSetting
from comity.changes.undo import Undo
from comity.exchange.erasing.commands import EraseData
from comity.exchange.exports.commands import StartExport
from comity.exchange.exports.whole import writing
from comity.exchange.merging.commands import MergeRecords
from comity.kernel import storage
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, Problem, Refused
from comity.parties.consents.commands import NoteConsent
from comity.parties.consents.model import Consent
from comity.parties.models import Company, Person
from comity.records.erased import ERASED
from comity.records.models import RecordRef, StoredFile
from comity.sales.leads.commands import ConvertLead
from comity.sales.models import Deal, Lead
from comity.timeline import sequencer
from comity.timeline.models import Event
from comity.ui.drafts import save_draft
from comity.work.models import Note, Task
from comity.work.notes.commands import WriteNote
from support.browser import browser
from support.house import again, colleague, company, person
from support.imports import loaded, table, taken_back
from support.merging import made, settle

pytestmark = pytest.mark.django_db
WORDS = ("Quillfeather", "Mariabella", "888 777 666", "888777666", "mariabella@", "quill_tg", "Hollyhock",
         "1987-03-14", "allergic to cats", "passport-scan")  # fmt: skip
HERS = {
    "given_name": "Mariabella", "family_name": "Quillfeather", "phones": ["+359 888 777 666"],
    "emails": ["mariabella@quill.example"], "handles": [{"value": "quill_tg", "label": "telegram"}],
    "birth_date": "1987-03-14", "address": {"street": "12 Hollyhock Lane", "city": "Sofia", "country": "BG"},
    "about": "She is allergic to cats and likes long letters.", "position": "Buyer",
}  # fmt: skip


def everywhere() -> dict[str, list[str]]:
    """Every row of every table of the base, and every file of this installation's folders, as text."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{name}"')
            found[name] = [_plain(row) for row in cursor.fetchall()]
    for folder in ("files", "exports"):
        for path in (Path(settings.HOME) / folder).rglob("*"):
            if path.is_file():
                found[f"{folder}/{path.name}"] = [path.read_bytes().decode(errors="replace")]
    return found


def _plain(row: Any) -> str:
    """A row as text: what JSON hides behind signs is told plainly."""
    texts = []
    for value in row:
        if isinstance(value, memoryview | bytes):
            value = bytes(value).decode(errors="replace")
        with suppress(ValueError):
            value = json.dumps(json.loads(value), ensure_ascii=False) if isinstance(value, str) else value
        texts.append(str(value))
    return "\t".join(texts)


def left() -> list[tuple[str, str]]:
    """Where any of her words still stands."""
    return [
        (place, word) for place, rows in everywhere().items() for row in rows for word in WORDS
        if word.casefold() in row.casefold()
    ]  # fmt: skip


def put_file(boss: Any, ref: RecordRef, name: str, content: bytes) -> str:
    stored = storage.save(BytesIO(content), 1000)
    result = run(again(boss), AddFiles(ref.type, ref.id, [NewFile(name, stored.sha256, stored.size, "text/plain")]))
    return str(result.data["files"][0])


def erase(boss: Any, ref: RecordRef, **more: Any) -> Any:
    return run(again(boss), EraseData(ref.type, ref.id, 0, "request", date(2020, 1, 31), **more))


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    """Files of this test alone: they are looked through."""
    settings.HOME = tmp_path


@pytest.fixture
def hers(boss: Any) -> RecordRef:
    """A person with everything that may know of her: by imports, merges, leads, deals, notes, files, drafts."""
    work = company(boss, "Meadow")
    lead = made(boss, "lead", {
        "contact_name": "Mariabella Quillfeather", "phones": ["+359 888 777 666"], "need": "A roof",
        "emails": ["mariabella@quill.example"],
    })  # fmt: skip
    run(again(boss), ConvertLead(lead.id, 0, person="new", company="", deal={"name": "Roof"}, next=None))
    ref = RecordRef("person", Lead.unguarded.get(pk=lead.id).person_id)
    run(again(boss), Update("person", ref.id, 0, {**HERS, "company": str(work.id)}))
    twin = person(boss, "Mariabella", "Quillfeather", phones=["0888777666"], emails=["mariabella@quill.example"])
    settle()
    run(again(boss), MergeRecords("person", ref.id, twin.id))
    run(again(boss), Update("person", ref.id, 0, {"given_name": "Mariabella Rose"}))
    deal = made(
        boss, "deal", {"name": "Fence for Mariabella Quillfeather", "person": str(ref.id), "amount": ["100", "EUR"]}
    )
    made(boss, "task", {"name": "Call Mariabella Quillfeather at 0888 777 666", "kind": "call",
                        "about": f"deal:{deal.id}", "due_at": "2030-01-01T10:00"})  # fmt: skip
    made(boss, "task", {"name": "Write to mariabella@quill.example", "kind": "letter", "about": str(ref),
                        "due_at": "2030-01-01T10:00"})  # fmt: skip
    run(again(boss), WriteNote("person", ref.id, "Mariabella is allergic to cats"))
    run(again(boss), WriteNote("deal", deal.id, "Spoke with Mariabella Quillfeather (888-777-666)"))
    run(again(boss), Link("related", ref, work, (), "Mariabella Quillfeather’s old firm"))
    paper = put_file(boss, ref, "passport-scan.txt", b"Mariabella Quillfeather, 1987-03-14")
    run(
        again(boss),
        NoteConsent(ref.id, "mail", True, "2024-01-01", "paper", "By mariabella@quill.example", UUID(paper)),
    )
    save_draft(again(boss), f"person-{ref.id}", "given_name=Mariabella&family_name=Quillfeather")
    save_draft(again(boss), "new-lead", "phones-0-value=%2B359+888+777+666")
    where = {"field": "phones", "op": "contains", "value": "+359888777666"}
    run(again(boss), SaveSetting("view", {"type_key": "person", "name": "One", "where": where}))
    run(again(boss), StartExport("person", {}, "title", "all", "csv"), key="one")
    settle()
    return ref


def test_nothing_of_it_is_left_in_any_table_or_file(boss: Any, hers: RecordRef, monkeypatch: Any) -> None:
    assert {word for _place, word in left()} == set(WORDS)  # the look finds each of them before
    result = erase(boss, hers)
    settle()
    assert left() == []
    assert result.data["fields"] >= 9 and result.data["files"] == 1 and result.data["cards"] == 1
    assert sequencer.broken_links() == []
    path = Path(settings.HOME) / "after.zip"
    monkeypatch.setattr(writing.moment, "held", lambda: nullcontext("default"))  # the test's own transaction
    writing.write(path, lambda done: None)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode(errors="replace")
            said = json.dumps([json.loads(line) for line in text.splitlines()], ensure_ascii=False) \
                if name.endswith(".jsonl") else text  # fmt: skip
            assert not [word for word in WORDS if word.casefold() in said.casefold()], name
    path.unlink()


def test_what_the_books_need_stays(boss: Any, hers: RecordRef) -> None:
    events = Event.objects.count()
    erase(boss, hers)
    settle()
    card = Person.unguarded.get(pk=hers.id)
    assert (card.title, card.position, card.company_id) == (ERASED, "Buyer", Company.unguarded.get().pk)
    deal = Deal.unguarded.get(amount__isnull=False)
    assert (deal.title, deal.person_id, deal.amount_currency) == (f"Fence for {ERASED}", hers.id, "EUR")
    assert {one.title for one in Task.unguarded.filter(step="")} == {f"Call {ERASED} at {ERASED}", f"Write to {ERASED}"}
    assert Lead.unguarded.get().title == ERASED
    assert [note.text for note in Note.objects.all()] == [f"Spoke with {ERASED} ({ERASED})"]
    consent = Consent.objects.get()
    assert (consent.purpose, consent.given, consent.note) == ("mail", True, "")
    assert Event.objects.count() > events  # nothing of the story went
    assert policy.titles(again(boss), [hers])[hers] == "Данные человека стёрты"
    told = Event.objects.filter(type="person.erased", primary_id=hers.id).get()
    assert told.actor_id == boss.user_id and told.payload["reason"] == "request" and told.payload["day"] == "2020-01-31"
    assert all(pair == [None, None] for pair in told.payload["changes"].values())


def test_no_undo_brings_anything_back(boss: Any, hers: RecordRef) -> None:
    merged = Event.objects.get(type="record.merged")
    renamed = Event.objects.filter(type="record.updated", primary_id=hers.id).latest("id")
    erase(boss, hers)
    settle()
    for event in (merged, renamed, *Event.objects.filter(type="person.erased")):
        with pytest.raises(Refused):
            run(again(boss), Undo(event.pk))
    for event in Event.objects.order_by("-id"):
        with suppress(Problem):  # what is not hers may be taken back
            run(again(boss), Undo(event.pk))
    settle()
    assert left() == []


def test_an_import_taken_back_brings_nothing_back(boss: Any) -> None:
    work = person(boss, "Ann", "Other", phones=["+359888777665"])
    rows = [["First name", "Last name", "Phone", "E-mail", "Birthday", "Note"],
            ["Mariabella", "Quillfeather", "+359 888 777 666", "mariabella@quill.example", "1987-03-14",
             "allergic to cats"],
            ["Ann", "Other", "+359 888 777 665", "ann@other.example", "1990-01-01", ""]]  # fmt: skip
    load = loaded(boss, table(rows))
    assert load.state == "done"
    ref = RecordRef("person", Person.unguarded.get(given_name="Mariabella").pk)
    settle()
    assert left()
    erase(boss, ref)
    settle()
    assert left() == []
    load = taken_back(boss, load)
    settle()
    assert load.state == "undone" and left() == []
    assert Person.unguarded.get(pk=work.id).deleted_at is None


def test_what_is_chosen_goes_and_the_rest_stays(boss: Any, hers: RecordRef) -> None:
    kept = put_file(boss, hers, "contract.txt", b"A contract")
    erase(boss, hers, fields=["phones"], files=[], notes=False)
    settle()
    card = Person.unguarded.get(pk=hers.id)
    assert "Quillfeather" in card.title and card.birth_date == date(1987, 3, 14)
    assert StoredFile.objects.filter(pk=kept, deleted_at=None).exists()
    assert "allergic" in Note.objects.get(type_key="person").text
    assert not [place for place, word in left() if word == "888777666" and not place.startswith(("exchange_", "files"))]


def test_a_file_that_goes_leaves_the_disk_unless_another_card_has_it(boss: Any) -> None:
    ref, other = person(boss, "Ann", "One"), person(boss, "Ann", "Two")
    put_file(boss, ref, "own.txt", b"own")
    put_file(boss, ref, "both.txt", b"both")
    put_file(boss, other, "both.txt", b"both")
    hashes = dict(StoredFile.objects.filter(record_id=ref.id).values_list("name", "sha256"))
    erase(boss, ref)
    settle()
    assert not storage.path(hashes["own.txt"]).exists() and storage.path(hashes["both.txt"]).exists()


def test_who_may(boss: Any) -> None:
    ref = person(boss, "Ann", "One")
    other = colleague("Olga", "all")
    with pytest.raises(Refused):
        erase(other, ref)
    assert browser(other).get(f"/erase/people/{ref.id}").status_code == 404
    assert "/erase/" not in browser(other).get(f"/people/{ref.id}").content.decode()
    Role.objects.update(permits=["erase"])
    changed()
    assert f"/erase/people/{ref.id}" in browser(other).get(f"/people/{ref.id}").content.decode()
    erase(other, ref)
    assert Person.unguarded.get(pk=ref.id).title == ERASED


def test_a_reason_is_demanded(boss: Any) -> None:
    ref = person(boss, "Ann", "One")
    wrong = {"day": ("request", None, ""), "words": ("other", None, " "), "reason": ("", None, "x")}
    for key, (reason, day, words) in wrong.items():
        with pytest.raises(Invalid) as problem:
            run(again(boss), EraseData("person", ref.id, 0, reason, day, words))
        assert key in problem.value.fields
    with pytest.raises(Invalid):
        run(again(boss), EraseData("person", ref.id, 0, "request", now().date().replace(year=2999)))
    with pytest.raises(Conflict):
        run(again(boss), EraseData("person", ref.id, 7, "request", date(2020, 1, 1)))
    with pytest.raises(Refused):
        run(again(boss), EraseData("company", company(boss, "A").id, 0, "request", date(2020, 1, 1)))
    assert "Ann" in Person.unguarded.get(pk=ref.id).title


def test_out_of_the_trash_too(boss: Any) -> None:
    ref = person(boss, "Mariabella", "Quillfeather", phones=["+359888777666"])
    run(again(boss), Trash("person", ref.id))
    settle()
    erase(boss, ref)
    settle()
    assert left() == [] and Person.unguarded.get(pk=ref.id).deleted_at is not None


def test_an_erased_card_can_still_be_worked_with(boss: Any) -> None:
    ref = person(boss, "Ann", "One")
    olga = colleague("Olga", "all")
    erase(boss, ref)
    run(again(boss), commands.update("person", ref.id, 0, {"owner": str(olga.user_id)}))
    assert Person.unguarded.get(pk=ref.id).title == ERASED
    with pytest.raises(Invalid):
        run(
            again(boss),
            commands.update("person", person(boss, "Bo", "Two").id, 0, {"given_name": "", "family_name": ""}),
        )
