"""Notes: who reads and changes them, mentions, the story, search, undo, and nothing of hidden cards."""

from uuid import UUID, uuid4

import pytest
from django.utils.translation import gettext, override

from comity.access.actors import Actor
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import ShareRecord, Trash
from comity.changes.undo import Undo
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.notices.bell import recent
from comity.records.models import RecordRef
from comity.search.find import find
from comity.timeline.models import Event
from comity.timeline.story import story
from comity.work.models import Note
from comity.work.notes import panel
from comity.work.notes.commands import EditNote, RemoveNote, WriteNote
from support.browser import browser
from support.house import again, colleague, company, person

pytestmark = pytest.mark.django_db


def write(actor: Actor, ref: RecordRef, text: str, *mentions: Actor) -> UUID:
    ids = [one.user_id for one in mentions]
    result = run(again(actor), WriteNote(ref.type, ref.id, text, ids))  # type: ignore[arg-type]
    return UUID(result.data["note"])


def bodies(actor: Actor, ref: RecordRef) -> list[str]:
    """The boxes of the story, the newest first."""
    told, _before = story(again(actor), ref, frozenset(["notes"]))
    made = panel.bodies(again(actor), [one for one in told if one.type.key == "note.written"])
    return list(made.values())


def test_a_note_stands_in_the_story_as_text(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    write(boss, ref, "  <script>alert(1)</script>\r\nвторая строка ")
    (body,) = bodies(boss, ref)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\nвторая строка" in body
    assert "<script" not in body


def test_a_note_on_a_person_shows_on_the_company_too(boss: Actor) -> None:
    firm = company(boss, "Лотос")
    ref = person(boss, "Вера", "Ли", company=str(firm.id))
    write(boss, ref, "звонила")
    told, _before = story(again(boss), firm, frozenset(["notes"]))
    assert [one.primary_title for one in told] == ["Ли Вера"]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 20_001])
def test_empty_and_endless_notes_are_refused(boss: Actor, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        write(boss, company(boss, "Лотос"), text)
    assert caught.value.fields["text"]
    assert not Note.objects.exists()


def test_only_the_writer_changes_and_removes(boss: Actor) -> None:
    anna, boris = colleague("Anna", "all"), colleague("Boris", "all")
    ref = company(boss, "Лотос")
    note = write(anna, ref, "первое")
    for command in (EditNote(note, "чужое"), RemoveNote(note)):
        with pytest.raises(Refused):
            run(again(boris), command)
    with pytest.raises(Refused):
        run(again(boss), EditNote(note, "чужое"))
    run(again(anna), EditNote(note, "второе", version=1))
    assert "второе" in bodies(boris, ref)[0]
    with pytest.raises(Conflict):
        run(again(anna), EditNote(note, "третье", version=1))
    run(again(boss), RemoveNote(note))  # an administrator may
    assert "второе" not in bodies(boris, ref)[0]


def test_removal_and_writing_are_undone(boss: Actor) -> None:
    anna, boris = colleague("Anna", "all"), colleague("Boris", "all")
    ref = company(boss, "Лотос")
    note = write(anna, ref, "первое")
    removed = run(again(anna), RemoveNote(note)).event
    with pytest.raises(Refused):
        run(again(boris), Undo(removed))  # type: ignore[arg-type]
    run(again(anna), Undo(removed))  # type: ignore[arg-type]
    assert "первое" in bodies(anna, ref)[0]
    with pytest.raises(Conflict):
        run(again(anna), Undo(removed))  # type: ignore[arg-type]
    written = Event.objects.get(type="note.written").id
    run(again(anna), Undo(written))
    assert "первое" not in bodies(anna, ref)[0]
    with pytest.raises(NotFound):
        run(again(anna), Undo(written))


def test_mentions_reach_those_who_see_the_card(boss: Actor) -> None:
    anna, boris, clara = colleague("Anna", "all"), colleague("Boris", "all"), colleague("Clara")
    ref = company(boss, "Лотос")
    write(boss, ref, "@Anna и @Clara, взгляните", anna, clara, boris)
    dispatcher.drain()

    def texts(actor: Actor) -> list[str]:
        return [item.text for group in recent(again(actor))[0] for item in group.items]

    assert texts(anna) == ["Boss mentioned you in a note"]
    assert texts(boris) == texts(clara) == []  # not named; does not see the card
    assert "<b>@Anna</b>" in bodies(boss, ref)[0]
    run(again(boss), ShareRecord(ref.type, ref.id, clara.user_id))
    dispatcher.drain()
    assert "Boss mentioned you in a note" not in texts(clara)


def test_an_edit_tells_only_the_newly_mentioned(boss: Actor) -> None:
    anna, boris = colleague("Anna", "all"), colleague("Boris", "all")
    note = write(boss, company(boss, "Лотос"), "@Anna", anna)
    run(again(boss), EditNote(note, "@Anna @Boris", 0, [anna.user_id, boris.user_id]))  # type: ignore[list-item]
    assert Event.objects.get(type="note.edited").payload["mentions"] == [str(boris.user_id)]


def test_notes_are_found_until_removed(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    write(boss, ref, "обсудили поставку")
    note = write(boss, ref, "перезвонить в четверг")
    dispatcher.drain()
    assert [(hit.title, hit.matched) for hit in find(boss, "четверг поставк")] == [("Лотос", "note")]
    run(again(boss), EditNote(note, "перезвонить в пятницу"))
    dispatcher.drain()
    assert find(boss, "четверг") == []
    run(again(boss), RemoveNote(note))
    dispatcher.drain()
    assert find(boss, "пятницу") == []
    assert len(find(boss, "поставку")) == 1


def test_hidden_cards_notes_are_not_there(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    ref = company(anna, "Тайна")
    note = write(anna, ref, "секретная договорённость")
    dispatcher.drain()
    assert find(again(boris), "договорённость") == []
    commands = (WriteNote(ref.type, ref.id, "x"), EditNote(note, "x"), RemoveNote(note), EditNote(uuid4(), "x"))
    for command in commands:
        with pytest.raises(NotFound):
            run(again(boris), command)  # type: ignore[arg-type]
    page = browser(boris)
    addresses = (f"/notes/company/{ref.id}", f"/notes/{note}/edit", f"/notes/{note}/remove", f"/notes/{uuid4()}/edit")
    answers = [page.post(address, {"text": "x"}) for address in addresses]
    assert {answer.status_code for answer in answers} == {404}
    assert all("договорённость" not in answer.content.decode() for answer in answers)
    assert Note.objects.get().text == "секретная договорённость"
    run(again(anna), Trash(ref.type, ref.id))
    with pytest.raises(NotFound):
        run(again(anna), EditNote(note, "x"))


def test_the_form_writes_once_and_brings_the_story(boss: Actor) -> None:
    ref = company(boss, "Лотос")
    page = browser(boss)
    form = {"text": "через форму", "idempotency": "k1"}
    answer = page.post(f"/notes/company/{ref.id}", form, headers={"HX-Request": "true"})
    again_answer = page.post(f"/notes/company/{ref.id}", form, headers={"HX-Request": "true"})
    assert (answer.status_code, again_answer.status_code) == (200, 200)
    assert Note.objects.count() == 1
    text = answer.content.decode()
    assert "через форму" in text
    assert 'id="story"' in text
    assert "/undo/" in text
    plain = page.post(f"/notes/company/{ref.id}", {"text": "без скриптов", "idempotency": "k2"})
    assert (plain.status_code, plain["Location"]) == (302, f"/companies/{ref.id}")
    empty = page.post(f"/notes/company/{ref.id}", {"text": " "}, headers={"HX-Request": "true"})
    assert empty.status_code == 422
    with override("ru"):  # the language of the house
        assert gettext("Write something first.") in empty.content.decode()


def test_the_page_of_ones_note(boss: Actor) -> None:
    anna = colleague("Anna", "all")
    ref = company(boss, "Лотос")
    note = write(anna, ref, "моё")
    assert browser(boss).get(f"/notes/{note}/edit").status_code == 404
    page = browser(anna)
    for headers in ({}, {"HX-Request": "true"}):
        assert "моё" in page.get(f"/notes/{note}/edit", headers=headers).content.decode()
    assert page.post(f"/notes/{note}/edit", {"text": "", "version": "1"}).status_code == 422
    assert page.post(f"/notes/{note}/edit", {"text": "иначе", "version": "1"}).status_code == 302
    stale = page.post(f"/notes/{note}/edit", {"text": "ещё", "version": "1"})
    assert stale.status_code == 422
    assert "иначе" in stale.content.decode()
    assert page.post(f"/notes/{note}/remove").status_code == 302
    assert Note.objects.get().deleted_at is not None
    card = page.get(f"/companies/{ref.id}")
    assert card.status_code == 200
    assert 'id="note-text"' in card.content.decode()
