"""Two cards become one, and two again."""

from datetime import timedelta
from typing import Any

import pytest

from comity.access import policy, snapshot
from comity.access.actors import Actor
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Create, Restore, Update
from comity.changes.undo import Undo
from comity.exchange.merging.commands import MergeRecords
from comity.exchange.merging.preview import preview
from comity.identity.models import User
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.parties.models import Company, Person
from comity.records.models import ContactPoint, RecordRef, Relation, SavedView, StoredFile
from comity.sales.models import Deal
from comity.search.find import find
from comity.search.models import SearchDoc
from comity.timeline.models import Event
from comity.timeline.story import story
from comity.work.models import Note, Task
from comity.work.notes.commands import WriteNote
from support.browser import browser
from support.house import administrator, again, colleague, company, person
from support.merging import World, settle

pytestmark = pytest.mark.django_db


def merge(world: World, **choices: str) -> Any:
    return run(again(world.boss), MergeRecords("company", world.kept.id, world.lost.id, choices=choices))


def back(world: World, result: Any) -> Any:
    return run(again(world.boss), Undo(result.event))


def kept(world: World) -> Any:
    return Company.unguarded.get(pk=world.kept.id)


def test_everything_moves_to_the_card_that_stays(world: World) -> None:
    merge(world)
    card = kept(world)
    assert (card.title, card.website, card.about) == ("Ромашка", "https://romashka.ru", "One")
    points = (
        ContactPoint.objects.filter(record_id=card.pk).order_by("field", "position").values_list("value", flat=True)
    )
    assert list(points) == ["info@romashka.ru", "+79161234567", "+79167654321"]
    assert Deal.unguarded.get(pk=world.deal.id).company_id == card.pk
    assert Task.unguarded.get(pk=world.task.id).about_id == card.pk
    assert Person.unguarded.get(pk=world.worker.id).company_id == card.pk
    for model in (Note, StoredFile):
        assert [one.record_id for one in model.objects.all()] == [card.pk]
    assert card.next_text == "Call"
    relations = set(Relation.objects.values_list("kind", "from_id", "to_id", "roles", "main"))
    assert not [one for one in relations if world.lost.id in one[1:3]]
    assert ("works_at", world.worker.id, card.pk, "", True) in relations
    assert [one[3] for one in relations if one[0] == "works_at" and one[3]] == ["|director|buyer|"]
    assert len([one for one in relations if one[0] == "belongs_to"]) == 1
    assert not [one for one in relations if one[0] == "related"]


def test_what_is_chosen_is_taken(world: World) -> None:
    merge(world, name="lost", phones="kept", about="both", owner="lost")
    card = kept(world)
    assert (card.title, card.about) == ("Romashka", "One\n\nTwo")
    assert card.owner_id != world.boss.user_id
    assert ContactPoint.objects.filter(record_id=card.pk, field="phones").count() == 1


def test_undo_puts_everything_back(world: World) -> None:
    before, last = world.state(), Event.objects.latest("id").id
    stories = world.stories(last)
    result = merge(world, name="lost", about="both", website="kept")
    assert world.state() != before
    assert world.stories(last) != stories
    back(world, result)
    assert world.state() == before
    assert world.stories(last) == stories
    settle()
    assert SearchDoc.objects.filter(record_id=world.lost.id).exists()


def test_what_was_changed_since_stays_and_is_told(world: World) -> None:
    result = merge(world)
    boss = again(world.boss)
    other = company(boss, "Other")
    run(boss, Update("company", world.kept.id, 0, {"website": "https://new.example"}))
    run(boss, Update("deal", world.deal.id, 0, {"company": str(other.id)}))
    run(boss, WriteNote("company", world.kept.id, "After the merge"))
    undone = back(world, result)
    assert undone.data == {"left": {"links": 1, "relations": 1}, "fields": ["website"]}
    assert Deal.unguarded.get(pk=world.deal.id).company_id == other.id
    assert kept(world).website == "https://new.example"
    assert Note.objects.get(text="After the merge").record_id == world.kept.id
    assert Note.objects.get(text="They like tea").record_id == world.lost.id
    assert Task.unguarded.get(pk=world.task.id).about_id == world.lost.id


def test_undo_happens_once_and_within_thirty_days(world: World, stopped_clock: Any) -> None:
    result = merge(world)
    back(world, result)
    with pytest.raises(Refused):
        back(world, result)
    again_merged = merge(world)
    stopped_clock.move(Event.objects.latest("id").at + timedelta(days=31))
    with pytest.raises(Refused):
        back(world, again_merged)


def test_the_lost_card_is_nowhere_but_its_address_leads_on(world: World) -> None:
    merge(world)
    settle()
    boss, client = again(world.boss), browser(world.boss)
    record_type = boss.state.record_types["company"]
    assert not policy.visible(boss, record_type, "restore").exists()
    assert policy.find(boss, record_type, world.lost.id) is None
    assert [hit.ref for hit in find(boss, "79167654321")] == [world.kept]
    assert "Romashka" not in client.get("/trash?type=company").content.decode()
    answer = client.get(f"/companies/{world.lost.id}")
    assert (answer.status_code, answer["Location"]) == (302, f"/companies/{world.kept.id}")
    assert browser(colleague("Outside")).get(f"/companies/{world.lost.id}").status_code == 404
    with pytest.raises(NotFound):
        run(boss, Restore("company", world.lost.id))


def test_the_story_of_both_is_one(world: World) -> None:
    merge(world)
    told, _more = story(again(world.boss), world.kept, size=100)
    keys = [one.type.key for one in told]
    assert keys.count("record.created") >= 2
    assert "note.written" in keys
    assert "record.merged" in keys
    page = browser(world.boss).get(f"/companies/{world.kept.id}").content.decode()
    assert "They like tea" in page
    assert "«Romashka»" in page


def test_of_a_chain_every_address_leads_to_the_last(world: World) -> None:
    boss = again(world.boss)
    last = company(boss, "Last")
    first = merge(world)
    second = run(boss, MergeRecords("company", last.id, world.kept.id))
    client = browser(world.boss)
    for ref in (world.kept, world.lost):
        assert client.get(f"/companies/{ref.id}")["Location"] == f"/companies/{last.id}"
    with pytest.raises(NotFound):
        back(world, first)
    back(world, second)
    assert client.get(f"/companies/{world.lost.id}")["Location"] == f"/companies/{world.kept.id}"
    back(world, first)
    assert client.get(f"/companies/{world.lost.id}").status_code == 200


def test_versions_rights_and_nonsense_are_refused(world: World) -> None:
    boss = again(world.boss)
    for command, problem in (
        (MergeRecords("company", world.kept.id, world.lost.id, 99, 0), Conflict),
        (MergeRecords("company", world.kept.id, world.lost.id, 0, 99), Conflict),
        (MergeRecords("company", world.kept.id, world.kept.id), Invalid),
        (MergeRecords("deal", world.deal.id, world.kept.id), Invalid),
        (MergeRecords("company", world.kept.id, world.lost.id, choices={"name": "both"}), Invalid),
        (MergeRecords("company", world.kept.id, world.lost.id, choices={"nothing": "kept"}), Invalid),
        (MergeRecords("company", world.kept.id, world.worker.id), NotFound),
    ):
        with pytest.raises(problem):
            run(boss, command)
    outside = colleague("Outside")
    with pytest.raises(NotFound):
        run(outside, MergeRecords("company", world.kept.id, world.lost.id))
    masked = colleague("Masked", "all", {"company": {"website": "read", "about": "hide"}})
    for choices in ({"website": "lost"}, {"about": "lost"}):
        with pytest.raises(Invalid):
            run(masked, MergeRecords("company", world.kept.id, world.lost.id, choices=choices))
    run(masked, MergeRecords("company", world.kept.id, world.lost.id))
    assert kept(world).website == "https://romashka.ru"


def test_the_preview_says_what_happens(world: World) -> None:
    boss = again(world.boss)
    record_type = boss.state.record_types["company"]
    cards = [policy.get(boss, record_type, ref.id) for ref in (world.kept, world.lost)]
    made = preview(boss, record_type, *cards)
    words = dict(made.moves)
    plural = {key: one.plural["ru"] for key, one in boss.state.record_types.items()}
    assert words[plural["deal"]] == words[plural["task"]] == words[plural["person"]] == 1
    result = merge(world)
    changes = Event.objects.get(pk=result.event).payload["changes"]
    assert set(changes) == set(made.after)
    assert made.warnings == []


def test_different_tax_numbers_are_a_warning(boss: Actor) -> None:
    one = company(boss, "One", tax_number="7707083893", country="RU")
    other = company(boss, "Other", tax_number="7736050003", country="RU")
    page = browser(boss).get(f"/merge/companies/{one.id}/{other.id}").content.decode()
    assert "7707083893" in page and "7736050003" in page
    assert 'class="pill warn"' in page


def test_hidden_cards_move_without_a_word(world: World) -> None:
    """A colleague merges two companies he sees; the boss's deal with one of them moves, and he hears nothing of it."""
    ann = colleague("Merger")
    boss = again(world.boss)
    for ref in (world.kept, world.lost):
        run(boss, Update("company", ref.id, 0, {"owner": str(ann.user_id)}))
    page = browser(ann).get(f"/merge/companies/{world.kept.id}/{world.lost.id}").content.decode()
    assert "Pumps" not in page
    words = preview(
        again(ann), boss.state.record_types["company"],
        *(policy.get(again(ann), boss.state.record_types["company"], ref.id) for ref in (world.kept, world.lost)),
    ).moves  # fmt: skip
    assert boss.state.record_types["deal"].plural["ru"] not in dict(words)
    result = run(again(ann), MergeRecords("company", world.kept.id, world.lost.id))
    assert Deal.unguarded.get(pk=world.deal.id).company_id == world.kept.id
    told, _more = story(again(ann), world.kept, size=100)
    assert str(world.deal.id) not in str([one.payload for one in told])
    run(again(ann), Undo(result.event))
    assert Deal.unguarded.get(pk=world.deal.id).company_id == world.lost.id


def test_views_and_pins_follow(world: World) -> None:
    boss = again(world.boss)
    where = {"all": [{"field": "company", "op": "any", "value": [str(world.lost.id)]}]}
    view = SavedView.objects.create(type_key="deal", name="Mine", owner_id=boss.user_id, where=where)
    User.objects.filter(pk=boss.user_id).update(prefs={"pinned": [["company", str(world.lost.id)]]})
    snapshot.changed()
    result = merge(world)
    view.refresh_from_db()
    assert view.where["all"][0]["value"] == [str(world.kept.id)]
    assert again(world.boss).member.prefs["pinned"] == [["company", str(world.kept.id)]]
    back(world, result)
    view.refresh_from_db()
    assert view.where == where
    assert again(world.boss).member.prefs["pinned"] == [["company", str(world.lost.id)]]


def test_the_pages(world: World) -> None:
    client = browser(world.boss)
    menu = client.get(f"/companies/{world.kept.id}").content.decode()
    assert f"/merge/companies/{world.kept.id}" in menu
    asked = client.post(f"/merge/companies/{world.kept.id}", {"other": str(world.lost.id)})
    assert asked["Location"] == f"/merge/companies/{world.kept.id}/{world.lost.id}"
    assert client.post(f"/merge/companies/{world.kept.id}", {"other": str(world.kept.id)}).status_code == 422
    chosen = client.post("/companies/bulk/merge", {"id": [str(world.kept.id), str(world.lost.id)]})
    assert chosen["Location"] == asked["Location"]
    assert client.post("/companies/bulk/merge", {"id": [str(world.kept.id)]})["Location"] == "/companies/"
    versions = {"version_kept": kept(world).version, "version_lost": 1}
    run(again(world.boss), Update("company", world.lost.id, 0, {"name": "Romashka 2"}))
    late = client.post(asked["Location"], {**versions, "take-name": "lost"})
    assert late.status_code == 409
    assert "Romashka 2" in late.content.decode()
    page = client.get(asked["Location"]).content.decode()
    assert 'name="take-name"' in page and 'value="both"' in page
    merged = client.post(asked["Location"], {**versions, "version_lost": 2, "take-name": "lost"})
    assert merged["Location"] == f"/companies/{world.kept.id}"
    assert kept(world).title == "Romashka 2"
    event = Event.objects.get(type="record.merged")
    assert client.post(f"/undo/{event.pk}").status_code == 302
    assert kept(world).title == "Ромашка"


def test_a_card_of_the_firms_own_kind_and_a_persons_main_company(boss: Actor) -> None:
    """The main company of both stays true: mirrored by the one row of its relation that is the main one."""
    first, second = company(boss, "First"), company(boss, "Second")
    one, other = (person(boss, "Ann", "Lee", company=firm.id) for firm in (first, second))
    result = run(boss, MergeRecords("person", one.id, other.id, choices={"company": "lost"}))
    assert Person.unguarded.get(pk=one.id).company_id == second.id
    mains = Relation.objects.filter(from_id=one.id).values_list("to_id", "main")
    assert dict(mains) == {first.id: False, second.id: True}
    run(boss, Undo(result.event))
    assert dict(Relation.objects.filter(from_id=one.id).values_list("to_id", "main")) == {first.id: True}
    assert dict(Relation.objects.filter(from_id=other.id).values_list("to_id", "main")) == {second.id: True}


def test_another_administrator_may_take_it_back_but_no_reader(world: World) -> None:
    result = merge(world)
    reader = colleague("Reader", "all")
    reader.state.roles[reader.state.roles_of[reader.user_id][0]].grants["*"]["edit"] = "none"
    with pytest.raises(Refused):
        run(reader, Undo(result.event))
    run(administrator("Second"), Undo(result.event))
    assert Company.unguarded.get(pk=world.lost.id).deleted_at is None


def test_new_cards_do_not_disturb(boss: Actor) -> None:
    """Records made after the merge that point to the kept card stay with it."""
    one, other = company(boss, "One"), company(boss, "Other")
    result = run(boss, MergeRecords("company", one.id, other.id))
    deal = run(boss, Create("deal", {"name": "Later", "company": str(one.id)})).record
    dispatcher.drain()
    run(again(boss), Undo(result.event))
    assert Deal.unguarded.get(pk=deal.id).company_id == one.id
    assert RecordRef("company", other.id) != one
