"""Steps of stages: planned when a deal comes in, for whom and by when; dropped, brought back, never piled up."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.access import snapshot
from comity.access.actors import Actor
from comity.access.models import Role
from comity.changes.bus import MAX_DEPTH, Cause, run
from comity.changes.undo import Undo
from comity.identity.models import Membership, Team, User
from comity.kernel.errors import Conflict, Refused
from comity.sales.deals.commands import MoveDeal
from comity.timeline.models import Event
from comity.work.models import Task
from comity.work.tasks.commands import FinishTask
from support.deals import deal, held, lose, move, pipeline, reopen, set_stage, step, tasks, win
from support.house import again, colleague

pytestmark = pytest.mark.django_db

ALONG = ("new", "qualified", "meeting", "quote", "agreement")


@pytest.fixture
def way(stopped_clock: Any) -> Any:
    """A pipeline whose every stage plans one step of its name and demands nothing."""
    for stage in ALONG:
        set_stage(stage, steps=[step(stage)], gate={})
    return stopped_clock


def planned(ref: Any) -> Any:
    """The one open task about a deal."""
    return Task.unguarded.get(about_id=ref.id, state="open", deleted_at=None)


def test_a_new_deal_has_its_first_step_and_its_next_step(boss: Actor, way: Any) -> None:
    ref = deal(boss)
    task = planned(ref)
    assert (task.name, task.kind, task.owner_id, task.step) == ("Do new", "call", boss.user_id, "sales.new.new")
    assert (held(ref).next_at, held(ref).next_text) == (task.due_at, "Do new")
    made = Event.objects.get(primary_id=ref.id, type="record.created")
    assert Event.objects.get(primary_id=task.pk, type="record.created").cause_id == made.id


def test_the_event_of_a_move_names_what_it_planned_and_dropped(boss: Actor, way: Any) -> None:
    ref = deal(boss)
    moved = Event.objects.get(pk=move(boss, ref, "quote").event)
    ids = {one.name: str(one.pk) for one in Task.unguarded.filter(about_id=ref.id)}
    assert (moved.payload["planned"], moved.payload["dropped"]) == ([ids["Do quote"]], [])
    back = Event.objects.get(pk=move(boss, ref, "new").event)
    assert (back.payload["planned"], back.payload["dropped"]) == ([], [ids["Do quote"]])
    assert Event.objects.get(type="task.dropped", primary_id=ids["Do quote"]).cause_id == back.id


def test_a_move_that_plans_and_drops_several_steps_settles_the_next_step_once(boss: Actor, way: Any) -> None:
    set_stage("quote", steps=[step("first", 2), step("second", 1)], gate={})
    ref = deal(boss)
    for stage, text in (("quote", "Do new"), ("new", "Do new")):
        with CaptureQueriesContext(connection) as seen:
            move(boss, ref, stage)
        written = [one["sql"] for one in seen.captured_queries]
        settled = [sql for sql in written if sql.startswith('UPDATE "sales_deal" SET "next_at"')]
        assert (len(settled), held(ref).next_text) == (1, text)
    assert [one.name for one in Task.unguarded.filter(about_id=ref.id, state="open")] == ["Do new"]


@pytest.mark.parametrize(
    ("zone", "given", "at", "whole"),
    [
        ("Asia/Tokyo", step("x", 2), "2026-03-12T23:59", True),
        ("America/New_York", step("x", 0), "2026-03-10T23:59", True),
        ("America/New_York", step("x", 1, "16:30"), "2026-03-11T16:30", False),
        ("Europe/Moscow", step("x", 0, "15:00"), "2026-03-10T15:00", False),
        ("Europe/Moscow", step("x", 0, "09:30"), "2026-03-11T09:30", False),  # past already: noon there
        ("Europe/Berlin", step("x", 19, "08:00"), "2026-03-29T08:00", False),  # the clocks changed in the night
    ],
)
def test_a_step_is_due_by_the_clock_of_who_does_it(
    boss: Actor, stopped_clock: Any, zone: str, given: dict[str, Any], at: str, whole: bool
) -> None:
    mira = colleague("Mira", timezone=zone)
    set_stage("new", steps=[{**given, "who": str(mira.user_id)}])
    task = planned(deal(boss))
    due = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone))
    assert task.due_at.replace(second=0, microsecond=0) == due.astimezone(UTC)
    assert (task.whole_day, task.owner_id) == (whole, mira.user_id)


def test_the_words_are_those_of_who_does_it(boss: Actor, way: Any) -> None:
    mira = colleague("Mira", language="bg")
    text = {"en": "Call", "bg": "Обади се"}
    set_stage("new", steps=[{**step("x", who=str(mira.user_id)), "text": text}])
    assert planned(deal(boss)).name == "Обади се"


def test_who_does_a_step_and_who_instead(boss: Actor, way: Any) -> None:
    team = Team.objects.create(name="North")
    mira, head = colleague("Mira", team=team), colleague("Head", "team", team=team, lead=True)
    set_stage("new", steps=[step("x", who="lead")])
    assert planned(deal(mira)).owner_id == head.user_id
    Membership.objects.filter(user=head.user_id).update(lead=False)
    snapshot.changed()
    assert planned(deal(mira)).owner_id == mira.user_id
    set_stage("new", steps=[step("x", who=str(head.user_id))])
    assert planned(deal(mira)).owner_id == head.user_id
    User.objects.filter(pk=head.user_id).update(active=False)
    snapshot.changed()
    assert planned(deal(mira)).owner_id == mira.user_id
    ref = deal(mira)
    User.objects.filter(pk=mira.user_id).update(active=False)
    snapshot.changed()
    set_stage("qualified", steps=[step("y")])
    move(boss, ref, "qualified")
    assert Task.unguarded.get(about_id=ref.id, step="sales.qualified.y").owner_id == boss.user_id


def test_who_may_make_no_tasks_may_still_move_a_deal(boss: Actor, way: Any) -> None:
    mira = colleague("Mira", "all")
    Role.objects.filter(key="role-Mira").update(
        grants={"deal": {"view": "all", "edit": "all"}, "task": {"view": "all"}}
    )
    snapshot.changed()
    ref = deal(boss)
    move(mira, ref, "qualified")
    assert tasks(ref) == ["Do new", "Do qualified"]
    move(mira, ref, "new")
    assert held(ref).stage == "new"


def test_going_back_drops_what_lies_beyond_and_keeps_the_rest(boss: Actor, way: Any) -> None:
    ref = deal(boss)
    run(again(boss), by_hand(ref))
    for stage in ALONG[1:]:
        move(boss, ref, stage)
    run(again(boss), FinishTask(Task.unguarded.get(about_id=ref.id, name="Do quote").pk, 0, "done"))
    moved = move(boss, ref, "qualified")
    assert tasks(ref) == ["Do new", "By hand", "Do qualified"]
    assert tasks(ref, "dropped") == ["Do meeting", "Do agreement"] and tasks(ref, "done") == ["Do quote"]
    run(again(boss), Undo(moved.event))
    assert tasks(ref) == ["Do new", "By hand", "Do qualified", "Do meeting", "Do agreement"]


def by_hand(ref: Any) -> Any:
    """A task a person plans on the deal."""
    from comity.changes import commands

    return commands.create("task", {"name": "By hand", "due_at": "2026-03-20T10:00", "about": str(ref)})


def test_to_and_fro_piles_up_nothing(boss: Actor, way: Any) -> None:
    ref = deal(boss)
    for _n in range(5):
        way.tick(minutes=1)
        move(boss, ref, "qualified")
        move(boss, ref, "new")
    assert tasks(ref) == ["Do new"] and held(ref).moves_back == 5
    move(boss, ref, "qualified")
    assert tasks(ref) == ["Do new", "Do qualified"]


def test_a_scenario_that_moves_deals_in_a_circle_stops(boss: Actor, way: Any) -> None:
    """As rules would: each move is the consequence of the event before."""
    ref = deal(boss)
    event = Event.objects.get(primary_id=ref.id, type="record.created")

    def follow(n: int) -> Event:
        result = run(again(boss), MoveDeal(ref.id, 0, ALONG[1 + n % 2]), Cause(event.id, event.depth))
        return Event.objects.get(pk=result.event)

    for n in range(MAX_DEPTH):
        event = follow(n)
    with pytest.raises(Refused):
        follow(MAX_DEPTH)
    assert tasks(ref) == ["Do new", "Do qualified", "Do meeting"]


def test_a_closed_deal_leaves_no_planned_step_and_undo_brings_them_back(boss: Actor, way: Any) -> None:
    set_stage("won", steps=[step("thank")])
    ref = deal(boss)
    run(again(boss), by_hand(ref))
    move(boss, ref, "meeting")
    won = win(boss, ref)
    assert tasks(ref) == ["By hand", "Do thank"]
    run(again(boss), Undo(won.event))
    assert tasks(ref) == ["Do new", "By hand", "Do meeting"] and held(ref).state == "open"
    assert held(ref).won_reason == "" and held(ref).closed_at is None
    lost = lose(boss, ref)
    assert tasks(ref) == ["By hand"]
    reopen(boss, ref)
    assert tasks(ref) == ["By hand", "Do meeting"]
    with pytest.raises(Conflict):
        run(again(boss), Undo(lost.event))


def test_another_pipeline_has_other_steps(boss: Actor, way: Any) -> None:
    from comity.changes import commands

    pipeline("service", "asked")
    set_stage("asked", steps=[step("ask")])
    ref = deal(boss)
    run(again(boss), commands.update("deal", ref.id, 0, {"pipeline": "service"}))
    assert tasks(ref) == ["Do ask"] and tasks(ref, "dropped") == ["Do new"]


def test_a_planned_step_somebody_has_touched_stays_when_the_move_is_undone(boss: Actor, way: Any) -> None:
    from comity.changes import commands

    ref = deal(boss)
    moved = move(boss, ref, "qualified")
    task = Task.unguarded.get(about_id=ref.id, name="Do qualified")
    run(again(boss), commands.update("task", task.pk, 0, {"details": "ask for the budget"}))
    run(again(boss), Undo(moved.event))
    assert held(ref).stage == "new" and tasks(ref) == ["Do new", "Do qualified"]


def test_undo_of_an_undo_is_the_move_again(boss: Actor, way: Any) -> None:
    ref = deal(boss)
    moved = move(boss, ref, "qualified")
    undone = run(again(boss), Undo(moved.event))
    assert tasks(ref) == ["Do new"]
    redone = run(again(boss), Undo(undone.event))
    assert held(ref).stage == "qualified" and tasks(ref) == ["Do new", "Do qualified"]
    run(again(boss), Undo(redone.event))
    assert held(ref).stage == "new" and tasks(ref) == ["Do new"]


def test_undo_is_refused_after_another_move_and_where_the_stage_is_gone(boss: Actor, way: Any) -> None:
    first = deal(boss)
    way.tick(minutes=1)
    moved = move(boss, first, "qualified")
    way.tick(minutes=1)
    move(boss, first, "meeting")
    move(boss, first, "qualified")
    with pytest.raises(Conflict):
        run(again(boss), Undo(moved.event))
    ref = deal(boss)
    moved = move(boss, ref, "qualified")
    set_stage("new", archived_at=way.now - timedelta(days=1))
    with pytest.raises(Refused):
        run(again(boss), Undo(moved.event))
    assert held(ref).stage == "qualified"


def test_the_queries_of_a_move_do_not_grow_with_what_the_deal_has_behind_it(boss: Actor, way: Any) -> None:
    def cost(rounds: int) -> int:
        ref = deal(boss)
        for _n in range(rounds):
            move(boss, ref, "qualified")
            move(boss, ref, "new")
        with CaptureQueriesContext(connection) as queries:
            move(boss, ref, "qualified")
        return len(queries)

    cost(1)
    assert cost(1) == cost(6)
