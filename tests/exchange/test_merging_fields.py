"""Two cards of an own kind become one: their linked cards and files come together, and part again."""

from io import BytesIO
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes.bus import run
from comity.changes.commands import Link, ShareRecord, update
from comity.changes.files import AddFiles, NewFile
from comity.changes.settings import SaveSetting
from comity.changes.undo import Undo
from comity.exchange.merging.commands import MergeRecords
from comity.exchange.merging.rows import held as rows_of
from comity.kernel import storage
from comity.records.models import ContactPoint, CustomRecord, Merged, RecordRef, Relation, StoredFile, TagLink
from comity.timeline.models import Event, EventSubject
from comity.work.models import Note, Task
from comity.work.notes.commands import WriteNote
from support import fields
from support.browser import browser
from support.fields import card
from support.formulas import custom, formula, settle
from support.house import again, colleague
from support.merging import MOVING, made

pytestmark = pytest.mark.django_db


def test_links_come_together_and_part_again(boss: Actor) -> None:
    fields.kind(boss)
    fields.field(boss, "own_property", "owner", "relation", target="company")
    fields.field(boss, "own_property", "parties", "relation", several=True)
    anna, bert = card(boss, "company", "Annas House"), card(boss, "company", "Bertram")
    kept = card(boss, "own_property", "Mill Lane", own_owner=str(anna), own_parties=[str(anna)])
    lost = card(boss, "own_property", "Mill Lane 4", own_owner=str(bert), own_parties=[str(bert), str(kept)])
    near = card(boss, "own_property", "High Street", own_parties=[str(lost)])

    def held() -> set[tuple[object, ...]]:
        return set(Relation.objects.values_list("kind", "from_id", "to_id"))

    before = held()
    result = run(again(boss), MergeRecords("own_property", kept.id, lost.id, 1, 1, {}))
    mine = {(kind, to) for kind, of, to in held() if of == kept.id}
    assert mine == {("own_owner", anna.id), ("own_parties", anna.id), ("own_parties", bert.id)}
    assert ("own_parties", near.id, kept.id) in held()
    run(again(boss), Undo(result.event))
    assert held() == before


@pytest.fixture
def flats(boss: Actor) -> dict[str, RecordRef]:
    """Two properties that are one, with everything that may hang on each, and cards that point to the second."""
    fields.kind(boss)
    fields.field(boss, "own_property", "phones", "phones", duplicate=True)
    fields.field(boss, "own_property", "owner", "relation", target="company")
    fields.field(boss, "own_property", "area", "number", unit="square_metre")
    fields.field(boss, "own_property", "marks", "choices",
                 choices=[{"key": one, "label": {"en": one}} for one in ("old", "new")])  # fmt: skip
    fields.kind(boss, "Viewing", "Viewings")
    fields.field(boss, "own_viewing", "of", "relation", target="own_property")
    formula(boss, "own_property", "viewings", "count(own_viewing)")
    run(again(boss), SaveSetting("tag", {"name": "Big"}))
    tag = next(iter(again(boss).state.tags))
    firm, other = card(boss, "company", "Annas House"), card(boss, "company", "Bertram")
    kept = card(boss, "own_property", "Mill Lane", own_owner=str(firm), own_phones=["+493012345678"], own_marks=["old"])
    lost = card(boss, "own_property", "Mill Lane 4", own_owner=str(other), own_area="81.5",
                own_phones=["+493087654321"], own_marks=["new"], tags=[str(tag)])  # fmt: skip
    ann = colleague("Ann")
    run(again(boss), Link("related", lost, firm))
    run(again(boss), WriteNote("own_property", lost.id, "Key under the mat"))
    stored = storage.save(BytesIO(b"plan"), 1000)
    run(again(boss), AddFiles("own_property", lost.id, [NewFile("plan.txt", stored.sha256, stored.size, "text/plain")]))
    run(again(boss), ShareRecord("own_property", lost.id, user_id=ann.user_id, level="view"))
    task = made(boss, "task", {"name": "Show it", "about": str(lost), "due_at": "2027-01-01T10:00:00+00:00"})
    viewing = card(boss, "own_viewing", "Sunday", own_of=str(lost))
    settle()
    return {"kept": kept, "lost": lost, "task": task, "viewing": viewing}


def whole() -> dict[str, Any]:
    """All that a merge may touch, as it is in the base."""
    cards = {
        one.__name__: {
            key: {name: value for name, value in row.items() if name not in MOVING}
            for key, row in rows_of(one.unguarded.all()).items()
        }
        for one in (CustomRecord, Task)
    }  # fmt: skip
    hanging = {one.__name__: rows_of(one._base_manager.all()) for one in (StoredFile, Note, Share, Relation, Merged)}
    points = sorted(ContactPoint.objects.values_list("record_id", "field", "value", "position"))
    tags = sorted(TagLink.objects.values_list("record_id", "tag_id"))
    return {**cards, **hanging, "points": points, "tags": tags}


def test_cards_of_an_own_kind_become_one_with_all_that_hangs_on_them(boss: Actor, flats: dict[str, RecordRef]) -> None:
    kept, lost = flats["kept"], flats["lost"]
    run(again(boss), MergeRecords("own_property", kept.id, lost.id, choices={"own_owner": "lost"}))
    settle()
    found = custom(boss, kept)
    assert found["area"] == 815_000 and found["marks"] == "|old|new|" and found["viewings"] == 1
    assert ContactPoint.objects.filter(record_id=kept.id).count() == 2
    assert [one.record_id for one in (*Note.objects.all(), *StoredFile.objects.all())] == [kept.id] * 2
    assert Task.unguarded.get(pk=flats["task"].id).about_id == kept.id
    assert Relation.objects.get(kind="own_of").to_id == kept.id
    assert TagLink.objects.filter(record_id=kept.id).exists()
    page = browser(again(boss)).get(f"/properties/{lost.id}")
    assert (page.status_code, page["Location"]) == (302, f"/properties/{kept.id}")


def test_undo_makes_two_of_an_own_kind_with_all_as_it_was(boss: Actor, flats: dict[str, RecordRef]) -> None:
    kept, lost = flats["kept"], flats["lost"]
    before, last = whole(), Event.objects.latest("id").pk
    stories = sorted(EventSubject.objects.filter(event_id__lte=last).values_list("event_id", "record_id"))
    result = run(again(boss), MergeRecords("own_property", kept.id, lost.id, choices={"own_owner": "lost"}))
    settle()
    assert whole() != before
    run(again(boss), Undo(result.event))
    settle()
    assert whole() == before
    assert sorted(EventSubject.objects.filter(event_id__lte=last).values_list("event_id", "record_id")) == stories
    assert custom(boss, kept)["viewings"] == 0 and custom(boss, lost)["viewings"] == 1
    client = browser(again(boss))
    assert client.get(f"/properties/{lost.id}").status_code == 200


def test_what_was_linked_after_the_merge_stays_with_the_card_that_stayed(
    boss: Actor, flats: dict[str, RecordRef]
) -> None:
    kept, lost = flats["kept"], flats["lost"]
    result = run(again(boss), MergeRecords("own_property", kept.id, lost.id))
    later = card(boss, "own_viewing", "Monday", own_of=str(kept))
    run(again(boss), update("own_viewing", flats["viewing"].id, 0, {"own_of": None}))
    undone = run(again(boss), Undo(result.event))
    assert set(Relation.objects.filter(kind="own_of").values_list("from_id", "to_id")) == {(later.id, kept.id)}
    assert undone.data["left"] == {"relations": 1}
