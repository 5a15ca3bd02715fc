"""Signals: stuck and gone back, for lists and for a row; told once a stay; who decides."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.access import policy, snapshot
from comity.access.actors import Actor
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Link
from comity.changes.undo import Undo
from comity.identity.models import User
from comity.notices.models import Notice
from comity.records.models import RecordRef
from comity.sales.deals import signals
from comity.sales.deals.roles import lacks_decider
from comity.timeline.models import Event
from support.browser import browser
from support.deals import deal, held, lose, move, set_stage
from support.house import again, colleague, company, person

pytestmark = pytest.mark.django_db


def stuck(actor: Actor) -> set[Any]:
    """Those the condition for lists finds, which are those the rows are judged to be."""
    actor = again(actor)
    deals = policy.visible(actor, actor.state.record_types["deal"])
    found = set(deals.filter(signals.stuck_q(actor)).values_list("pk", flat=True))
    moment = signals.here_and_now(actor)
    assert found == {one.pk for one in deals if signals.is_stuck(actor, one, moment)}
    rows = deals.values("id", "stage", "state", "stage_since", "moves_back")
    assert found == {row["id"] for row in rows if signals.is_stuck(actor, row, moment)}
    return found


def test_a_deal_is_stuck_after_the_usual_days_of_its_stage(boss: Actor, stopped_clock: Any) -> None:
    ref, closed = deal(boss), deal(boss)
    set_stage("quote", norm_days=0)
    never = deal(boss)
    move(boss, never, "quote")
    lose(boss, closed)
    for days in range(4):  # usual in "New": 3
        assert stuck(boss) == set(), days
        assert signals.days_in_stage(held(ref), signals.here_and_now(boss)) == days
        stopped_clock.tick(days=1)
    assert stuck(boss) == {ref.id}
    stopped_clock.tick(days=400)
    assert stuck(boss) == {ref.id}
    move(boss, ref, "qualified")
    assert stuck(boss) == set()


def test_days_are_those_of_the_reader_s_calendar(boss: Actor, stopped_clock: Any) -> None:
    tokyo, denver = colleague("T", "all", timezone="Asia/Tokyo"), colleague("D", "all", timezone="America/Denver")
    stopped_clock.move(datetime(2026, 3, 10, 16, tzinfo=UTC))  # the 11th in Tokyo
    ref = deal(boss)
    stopped_clock.move(datetime(2026, 3, 14, 5, tzinfo=UTC))  # the 14th in Tokyo, the 13th in Denver
    days = {actor: signals.days_in_stage(held(ref), signals.here_and_now(actor)) for actor in (tokyo, denver)}
    assert days == {tokyo: 3, denver: 3}
    assert (stuck(tokyo), stuck(denver)) == (set(), set())
    stopped_clock.move(datetime(2026, 3, 14, 16, tzinfo=UTC))
    assert (stuck(tokyo), stuck(denver)) == ({ref.id}, {ref.id})
    stopped_clock.move(datetime(2026, 3, 14, 5, 59, tzinfo=UTC))
    assert stuck(denver) == set()


def test_who_went_back(boss: Actor) -> None:
    ref, other = deal(boss), deal(boss)
    move(boss, ref, "qualified")
    move(boss, ref, "new")
    deals = policy.visible(boss, boss.state.record_types["deal"])
    found = set(deals.filter(signals.went_back_q(boss)).values_list("pk", flat=True))
    assert found == {ref.id} and signals.went_back(held(ref)) and not signals.went_back(held(other))
    lose(boss, ref)
    assert not deals.filter(signals.went_back_q(boss)).exists() and not signals.went_back(held(ref))


def test_a_signal_tells_nothing_of_fields_one_may_not_read(boss: Actor, stopped_clock: Any) -> None:
    ref = deal(boss)
    move(boss, ref, "qualified")
    move(boss, ref, "new")
    stopped_clock.tick(days=9)
    mira = colleague("Mira", "all", {"deal": {"stage_since": "hide", "moves_back": "mask"}})
    deals = policy.visible(mira, mira.state.record_types["deal"])
    assert deals.count() == 1
    assert not deals.filter(signals.stuck_q(mira)).exists() and not deals.filter(signals.went_back_q(mira)).exists()


def morning() -> None:
    """What the clock starts every day."""
    signals.tell_stuck({}, lambda: None)
    dispatcher.drain()


def test_a_stuck_deal_is_told_once_a_stay_to_owner_and_manager(boss: Actor, stopped_clock: Any) -> None:
    mira, head = colleague("Mira"), colleague("Head", "all")
    User.objects.filter(pk=mira.user_id).update(manager_id=head.user_id)
    snapshot.changed()
    firm = company(mira, "Acme")
    ref, fresh = deal(mira, company=str(firm.id)), deal(mira)
    stopped_clock.tick(days=4)
    moved = move(mira, fresh, "qualified")
    morning()
    morning()
    event = Event.objects.get(type="deal.stuck")
    assert (event.primary_id, event.payload["days"], event.actor_kind) == (ref.id, 4, "system")
    assert set(Notice.objects.filter(kind="deal_stuck").values_list("user_id", flat=True)) == {
        mira.user_id, head.user_id,
    }  # fmt: skip
    run(again(boss), Undo(moved.event))
    assert RecordRef("company", firm.id) in {RecordRef(one.type_key, one.record_id) for one in event.subjects.all()}
    stopped_clock.tick(days=1)
    morning()  # the undone move gave `fresh` its old stay back, of which nothing was told yet
    assert Event.objects.filter(type="deal.stuck").count() == 2
    move(mira, ref, "qualified")
    stopped_clock.tick(days=8)
    morning()
    assert list(Event.objects.filter(type="deal.stuck", primary_id=ref.id).order_by("id").values_list(
        "payload__stage", flat=True)) == ["new", "qualified"]  # fmt: skip


def test_what_is_told_of_a_stuck_deal_is_for_who_reads_its_stage(boss: Actor, stopped_clock: Any) -> None:
    from comity.timeline.story import tell

    deal(boss)
    stopped_clock.tick(days=4)
    morning()
    event = Event.objects.get(type="deal.stuck")
    assert "4" in tell(boss, [event])[0].type.text(event.payload, boss)
    assert tell(colleague("Mira", "all", {"deal": {"stage": "hide"}}), [event]) == []
    assert tell(colleague("Nils"), [event]) == []


def test_a_deal_lacks_who_decides_until_one_is_linked(boss: Actor) -> None:
    mira = colleague("Mira", "all")
    firm, other = company(boss, "Acme"), company(boss, "Other")
    anna, boris = person(boss, "Anna", "Sample"), person(boss, "Boris", "Sample")
    decides, works, none = (deal(boss, name, company=str(firm.id)) for name in ("a", "b", "c"))
    run(boss, Link("deal_person", decides, anna, ("buyer", "decider")))
    run(boss, Link("deal_person", works, boris, ("buyer",)))
    run(boss, Link("works_at", boris, other, ("director",)))
    every = {decides, works, none}
    assert lacks_decider(again(mira), every) == {works, none}
    run(boss, Link("works_at", boris, firm, ("director",)))
    assert lacks_decider(again(mira), every) == {none}
    assert lacks_decider(again(mira), [RecordRef("deal", uuid4())]) == set()
    nils = colleague("Nils")
    mine = deal(nils)
    run(boss, Link("deal_person", mine, anna, ("decider",)))
    assert lacks_decider(again(nils), [mine, none]) == {mine}  # Anna's card is hidden from him, and so is `none`


def test_the_card_warns_of_the_same_deals(boss: Actor) -> None:
    mira, nils = colleague("Mira", "all"), colleague("Nils", "own")
    firm, other = company(boss, "Firm"), company(boss, "Elsewhere")
    anna, boris = person(boss, "Anna", "Sample"), person(boss, "Boris", "Sample")
    decides, works, none = (deal(boss, name, company=str(firm.id)) for name in ("a", "b", "c"))
    run(boss, Link("deal_person", decides, anna, ("buyer", "decider")))
    run(boss, Link("deal_person", works, boris, ("buyer",)))
    run(boss, Link("works_at", boris, other, ("director",)))
    run(boss, Link("works_at", anna, firm, ("director",)))  # but is not linked to the others
    mine = deal(nils, "d")
    run(boss, Link("deal_person", mine, anna, ("decider",)))

    def warned(actor: Actor, *deals: RecordRef) -> set[RecordRef]:
        pages = {one: browser(again(actor)).get(f"/deals/{one.id}").content.decode() for one in deals}
        found = {one for one, page in pages.items() if 'id="b-decider"' in page}
        assert found == lacks_decider(again(actor), deals)
        return found

    assert warned(mira, decides, works, none) == {works, none}
    assert warned(nils, mine) == {mine}  # Anna's card is hidden from him
    page = browser(again(mira)).get(f"/deals/{works.id}").content.decode()
    assert "Elsewhere" not in page, "what a person is elsewhere is no relation of the deal"
    run(boss, Link("works_at", boris, firm, ("director",)))
    assert warned(mira, decides, works, none) == {none}


def test_who_decides_is_asked_in_a_fixed_number_of_queries(boss: Actor) -> None:
    firm = company(boss, "Acme")
    deals = []
    for n in range(6):
        deals.append(deal(boss, f"d{n}", company=str(firm.id)))
        run(boss, Link("deal_person", deals[-1], person(boss, "P", f"N{n}"), ("buyer",)))

    def cost(some: list[RecordRef]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert lacks_decider(boss, some) == set(some)
        return len(queries)

    cost(deals)
    assert cost(deals[:1]) == cost(deals)


def test_the_days_begin_at_the_reader_s_midnight(boss: Actor) -> None:
    moment = signals.here_and_now(boss)
    assert signals.days_in_stage({"stage_since": moment - timedelta(days=2)}, moment) == 2
    assert signals.days_in_stage({"stage_since": None}, moment) == 0
