"""Undo: what it puts back, what it leaves, and whom it asks."""

from typing import Any

import pytest

from comity.access.actors import Actor, user_actor
from comity.access.models import Share
from comity.changes.bus import run
from comity.changes.commands import Create, Link, ShareRecord, Trash, Unlink, Update
from comity.changes.undo import Undo
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused
from comity.records.models import Relation
from support.acts import card, event, update
from support.house import administrator, colleague, company, person

pytestmark = pytest.mark.django_db


def test_undo_puts_back_what_was_changed_only(boss: Actor) -> None:
    ref = company(boss, "One", about="a")
    changed = update(boss, ref, name="Two")
    update(boss, ref, about="b")
    undone = event(run(boss, Undo(changed.event)))
    assert (card(ref).name, card(ref).about) == ("One", "b")
    assert undone.payload["undone"] == changed.event
    run(boss, Undo(undone.id))
    assert card(ref).name == "Two"


def test_undo_says_who_touched_it_since(boss: Actor) -> None:
    ref, other = company(boss, "One"), administrator("Other")
    changed = update(boss, ref, name="Two")
    update(other, ref, name="Three")
    with pytest.raises(Conflict) as clash:
        run(boss, Undo(changed.event))
    assert clash.value.current["who"]["name"][0] == str(other.user_id)
    assert card(ref).name == "Three"


def test_a_link_taken_away_comes_back_with_its_roles(boss: Actor) -> None:
    firm, anna = company(boss, "One"), person(boss, "Anna", "Sample")
    run(boss, Link("works_at", anna, firm, ("buyer",), "since May"))
    gone = run(boss, Unlink(Relation.objects.get().pk))
    assert not Relation.objects.exists()
    run(boss, Undo(gone.event))
    assert Relation.objects.values_list("roles", "note").get() == ("|buyer|", "since May")
    with pytest.raises(Conflict):
        run(boss, Undo(gone.event))


def test_undo_of_a_new_card_does_not_take_what_others_have_written(boss: Actor) -> None:
    made = run(boss, Create("company", {"name": "One"}))
    update(boss, made.record, about="mine")
    update(administrator("Other"), made.record, about="hers")
    with pytest.raises(Conflict):
        run(boss, Undo(made.event))
    assert card(made.record).deleted_at is None


def test_undo_of_a_share_leaves_a_later_one(boss: Actor) -> None:
    ref, mira = company(boss, "One"), colleague("Mira")
    boss = user_actor(boss.user_id)  # type: ignore[arg-type]
    first = run(boss, ShareRecord("company", ref.id, mira.user_id))
    run(boss, ShareRecord("company", ref.id, mira.user_id, level="edit"))
    with pytest.raises(Conflict):
        run(boss, Undo(first.event))
    assert Share.objects.get().edit


def test_undo_gives_a_record_to_nobody_one_may_not_give_it_to(boss: Actor) -> None:
    mira, ref = colleague("Mira"), company(boss, "One")
    given = run(user_actor(boss.user_id), Update("company", ref.id, 0, {"owner": str(mira.user_id)}))  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        run(user_actor(mira.user_id), Undo(given.event))  # type: ignore[arg-type]
    assert card(ref).owner_id == mira.user_id


def test_undo_of_the_other_commands(boss: Actor) -> None:
    made = run(boss, Create("company", {"name": "One"}))
    ref = made.record
    gone = run(boss, Trash("company", ref.id))
    run(boss, Undo(gone.event))
    assert card(ref).deleted_at is None
    anna = person(boss, "Anna", "Sample")
    linked = run(boss, Link("works_at", anna, ref, ("buyer",)))
    changed = run(boss, Link("works_at", anna, ref, ("lawyer",)))
    with pytest.raises(Conflict):
        run(boss, Undo(linked.event))
    run(boss, Undo(changed.event))
    assert Relation.objects.get().roles == "|buyer|"
    mira = colleague("Mira")
    shared = run(user_actor(boss.user_id), ShareRecord("company", ref.id, mira.user_id))
    run(user_actor(boss.user_id), Undo(shared.event))
    assert not Share.objects.exists()
    run(boss, Undo(made.event))
    assert card(ref).deleted_at is not None


def test_undo_ends_after_thirty_days(boss: Actor, stopped_clock: Any) -> None:
    ref = company(boss, "One")
    changed = update(boss, ref, name="Two")
    stopped_clock.tick(days=30, seconds=1)
    with pytest.raises(Refused):
        run(boss, Undo(changed.event))
    with pytest.raises(NotFound):
        run(boss, Undo(10**9))
