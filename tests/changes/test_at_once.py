"""Two hands at one thing in the same moment: the second waits, sees what the first did, and overwrites nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from comity.access.actors import user_actor
from comity.changes import batch
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.changes.files import RemoveFile
from comity.changes.models import Batch
from comity.changes.settings import SaveSetting
from comity.identity import throttle
from comity.kernel.errors import Conflict, NotFound, TooMany, from_exception
from comity.parties.companies.model import Company
from comity.records.models import StoredFile, Tag, TagLink
from comity.timeline.models import Event
from comity.work.models import Note
from comity.work.notes.commands import EditNote, WriteNote
from support.at_once import at_once
from support.house import administrator, company

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user() -> Any:
    """The id of an administrator."""
    return administrator().user_id


def change(user: Any, ref: Any, **values: Any) -> Callable[[], Any]:
    return lambda: run(user_actor(user), Update("company", ref.id, 1, values))


def test_two_fields_changed_at_once_are_both_kept(user: Any) -> None:
    ref = company(user_actor(user), "One")
    assert at_once(change(user, ref, name="Two"), change(user, ref, about="news")) is None
    card = Company.unguarded.get(pk=ref.id)
    assert (card.name, card.about, card.version) == ("Two", "news", 3)


def test_of_two_values_for_one_field_the_second_is_told_of_the_first(user: Any) -> None:
    ref = company(user_actor(user), "One")
    clash = at_once(change(user, ref, name="Two"), change(user, ref, name="Three"))
    assert isinstance(clash, Conflict)
    assert clash.current["theirs"] == {"name": "Two"}  # type: ignore[index]
    assert Company.unguarded.get(pk=ref.id).name == "Two"


def test_two_tags_put_on_at_once_both_stick(user: Any) -> None:
    ref = company(user_actor(user), "One")
    tags = [run(user_actor(user), SaveSetting("tag", {"name": name})).record.id for name in ("a", "b")]

    def tag(key: Any) -> Callable[[], Any]:
        return lambda: run(user_actor(user), batch.ChangeTag("company", ref.id, key, True))

    assert at_once(tag(tags[0]), tag(tags[1])) is None
    assert set(TagLink.objects.values_list("tag", flat=True)) == set(tags)


def test_a_batch_worked_off_by_two_is_done_once(user: Any) -> None:
    ids = [company(user_actor(user), name).id for name in ("One", "Two")]
    command = batch.StartBatch("company", "update", ids, {"values": {"about": "same"}})
    made = run(user_actor(user), command).data["batch"]
    before = Event.objects.count()

    def work() -> None:
        batch.work_off(user_actor(user), Batch.objects.get(pk=made))

    assert at_once(work, work) is None
    held = Batch.objects.get(pk=made)
    assert (held.done, held.refused, held.state) == (2, 0, "done")
    assert Event.objects.count() == before + 2


def test_a_note_changed_in_two_tabs_at_once_keeps_the_first(user: Any) -> None:
    ref = company(user_actor(user), "One")
    note = run(user_actor(user), WriteNote("company", ref.id, "before")).data["note"]

    def edit(text: str) -> Callable[[], Any]:
        return lambda: run(user_actor(user), EditNote(note, text, 1))

    assert isinstance(at_once(edit("first"), edit("second")), Conflict)
    assert Note.objects.get().text == "first"


def test_a_file_removed_twice_at_once_is_told_once(user: Any) -> None:
    ref = company(user_actor(user), "One")
    row = StoredFile.objects.create(
        type_key="company", record_id=ref.id, name="a", size=1, mime="text/plain", sha256="0" * 64
    )

    def remove() -> None:
        run(user_actor(user), RemoveFile(row.pk))

    assert isinstance(at_once(remove, remove), NotFound)
    assert Event.objects.filter(type="file.removed").count() == 1


def test_guesses_sent_at_once_gain_nothing(user: Any) -> None:
    for _try in range(throttle.PER_NAME - 1):
        throttle.attempt("anna@example.com", "")

    def guess() -> None:
        throttle.attempt("anna@example.com", "")

    assert isinstance(at_once(guess, guess), TooMany)


def test_of_two_tags_of_one_name_the_second_is_told(user: Any) -> None:
    make = SaveSetting("tag", {"name": "Fair"})
    problem = at_once(lambda: run(user_actor(user), make), lambda: run(user_actor(user), make))
    assert problem is not None and from_exception(problem).status in (409, 422)
    assert Tag.objects.filter(name="Fair").count() == 1
