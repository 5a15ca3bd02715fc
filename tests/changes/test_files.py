"""Files on cards: in and out, only for who sees the card, never shown, nothing half-written."""

import errno
import os
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext, override

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import ShareRecord, Trash
from comity.changes.files import AddFiles, NewFile, RemoveFile, RestoreFile
from comity.changes.undo import Undo
from comity.kernel import clock, jobs, storage
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.kernel.models import Job
from comity.records.models import RecordRef, StoredFile
from comity.timeline.models import Event
from comity.timeline.story import story
from comity.ui.pages.files import size_text
from support.browser import browser
from support.house import again, colleague, company

pytestmark = pytest.mark.django_db

FRAGMENT = {"HX-Request": "true"}


def stored(text: bytes = b"text", name: str = "a.txt") -> NewFile:
    kept = storage.save(BytesIO(text), 1000)
    return NewFile(name, kept.sha256, kept.size, "text/plain")


def add(actor: Actor, ref: RecordRef, *files: NewFile) -> list[UUID]:
    result = run(again(actor), AddFiles(ref.type, ref.id, files or [stored()]))
    return [UUID(one) for one in result.data["files"]]


def upload(actor: Actor, ref: RecordRef, *files: SimpleUploadedFile, **more: Any) -> Any:
    return browser(actor).post(f"/companies/{ref.id}/files", {"file": list(files), **more}, headers=FRAGMENT)


def told(actor: Actor, ref: RecordRef) -> list[str]:
    items, _before = story(again(actor), ref, frozenset(["files"]))
    return [one.type.key for one in items]


def test_a_file_goes_in_and_comes_out_as_it_was(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    content = b"%PDF-1.4 \x00\xff" + b"x" * 3_000_000
    answer = upload(boss, ref, SimpleUploadedFile("../Договор №1.pdf", content), idempotency="k")
    assert answer.status_code == 200
    assert "Договор №1.pdf" in answer.content.decode()
    row = StoredFile.objects.get()
    assert (row.name, row.size, row.mime) == ("Договор №1.pdf", len(content), "application/pdf")
    page = browser(boss).get(f"/files/{row.id}")
    assert page.getvalue() == content
    assert page["Content-Disposition"].startswith("attachment")
    assert "%D0%94" in page["Content-Disposition"]
    assert page["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in page["Content-Security-Policy"]
    assert told(boss, ref) == ["file.added"]


def test_a_page_sent_as_a_picture_is_no_picture(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    upload(boss, ref, SimpleUploadedFile("cat.png", b"<html><script>alert(1)</script>", content_type="image/png"))
    row = StoredFile.objects.get()
    assert row.mime == "text/html"
    page = browser(boss).get(f"/files/{row.id}")
    assert page["Content-Disposition"] == 'attachment; filename="cat.png"'
    page.close()


def test_the_same_form_sent_twice_adds_once(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    for _round in range(2):
        assert upload(boss, ref, SimpleUploadedFile("a.txt", b"a"), idempotency="one").status_code == 200
    assert StoredFile.objects.count() == 1


def test_several_files_are_added_together_or_not_at_all(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = company(boss, "Лотос")
    upload(boss, ref, SimpleUploadedFile("a.txt", b"a"), SimpleUploadedFile("b.txt", b"b"))
    assert StoredFile.objects.count() == 2
    monkeypatch.setattr(settings, "FILE_LIMIT", 10)
    answer = upload(boss, ref, SimpleUploadedFile("c.txt", b"c"), SimpleUploadedFile("d.txt", b"d" * 11))
    assert answer.status_code == 413
    assert StoredFile.objects.count() == 2
    assert not list((Path(settings.HOME) / "files").glob("incoming-*"))
    assert upload(boss, ref).status_code == 422
    with pytest.raises(Invalid):
        add(boss, ref, *[stored()] * 21)


def test_a_body_too_large_is_refused_unread(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = company(boss, "Лотос")
    monkeypatch.setattr(settings, "FILE_LIMIT", 10)
    assert upload(boss, ref, SimpleUploadedFile("a.txt", b"a" * 200_000)).status_code == 413


def test_a_full_disk_is_told_and_leaves_nothing(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = company(boss, "Лотос")

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "_copy", full)
    answer = upload(boss, ref, SimpleUploadedFile("a.txt", b"a"))
    assert answer.status_code == 503
    with override("ru"):  # the language of the house
        assert gettext("There is no room left on the server's disk.") in answer.content.decode()
    assert "Errno" not in answer.content.decode()
    assert not StoredFile.objects.exists()
    assert not list((Path(settings.HOME) / "files").glob("incoming-*"))


def test_removal_and_adding_are_undone(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    (file_id,) = add(boss, ref)
    removed = run(again(boss), RemoveFile(file_id)).event
    assert browser(boss).get(f"/files/{file_id}").status_code == 404
    run(again(boss), Undo(removed))  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        run(again(boss), RestoreFile(file_id))
    page = browser(boss).get(f"/files/{file_id}")
    assert page.getvalue() == b"text"
    run(again(boss), Undo(Event.objects.get(type="file.added").id))
    assert StoredFile.objects.get().deleted_at is not None
    assert told(boss, ref) == ["file.removed", "file.restored", "file.removed", "file.added"]


def test_who_only_reads_the_card_reads_its_files(boss: Actor) -> None:
    anna = colleague("Anna", "none")
    ref = company(boss, "Лотос")
    (file_id,) = add(boss, ref)
    run(again(boss), ShareRecord(ref.type, ref.id, anna.user_id))
    page = browser(anna)
    assert page.get(f"/files/{file_id}").getvalue() == b"text"
    listed = page.get(f"/companies/{ref.id}/files", headers=FRAGMENT).content.decode()
    assert "a.txt" in listed
    assert "/remove" not in listed
    assert upload(anna, ref, SimpleUploadedFile("x.txt", b"x")).status_code == 403
    assert page.post(f"/files/{file_id}/remove").status_code == 403
    with pytest.raises(Refused):
        run(again(anna), RemoveFile(file_id))


def test_hidden_cards_files_are_not_there(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    ref = company(anna, "Тайна")
    (file_id,) = add(anna, ref, stored(b"secret", "секрет.txt"))
    page = browser(boris)
    unknown = uuid4()
    for address in (f"/files/{file_id}", f"/files/{unknown}", f"/companies/{ref.id}/files"):
        assert page.get(address).status_code == 404
    for address in (f"/files/{file_id}/remove", f"/files/{unknown}/remove"):
        assert page.post(address).status_code == 404
    assert upload(boris, ref, SimpleUploadedFile("x.txt", b"x")).status_code == 404
    for command in (RemoveFile(file_id), RestoreFile(file_id), AddFiles(ref.type, ref.id, [stored()])):
        with pytest.raises(NotFound):
            run(again(boris), command)
    run(again(anna), Trash(ref.type, ref.id))
    assert browser(anna).get(f"/files/{file_id}").status_code == 404


def test_the_card_shows_its_files_and_removal_answers_the_list(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    (file_id,) = add(boss, ref)
    page = browser(boss)
    assert "a.txt" in page.get(f"/companies/{ref.id}").content.decode()
    answer = page.post(f"/files/{file_id}/remove", headers=FRAGMENT)
    assert answer.status_code == 200
    assert f"/files/{file_id}" not in answer.content.decode()
    assert "/undo/" in answer.content.decode()


def swept(*old: str) -> None:
    """The nightly job, with these contents last saved two days ago."""
    long_ago = (clock.now() - timedelta(days=2)).timestamp()
    for sha256 in old:
        os.utime(storage.path(sha256), (long_ago, long_ago))
    jobs.enqueue("changes.orphaned_files")
    assert jobs.run_due() == 1
    assert not Job.objects.exclude(state="done").exists()


def test_contents_no_file_points_to_go_after_a_day(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    (kept_id,) = add(boss, ref, stored(b"on a card"))
    (trashed_id,) = add(boss, ref, stored(b"in the trash"))
    run(again(boss), RemoveFile(trashed_id))
    orphan, fresh = stored(b"refused upload"), stored(b"upload of this minute")
    held = [row.sha256 for row in StoredFile.objects.all()]
    swept(orphan.sha256, *held)
    assert not storage.path(orphan.sha256).exists()
    assert storage.path(fresh.sha256).exists()
    run(again(boss), RestoreFile(trashed_id))
    for file_id, text in ((kept_id, b"on a card"), (trashed_id, b"in the trash")):
        assert browser(boss).get(f"/files/{file_id}").getvalue() == text


def test_an_orphan_uploaded_again_stays(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = company(boss, "Лотос")
    add(boss, ref, stored(b"another"))
    one = stored(b"twice")
    (real, late) = (storage.drop, [])

    def drop(sha256: str, moment: datetime) -> bool:
        """In the very moment between the look into the base and the removal, somebody sends the same content."""
        if sha256 == one.sha256:
            late.append(stored(b"twice"))
        return real(sha256, moment)

    monkeypatch.setattr(storage, "drop", drop)
    swept(one.sha256)
    assert late
    (file_id,) = add(boss, ref, *late)
    assert browser(boss).get(f"/files/{file_id}").getvalue() == b"twice"


def test_beside_an_empty_base_no_content_goes(boss: Actor) -> None:
    one = stored(b"of another base")
    swept(one.sha256)
    assert storage.path(one.sha256).exists()


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (1550, "1.6 kB"), (123_456, "123 kB"), (999_700, "1 MB"),
     (25_000_000, "25 MB"), (2_400_000, "2.4 MB")],
)  # fmt: skip
def test_sizes_as_people_read_them(size: int, text: str) -> None:
    assert size_text(size, "en") == text
