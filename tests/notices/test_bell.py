"""Notices: whom events concern, only while he sees the card, once per event, read marks, switches."""

from datetime import timedelta
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes import dispatcher
from comity.changes.batch import StartBatch, start
from comity.changes.bus import run
from comity.changes.colleagues import SavePreferences
from comity.changes.commands import ShareRecord, Trash, Update
from comity.identity.models import Team
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.notices import consumer, kinds
from comity.notices.bell import FRESH, mark_read, recent, unread_count
from comity.notices.kinds import NoticeKind
from comity.notices.models import Notice
from comity.records.models import RecordRef
from comity.timeline.models import Event
from support.house import again, colleague, company

pytestmark = pytest.mark.django_db


def heard(actor: Actor) -> list[tuple[str, str]]:
    """(title, kind) of everything on his bell."""
    dispatcher.drain()
    groups, _before = recent(again(actor))
    return [(group.title, item.kind.key) for group in groups for item in group.items]


def give(giver: Actor, ref: RecordRef, to: Actor) -> None:
    run(again(giver), Update(ref.type, ref.id, 0, {"owner": str(to.user_id)}))


def test_a_new_owner_is_told_and_the_giver_is_not(boss: Actor) -> None:
    anna = colleague("Anna")
    ref = company(boss, "Лотос")
    give(boss, ref, anna)
    assert heard(anna) == [("Лотос", "assigned")]
    assert heard(boss) == []
    (group,), _before = recent(again(anna))
    assert group.items[0].text == "Boss made you responsible for this card"
    assert unread_count(again(anna)) == 1
    made = company(again(boss), "Мак", owner=str(anna.user_id))
    assert heard(anna) == [("Мак", "assigned"), ("Лотос", "assigned")]
    run(again(anna), Update("company", made.id, 0, {"about": "x"}))
    assert len(heard(anna)) == 2


def test_sharing_with_a_person_and_with_a_team(boss: Actor) -> None:
    team = Team.objects.create(name="North")
    anna, boris, clara = colleague("Anna"), colleague("Boris", team=team), colleague("Clara")
    ref = company(boss, "Лотос")
    run(again(boss), ShareRecord("company", ref.id, user_id=anna.user_id, level="edit"))
    run(again(boss), ShareRecord("company", ref.id, team_id=team.id))
    assert heard(anna) == heard(boris) == [("Лотос", "shared")]
    assert heard(clara) == []
    run(again(boss), ShareRecord("company", ref.id, team_id=team.id, level=""))
    assert heard(boris) == []  # no longer seen, no longer told
    assert unread_count(again(boris)) == 0
    assert Notice.objects.filter(user_id=boris.user_id).count() == 1


def test_nobody_is_told_of_what_he_does_not_see(boss: Actor) -> None:
    blind = colleague("Blind", "none")
    anna = colleague("Anna")
    ref = company(boss, "Тайна")
    give(boss, ref, blind)
    give(boss, ref, anna)
    assert heard(blind) == []
    assert Notice.objects.filter(user_id=blind.user_id).count() == 0
    give(boss, ref, boss)
    assert heard(anna) == []
    assert unread_count(again(anna)) == 0


def test_the_number_kept_for_a_moment_follows_what_is_read_given_away_and_ended(
    boss: Actor, stopped_clock: Any
) -> None:
    anna = colleague("Anna")
    first, second, third = (company(boss, name) for name in ("Лотос", "Мак", "Ива"))
    for ref in (first, second):
        give(boss, ref, anna)
    run(again(boss), ShareRecord("company", third.id, user_id=anna.user_id))
    dispatcher.drain()
    assert unread_count(again(anna)) == unread_count(again(anna)) == 3
    mark_read(again(anna), ref=first)
    assert unread_count(again(anna)) == 2
    give(boss, second, boss)
    assert unread_count(again(anna)) == 1
    Share.objects.filter(record_id=third.id).update(until=now() + timedelta(seconds=1))  # by the clock: no event tells
    assert unread_count(again(anna)) == 1
    stopped_clock.tick(seconds=FRESH + 1)
    assert unread_count(again(anna)) == 0


def test_a_card_in_the_trash_is_silent(boss: Actor) -> None:
    anna = colleague("Anna")
    ref = company(boss, "Лотос", owner=str(anna.user_id))
    assert len(heard(anna)) == 1
    run(again(boss), Trash("company", ref.id))
    assert heard(anna) == []
    assert unread_count(again(anna)) == 0


def test_events_seen_twice_tell_once(boss: Actor) -> None:
    anna = colleague("Anna")
    company(boss, "Лотос", owner=str(anna.user_id))
    assert len(heard(anna)) == 1
    consumer.handle(list(Event.objects.order_by("seq")))
    assert Notice.objects.count() == 1


def test_a_bulk_act_is_told_once_and_its_maker_hears_the_end(boss: Actor) -> None:
    anna = colleague("Anna")
    ids = [company(boss, f"Фирма {number}").id for number in range(3)]
    start(again(boss), StartBatch("company", "update", ids, {"values": {"owner": str(anna.user_id)}}))
    dispatcher.drain()
    groups, _before = recent(again(anna))
    assert [item.text for group in groups for item in group.items] == [
        "Boss made you responsible for several cards, this one among them"
    ]
    many = [company(boss, f"Ряд {number}").id for number in range(201)]
    start(again(boss), StartBatch("company", "update", many, {"values": {"about": "вместе"}}))
    jobs.run_due()
    assert heard(boss) == [("Many cards at once", "batch")]
    (group,), _before = recent(again(boss))
    assert (group.ref, group.type_key) == (None, "company")
    assert group.items[0].text == "Your change to many cards is through: 201 done"
    assert unread_count(again(boss)) == 1


def test_a_likely_duplicate_reaches_who_sees_both(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    known = company(anna, "Ромашка")
    new = company(boris, "Ромашка")
    dispatcher.drain()
    jobs.run_due()
    assert heard(boss) == [("Ромашка", "duplicate")]
    assert heard(anna) == heard(boris) == []
    dispatcher.drain()
    notice = Notice.objects.get()
    assert (notice.record_id, notice.other_id) == (known.id, new.id)
    run(again(boss), Trash("company", new.id))
    assert heard(boss) == []
    assert unread_count(again(boss)) == 0


def test_read_marks_are_ones_own(boss: Actor) -> None:
    anna, boris = colleague("Anna"), colleague("Boris")
    refs = [company(boss, f"Фирма {number}", owner=str(anna.user_id)) for number in range(3)]
    company(boss, "Другая", owner=str(boris.user_id))
    dispatcher.drain()
    assert mark_read(again(anna), ref=refs[0]) == 1
    assert mark_read(again(anna), ids=[Notice.objects.get(user_id=boris.user_id).id]) == 0
    assert unread_count(again(anna)) == 2
    assert mark_read(again(anna)) == 2
    assert mark_read(again(anna)) == 0
    assert unread_count(again(boris)) == 1
    groups, _before = recent(again(anna))
    assert [item.unread for group in groups for item in group.items] == [False] * 3


def test_a_kind_switched_off_is_not_told(boss: Actor) -> None:
    anna = colleague("Anna")
    run(again(anna), SavePreferences({"notices": {"assigned": False}}))
    company(again(boss), "Лотос", owner=str(anna.user_id))
    assert heard(anna) == []


def test_who_left_is_not_told(boss: Actor) -> None:
    anna = colleague("Anna", active=False)
    ref = company(boss, "Лотос")
    Share.objects.create(type_key="company", record_id=ref.id, user_id=anna.user_id)
    run(again(boss), ShareRecord("company", ref.id, user_id=anna.user_id, level="edit"))
    dispatcher.drain()
    assert not Notice.objects.exists()


def test_pages_and_groups(boss: Actor) -> None:
    anna = colleague("Anna")
    loud = NoticeKind("loud", lambda: "Loud", ("record.trashed", "record.updated"), lambda e, s: [anna.user_id],
                      lambda d, n: f"{n}!", "bell", first=True)  # fmt: skip
    first, _second = (company(boss, name, owner=str(anna.user_id)) for name in ("Первая", "Вторая"))
    kinds.register(loud)
    try:
        run(again(boss), Update("company", first.id, 0, {"about": "раз"}))
        company(again(boss), "Третья", owner=str(anna.user_id))
        assert heard(anna) == [
            ("Первая", "loud"),
            ("Первая", "assigned"),
            ("Третья", "assigned"),
            ("Вторая", "assigned"),
        ]
        page, before = recent(again(anna), limit=2)
        assert sorted(group.title for group in page) == ["Первая", "Третья"]
        rest, end = recent(again(anna), limit=2, before=before)
        assert sorted(group.title for group in rest) == ["Вторая", "Первая"]
        assert recent(again(anna), limit=2, before=end)[0] == []
    finally:
        kinds.unregister("loud")
    assert ("Первая", "loud") not in heard(anna)
    assert unread_count(again(anna)) == 3


def test_old_notices_go(boss: Actor, stopped_clock: Any) -> None:
    anna = colleague("Anna")
    company(boss, "Лотос", owner=str(anna.user_id))
    dispatcher.drain()
    stopped_clock.move(now() + timedelta(days=181))
    company(again(boss), "Свежая", owner=str(anna.user_id))
    dispatcher.drain()
    jobs.enqueue("notices.purge")
    jobs.run_due()
    assert heard(anna) == [("Свежая", "assigned")]
